"""A query that counts in real time, while it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from producer.common.signals import StopSignal
from streaming.kafka.topic_watch import TopicWatch
from streaming.realtime.failure import first_failure
from streaming.spark.metrics import ended_without_reason
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery


@dataclass
class RunningQuery:
    """A query in real time and what runs next to it.

    Attributes:
        spark: its session.
        query: the query.
        state: its state folder.
        watches: watch the topics that it reads and writes, and look for losses.
        stop_signal: tells that the stream is to stop.
        measure: called at each poll, with the watches.
    """

    spark: "SparkSession"
    query: "StreamingQuery"
    state: State
    watches: Sequence[TopicWatch]
    stop_signal: StopSignal
    measure: Callable[[Sequence[TopicWatch]], None] = lambda _: None
    has_batch: bool = False  #: a checkpoint was committed, in this run or before

    has_counted_all = False  #: topics have no end

    def poll(self) -> None:
        """Raise what went wrong, and note that there is a checkpoint."""
        self.check()
        self._note_batch()
        self.measure(self.watches)

    def check(self) -> None:
        """Raise what went wrong in a watch or in Spark: a cause before its effect."""
        for watch in self.watches:
            if watch.error is not None:
                raise watch.error
        if not self.query.isActive:
            raise first_failure(self.spark, self.query) or ended_without_reason()

    def end(self) -> None:
        """End the query at once, and note that there is a checkpoint."""
        for watch in self.watches:
            watch.stop()
        self.query.stop()
        self._note_batch()

    def _note_batch(self) -> None:
        if not self.has_batch and last_commit(self.state.checkpoint) is not None:
            self.state.note_batch()
            self.has_batch = True
