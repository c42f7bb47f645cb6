"""What a stream has counted, before this run and in it. Pure: it is given the time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streaming.live_counts.hour import Hour
from streaming.live_counts.trends import Trends
from streaming.spark.metrics import BatchTotals, PreviousBatch

_RATE_SECONDS = 10.0
#: How many of the most frequent words are known exactly at least: more than a terminal has rows.
KEPT_ROWS = 500


class TopWords:
    """The ``size`` words with the highest counts, exactly.

    As counts only grow, the words that were at the top before and the changed ones suffice.

    >>> top = TopWords(2)
    >>> top.update([("a", 1), ("b", 3), ("c", 2)])
    >>> top.update([("a", 4)])
    >>> top.rows
    [('a', 4), ('b', 3)]
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.rows: list[tuple[str, int]] = []

    def update(self, changed: Sequence[tuple[str, int]]) -> None:
        """Take in the words whose count changed, each with its new count."""
        counts = dict(self.rows)
        counts.update(changed)
        self.rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[: self._size]


class CountedBefore(NamedTuple):
    """What was counted before this run.

    Attributes:
        most_frequent: the words with the highest counts, the highest first.
        words: how many words were counted in all.
        distinct: how many of them are distinct.
    """

    most_frequent: Mapping[str, int] = {}
    words: int = 0
    distinct: int = 0


class Progress(NamedTuple):
    """How far the stream is: the files it follows, and for how many seconds a line has waited to be counted."""

    files: int | None = None
    lag: float | None = None


class Rates(NamedTuple):
    """How many lines and words are counted each second."""

    lines: float
    words: float


class Durations:
    """How many batches took how long.

    Attributes:
        up_to: for each bound in seconds, how many took at most so long.
        number: how many there were.
        seconds: how long all of them took.

    >>> durations = Durations()
    >>> durations.note(0.3)
    >>> durations.up_to[0.25], durations.up_to[0.5], durations.number
    (0, 1, 1)
    """

    def __init__(self) -> None:
        self.up_to = dict.fromkeys((0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0), 0)
        self.number = 0
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        """Take in a batch."""
        self.number += 1
        self.seconds += seconds
        for bound in self.up_to:
            self.up_to[bound] += seconds <= bound


class Counts:
    """What a stream has counted, before this run and in it.

    Args:
        before: what was counted before this run.
        now: the time in seconds.
        most_rows: how many of the most frequent words are to be known exactly, if more than ``KEPT_ROWS``.
        keeps_hour: also keep what came in each minute of the last hour.

    Attributes:
        top: the most frequent words.
        trends: how words come over time.
        words_before: how many words were counted before this run.
        lines: how many lines were counted in this run.
        words: how many words were counted in this run.
        distinct: how many distinct words there are.
        previous: what is known of the last batch but one.
        batches: how many batches were counted in this run.
        durations: how long the batches took, without the last one.
    """

    def __init__(
        self, before: CountedBefore, now: float, most_rows: int | None = None, *, keeps_hour: bool = False
    ) -> None:
        self.top = TopWords(max(most_rows or 0, KEPT_ROWS))
        self.top.update(list(before.most_frequent.items()))
        is_complete = before.distinct == len(before.most_frequent)
        self.trends = Trends(before.most_frequent, is_complete=is_complete, keeps_hour=keeps_hour)
        self.words_before = before.words
        self.distinct = before.distinct
        self.words = self.lines = self.batches = 0
        self.previous = PreviousBatch()
        self.durations = Durations()
        self._kept: frozenset[str] = frozenset()
        self._last: tuple[int | None, BatchTotals] = None, BatchTotals(0, 0, 0)  # the last batch
        self._totals_by_minute = Hour()
        self._totals_over_time: list[tuple[float, int, int]] = [(now, 0, 0)]  # time, lines and words at each look

    def update(
        self,
        changed: Sequence[tuple[str, int]],
        totals: BatchTotals,
        previous: PreviousBatch,
        now: float,
        number: int | None = None,
    ) -> None:
        """Take in a batch.

        Args:
            changed: the words whose count changed, each with its new count.
            totals: the totals of the batch.
            previous: what is known of the batch before it.
            now: the time in seconds.
            number: the number of the batch. One that comes again, as it was not committed, replaces the first.
        """
        self.top.update(changed)
        self.trends.update(changed, now, keep=[*(word for word, _ in self.top.rows), *self._kept])
        last_number, last_totals = self._last
        is_again = number is not None and number == last_number
        before = last_totals if is_again else BatchTotals(0, 0, 0)
        self._last = number, totals
        lines, words = totals.lines - before.lines, totals.words - before.words
        self.lines += lines
        self.words += words
        self._totals_by_minute.add({"lines": lines, "words": words}, now)
        self.distinct = totals.distinct
        self.previous = previous
        if previous.seconds is not None:
            self.durations.note(previous.seconds)
        self.batches += not is_again

    def keep(self, words: Iterable[str]) -> None:
        """Keep the trends of these words from now on, and of no others that come as rarely."""
        self._kept = frozenset(words)

    def look(self, now: float) -> None:
        """Note the totals, which rates are made from. Call it several times a second."""
        self._totals_over_time.append((now, self.lines, self.words))
        while now - self._totals_over_time[0][0] > _RATE_SECONDS:
            del self._totals_over_time[0]

    def rates(self, now: float) -> Rates:
        """Return how many lines and words were counted each second, in the last ten seconds."""
        then, lines, words = self._totals_over_time[0]
        seconds = max(now - then, 0.25)
        return Rates((self.lines - lines) / seconds, (self.words - words) / seconds)

    def hour(self, now: float) -> tuple[list[int], list[int]]:
        """Return how many lines, and how many words, were counted in each minute of the last hour, the latest last."""
        return self._totals_by_minute.sums("lines", now), self._totals_by_minute.sums("words", now)
