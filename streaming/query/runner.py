"""The stream: from the spool through Spark to the sinks, until it is stopped or has counted all there is."""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from producer.common.signals import StopSignal
from streaming.counting.pattern_check import checked_rule, checked_windows
from streaming.counting.rules import Windows
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words
from streaming.kafka.topic_watch import topic_watches
from streaming.kafka.topics import KafkaTopics
from streaming.live_view.canvas import is_usable
from streaming.live_view.model import CountedBefore, Model, Progress
from streaming.live_view.screen import Screen, counted_before
from streaming.query.batch_writer import BatchWriter
from streaming.query.options import StreamOptions
from streaming.query.spool import SpoolFeeder
from streaming.query.supervisor import RunningQuery, Say, close_windows, count_all, count_on, finish
from streaming.sinks.snapshots import Snapshots
from streaming.sinks.stdout import print_all
from streaming.sinks.topic import write_to_topic
from streaming.sources.files import read_release
from streaming.spark.progress import BytesRead
from streaming.spark.session import Jvm
from streaming.state.folder import State
from streaming.state.location import note_location
from streaming.state.manifest import ids_text

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

Show = Callable[["DataFrame", int | None], None]  #: shows the most frequent of counts


def run(options: StreamOptions, state: State, jvm: Jvm, say: Say, show: Show = print_all) -> tuple[int, bool]:
    """Count until told to stop, or with ``once`` until all that is there is counted.

    Args:
        options: what was asked for.
        state: the state folder, held by this process.
        jvm: Spark, which may still be starting.
        say: shows a message to the person at the terminal.
        show: shows the totals of ``once``.

    Returns:
        The exit status, 1 where something that is there could not be counted, else 0; and whether it was told to stop.

    Raises:
        WordCountError: what went wrong; the same command again goes on where this one ended.
    """
    with contextlib.ExitStack() as stack:
        screen: Screen | None = None
        said = ""

        def tell(message: str) -> None:
            nonlocal said
            said = message
            (say if screen is None or screen.is_closed or not sys.stderr.isatty() else screen.say)(message)

        try:
            options = _checked(options, jvm)
        except (KeyboardInterrupt, SystemExit):
            return 0, True  # told to stop before there was a batch to finish
        state.begin()
        feed = _feed(options, state, tell, say, stack)
        used = (options.source.topics, options.topic)
        watches = topic_watches([topics for topics in used if topics is not None], tell)
        for watch in watches:
            stack.enter_context(watch)
        _prepare_output(options, state)
        try:
            spark = jvm.session()
        except (KeyboardInterrupt, SystemExit):
            return 0, True
        # Not before: pyspark takes the signals when it starts.
        stopping = stack.enter_context(StopSignal(restore=lambda: None if screen is None else screen.close()))
        snapshots = Snapshots(
            spark, state.checkpoint, options.output, options.format_name, options.snapshot_interval,
            windowed=options.windows is not None,
        )  # fmt: skip
        if is_usable() and not options.once and options.windows is None:
            before = counted_before(snapshots.counts()) if state.resumed else CountedBefore()
            model = Model(before, time.monotonic(), options.top)
            screen = stack.enter_context(Screen(model, options.top, say, lambda: _progress(feed), said))
        _fill(options.topic, state, snapshots, options.windows)
        sink = BatchWriter(spark, options, state, screen, tell)
        running = RunningQuery(_start(spark, options, state, sink), sink, feed, watches, screen, snapshots, stopping)
        if options.once:
            count_all(running, BytesRead(spark))
        else:
            count_on(running)
        if options.windows is not None:
            close_windows(running)
        # Whatever --trigger says: the next batch may be hours away.
        finish(running, state, tell, lambda: _start(spark, replace(options, trigger=0.0), state, sink))
        # The windows that are open where the source ends are not closed by what comes.
        if not stopping and (options.once or options.windows is not None):
            show(snapshots.counts(), options.top)
        failures = feed.follower.failures if feed is not None and options.once else []
        if failures:
            say(f"{len(failures)} of the files there could not be counted; the warnings above name them")
        return (1 if failures else 0), bool(stopping)


def _checked(options: StreamOptions, jvm: Jvm) -> StreamOptions:
    """Return the options with what Java says of their patterns."""
    windows = options.windows and checked_windows(jvm.session, options.windows)
    return replace(options, rule=checked_rule(jvm.session, options.rule), windows=windows)


def _prepare_output(options: StreamOptions, state: State) -> None:
    """Have the output folder lead to the state, and make the folders of the files of single batches."""
    if options.output is None:
        return
    note_location(options.output, state.folder)
    if options.changes:
        (options.output / "changes").mkdir(exist_ok=True)
    if options.windows is not None:
        (options.output / "windows").mkdir(exist_ok=True)


def _progress(feed: SpoolFeeder | None) -> Progress:
    return Progress() if feed is None else Progress(feed.follower.files, feed.lag)


def _fill(topic: KafkaTopics | None, state: State, snapshots: Snapshots, windows: Windows | None) -> None:
    """Write all counts to an output topic that is another than before."""
    if topic is not None and state.output != ids_text(topic.ids):
        if state.resumed and windows is None:  # those that are open have none that are final
            write_to_topic(snapshots.counts(), topic)
        state.note_output(ids_text(topic.ids))


def _feed(options: StreamOptions, state: State, tell: Say, say: Say, stack: contextlib.ExitStack) -> SpoolFeeder | None:
    """Return what fills the spool, until ``stack`` ends; None where Spark reads the source itself."""
    files = options.source.followed
    if files is None:
        return None
    feeder = SpoolFeeder(state, files, options, lambda path, reason: tell(f"warning: {path}: {reason}"))
    stack.callback(end_feeder, feeder, say, temporary=options.temporary)
    feeder.start()
    return feeder


def end_feeder(feeder: SpoolFeeder, say: Say, *, temporary: bool) -> None:
    """Follow no more; what was read of a pipe and not counted, as where Spark has not started, is not to be silent."""
    feeder.stop()
    if feeder.is_piped:
        feeder.remove_counted()
        if not feeder.is_empty:
            what = "are lost with the temporary state" if temporary else "wait in the state to be counted"
            say(f"{feeder.waiting_bytes:,} bytes that were read of standard input {what}")


def _start(spark: "SparkSession", options: StreamOptions, state: State, sink: BatchWriter) -> "StreamingQuery":
    lines = options.source.read(spark, state.spool)
    if options.windows is None:
        counts = lines.transform(count_words, rule=options.rule)
        mode = "update"  # a batch costs what it changes, and not what there is
    else:
        release = read_release(spark, state.released) if options.holds_windows else None
        counts = lines.transform(count_words_in_windows, options.windows, rule=options.rule, release=release)
        mode = "append"  # a window comes once, when it is closed
    writer = counts.writeStream.outputMode(mode).option("checkpointLocation", str(state.checkpoint)).foreachBatch(sink)
    if options.once:
        # What is in the spool then is not all there is to come into it.
        end = {"availableNow": True} if options.source.followed is None else {"processingTime": "0 seconds"}
        return writer.trigger(**end).start()
    return writer.trigger(processingTime=f"{round(options.trigger * 1000)} milliseconds").start()
