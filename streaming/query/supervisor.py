"""A stream while it runs: what is looked after, and how it ends."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from producer.common.errors import WordCountError
from producer.common.progress import bytes_progress
from producer.common.signals import StopSignal
from producer.follower import unfinished_message
from streaming.kafka.topic_watch import TopicWatch
from streaming.live_view.screen import Screen
from streaming.query.batch_writer import BatchWriter
from streaming.query.spool import SpoolFeeder
from streaming.sinks.snapshots import Snapshots
from streaming.spark.progress import BytesRead
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

Tell = Callable[[str], None]  #: shows a message to the person at the terminal

#: What is due is looked for so often; each time asks Spark how it is, 1.5 ms: at 50 ms that was 3 % of a core.
_TICK_SECONDS = 0.25
#: How long a batch that is being counted when the stream is told to stop may take to be finished.
_STOP_SECONDS = 120.0
#: After how long that is worth a word.
_LONG_STOP_SECONDS = 3.0


class RunningQuery(NamedTuple):
    """The parts of a stream that the loops look after."""

    query: "StreamingQuery"
    sink: BatchWriter
    feed: SpoolFeeder | None
    watches: list[TopicWatch]
    screen: Screen | None
    snapshots: Snapshots
    stopping: StopSignal

    def look_after(self) -> None:
        """Do what is due: raise what went wrong, remove what is counted, write a snapshot."""
        self.check()
        if self.feed is not None:
            self.feed.remove_counted()
            self.feed.release()
        self.snapshots.write_if_due()
        if self.sink.left_out is not None:
            self.sink.left_out.look(self.query)

    def check(self) -> None:
        """Raise what went wrong in the follower, topics, the sink, the screen or Spark: the cause before the effect."""
        for part in (self.feed, *self.watches, self.sink, self.screen):
            if part is not None and part.error is not None:
                raise part.error
        if not self.query.isActive:
            failure = self.query.exception()
            if failure is not None:
                raise failure
            if self.feed is not None:
                raise WordCountError("Spark ended the query without a reason; --debug shows its log")

    def has_counted_all(self) -> bool:
        """Tell whether all that was there is counted."""
        if self.feed is None:
            return not self.query.isActive
        return self.feed.ended and self.feed.empty()


def count_on(running: RunningQuery) -> None:
    """Count until told to stop, or a pipe has ended."""
    while not running.stopping and not running.has_counted_all():
        running.look_after()
        running.stopping.wait(_TICK_SECONDS)


def count_all(running: RunningQuery, bytes_read: BytesRead) -> None:
    """Count until told to stop, or all that was there is counted; show how far it is."""
    with bytes_progress("counting") as show:
        while not running.stopping and not running.has_counted_all():
            running.look_after()
            if show is not None and running.feed is not None:
                follower = running.feed.follower
                counted = follower.bytes_done - running.feed.waiting_bytes + bytes_read()
                show(max(0, min(counted, follower.bytes_found)), follower.bytes_found)
            running.stopping.wait(_TICK_SECONDS)
    running.check()


def close_windows(running: RunningQuery) -> None:
    """Wait until the windows are closed that end with the lines there were: Spark makes a batch of its own of that."""

    def wait() -> None:
        with contextlib.suppress(Exception):  # which is told where the query is looked after
            running.query.processAllAvailable()

    waiting = threading.Thread(target=wait, daemon=True)
    if running.feed is not None and not running.stopping:
        running.look_after()
        waiting.start()
    while waiting.is_alive() and not running.stopping:
        running.look_after()
        running.stopping.wait(_TICK_SECONDS)


def finish(running: RunningQuery, state: State, tell: Tell, start: Callable[[], "StreamingQuery"]) -> None:
    """Follow no more, finish the batch at hand, and write the last snapshot.

    What was read of standard input is counted, too, by a query that ``start`` returns: it cannot be read again.
    """
    feed = running.feed
    if feed is not None:
        feed.stop()
    _finish_batch(running, state, tell)
    if feed is not None:
        feed.remove_counted()
        if feed.piped and not feed.empty():
            running = running._replace(query=start())
            _count_rest(running, feed, state, tell)
        if unfinished := feed.follower.unfinished():
            tell(unfinished_message(unfinished))
    running.snapshots.write()
    if running.sink.left_out is not None:
        running.sink.left_out.look(running.query)
        running.sink.left_out.tell()


def _finish_batch(running: RunningQuery, state: State, tell: Tell) -> None:
    _stop_once(running, lambda: _is_committed(running, state), "the batch at hand is written", tell)


def _count_rest(running: RunningQuery, feed: SpoolFeeder, state: State, tell: Tell) -> None:
    def is_done() -> bool:
        feed.remove_counted()
        return feed.empty() and _is_committed(running, state)

    _stop_once(running, is_done, "what was read of standard input is counted", tell)


def _is_committed(running: RunningQuery, state: State) -> bool:
    """Tell whether the batch at hand, if there is one, is committed, and what it has left out is known."""
    sink = running.sink
    if sink.batch is None:
        return True
    committed = last_commit(state.checkpoint)
    told = sink.left_out is None or sink.left_out.has_seen(running.query, sink.batch)
    return committed is not None and committed >= sink.batch and told


def _stop_once(running: RunningQuery, is_done: Callable[[], bool], what: str, tell: Tell) -> None:
    """Wait, with a bound, until something is done, then stop the query. What that cuts is counted again."""
    started = time.monotonic()
    said = False
    while running.query.isActive and not is_done() and time.monotonic() - started < _STOP_SECONDS:
        if not said and time.monotonic() - started > _LONG_STOP_SECONDS:
            said = True
            tell(f"stopping once {what}, at most {_STOP_SECONDS:g} s; the same again stops it now")
        time.sleep(0.01)
    running.check()
    running.query.stop()
