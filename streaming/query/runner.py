"""Run a stream: start what runs next to its query, and count until it is stopped or has counted everything."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from producer.common.signals import StopSignal
from streaming.counting.pattern_check import checked_rule, checked_windows
from streaming.counting.pattern_watch import watching
from streaming.kafka.topic_watch import TopicWatch
from streaming.live_view.messages import Messages
from streaming.losses.watching import open_losses, start_watches
from streaming.query.auto.turns import Turns
from streaming.query.batch_writer import BatchWriter
from streaming.query.options import StreamOptions
from streaming.query.outputs import fill_topic, prepare_folder
from streaming.query.spool import SpoolFeeder, start_feeder
from streaming.query.state_settings import decide_partitions
from streaming.query.streaming_query import start_query
from streaming.query.supervisor import (
    RunningQuery,
    Say,
    close_windows,
    count_all,
    count_on,
    count_through_losses,
    finish,
)
from streaming.query.watching.views import Views, open_views
from streaming.query.watching.vitals import VitalsGauge, heap_reader
from streaming.running_stream import Page, noted
from streaming.serving.status import Status
from streaming.sinks.snapshots import Snapshots
from streaming.sinks.stdout import print_all
from streaming.spark.metrics import BytesRead, TaskWatch, heap_watch
from streaming.spark.session import Jvm
from streaming.state.conversion.convert import convert
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from streaming.losses.topic_losses import TopicLosses

Show = Callable[["DataFrame", int | None], None]  #: shows counts, at most as many words as the number


class Outcome(NamedTuple):
    """How a stream has ended.

    Attributes:
        status: 1 if something that is there could not be counted, else 0.
        is_stopped: it was told to stop.
        has_counted_all: everything that was there is counted.
        counts_again: what came after the last checkpoint is counted again by the next run.
    """

    status: int
    is_stopped: bool
    has_counted_all: bool = False
    counts_again: bool = False


_STOPPED = Outcome(0, is_stopped=True)


def run(options: StreamOptions, state: State, jvm: Jvm, say: Say, status: Status, show: Show = print_all) -> Outcome:
    """Count until told to stop, or with ``once`` until everything there is counted.

    Args:
        options: the options of the stream.
        state: the state folder, locked by this process.
        jvm: Spark, which may still be starting.
        say: shows a message to the user.
        status: what the page shows of the stream.
        show: shows the totals of ``once``, and the windows that are open at the end.

    Raises:
        WordCountError: what went wrong; the same command continues where this one ended.
    """
    messages = Messages(say, status.note)
    with contextlib.ExitStack() as stack:
        try:
            options = _prepared(options, state, jvm, say)
        except (KeyboardInterrupt, SystemExit):
            return _STOPPED  # there is no batch to finish yet
        state.begin()
        feeder = start_feeder(state, options, messages.about("files"), stack)
        about_topics = messages.about("topics")
        losses = _losses(options, state, about_topics, stack)
        prepare_folder(options, state)
        try:
            spark = jvm.session()
        except (KeyboardInterrupt, SystemExit):
            return _STOPPED
        # Only now: pyspark sets signal handlers of its own when it starts.
        stopping = stack.enter_context(StopSignal(restore=messages.close_screen))
        if options.is_temporary and not options.once:  # only now: an option that Spark refuses is the only message
            say("the state is temporary and removed at the end; --output DIR or --checkpoint DIR keeps it")
        if not decide_partitions(spark, options, state, stopping, messages):
            return _STOPPED
        stack.enter_context(watching(options.rule, options.windows, TaskWatch(spark), messages))
        snapshots = _snapshots(spark, options, state)
        views = open_views(options, state, snapshots, feeder, messages, status, stack)
        gauge = None if options.serve is None else VitalsGauge(status, state, heap_reader(spark), feeder, losses)
        parts = _Parts(spark, options, state, messages, feeder, losses, snapshots, stopping, views, gauge)
        watch = partial(start_watches, written=options.topic, say=about_topics, stack=stack)
        fill = partial(fill_topic, options, state, snapshots, messages)
        status.state = "running"
        if options.serve is not None and not options.once and options.windows is None:
            stack.enter_context(noted(state.folder, Page(status.url, status.identity)))
        if options.real_time and losses is not None:  # without topics to read, real time is refused
            turns = Turns(spark, options, state, losses, watch, fill, snapshots, stopping, messages, gauge)
            with views.reader or contextlib.nullcontext():
                return Outcome(0, is_stopped=True, counts_again=turns.count())
        fill()
        return _count_in_batches(parts, partial(watch, losses), say, show)


def _losses(options: StreamOptions, state: State, say: Say, stack: contextlib.ExitStack) -> "TopicLosses | None":
    return open_losses(
        options.source.topics, state, say, stack,
        goes_on=options.goes_on, real_time=options.real_time, auto=options.auto,
    )  # fmt: skip


class _Parts(NamedTuple):
    """What runs next to the query, and what it needs."""

    spark: "SparkSession"
    options: StreamOptions
    state: State
    messages: Messages
    feeder: SpoolFeeder | None
    losses: "TopicLosses | None"
    snapshots: Snapshots
    stopping: StopSignal
    views: Views
    gauge: VitalsGauge | None


def _count_in_batches(parts: _Parts, watch: Callable[[], list[TopicWatch]], say: Say, show: Show) -> Outcome:
    """Count until told to stop, or until everything there is counted."""
    spark, options, state, messages, feeder, losses, snapshots, stopping, views, gauge = parts
    writer = BatchWriter(spark, options, state, views, messages.about("batches"), losses)
    begin = partial(start_query, spark, options, state, writer)
    query, heap = begin(options.trigger), heap_watch(spark, messages.about("memory"))

    def measure(watches: Sequence[TopicWatch]) -> None:
        if gauge is not None:
            gauge.poll(watches, writer.dropped)

    running = RunningQuery(query, writer, feeder, watch(), views.screen, snapshots, stopping, heap, measure)

    def start_again(ended: RunningQuery) -> RunningQuery:
        if gauge is not None:
            gauge.restarts += 1
        return replace(ended, query=begin(options.trigger), watches=watch())

    count = (lambda stream: count_all(stream, BytesRead(spark))) if options.once else count_on
    with views.reader or contextlib.nullcontext():
        running = count_through_losses(running, count, losses, start_again)
        has_counted_all = running.has_counted_all
        if options.windows is not None:
            close_windows(running)
        finish(running, state, messages, lambda: begin(trigger=0.0))  # the next batch of --trigger may be hours away
    is_stopped = bool(stopping)  # all is counted by now, whatever stops the printing
    # No later line closes the windows that are open where the source ends.
    if not is_stopped and (options.once or options.windows is not None):
        messages.close_screen()
        snapshots.show(show, options.top)
    exit_status = _report_uncounted(feeder, losses, say) if options.once else 0
    return Outcome(exit_status, is_stopped, has_counted_all)


def _snapshots(spark: "SparkSession", options: StreamOptions, state: State) -> Snapshots:
    return Snapshots(
        spark, state.checkpoint, options.output, options.format_name, options.snapshot_interval,
        windowed=options.windows is not None,
    )  # fmt: skip


def _report_uncounted(feeder: SpoolFeeder | None, losses: "TopicLosses | None", say: Say) -> int:
    """Report how many files could not be counted, or what of topics waits, and return the exit status."""
    if losses is not None:
        losses.report_uncounted()
    failures = [] if feeder is None else feeder.follower.failures
    if failures:
        say(f"{len(failures)} of the files there could not be counted; the warnings above name them")
    return 1 if failures else 0


def _prepared(options: StreamOptions, state: State, jvm: Jvm, say: Say) -> StreamOptions:
    """Return the options with their patterns checked by Java; then convert the state if the user has asked for it."""
    windows = options.windows and checked_windows(jvm.session, options.windows)
    rule = checked_rule(jvm.session, options.rule)
    convert(jvm.session, state, say)
    return replace(options, rule=rule, windows=windows)
