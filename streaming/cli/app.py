"""The command ``wordcount``: parses, wires and reports; the work is done elsewhere."""

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from producer.common import terminal
from producer.common.arguments import duration, whole_number
from producer.common.errors import UsageError
from producer.common.lock import lock
from producer.kafka.address import is_kafka, kafka_endpoint
from producer.kafka.client_config import open_client
from streaming import batch_job
from streaming.batch_job import BatchOptions
from streaming.cli import checks as usage
from streaming.cli.demo import run_demo
from streaming.cli.options import (
    Conf,
    Debug,
    Depth,
    Folder,
    Format,
    Lowercase,
    Master,
    Match,
    MinLength,
    Normalize,
    NotMatch,
    NotOfBatch,
    Output,
    Regex,
    Slide,
    Split,
    StopWords,
    TimeFormat,
    TimeRegex,
    TimeZone,
    Top,
    Window,
    option,
    topic_option,
    window_option,
)
from streaming.cli.prepare import make_archive
from streaming.cli.rule_options import window_settings, windows_of, word_rule
from streaming.errors import JavaError
from streaming.kafka import topics
from streaming.kafka.connector import connector
from streaming.query import runner as pipeline
from streaming.query.options import StreamOptions
from streaming.sinks.files import remove_unfinished
from streaming.sinks.formats import check_format
from streaming.sinks.stdout import print_all, print_some
from streaming.sources.files import Files
from streaming.sources.remote import RemoteFolder
from streaming.sources.topics import Topics
from streaming.spark.java import find_java
from streaming.spark.session import Jvm, quick_options
from streaming.spark.settings import settings
from streaming.spark.temp_folder import scratch_folder
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest
from streaming.state.saved_counts import counts_in
from streaming.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from streaming.kafka.topics import KafkaTopics

app = typer.Typer(
    help="Count words: of files at once, or of folders, logs and topics as they grow, exactly, whatever is killed.",
    epilog="Examples:  wordcount demo  ·  wordcount batch book.txt  ·  wordcount stream inbox --output counts. "
    "Every option can also come from the environment, by the name its help shows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: Below this size of a batch, in bytes, compiling for speed does not pay: 3.7 s against 5.0 s for 4 MB, but 9.5 s
#: against 7.7 s for 220 MB.
_SHORT_BYTES = 32 << 20


def _say(message: str) -> None:
    terminal.say("wordcount", message)


def _warn(path: str, reason: str) -> None:
    _say(f"warning: {path}: {reason}")


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    import pyspark  # noqa: PLC0415  # only to name it

    try:
        java = find_java(os.environ)
        found = f"Java {java.version} (from {java.found_in}: {java.executable})"
    except JavaError as error:
        found = f"no Java ({error})"
    typer.echo(f"wordcount {__version__}, Spark {pyspark.__version__}, {found}")
    raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the versions of this, Spark and Java.", callback=_show_version)
    ] = False,
) -> None:
    context.with_resource(scratch_folder())


@app.command(
    epilog="Examples:  wordcount batch book.txt --top 5  ·  wordcount batch 'logs/*.gz' --output out --format csv"
)
def batch(
    context: typer.Context,
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="Files (also .gz, .bz2, .zst), folders, globs.")],
    output: Output = None,
    format_name: Format = "text",
    top: Top = None,
    depth: Depth = None,
    split: Split = None,
    regex: Regex = None,
    match: Match = None,
    not_match: NotMatch = None,
    normalize: Normalize = False,
    lowercase: Lowercase = False,
    min_length: MinLength = None,
    stop_words: StopWords = None,
    window: Window = None,
    slide: Slide = None,
    time_format: TimeFormat = None,
    time_regex: TimeRegex = None,
    time_zone: TimeZone = None,
    late: NotOfBatch = None,  # noqa: ARG001  # it is refused
    untimed: NotOfBatch = None,  # noqa: ARG001  # it is refused
    master: Master = None,
    conf: Conf = None,
    debug: Debug = False,
) -> None:
    """Count the words of files, once: prints 'word: count', the most frequent first."""
    terminal.refuse(context, ["late"], "is for a stream, and batch closes no window before the end; leave it out")
    terminal.refuse(context, ["untimed"], "is for a stream, and batch knows no time of arrival; leave it out")
    usage.check_format(format_name, output)
    shown = usage.number(top, "--top")
    levels = usage.number(depth, "--depth")
    rule = word_rule(
        split=split, regex=regex, match=match, not_match=not_match, normalize=normalize, lowercase=lowercase,
        min_length=min_length, stop_words=stop_words,
    )  # fmt: skip
    if output is not None:
        terminal.refuse(context, ["top"], "says what is printed, and with --output all is saved; leave one of them out")
    target = None if output is None else usage.folder(output, "--output")
    if target and (target / ".lock").exists():
        raise UsageError(f"--output {output}: a stream keeps its counts there; give another folder")
    windows = windows_of(window=window, slide=slide, time_format=time_format, time_regex=time_regex)
    if windows is not None and windows.time is None:
        raise UsageError(
            "--window: what batch counts has no time of arrival; say with --time-format how lines tell theirs"
        )
    chosen = window_settings(windows, time_zone, settings(master, conf or []))
    found = batch_job.find_inputs(inputs, levels, _warn, target)
    with ExitStack() as stack:
        java = find_java(os.environ)
        options = quick_options(java) if found.size < _SHORT_BYTES else None
        jvm = Jvm(java, chosen, debug=debug, options=options)
        stack.callback(jvm.close)
        try:
            batch_job.run(found, BatchOptions(target, format_name, shown, rule, windows), jvm, _say)
        except Exception as error:
            raise jvm.explained(error) from error


@app.command(
    epilog="Examples:  wordcount stream inbox --output counts  ·  wordcount stream /var/log/app.log --from end"
    "  ·  wordcount stream kafka://localhost:9092/lines --output counts"
)
def stream(  # it reads as a list: what was asked for, where from, where to
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Folders, logs and globs of logs to count and to follow; or one of: kafka://HOST:PORT/TOPIC[,TOPIC],"
            " an address as s3a://…, - for standard input.",
        ),
    ],
    output: Annotated[
        str | None,
        option("output", "Save the counts in this folder, made if missing, or in a topic.", metavar="DIR|kafka://…"),
    ] = None,
    format_name: Format = "text",
    checkpoint: Annotated[
        str | None, option("checkpoint", "Keep the state here; by default in the output folder.", metavar="DIR")
    ] = None,
    trigger: Annotated[str, option("trigger", "Start a batch this often: 500ms, 1s; 0s: as soon as can be.")] = "1s",
    once: Annotated[bool, option("once", "Count all that is there, print the totals, and exit.")] = False,
    top: Top = None,
    snapshot_interval: Annotated[
        str, option("snapshot-interval", "Write the counts to the output folder this often.")
    ] = "10s",
    changes: Annotated[
        bool, option("changes", "Also save the changed words of every batch, a file a batch, in DIR/changes.")
    ] = False,
    settle: Annotated[
        str,
        option(
            "settle",
            "A last line without a line end counts once its file was quiet for so long; in a log given by name, never.",
        ),
    ] = "2s",
    depth: Depth = None,
    split: Split = None,
    regex: Regex = None,
    match: Match = None,
    not_match: NotMatch = None,
    normalize: Normalize = False,
    lowercase: Lowercase = False,
    min_length: MinLength = None,
    stop_words: StopWords = None,
    window: Window = None,
    slide: Slide = None,
    time_format: TimeFormat = None,
    time_regex: TimeRegex = None,
    time_zone: TimeZone = None,
    late: Annotated[
        str | None, window_option("late", "For how long a window stays open for lines that come late; 1m by default.")
    ] = None,
    untimed: Annotated[
        str | None, window_option("untimed", "Lines without a time: set aside (the default), or counted by arrival.")
    ] = None,
    start: Annotated[
        str | None,
        option("from", "Where the first run begins: start or end; in a topic earliest or latest.", metavar="PLACE"),
    ] = None,
    max_per_batch: Annotated[
        str, topic_option("max-per-batch", "The most records of a topic in one batch.", metavar="N")
    ] = "500000",
    kafka_config: Annotated[
        str | None,
        topic_option("kafka-config", "Kafka's client.properties: login, certificates and more.", metavar="FILE"),
    ] = None,
    jars: Annotated[
        str | None, topic_option("jars", "Spark's connector to Kafka, instead of fetching it.", metavar="FILE,FILE")
    ] = None,
    state_store: Annotated[
        str, option("state-store", "Where the counts are held: memory, or rocksdb for more words than fit in it.")
    ] = "memory",
    master: Master = None,
    conf: Conf = None,
    debug: Debug = False,
) -> int:
    """Count the words of folders, logs or a topic and of what comes, until Ctrl-C; the same command again goes on."""
    to_topic = output is not None and is_kafka(output)
    to_folder = None if to_topic else output
    source = usage.source_of(sources)
    latest = usage.check_stream(context, source, output, start)
    usage.check_format(format_name, output)
    windows = windows_of(
        window=window, slide=slide, time_format=time_format, time_regex=time_regex, late=late, untimed=untimed,
    )  # fmt: skip
    if changes:
        usage.check_changes(to_folder, windows)
    chosen = window_settings(windows, time_zone, settings(master, conf or [], state_store))
    asked = StreamOptions(
        source=RemoteFolder(source) if isinstance(source, str) else replace(source, from_end=latest),
        output=None,
        format_name=format_name,
        trigger=duration(trigger, "--trigger"),
        once=once,
        top=usage.number(top, "--top"),
        snapshot_interval=duration(snapshot_interval, "--snapshot-interval"),
        changes=changes,
        settle=duration(settle, "--settle"),
        depth=usage.number(depth, "--depth"),
        windows=windows,
        rule=word_rule(
            split=split, regex=regex, match=match, not_match=not_match, normalize=normalize, lowercase=lowercase,
            min_length=min_length, stop_words=stop_words,
        ),
    )  # fmt: skip
    per_batch = whole_number(max_per_batch, "--max-per-batch")
    source_topics: KafkaTopics | None = None
    if isinstance(source, Files):
        usage.check_files(source.paths, [("--output", to_folder), ("--checkpoint", checkpoint)], once=once)
        known_as = source.known_as
    else:
        known_as = source
    java = find_java(os.environ)
    connector_jars: list[Path] = []
    endpoint = kafka_endpoint(source) if isinstance(source, str) and is_kafka(source) else None
    if to_topic or endpoint is not None:
        connector_jars = connector(java, jars, chosen, _say)
        client = open_client(kafka_config, _say, terminal.hide)
        if endpoint is not None:
            source_topics, known_as = topics.find_topics(endpoint, client)
            asked = replace(
                asked, source=Topics(source_topics, known_as, "latest" if latest else "earliest", per_batch)
            )
        if output is not None and to_topic:
            asked = replace(asked, topic=topics.prepare_output(output, source_topics, client, _say))
    with ExitStack() as stack:
        options = replace(asked, output=None if to_folder is None else usage.folder(to_folder, "--output"))
        if options.output is not None:
            stack.enter_context(lock(options.output / ".lock", f"the output in {options.output}"))
            remove_unfinished(options.output)
        state_folder, temporary = usage.state_folder(checkpoint, options.output, stack)
        options = replace(options, temporary=temporary)
        topic_ids = None if source_topics is None else source_topics.ids
        state = stack.enter_context(
            open_state(state_folder, Manifest.of(known_as, chosen, asked.rule, windows, topic_ids))
        )
        if temporary and not once:
            _say("the state is temporary and removed at the end; --output DIR or --checkpoint DIR keeps it")
        jvm = Jvm(java, chosen, debug=debug, keep_open=[state.lock], jars=connector_jars)
        stack.callback(jvm.close)
        try:
            status, stopped = pipeline.run(options, state, jvm, _say)
        except Exception as error:
            raise jvm.explained(error) from error
        if stopped:
            kept = "the temporary state is removed" if temporary else f"the same command goes on from {state_folder}"
            what = "not all is counted" if once else "all that was counted is printed or saved"
            _say(f"stopped; {what}; {kept}")
        return 1 if stopped and once else status


@app.command(
    epilog="Examples:  wordcount top counts  ·  wordcount top counts -n 5. "
    "'wordcount export counts --format csv' has other formats."
)
def top(
    context: typer.Context,
    folder: Folder,
    number: Annotated[str, typer.Option("-n", "--top", help="How many words.", metavar="N")] = "20",
    _format_name: Annotated[str | None, typer.Option("--format", hidden=True)] = None,
    debug: Debug = False,
) -> None:
    """Print the most frequent words of a stream that runs, or that ran."""
    terminal.refuse(context, ["_format_name"], "is for 'wordcount export', which writes all counts; leave it out here")
    shown = whole_number(number, "-n")
    with counts_in(folder, _say, debug=debug) as counts:
        print_all(counts, shown)


@app.command(epilog="Example:  wordcount get counts ERROR WARN")
def get(folder: Folder, words: Annotated[list[str], typer.Argument(metavar="WORD")], debug: Debug = False) -> None:
    """Print how often words have occurred in a stream that runs, or that ran."""
    for word in words:
        if not word.isprintable() and word != word.encode("utf-8", "replace").decode("utf-8"):
            raise UsageError(f"{word!r} is not UTF-8, which all words are; write it so")
    with counts_in(folder, _say, debug=debug) as counts:
        if missing := print_some(counts, words):
            _say(f"in no window that is open now: {', '.join(missing)}; those closed are in windows/ of the --output")


@app.command(epilog="Example:  wordcount export counts --format parquet > counts.parquet")
def export(
    folder: Folder,
    format_name: Annotated[str, option("format", "csv, json (one object a line), parquet or text.")] = "csv",
    debug: Debug = False,
) -> None:
    """Write all counts of a stream that runs, or that ran, to standard output."""
    check_format(format_name)
    if format_name == "parquet" and sys.stdout.isatty():
        raise UsageError("parquet is nothing for a terminal; add '> counts.parquet'")
    with counts_in(folder, _say, debug=debug) as counts:
        print_all(counts, None, format_name)


@app.command(epilog="Example:  wordcount prepare")
def prepare(debug: Debug = False) -> None:
    """Make later starts take 60 % of the time, by an archive of Java's classes: half a minute, 170 MB."""
    path = make_archive(find_java(os.environ), debug=debug)
    _say(f"later starts use {path}; remove it to make it anew")


@app.command(epilog="Examples:  wordcount demo  ·  wordcount demo --debug")
def demo(debug: Debug = False) -> int:
    """Watch it count real English text for some 15 seconds, and check the totals; nothing needs to be prepared."""
    return run_demo(_say, dict(os.environ), debug=debug)
