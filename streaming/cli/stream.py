"""``wordcount stream``: count the words of folders, logs and topics as they grow."""

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from producer.common.arguments import (
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
from producer.common.errors import hide
from producer.kafka.address import is_kafka, kafka_endpoint
from streaming.cli import checks
from streaming.cli.checks import SourceKind
from streaming.cli.options import (
    EACH_SECOND,
    Conf,
    Debug,
    Encoding,
    Exclude,
    Format,
    Late,
    LogFormat,
    Lowercase,
    Master,
    Match,
    MinLength,
    Normalize,
    NotMatch,
    PartitionsOption,
    Regex,
    Serve,
    Slide,
    Split,
    StopWords,
    StoreOption,
    StuckAfter,
    TimeFormat,
    TimeRegex,
    TimeZone,
    Top,
    TriggerOption,
    UntimedOption,
    Window,
    say,
)
from streaming.cli.rule_options import WindowOptions, WordOptions
from streaming.sources.files import Files
from streaming.sources.remote import RemoteFolder
from streaming.spark.java import find_java
from streaming.spark.settings import StateStore, given_settings, settings

if TYPE_CHECKING:
    from producer.kafka.client_config import Client
    from streaming.sources.base import Source

EPILOG = examples(
    "wordcount stream inbox --output counts",
    "wordcount stream /var/log/app.log --from end",
    "wordcount stream kafka://localhost:9092/lines --output counts",
)


def stream(
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Folders, logs and globs of logs to count and to follow. Or one of: kafka://HOST:PORT/TOPIC[,TOPIC];"
            " an address such as s3a://…; - for standard input.",
        ),
    ],
    output: Annotated[
        str | None,
        option("output", "Save the counts in this folder or topic; it is created if missing.", metavar="DIR|kafka://…"),
    ] = None,
    format_name: Format = "text",
    checkpoint: Annotated[
        str | None, option("checkpoint", "Keep the state here. By default in the output folder.", metavar="DIR")
    ] = None,
    trigger: TriggerOption = EACH_SECOND,
    once: Annotated[bool, option("once", "Count what is there now, print the totals, and exit.")] = False,
    top: Top = None,
    snapshot_interval: Annotated[
        float,
        option(
            "snapshot-interval",
            "Write the counts to the output folder this often, by default each 10s.",
            parse=duration,
            metavar="DURATION",
            show_default=False,
        ),
    ] = 10.0,
    changes: Annotated[
        bool, option("changes", "Also save the changed words of each batch, one file a batch, in DIR/changes.")
    ] = False,
    settle: Annotated[
        float,
        option(
            "settle",
            "Count an unterminated last line after its file has been idle this long, by default 2s. Never done for logs"
            " that are named directly.",
            parse=duration,
            metavar="DURATION",
            show_default=False,
        ),
    ] = 2.0,
    depth: Depth = None,
    encoding: Encoding = None,
    exclude: Exclude = None,
    safe_links: SafeLinks = False,
    archive: Archives = None,
    rotated: RotatedNames = None,
    max_line: MaxLine = None,
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
    late: Late = None,
    untimed: UntimedOption = None,
    start: Annotated[
        Literal["start", "end", "earliest", "latest"] | None,
        option(
            "from",
            "Where the first run begins. Files: start (the default) or end. Topics: earliest (the default) or latest.",
        ),
    ] = None,
    max_per_batch: Annotated[
        int,
        option("max-per-batch", "Read at most this many records in one batch.", parse=whole_number, metavar="N"),
    ] = 500_000,
    kafka_config: Annotated[
        str | None,
        option("kafka-config", "Kafka's client.properties: login, certificates and more.", metavar="FILE"),
    ] = None,
    after_loss: Annotated[
        Literal["stop", "continue"],
        option(
            "after-loss",
            "After a topic has lost records: stop with an error, or continue with what is left, keep the counts, and"
            " warn of each loss.",
        ),
    ] = "stop",
    jars: Annotated[
        str | None,
        option("jars", "The jars of Spark's Kafka connector, instead of fetching them.", metavar="FILE,FILE"),
    ] = None,
    state_store: StoreOption = None,
    partitions: PartitionsOption = None,
    master: Master = None,
    conf: Conf = None,
    serve: Serve = None,
    stuck_after: StuckAfter = 60.0,
    log_format: LogFormat = "text",  # noqa: ARG001  # read before all options are
    debug: Debug = False,
) -> int:
    """Count the words of folders, logs or topics as they grow.

    It runs until Ctrl-C. The same command, run again, continues where it stopped.
    """
    kind = checks.check_stream_options(context)
    trigger = checks.applicable_trigger(context, kind)
    if trigger.is_real_time:  # what the environment sets is for batches
        window, once, state_store = None, False, None
    window_options = WindowOptions(window, slide, time_format, time_regex, time_zone, late, untimed)
    windows = window_options.windows()
    default: StateStore = "rocksdb" if trigger.is_real_time else "memory"
    rule = WordOptions(split, regex, match, not_match, normalize, lowercase, min_length, stop_words).rule()
    chosen = window_options.settings(settings(master, conf or [], state_store or default, partitions))
    checks.check_real_time_settings(chosen, trigger)
    to_topic = output is not None and is_kafka(output)
    folder = None if to_topic else output
    checks.check_paths(kind, sources, [("--output", folder), ("--checkpoint", checkpoint)], once=once)
    # Loading Spark and Kafka takes 0.3 s, which help and refused options need not wait for.
    from producer.kafka.client_config import open_client
    from streaming.kafka.connector import connector
    from streaming.kafka.topics import prepare_output
    from streaming.query.options import SparkOptions, StreamOptions
    from streaming.stream_job import run_stream

    java = find_java(os.environ)
    connector_jars, client = [], None
    if to_topic or kind is SourceKind.TOPICS:
        client = open_client(kafka_config, say, hide)  # before the connector, which may have to be fetched
        connector_jars = connector(java, jars, chosen, say)
    files = Files(tuple(sources), start == "end", encoding, tuple(exclude or ()))
    source = _open_source(kind, files, start, client, max_per_batch)
    output_topic = prepare_output(output, source.topics, client, say) if output and to_topic and client else None
    output_folder = None if folder is None else checks.writable_folder(folder, "--output")
    options = StreamOptions(
        source=source,
        output=output_folder,
        topic=output_topic,
        state_folder=checks.state_folder(checkpoint, output_folder),
        format_name=format_name,
        trigger=trigger.seconds,
        real_time=trigger.is_real_time,
        auto=trigger.is_auto,
        once=once,
        top=top,
        snapshot_interval=snapshot_interval,
        changes=changes and folder is not None and windows is None,
        settle=settle,
        depth=depth,
        safe_links=safe_links,
        archives=archive or (),
        rotated_names=rotated or (),
        rule=rule,
        windows=windows,
        max_line=max_line,
        goes_on=after_loss == "continue",
        serve=None if once else serve,
        stuck_after=stuck_after,
    )
    given = given_settings(conf or [], state_store, partitions)
    return run_stream(options, SparkOptions(java, chosen, connector_jars, debug, given), say)


def _open_source(
    kind: SourceKind, files: Files, start: str | None, client: "Client | None", max_per_batch: int
) -> "Source":
    """Return the source that was named, ``files`` if it is no address; for topics, ask the brokers."""
    from streaming.kafka.topics import find_topics
    from streaming.sources.topics import Topics

    if kind is SourceKind.TOPICS and client is not None:
        topics, known_as = find_topics(kafka_endpoint(files.paths[0]), client, say)
        return Topics(topics, known_as, start or "earliest", max_per_batch)
    if kind is SourceKind.REMOTE:
        return RemoteFolder(files.paths[0])
    return files
