"""The command ``wordcount-producer``: parses its options, connects the parts, and reports."""

import glob
import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated, Literal

import typer

from producer import __version__
from producer.common import terminal
from producer.common.arguments import (
    OF_LOGS,
    Archives,
    Depth,
    MaxLine,
    RotatedNames,
    SafeLinks,
    duration,
    examples,
    option,
    whole_number,
)
from producer.common.arguments import rate as parse_rate
from producer.common.errors import UsageError
from producer.common.folders import followed_inputs, whole_inputs
from producer.common.signals import KILLED_BY
from producer.follower import FollowerOptions
from producer.kafka.address import is_kafka
from producer.kafka.topic_options import TopicOptions, host_name
from producer.publish_job import publish_files, publish_pipe
from producer.rate_limit import RateLimit
from producer.targets import factory as targets
from producer.text.encoding import Encoding
from producer.text.encoding import encoding as parse_encoding
from producer.text.long_lines import LineLimit

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
    depth: Depth = None,
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
    encoding: Annotated[
        Encoding | None,
        option(
            "encoding",
            "The encoding of files without a byte order mark: cp949, latin-1, utf-16-le. By default utf-8.",
            parse=parse_encoding,
            metavar="NAME",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        option(
            "exclude",
            "Leave out files and folders of this name, or path in the folder; may be repeated.",
            metavar="PATTERN",
        ),
    ] = None,
    start: Annotated[
        Literal["start", "end"] | None,
        option("from", "With --follow: begin at the start of what is there (the default), or at its end."),
    ] = None,
    safe_links: SafeLinks = False,
    archive: Archives = None,
    rotated: RotatedNames = None,
    max_line: MaxLine = None,
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
    paths, is_piped = (followed_inputs(inputs), False) if follow else whole_inputs(inputs, exclude or ())
    _check_options(context, inputs, paths)
    limit = None if rate is None else RateLimit(rate)
    options = FollowerOptions(
        settle=settle,
        depth=depth,
        excluded=() if is_kafka(to) else [to],
        exclude=exclude or (),
        safe_links=safe_links,
        encoding=encoding,
        chunk_lines=limit.chunk_lines if limit else None,
        follow_logs=follow,
        from_end=follow and start == "end",
        archives=archive or (),
        rotated_names=rotated or (),
        line_limit=LineLimit(max_line or LineLimit.size),
        set_aside=None if is_kafka(to) else targets.set_aside_folder(to),
    )
    with ExitStack() as stack:
        if is_kafka(to):
            topic_options = TopicOptions(
                name=host_name() if name is None else name,
                is_named=name is not None,
                lines_per_record=lines_per_record,
                partitions=partitions,
                replication=replication,
                patience=patience,
                kafka_config=kafka_config,
            )
            target = targets.open_topic(to, topic_options, _say, stack)
        else:
            target = targets.open_directory(to, paths, stack)
        try:
            failures = publish_files(paths, target, options, limit, _say)
            if follow:
                _say(_STOPPED)
            if is_piped and (ended_by := publish_pipe(target, options, limit, _say)) is not None:
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
        terminal.refuse(context, ["start", "archive", "rotated"], "is for --follow; add that, or leave it out")
    if paths and all(map(os.path.isdir, paths)):
        terminal.refuse(context, ["archive", "rotated"], OF_LOGS)
    if all(text == "-" for text in inputs):
        terminal.refuse(
            context, ["depth", "exclude", "safe_links"], "is for folders, and the input is standard input; leave it out"
        )
    elif not any(os.path.isdir(path) for path in paths):
        terminal.refuse(context, ["depth", "safe_links"], "is for folders, and no input is one; leave it out")
        if context.params["follow"] and not any(glob.has_magic(text) for text in inputs):
            terminal.refuse(context, ["exclude"], "is for folders and globs, and no input is one; leave it out")
    if not paths:
        terminal.refuse(context, ["settle"], "is for files, and the input is a pipe; leave it out")
