"""A query that counts in real time, while it runs: what is done after each checkpoint."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from producer.common.signals import StopSignal
from streaming.kafka.lag import Lag
from streaming.kafka.topic_watch import TopicWatch
from streaming.realtime.failure import first_failure
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

    from streaming.losses.topic_losses import TopicLosses


class RunningQuery:
    """A query in real time and what runs next to it.

    Args:
        spark: its session.
        query: the query.
        state: its state folder.
        losses: notes what the brokers hold when a checkpoint is committed.
        lag: says if the query falls behind its topics.
        watches: watch the topics that it reads and writes.
        stop_signal: tells that the stream is to stop.
    """

    has_counted_all = False  #: topics have no end

    def __init__(
        self,
        spark: "SparkSession",
        query: "StreamingQuery",
        state: State,
        losses: "TopicLosses",
        lag: Lag,
        watches: Sequence[TopicWatch],
        stop_signal: StopSignal,
    ) -> None:
        self.query = query
        self._spark = spark
        self.stop_signal = stop_signal
        self._state = state
        self._watches = watches
        self._losses = losses
        self._lag = lag
        self._noted = last_commit(state.checkpoint)
        losses.expect(0 if self._noted is None else self._noted + 1)

    def poll(self) -> None:
        """Raise what went wrong, and note a checkpoint that was committed since the last poll."""
        self.check()
        committed = last_commit(self._state.checkpoint)
        if committed is not None and committed != self._noted:
            if self._noted is None:
                self._state.note_batch()
            self._noted = committed
            self._lag.note(time.monotonic(), self._losses.note(committed))
            self._losses.expect(committed + 1)

    def check(self) -> None:
        """Raise what went wrong in a watch or in Spark: a cause before its effect."""
        for watch in self._watches:
            if watch.error is not None:
                raise watch.error
        if not self.query.isActive and (error := first_failure(self._spark, self.query)) is not None:
            raise error

    def end(self) -> None:
        """End the query at once."""
        for watch in self._watches:
            watch.stop()
        self.query.stop()
