"""What is measured of a running stream every second, for its metrics and its health."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streaming.query.spool import SpoolFeeder
from streaming.serving.status import Status, Vitals
from streaming.state.checkpoint import last_batch, last_commit
from streaming.state.folder import State
from streaming.windows.dropped_lines import DroppedLines

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from streaming.kafka.topic_watch import TopicWatch
    from streaming.losses.topic_losses import TopicLosses
    from streaming.losses.waiting import Looked

_SECONDS = 1.0
#: The size of the state takes a walk through its files, and the use of memory two calls of Java.
_SIZE_SECONDS, _HEAP_SECONDS = 30.0, 5.0


class VitalsGauge:
    """Measures a stream, and notes what it has measured where the page finds it.

    Args:
        status: where it is noted.
        state: the state folder of the stream.
        heap: returns how much of Java's memory is in use, and how much there may be, in bytes.
        feeder: what follows files; None if Spark reads the source itself.
        losses: knows how far the topics are read; None if none are read.

    Attributes:
        losses: as above; another one may take over.
        restarts: how often the query was started again.
    """

    def __init__(
        self,
        status: Status,
        state: State,
        heap: Callable[[], tuple[int, int]],
        feeder: SpoolFeeder | None,
        losses: "TopicLosses | None",
    ) -> None:
        self._status = status
        self._state = state
        self._feeder = feeder
        self.losses = losses
        self._heap = heap
        self._next = self._size_due = self._heap_due = 0.0
        self._size, self._used = 0, (0, 0)
        self._committed: int | None = None
        self._committed_at = time.monotonic()
        self._begun_at: float | None = None
        self._topics_wait_since: float | None = None
        self.restarts = 0

    def poll(self, watches: "Sequence[TopicWatch]", dropped: DroppedLines | None) -> None:
        """Measure, if it is time to.

        Args:
            watches: watch the topics that are read or written.
            dropped: counts what no window counts; None if there are no windows.
        """
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _SECONDS
        if now >= self._size_due:
            self._size, self._size_due = folder_size(self._state.folder), now + _SIZE_SECONDS
        if now >= self._heap_due:
            self._used, self._heap_due = self._heap(), now + _HEAP_SECONDS
        waiting_since = self._waiting_since(now)
        feeder = self._feeder
        self._status.vitals = Vitals(
            measured_at=now,
            committed_at=self._committed_at,
            bytes_read=None if feeder is None or feeder.is_piped else feeder.follower.bytes_done,
            bytes_counted=None if feeder is None else feeder.counted_bytes,
            unreadable_files=None if feeder is None else feeder.unreadable,
            records_behind={} if self.losses is None else self.losses.behind,
            late_words=None if dropped is None else dropped.late,
            untimed_lines=None if dropped is None else dropped.untimed,
            restarts=self.restarts,
            state_bytes=self._size,
            heap_bytes=self._used[0],
            heap_limit=self._used[1],
            free_bytes=shutil.disk_usage(self._state.folder).free,
            waiting_since=waiting_since,
            away=next((watch.away for watch in watches if watch.away is not None), None),
        )

    def _waiting_since(self, now: float) -> float | None:
        """Return since when something has waited to be counted; note the last commit on the way."""
        checkpoint = self._state.checkpoint
        committed = last_commit(checkpoint)
        if committed != self._committed:
            self._committed, self._committed_at = committed, now
            self._topics_wait_since = None
        if last_batch(checkpoint) == committed:  # no batch is at hand
            self._begun_at = None
        elif self._begun_at is None:
            self._begun_at = now
        lag = 0.0 if self._feeder is None else self._feeder.lag
        if lag:
            return now - lag
        return self._begun_at if self.losses is None else self._topics_waiting_since(self.losses.looked)

    def _topics_waiting_since(self, looked: "Looked") -> float | None:
        """Return since when records wait: Spark may hang before it plans a batch, and in real time plans it at its end.

        A look from before the last commit does not say what waits after it.
        """
        if not looked.has_waiting:
            self._topics_wait_since = None
        elif self._topics_wait_since is None and looked.at > self._committed_at:
            self._topics_wait_since = looked.at
        return self._topics_wait_since


def folder_size(folder: Path) -> int:
    """Return the size of the files in a folder, in bytes. Files come and go meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:
                continue
    return size


def heap_reader(session: "SparkSession") -> Callable[[], tuple[int, int]]:
    """Return a function that returns how much of Java's memory is in use, and how much there may be, in bytes."""
    java: Any = session.sparkContext._jvm  # noqa: SLF001  # pyspark has no other way
    memory = java.java.lang.management.ManagementFactory.getMemoryMXBean()

    def read() -> tuple[int, int]:
        usage = memory.getHeapMemoryUsage()
        return int(usage.getUsed()), int(usage.getMax())

    return read
