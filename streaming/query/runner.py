"""Run a stream: start what runs next to its query, and count until it is stopped or has counted everything."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from producer.common.signals import StopSignal
from streaming.counting.pattern_check import checked_rule, checked_windows
from streaming.kafka.topic_watch import TopicWatch
from streaming.live_view.canvas import is_usable
from streaming.live_view.messages import Messages
from streaming.live_view.model import CountedBefore, Model, Progress
from streaming.live_view.screen import Screen, counted_before
from streaming.losses.watching import open_losses, start_watches
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
from streaming.realtime.query import start_query as start_in_real_time
from streaming.realtime.running import RunningQuery as RealTimeQuery
from streaming.sinks.snapshots import Snapshots
from streaming.sinks.stdout import print_all
from streaming.spark.metrics import BytesRead
from streaming.spark.session import Jvm
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from streaming.kafka.topics import KafkaTopics
    from streaming.losses.topic_losses import TopicLosses

Show = Callable[["DataFrame", int | None], None]  #: shows counts, at most as many words as the number


class Outcome(NamedTuple):
    """How a stream has ended.

    Attributes:
        status: 1 if something that is there could not be counted, else 0.
        is_stopped: it was told to stop.
        has_counted_all: everything that was there is counted.
    """

    status: int
    is_stopped: bool
    has_counted_all: bool = False


_STOPPED = Outcome(0, is_stopped=True)


def run(options: StreamOptions, state: State, jvm: Jvm, say: Say, show: Show = print_all) -> Outcome:
    """Count until told to stop, or with ``once`` until everything there is counted.

    Args:
        options: the options of the stream.
        state: the state folder, locked by this process.
        jvm: Spark, which may still be starting.
        say: shows a message to the user.
        show: shows the totals of ``once``, and the windows that are open at the end.

    Raises:
        WordCountError: what went wrong; the same command continues where this one ended.
    """
    messages, topics = Messages(say), options.source.topics
    with contextlib.ExitStack() as stack:
        try:
            options = _checked(options, jvm)
        except (KeyboardInterrupt, SystemExit):
            return _STOPPED  # there is no batch to finish yet
        state.begin()
        feeder = start_feeder(state, options, messages, stack)
        losses = open_losses(topics, state, messages, stack, goes_on=options.goes_on, real_time=options.real_time)
        prepare_folder(options, state)
        try:
            spark = jvm.session()
        except (KeyboardInterrupt, SystemExit):
            return _STOPPED
        # Only now: pyspark sets signal handlers of its own when it starts.
        stopping = stack.enter_context(StopSignal(restore=messages.close_screen))
        if not decide_partitions(spark, options, state, stopping, messages):
            return _STOPPED
        snapshots = _snapshots(spark, options, state)
        if (screen := _screen(options, state, snapshots, feeder, messages)) is not None:
            messages.screen = stack.enter_context(screen)
        (fill := partial(fill_topic, options, state, snapshots, messages))()
        watch = partial(start_watches, losses, options.topic, messages, stack)
        if options.real_time:
            _count_in_real_time(spark, options, state, losses, watch, fill, stopping)
            return _STOPPED
        writer = BatchWriter(spark, options, state, messages.screen, messages, losses)
        begin = partial(start_query, spark, options, state, writer)
        running = RunningQuery(begin(options.trigger), writer, feeder, watch(), messages.screen, snapshots, stopping)

        def start_again(ended: RunningQuery) -> RunningQuery:
            return replace(ended, query=begin(options.trigger), watches=watch())

        count = (lambda stream: count_all(stream, BytesRead(spark))) if options.once else count_on
        running = count_through_losses(running, count, losses, start_again)
        has_counted_all = running.has_counted_all
        if options.windows is not None:
            close_windows(running)
        # A trigger of 0: the next batch of --trigger may be hours away.
        finish(running, state, messages, lambda: begin(trigger=0.0))
        is_stopped = bool(stopping)  # all is counted by now, whatever stops the printing
        # No later line closes the windows that are open where the source ends.
        if not is_stopped and (options.once or options.windows is not None):
            snapshots.show(show, options.top)
        status = _report_uncounted(feeder, losses, say) if options.once else 0
        return Outcome(status, is_stopped, has_counted_all)


def _count_in_real_time(
    spark: "SparkSession",
    options: StreamOptions,
    state: State,
    losses: "TopicLosses | None",
    watch: Callable[[], list[TopicWatch]],
    fill: Callable[[], None],
    stop_signal: StopSignal,
) -> None:
    """Count in real time until told to stop."""
    topic = cast("KafkaTopics", options.topic)  # without one, real time is refused

    def start() -> RealTimeQuery:
        query = start_in_real_time(spark, options.source, options.rule, topic, state, options.trigger)
        return RealTimeQuery(spark, query, state, watch(), stop_signal)

    def start_again(_: RealTimeQuery) -> RealTimeQuery:
        fill()
        return start()

    count_through_losses(start(), count_on, losses, start_again).end()


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


def _checked(options: StreamOptions, jvm: Jvm) -> StreamOptions:
    """Return the options with their patterns checked by Java."""
    windows = options.windows and checked_windows(jvm.session, options.windows)
    return replace(options, rule=checked_rule(jvm.session, options.rule), windows=windows)


def _screen(
    options: StreamOptions, state: State, snapshots: Snapshots, feeder: SpoolFeeder | None, messages: Messages
) -> Screen | None:
    """Return the live view, which shows the counts of earlier runs first; None if there is none."""
    if not is_usable() or options.once or options.windows is not None:
        return None
    if options.real_time:
        messages("no live view in real time; 'wordcount top' shows the counts of the last checkpoint")
        return None
    before = counted_before(snapshots.counts()) if state.resumed else CountedBefore()
    model = Model(before, time.monotonic(), options.top)
    return Screen(model, options.top, messages.say, lambda: _progress(feeder), messages.last)


def _progress(feeder: SpoolFeeder | None) -> Progress:
    return Progress() if feeder is None else Progress(feeder.follower.files, feeder.lag)
