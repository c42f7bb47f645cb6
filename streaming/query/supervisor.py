"""A stream while it runs: what is done at intervals, and how it ends."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from producer.common.progress import bytes_progress
from producer.common.signals import StopSignal
from streaming.kafka.topic_watch import TopicWatch
from streaming.live_view.screen import Screen
from streaming.query.batch_writer import BatchWriter
from streaming.query.spool import SpoolFeeder
from streaming.realtime.running import RunningQuery as RealTimeQuery
from streaming.sinks.snapshots import Snapshots
from streaming.spark.metrics import HeapWatch, ended_without_reason, failure, never_falling
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

    from streaming.losses.topic_losses import TopicLosses

Say = Callable[[str], None]  #: shows a message to the user

#: The interval of polls. Each one asks Spark for its status, which takes 1.5 ms: at 50 ms that was 3 % of a core.
_POLL_SECONDS = 0.25
#: Spark is left to wait for this long.
_LEAST_SET_BACK_SECONDS = 2.0
#: The most time that the batch at hand gets to finish when the stream is stopped.
STOP_SECONDS = 120.0
#: After this time, a message says what a stop waits for.
LONG_STOP_SECONDS = 3.0


@dataclass(frozen=True)
class RunningQuery:
    """A query and everything that runs next to it."""

    query: "StreamingQuery"
    writer: BatchWriter
    feeder: SpoolFeeder | None
    watches: list[TopicWatch]
    screen: Screen | None
    snapshots: Snapshots
    stop_signal: StopSignal
    heap: HeapWatch | None = None
    measure: Callable[[Sequence[TopicWatch]], None] = lambda _: None

    def poll(self) -> None:
        """Do what is due: raise what went wrong, remove what is counted, write a snapshot."""
        self.check()
        if self.feeder is not None:
            self.feeder.remove_counted()
            self.feeder.release_windows()
        self.snapshots.write_if_due()
        if self.heap is not None:
            self.heap.poll()
        if self.writer.dropped is not None:
            self.writer.dropped.poll(self.query)
        self.measure(self.watches)

    def check(self) -> None:
        """Raise what went wrong in one of the parts or in Spark: a cause before its effect."""
        for part in (self.feeder, *self.watches, self.writer, self.screen):
            if part is not None and part.error is not None:
                raise part.error
        if not self.query.isActive:
            if (error := failure(self.query)) is not None:
                raise error
            if self.feeder is not None:
                raise ended_without_reason()

    def end(self) -> None:
        """End the query at once; another one takes its place."""
        for watch in self.watches:
            watch.stop()
        self.query.stop()
        self.writer.forget()

    @property
    def has_counted_all(self) -> bool:
        """Whether everything that was there is counted."""
        if self.feeder is None:
            return not self.query.isActive
        return self.feeder.has_ended and self.feeder.is_empty


#: A query that counts, in batches or in real time.
Stream = TypeVar("Stream", RunningQuery, RealTimeQuery)


class ClockSetBackError(Exception):
    """The clock was set back: Spark waits for the time of the next batch, or of the next checkpoint, by that clock."""


def count_on(stream: RunningQuery | RealTimeQuery, is_to_change: Callable[[], bool] = lambda: False) -> None:
    """Count until told to stop, or until a pipe has ended, or until another query is to take over.

    Raises:
        ClockSetBackError: another query must go on.
    """
    behind = time.monotonic() - time.time()
    while not stream.stop_signal and not stream.has_counted_all and not is_to_change():
        stream.poll()
        behind, was_behind = time.monotonic() - time.time(), behind
        if behind - was_behind > _LEAST_SET_BACK_SECONDS:
            raise ClockSetBackError
        stream.stop_signal.wait(_POLL_SECONDS)
    stream.check()  # a query that has failed between two polls is not at its end


def count_all(stream: RunningQuery, bytes_read: Callable[[], int]) -> None:
    """Count until told to stop, or until everything that was there is counted; show the progress meanwhile."""
    with bytes_progress("counting") as show:
        counted = never_falling(lambda: _counted_bytes(stream.feeder, bytes_read))
        while not stream.stop_signal and not stream.has_counted_all:
            stream.poll()
            if show is not None and stream.feeder is not None:
                found = stream.feeder.follower.bytes_found
                show(min(counted(), found), found)
            stream.stop_signal.wait(_POLL_SECONDS)
    stream.check()


def count_through_losses(
    stream: Stream,
    count: Callable[[Stream], None],
    losses: "TopicLosses | None",
    start_again: Callable[[Stream], Stream],
) -> Stream:
    """Count to the end; another query goes on where the clock is set back, or after losses if the user wants it.

    Args:
        stream: the stream, whose query runs.
        count: counts until told to stop, or until everything is counted.
        losses: the losses of the topics that are read; None if none are read.
        start_again: returns the stream with a new query.

    Returns:
        The stream with the query that has counted last.
    """
    while True:
        try:
            count(stream)
        except ClockSetBackError:
            stream.end()
            stream = start_again(stream)
        except Exception as error:
            if losses is None:
                raise
            if not losses.goes_on:
                losses.explain(error)
                raise
            stream.end()
            if not losses.go_on_after(error):
                raise
            stream = start_again(stream)
        else:
            return stream


def _counted_bytes(feeder: SpoolFeeder | None, bytes_read: Callable[[], int]) -> int:
    return 0 if feeder is None else max(0, feeder.follower.bytes_done - feeder.waiting_bytes + bytes_read())


def close_windows(stream: RunningQuery) -> None:
    """Wait until Spark has closed the windows that have ended, which it does in a batch without lines."""

    def wait() -> None:
        with contextlib.suppress(Exception):  # a poll raises it
            stream.query.processAllAvailable()

    waiting = threading.Thread(target=wait, daemon=True)
    if stream.feeder is not None and not stream.stop_signal:
        stream.poll()
        waiting.start()
    while waiting.is_alive() and not stream.stop_signal:
        stream.poll()
        stream.stop_signal.wait(_POLL_SECONDS)


def finish(stream: RunningQuery, state: State, say: Say, restart: Callable[[], "StreamingQuery"]) -> None:
    """Stop following, finish the batch at hand, and write the last snapshot.

    Args:
        stream: the stream; its query is stopped.
        state: its state folder.
        say: shows a message to the user.
        restart: starts the query again, to count the rest of standard input, which cannot be read again.
    """
    feeder = stream.feeder
    if feeder is not None:
        feeder.stop()
    finish_batch(stream, state, say)
    if feeder is not None:
        feeder.remove_counted()
        if feeder.is_piped and not feeder.is_empty:
            stream = replace(stream, query=restart())
            _count_rest(stream, feeder, state, say)
        if unfinished := feeder.follower.unfinished_message():
            say(unfinished)
    stream.snapshots.write_last(say if stream.stop_signal else None)
    if stream.writer.dropped is not None:
        stream.writer.dropped.poll(stream.query)
        stream.writer.dropped.report()


def finish_batch(stream: RunningQuery, state: State, say: Say) -> None:
    """Stop the query once the batch at hand is committed."""
    _stop_once(stream, lambda: _is_committed(stream, state), "the batch at hand is written", say)


def _count_rest(stream: RunningQuery, feeder: SpoolFeeder, state: State, say: Say) -> None:
    def is_done() -> bool:
        feeder.remove_counted()
        return feeder.is_empty and _is_committed(stream, state)

    _stop_once(stream, is_done, "what was read of standard input is counted", say)


def _is_committed(stream: RunningQuery, state: State) -> bool:
    """Return whether the batch at hand, if there is one, is committed, and what it has dropped is known."""
    writer = stream.writer
    if writer.batch is None:
        return True
    committed = last_commit(state.checkpoint)
    is_reported = writer.dropped is None or writer.dropped.has_seen(stream.query, writer.batch)
    return committed is not None and committed >= writer.batch and is_reported


def _stop_once(stream: RunningQuery, is_done: Callable[[], bool], what: str, say: Say) -> None:
    """Stop the query once something is done, or after STOP_SECONDS. The next run counts a batch that is cut off."""
    started = time.monotonic()
    has_said = False
    while stream.query.isActive and not is_done() and time.monotonic() - started < STOP_SECONDS:
        if not has_said and time.monotonic() - started > LONG_STOP_SECONDS:
            has_said = True
            say(
                f"stopping once {what}, in at most {STOP_SECONDS:g} s; stop again to stop at once"
                if stream.stop_signal or stream.has_counted_all
                else f"counting goes on in real time once {what}, in at most {STOP_SECONDS:g} s"
            )
        time.sleep(0.01)
    stream.check()
    stream.query.stop()
