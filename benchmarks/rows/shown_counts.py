"""Counts as those who show them get them from a stream: for some minutes, and then batch by batch."""

import time
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.spark.metrics import BatchTotals, PreviousBatch

BATCHES, WORDS = 4, 1000  #: batches per second, and words in each
_MINUTES = 5  #: what was counted before


class ShownCounts:
    """The counts of a text, and what shows them.

    Args:
        text: the text, whose words come again and again.
        keeps_hour: keep the counts of each minute, as for a page.

    Attributes:
        shared: the counts.
    """

    def __init__(self, text: Path, *, keeps_hour: bool) -> None:
        self._words = cycle(text.read_text("utf-8").split(" "))
        self._counts = Counter[str]()
        first = time.monotonic() - _MINUTES * 60
        counted = Counts(CountedBefore(), first, keeps_hour=keeps_hour)
        for number in range(_MINUTES * 60 * BATCHES):
            counted.update(*self._next_batch(), first + number / BATCHES)
        self.shared = SharedCounts(counted)

    def _next_batch(self) -> tuple[list[tuple[str, int]], BatchTotals, PreviousBatch]:
        batch = Counter(islice(self._words, WORDS))
        self._counts.update(batch)
        changed = [(word, self._counts[word]) for word in batch]
        return changed, BatchTotals(WORDS // 10, WORDS, len(self._counts)), PreviousBatch(1 / BATCHES)

    def share_of_a_core(self, thread: int, seconds: float) -> float:
        """Go on for some seconds, and return the share of a core that the thread of this ``ident`` takes meanwhile."""
        clock = time.pthread_getcpuclockid(thread)
        begin, before = time.monotonic(), time.clock_gettime(clock)
        batches = 0
        while time.monotonic() < begin + seconds:
            batches += 1
            self.shared.update(*self._next_batch())
            time.sleep(max(0.0, begin + batches / BATCHES - time.monotonic()))
        return (time.clock_gettime(clock) - before) / (time.monotonic() - begin)
