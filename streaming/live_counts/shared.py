"""The counts of a running stream, shared by the thread of its batches and by those that show them."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from streaming.live_counts.counts import Counts
from streaming.spark.metrics import BatchTotals, PreviousBatch


class _Batch(NamedTuple):
    changed: Sequence[tuple[str, int]]
    totals: BatchTotals
    previous: PreviousBatch
    time: float
    number: int | None


class SharedCounts:
    """Counts that one thread updates and others read. The one that updates never waits for the others.

    Args:
        counts: the counts; nothing else uses them from now on.

    >>> from streaming.live_counts.counts import CountedBefore
    >>> shared = SharedCounts(Counts(CountedBefore(), now=0))
    >>> shared.update([("a", 1)], BatchTotals(1, 1, 1), PreviousBatch())
    >>> with shared.read() as counts:
    ...     counts.top.rows
    [('a', 1)]
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        self._waiting: deque[_Batch] = deque()  # batches that came while another thread read

    def update(
        self,
        changed: Sequence[tuple[str, int]],
        totals: BatchTotals,
        previous: PreviousBatch,
        number: int | None = None,
    ) -> None:
        """Take in a batch, as ``Counts.update`` does, or leave that to the next reader while there is one."""
        self._waiting.append(_Batch(changed, totals, previous, time.monotonic(), number))
        if self._lock.acquire(blocking=False):
            try:
                self._take_waiting()
            finally:
                self._lock.release()

    @contextmanager
    def read(self) -> Iterator[Counts]:
        """Lend the counts to this thread alone, with all batches taken in."""
        with self._lock:
            self._take_waiting()
            yield self._counts

    def _take_waiting(self) -> None:
        while self._waiting:
            self._counts.update(*self._waiting.popleft())
