"""The command ``wordcount-producer``: parses, wires and reports; the work is done elsewhere."""

import glob
import os
import socket
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from producer import stdin
from producer.common import terminal
from producer.common.arguments import duration, whole_number
from producer.common.arguments import rate as parse_rate
from producer.common.errors import UsageError, WordCountError
from producer.common.folders import check_input
from producer.common.progress import bytes_progress
from producer.common.signals import KILLED_BY, StopSignal
from producer.discovery.open_logs import allow_open_files
from producer.follower import Follower, FollowerOptions, unfinished_message
from producer.kafka.address import is_kafka
from producer.kafka.topic_options import TopicOptions
from producer.rate_limit import RateLimit
from producer.reading.open_file import lines_before
from producer.targets import factory as targets
from producer.targets.base import Target

#: How long to rest where nothing is new but something is waited for.
_PAUSE_SECONDS = 0.05
#: Parameters that say nothing of a directory.
_OF_TOPICS = ("lines_per_record", "partitions", "replication", "name", "patience", "kafka_config")

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _option(name: str, text: str, **more: Any) -> Any:
    return typer.Option(f"--{name}", help=text, envvar=f"WORDCOUNT_{name.upper().replace('-', '_')}", **more)


def _say(message: str) -> None:
    terminal.say("wordcount-producer", message)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wordcount-producer {version('streaming-wordcount')}")
        raise typer.Exit


@app.command(
    epilog="Examples:  wordcount-producer app.log --to inbox  ·  journalctl | wordcount-producer - --to inbox --rate 9"
    "  ·  wordcount-producer '/var/log/*.log' --follow --to kafka://localhost:9092/lines"
)
def produce(
    context: typer.Context,
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Files (also .gz, .bz2, .zst, .xz), folders, globs; - is standard input."),
    ],
    to: Annotated[
        str, _option("to", "A watched directory, made if missing, or kafka://HOST:PORT/TOPIC.", metavar="TO")
    ],
    rate: Annotated[
        str | None, _option("rate", "Hand on so many lines a second; by default as fast as can be.", metavar="N")
    ] = None,
    depth: Annotated[str | None, _option("depth", "Levels of folders to look into; 1: no others.", metavar="N")] = None,
    settle: Annotated[
        str, _option("settle", "A last line without a line end is handed on once its file was quiet for so long.")
    ] = "2s",
    follow: Annotated[
        bool, _option("follow", "Go on with what comes, through rotations of logs, until Ctrl-C or SIGTERM.")
    ] = False,
    start: Annotated[
        str | None,
        _option("from", "With --follow: begin at the start of what is there, or at its end.", metavar="PLACE"),
    ] = None,
    lines_per_record: Annotated[
        str, _option("lines-per-record", "Lines in one record of a topic; 1000 for bulk feeding.", metavar="N")
    ] = "1",
    partitions: Annotated[
        str | None, _option("partitions", "Of a topic that is made; by default as the brokers say.", metavar="N")
    ] = None,
    replication: Annotated[
        str | None,
        _option("replication", "Copies of a topic that is made; by default as the brokers say.", metavar="N"),
    ] = None,
    name: Annotated[
        str | None, _option("name", "Tells the producers to a topic apart; by default this machine's name.")
    ] = None,
    patience: Annotated[str, _option("patience", "How long to wait for a broker that does not answer.")] = "1m",
    kafka_config: Annotated[
        str | None, _option("kafka-config", "Kafka's client.properties: login, certificates and more.", metavar="FILE")
    ] = None,
    _debug: Annotated[bool, _option("debug", "Show tracebacks, and the log of Kafka's client.")] = False,
    _version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_show_version)] = False,
) -> int:
    """Hand the lines of INPUT on, each exactly once; started again it goes on where it stopped.

    A directory gets files of whole lines; how far each input was handed on is kept in DIR/.wordcount-producer. A topic
    gets the lines in transactions; how far is kept in a topic beside it. A pipe has no place to go back to: of that,
    what was read is handed on once.
    """
    pace = None if rate is None else RateLimit(parse_rate(rate, "--rate"))
    levels = _number(depth, "--depth")
    quiet = duration(settle, "--settle")
    topic_options = TopicOptions(
        lines_per_record=whole_number(lines_per_record, "--lines-per-record"),
        partitions=_number(partitions, "--partitions"),
        replication=_number(replication, "--replication"),
        name=socket.gethostname() if name is None else name,
        patience=_patience(patience),
        kafka_config=kafka_config,
    )
    if not is_kafka(to):
        terminal.refuse(context, _OF_TOPICS, "is for topics; leave it out, or give --to kafka://HOST:PORT/TOPIC")
    if start not in {None, "start", "end"}:
        raise UsageError(f"--from {start!r} is unknown; take start or end")
    if not follow:
        terminal.refuse(context, ["start"], "is for --follow; add that, or leave it out")
    paths, piped = (_followed(inputs), False) if follow else _inputs(inputs)
    with ExitStack() as stack:
        if is_kafka(to):
            target = targets.open_topic(to, topic_options, _say, stack)
        else:
            target = targets.open_directory(to, paths, stack)
        try:
            options = FollowerOptions(
                settle=quiet,
                depth=levels,
                excluded=() if is_kafka(to) else [to],
                chunk_lines=pace.chunk_lines if pace else None,
                follow_logs=follow,
                from_end=start == "end",
            )
            failures = _hand_on(paths, target, options, pace)
            if follow:
                _say("stopped; the same command goes on where this one ended")
            if piped:
                with StopSignal() as stopping:
                    stdin.publish(
                        sys.stdin.fileno(),
                        target,
                        admit=pace.admit if pace else lambda _: None,
                        chunk_lines=pace.chunk_lines if pace else None,
                        should_stop=stopping.__bool__,
                    )
                if stopping.signal is not None:
                    _say("stopped; all that was read of standard input is handed on")
                    return KILLED_BY + stopping.signal
        except (KeyboardInterrupt, SystemExit):
            _say("stopped; the same command goes on where this one ended")
            raise
    if failures:
        _say(f"{failures} of the inputs could not be read; the warnings above name them")
    return 1 if failures else 0


def _number(text: str | None, option: str) -> int | None:
    return None if text is None else whole_number(text, option)


def _patience(text: str) -> float:
    seconds = duration(text, "--patience")
    if seconds == 0:
        raise UsageError(f"--patience {text!r} leaves a broker no time to answer; give some, as 10s")
    return seconds


def _hand_on(paths: list[str], target: Target, options: FollowerOptions, pace: RateLimit | None) -> int:
    """Publish all that files and folders hold, or follow logs until told to stop.

    Returns:
        How many of the files and folders could not be read; 0 for followed logs.
    """
    allow_open_files()
    with ExitStack() as stack:
        stopping = stack.enter_context(StopSignal()) if options.follow_logs else None
        show = None if options.follow_logs else stack.enter_context(bytes_progress("handing on"))

        def admit(data: Sequence[bytes]) -> None:
            if show is not None:
                show(follower.bytes_done, follower.bytes_found)
            if pace is not None:
                pace.admit(data)

        follower = Follower(
            paths,
            target,
            options,
            warn=lambda path, reason: _say(f"warning: {path}: {reason}"),
            admit=admit,
            should_stop=lambda: bool(stopping),
        )
        stack.callback(follower.close)
        try:
            while not stopping and (options.follow_logs or not follower.caught_up()):
                if not follower.poll():
                    time.sleep(_PAUSE_SECONDS)
        except WordCountError as error:
            if not follower.unconfirmed:
                raise
            path, place = follower.unconfirmed[0]
            try:
                safe = f"all is safe up to line {lines_before(path, place):,} of {path}"
            except OSError:  # it is gone
                safe = f"all is safe up to byte {place:,} of {path}"
            raise WordCountError(f"{error}; {safe}, and the same command goes on there") from error
        if options.follow_logs and (unfinished := follower.unfinished()):
            _say(unfinished_message(unfinished))
    return 0 if options.follow_logs else len(follower.failures)


def _followed(inputs: list[str]) -> list[str]:
    for path in inputs:
        if path == "-":
            raise UsageError("-: is followed to its end without --follow; leave that out")
        check_input(path, may_be_missing=True)
    return inputs


def _inputs(inputs: list[str]) -> tuple[list[str], bool]:
    """Return the files and folders that are meant, and whether standard input is, as a pipe.

    Raises:
        UsageError: an input does not exist, or is no file or folder.
    """
    paths: list[str] = []
    piped = False
    for text in inputs:
        if text == "-":
            if sys.stdin is None:
                raise UsageError("-: standard input is closed; give it a pipe or a file to read")
            whole = (
                stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode) and os.lseek(sys.stdin.fileno(), 0, os.SEEK_CUR) == 0
            )
            if whole:
                paths.append("/dev/stdin")  # a file after all, with a position to go on from
            else:
                piped = True
            continue
        found = [text] if os.path.lexists(text) else sorted(glob.glob(text, recursive=True))
        if not found:
            raise UsageError(f"{text}: no such file or folder; give a path, or a glob in quotes, that names one")
        for path in found:
            if not Path(path).is_file() and not Path(path).is_dir():
                raise UsageError(f"{path}: is neither a file nor a folder; '-' reads a pipe")
        paths += found
    return paths, piped
