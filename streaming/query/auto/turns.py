"""Count from topics to a topic in real time, or in turns: in real time, and in batches while that falls behind."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from producer.common.signals import StopSignal
from streaming.kafka.topic_watch import TopicWatch
from streaming.losses.watching import losses_in_batches
from streaming.query.auto.consumers import Consumers
from streaming.query.auto.pace import Look, Pace
from streaming.query.batch_writer import BatchWriter
from streaming.query.options import StreamOptions
from streaming.query.streaming_query import start_query
from streaming.query.supervisor import RunningQuery, Say, count_on, count_through_losses, finish_batch
from streaming.query.watching.views import Views
from streaming.query.watching.vitals import VitalsGauge
from streaming.realtime.query import start_query as start_in_real_time
from streaming.realtime.running import RunningQuery as RealTimeQuery
from streaming.sinks.snapshots import Snapshots
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from streaming.kafka.topics import KafkaTopics
    from streaming.losses.topic_losses import TopicLosses
    from streaming.sources.topics import Topics

#: How often what waits is looked at.
_LOOK_SECONDS = 1.0


@dataclass
class Turns:
    """A stream that counts in real time, and with ``auto`` in batches while real time falls behind.

    Both modes go on from one checkpoint, one after the other. What real time has counted since its last checkpoint is
    counted again by the first batch, from the counts of that checkpoint; batches leave nothing to count again.

    Attributes:
        spark: the session of the queries, with the settings of ``real_time_settings``.
        options: the options of the stream.
        state: its state folder.
        losses: finds what the topics lose while they are counted in real time.
        watch: starts to watch the topics, and to look for losses.
        fill: writes all counts to the output topic if that does not have them.
        snapshots: reads the counts.
        stop_signal: tells that the stream is to stop.
        say: shows a message to the user.
        gauge: measures the stream; None if it is not measured.
    """

    spark: "SparkSession"
    options: StreamOptions
    state: State
    losses: "TopicLosses"
    watch: Callable[["TopicLosses"], list[TopicWatch]]
    fill: Callable[[], None]
    snapshots: Snapshots
    stop_signal: StopSignal
    say: Say
    gauge: VitalsGauge | None

    def count(self) -> bool:
        """Count until told to stop, and return whether real time was the last mode."""
        self._pace = Pace(time.monotonic())
        while True:
            self._count_in_real_time()
            if self.stop_signal:
                return True
            self.say(f"real time falls behind at {self._pace.held:,.0f} records a second; counting goes on in batches")
            has_counted = self._count_in_batches()
            if self.stop_signal:
                return not has_counted
            self.losses.settle()
            self.say(f"{self._pace.arriving:,.0f} records a second arrive; counting goes on in real time")

    def _count_in_real_time(self) -> None:
        def start(ended: RealTimeQuery | None = None) -> RealTimeQuery:
            self._note_start(self.losses, is_restart=ended is not None)
            self.fill()
            self._look_anew()
            source, topic = cast("Topics", self.options.source), cast("KafkaTopics", self.options.topic)
            query = start_in_real_time(
                self.spark, source, self.options.rule, topic, self.state, interval=self.options.trigger
            )
            watches = self.watch(self.losses)
            return RealTimeQuery(self.spark, query, self.state, watches, self.stop_signal, self._measure)

        count = partial(count_on, is_to_change=lambda: self.options.auto and self._finds(self._pace.falls_behind))
        count_through_losses(start(), count, self.losses, start).end()

    def _count_in_batches(self) -> bool:
        """Count in batches until told to stop or the rate is low; return whether there was one."""
        options = replace(self.options, real_time=False, trigger=0.0)
        with losses_in_batches(self.losses, self.state, self.say) as losses:
            writer = BatchWriter(self.spark, options, self.state, Views(), self.say, losses)

            def start(ended: RunningQuery | None = None) -> RunningQuery:
                self._note_start(losses, is_restart=ended is not None)
                self.fill()
                self._look_anew()
                query = start_query(self.spark, options, self.state, writer, options.trigger)
                return RunningQuery(
                    query, writer, None, self.watch(losses), None, self.snapshots, self.stop_signal,
                    measure=self._measure,
                )  # fmt: skip

            def count(stream: RunningQuery) -> None:
                count_on(stream, lambda: self._finds(self._pace.has_calmed))
                finish_batch(stream, self.state, self.say)

            count_through_losses(start(), count, losses, start).end()
        return writer.batch is not None

    def _note_start(self, losses: "TopicLosses", *, is_restart: bool) -> None:
        """Let what is measured be that of the query that is about to start."""
        if self.gauge is not None:
            self.gauge.losses = losses
            self.gauge.restarts += is_restart

    def _measure(self, watches: Sequence[TopicWatch]) -> None:
        if self.gauge is not None:
            self.gauge.poll(watches, None)

    def _look_anew(self) -> None:
        """Forget what was seen of a query that has ended; another one is about to start."""
        self._consumers = Consumers(self.spark)
        self._pace.change()
        self._next_look = 0.0

    def _finds(self, judge: Callable[[float, Look], bool]) -> bool:
        """Look at the consumers if it is time to, and return what the judge says."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        return judge(now, self._consumers.look())
