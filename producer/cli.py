"""The command ``wordcount-producer``: parses its options, connects the parts, and reports."""

import glob
import os
import socket
import stat
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from producer import __version__
from producer.common import terminal
from producer.common.arguments import duration, examples, option, whole_number
from producer.common.arguments import rate as parse_rate
from producer.common.errors import UsageError
from producer.common.folders import check_input
from producer.common.signals import KILLED_BY
from producer.follower import FollowerOptions
from producer.kafka.address import is_kafka
from producer.kafka.topic_options import TopicOptions
from producer.publish_job import publish_files, publish_pipe
from producer.rate_limit import RateLimit
from producer.targets import factory as targets

_STOPPED = "stopped; the same command continues where this one ended"

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # plain help fits a narrow terminal, and half the time of --help was the loading of rich
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say(message: str) -> None:
    terminal.say("wordcount-producer", message)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wordcount-producer {__version__}")
        raise typer.Exit


def _patience(text: str, flag: str) -> float:
    seconds = duration(text, flag)
    if seconds == 0:
        raise UsageError(f"{flag} {text!r} gives a broker no time to answer; give some, such as 10s")
    return seconds


@app.command(
    epilog=examples(
        "wordcount-producer app.log --to inbox",
        "journalctl | wordcount-producer - --to inbox --rate 9",
        "wordcount-producer '/var/log/*.log' --follow --to kafka://localhost:9092/lines",
    )
)
def produce(
    context: typer.Context,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Files (also .gz, .bz2, .zst, .xz), folders and globs; - is standard input."
        ),
    ],
    to: Annotated[
        str, option("to", "A watched directory, created if missing, or kafka://HOST:PORT/TOPIC.", metavar="TO")
    ],
    rate: Annotated[
        float | None,
        option(
            "rate",
            "Publish this many lines a second. By default as many as possible.",
            parse=parse_rate,
            metavar="N",
        ),
    ] = None,
    depth: Annotated[
        int | None,
        option(
            "depth",
            "Read this many levels of folders; 1 reads no subfolders. By default all.",
            parse=whole_number,
            metavar="N",
        ),
    ] = None,
    settle: Annotated[
        float,
        option(
            "settle",
            "Publish an unterminated last line after its file has been idle this long, by default 2s.",
            parse=duration,
            metavar="DURATION",
            show_default=False,
        ),
    ] = 2.0,
    follow: Annotated[
        bool, option("follow", "Publish what is appended, through log rotations, until Ctrl-C or SIGTERM.")
    ] = False,
    start: Annotated[
        Literal["start", "end"] | None,
        option("from", "With --follow: begin at the start of what is there (the default), or at its end."),
    ] = None,
    lines_per_record: Annotated[
        int,
        option("lines-per-record", "Lines in each record of a topic; 1000 for bulk.", parse=whole_number, metavar="N"),
    ] = 1,
    partitions: Annotated[
        int | None,
        option(
            "partitions",
            "Partitions of a topic that is created. By default the brokers'.",
            parse=whole_number,
            metavar="N",
        ),
    ] = None,
    replication: Annotated[
        int | None,
        option(
            "replication",
            "Copies of a topic that is created. By default the brokers'.",
            parse=whole_number,
            metavar="N",
        ),
    ] = None,
    name: Annotated[
        str | None, option("name", "Tells apart the producers to a topic. By default this machine's name.")
    ] = None,
    patience: Annotated[
        float,
        option(
            "patience",
            "Wait this long for a broker that does not answer, by default 1m.",
            parse=_patience,
            metavar="DURATION",
            show_default=False,
        ),
    ] = 60.0,
    kafka_config: Annotated[
        str | None, option("kafka-config", "Kafka's client.properties: login, certificates and more.", metavar="FILE")
    ] = None,
    _debug: Annotated[bool, option("debug", "Show tracebacks, and the log of Kafka's client.")] = False,
    _version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_show_version)] = False,
) -> int:
    """Publish each line of INPUT exactly once. Run the same command again to continue where it stopped.

    A directory gets files of whole lines, and DIR/.wordcount-producer holds how far each input was read. A topic gets
    the lines in transactions, and a topic next to it holds how far each input was read. A pipe cannot be read again:
    each line that was read is published once.
    """
    paths, is_piped = (_followed(inputs), False) if follow else _inputs(inputs)
    _check_options(context, inputs, paths)
    limit = None if rate is None else RateLimit(rate)
    options = FollowerOptions(
        settle=settle,
        depth=depth,
        excluded=() if is_kafka(to) else [to],
        chunk_lines=limit.chunk_lines if limit else None,
        follow_logs=follow,
        from_end=follow and start == "end",
    )
    topic_options = TopicOptions(
        lines_per_record=lines_per_record,
        partitions=partitions,
        replication=replication,
        name=socket.gethostname() if name is None else name,
        patience=patience,
        kafka_config=kafka_config,
    )
    with ExitStack() as stack:
        if is_kafka(to):
            target = targets.open_topic(to, topic_options, _say, stack)
        else:
            target = targets.open_directory(to, paths, stack)
        try:
            failures = publish_files(paths, target, options, limit, _say)
            if follow:
                _say(_STOPPED)
            if is_piped and (ended_by := publish_pipe(target, limit)) is not None:
                _say("stopped; everything read of standard input is published")
                return KILLED_BY + ended_by
        except (KeyboardInterrupt, SystemExit):
            _say(_STOPPED)
            raise
    if failures:
        _say(f"{failures} of the inputs could not be read; the warnings above name them")
    return 1 if failures else 0


def _check_options(context: typer.Context, inputs: Sequence[str], paths: Sequence[str]) -> None:
    """Refuse the options that do not apply to the inputs or the target."""
    if not is_kafka(context.params["to"]):
        of_topics = ["lines_per_record", "partitions", "replication", "name", "patience", "kafka_config"]
        terminal.refuse(context, of_topics, "is for topics; leave it out, or give --to kafka://HOST:PORT/TOPIC")
    if not context.params["follow"]:
        terminal.refuse(context, ["start"], "is for --follow; add that, or leave it out")
    if all(text == "-" for text in inputs):
        terminal.refuse(context, ["depth"], "is for folders, and the input is standard input; leave it out")
    if not paths:
        terminal.refuse(context, ["settle"], "is for files, and the input is a pipe; leave it out")


def _followed(inputs: list[str]) -> list[str]:
    for path in inputs:
        if path == "-":
            raise UsageError("-: is read to its end without --follow; leave that out")
        check_input(path, may_be_missing=True)
    return inputs


def _inputs(inputs: list[str]) -> tuple[list[str], bool]:
    """Return the files and folders that are meant, and whether to read a pipe from standard input.

    Raises:
        UsageError: an input does not exist, or is neither a file nor a folder.
    """
    paths: list[str] = []
    is_piped = False
    for text in inputs:
        if text == "-":
            if sys.stdin is None:
                raise UsageError("-: standard input is closed; give it a pipe or a file to read")
            if _is_whole_file(sys.stdin.fileno()):
                paths.append("/dev/stdin")  # it has a position to continue from
            else:
                is_piped = True
            continue
        found = [text] if os.path.lexists(text) else sorted(glob.glob(text, recursive=True))
        if not found:
            raise UsageError(f"{text}: no such file or folder; give a path, or a glob in quotes, that names one")
        for path in found:
            if not Path(path).is_file() and not Path(path).is_dir():
                raise UsageError(f"{path}: is neither a file nor a folder; '-' reads a pipe")
        paths += found
    return paths, is_piped


def _is_whole_file(descriptor: int) -> bool:
    """Return whether a descriptor is of a file of which nothing was read yet."""
    return stat.S_ISREG(os.fstat(descriptor).st_mode) and os.lseek(descriptor, 0, os.SEEK_CUR) == 0
