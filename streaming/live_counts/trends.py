"""How words come over time: rates, new words and rising words. Pure: it is given the time, in seconds."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from copy import copy

from streaming.live_counts.hour import PART_SECONDS, Hour

#: Time is divided into buckets of this length. The buckets of five minutes are kept.
_BUCKET_SECONDS = 5.0
_BUCKETS = 60
_RATE_BUCKETS = 2
_MINUTE_BUCKETS = 12
#: The most words that a finished bucket keeps: those that came most often.
BUCKET_WORDS = 5_000
#: The most new words that are kept from one bucket to the next: those with the highest counts. Each line may bring one.
NEW_WORDS = 1_000
#: The most words whose count is kept. Beyond it, a word that is not among them may have come before, so none is new.
KNOWN_WORDS = 500_000
#: A word rises if it came this many times as often in the last minute as before, and at least ``_RISE_COUNT`` times.
_RISE = 2.0
_RISE_COUNT = 10
_NOTHING: Mapping[str, int] = {}


class Trends:
    """What came in the last five minutes. Time begins with the first batch, which may hold a backlog.

    Args:
        counts: the words that were counted before, with their counts.
        is_complete: these are all the words that were counted before.
        keeps_hour: also keep what came in each minute of the last hour.

    >>> trends = Trends({"a": 5}, is_complete=True)
    >>> trends.update([("a", 20), ("b", 1)], 1)
    >>> trends.last_minute("a", 2), trends.new_words(2, 5)
    (15, ['b'])
    """

    def __init__(self, counts: Mapping[str, int], *, is_complete: bool, keeps_hour: bool = False) -> None:
        self.counts = dict(counts)
        self.is_complete = is_complete  #: a word that is not in ``counts`` was never counted
        self.is_uneven = False  #: updates are too far apart to tell which words rise
        self._hour = Hour() if keeps_hour else None
        self._started = math.inf  # when the first batch came
        self._backlog: tuple[int, Counter[str]] = 0, Counter()  # the bucket of that batch, and what it brought
        # At the very beginning every word would be new.
        self._new_words_from = 0.0 if counts else math.inf
        self._buckets: dict[int, Counter[str]] = {}
        self._current: int | None = None  # the number of the bucket that is being filled
        # The sum of the buckets before the last minute. Adding them up for each frame took half of its time.
        self._before_last_minute = Counter[str]()
        self._first_seen: dict[str, float] = {}  # when each new word came first, the oldest first

    def copy(self) -> "Trends":
        """Return a copy that later updates do not change."""
        other = copy(self)
        other.counts = dict(self.counts)
        other._buckets = {number: Counter(bucket) for number, bucket in self._buckets.items()}  # noqa: SLF001  # its own
        other._before_last_minute = Counter(self._before_last_minute)  # noqa: SLF001  # as above
        other._first_seen = dict(self._first_seen)  # noqa: SLF001  # as above
        return other

    def is_too_early(self, now: float) -> bool:
        """Return whether it is too early to call a word new."""
        return now < self._new_words_from

    def update(self, changed: Iterable[tuple[str, int]], now: float, keep: Iterable[str] = ()) -> None:
        """Take in a batch.

        Args:
            changed: the words whose count changed, each with its new count.
            now: the time.
            keep: words that are kept in any case, such as those of the table, however rarely they came.
        """
        is_first = self._started == math.inf
        if is_first:
            self._started = now
            self._new_words_from = min(self._new_words_from, now + _MINUTE_BUCKETS * _BUCKET_SECONDS)
        keep = frozenset(keep)
        number = int(now // _BUCKET_SECONDS)
        if number not in self._buckets:
            self._start_bucket(number, keep)
        bucket = self._buckets[number]
        for word, count in changed:
            before = self.counts.get(word)
            if before is None:
                before = self._count_before(word, count, now)
            if word in self.counts or len(self.counts) < KNOWN_WORDS or word in keep:
                self.counts[word] = count
            if count > before:  # a batch that is counted again brings nothing
                bucket[word] += count - before
        if is_first:
            self._backlog = number, Counter(bucket)
        for word in list(self._first_seen):
            if self._first_seen[word] > now - _MINUTE_BUCKETS * _BUCKET_SECONDS:
                break
            del self._first_seen[word]

    def keep_only(self, words: AbstractSet[str]) -> None:
        """Forget the counts of all other words, which may have come since."""
        self.counts = {word: count for word, count in self.counts.items() if word in words}
        self.is_complete = False

    def _count_before(self, word: str, count: int, now: float) -> int:
        """Return the count that an unknown word had before this batch: none if it is new."""
        if not self.is_complete:
            return count  # it may have come before
        if now >= self._new_words_from:
            self._first_seen[word] = now
        self.is_complete = len(self.counts) < KNOWN_WORDS
        return 0

    def _start_bucket(self, number: int, keep: AbstractSet[str]) -> None:
        if self._current is not None:
            if self._hour is not None:
                self._hour.add(self._buckets[self._current], self._current * _BUCKET_SECONDS, keep)
            if len(bucket := self._buckets[self._current]) > BUCKET_WORDS:
                most = dict(bucket.most_common(BUCKET_WORDS))
                self._buckets[self._current] = Counter(most | {word: bucket[word] for word in keep if word in bucket})
            for older in range(self._current - _MINUTE_BUCKETS + 1, number - _MINUTE_BUCKETS + 1):
                self._before_last_minute.update(self._without_backlog(older))
            for oldest in range(self._current - _BUCKETS + 1, number - _BUCKETS + 1):
                self._before_last_minute.subtract(self._without_backlog(oldest))
                self._buckets.pop(oldest, None)
                if oldest == self._backlog[0]:
                    self._backlog = 0, Counter()  # it may be hundreds of thousands of words
            self._before_last_minute = Counter({word: n for word, n in self._before_last_minute.items() if n})
        self._current = number
        self._buckets[number] = Counter()
        if len(self._first_seen) > NEW_WORDS:
            frequent = set(self._most_frequent(self._first_seen, NEW_WORDS))
            self._first_seen = {word: time for word, time in self._first_seen.items() if word in frequent}

    def _without_backlog(self, number: int) -> Counter[str]:
        """Return what came in a bucket, without the first batch: what had waited for it did not come then."""
        bucket = self._buckets.get(number, Counter[str]())
        return bucket - self._backlog[1] if number == self._backlog[0] else bucket

    def recent_counts(self, now: float) -> Counter[str]:
        """Return how often each word came in the last ten seconds."""
        return self._sum(now, 0, _RATE_BUCKETS)

    def rate(self, word: str, now: float) -> float:
        """Return how often a word comes, per second."""
        seconds = _BUCKET_SECONDS * (_RATE_BUCKETS - 1) + now % _BUCKET_SECONDS
        return sum(self._by_bucket(word, now, 0, _RATE_BUCKETS)) / seconds

    def last_minute(self, word: str, now: float) -> int:
        """Return how often a word came in the last minute."""
        return sum(self._by_bucket(word, now, 0, _MINUTE_BUCKETS))

    def over_time(self, word: str, now: float, parts: int) -> list[int]:
        """Return how often a word came in each of equal parts of the last five minutes, the latest last.

        The bucket that is being filled is left out: with it, every word would seem to fall at the end.
        """
        size = max(1, _BUCKETS // max(1, parts))
        counts = self._by_bucket(word, now, 1, 1 + parts * size)
        return [sum(counts[part * size : (part + 1) * size]) for part in reversed(range(parts))]

    def hour(self, word: str, now: float) -> list[int]:
        """Return how often a word came in each minute of the last hour, the latest last; empty if that is not kept."""
        if self._hour is None:
            return []
        sums = self._hour.sums(word, now)
        if self._current is not None:  # the bucket that is being filled is of this minute, or of one before
            ago = int(now // PART_SECONDS) - int(self._current * _BUCKET_SECONDS // PART_SECONDS)
            if 0 <= ago < len(sums):  # a batch may have come since ``now`` was read
                sums[-1 - ago] += self._buckets[self._current].get(word, 0)
        return sums

    def new_words(self, now: float, limit: int) -> list[str]:
        """Return words that came for the first time in the last minute, those with the highest counts first."""
        minute = _MINUTE_BUCKETS * _BUCKET_SECONDS
        return self._most_frequent((word for word, time in self._first_seen.items() if now - time <= minute), limit)

    def rising_words(self, now: float, limit: int) -> list[tuple[str, float]]:
        """Return words that come more often than before, each with how many times as often, the highest first.

        A word that did not come before counts as if it had come once. New words do not rise.
        """
        minutes_before = (min(_BUCKETS * _BUCKET_SECONDS, now - self._started) / 60) - 1
        if self.is_uneven or minutes_before < 0.5:  # noqa: PLR2004  # too short to compare with
            return []
        factors = [
            (word, count * minutes_before / (self._before_last_minute[word] or 1))
            for word, count in self._sum(now, 0, _MINUTE_BUCKETS).items()
            if count >= _RISE_COUNT and word not in self._first_seen
        ]
        rising = [(word, factor) for word, factor in factors if factor >= _RISE]
        return heapq.nsmallest(limit, rising, key=lambda row: (-row[1], row[0]))

    def matching_words(self, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Return the words with the highest counts among those that match."""
        return self._most_frequent(filter(matches, self.counts), limit)

    def _most_frequent(self, words: Iterable[str], limit: int) -> list[str]:
        return heapq.nsmallest(limit, words, key=lambda word: (-self.counts.get(word, 0), word))

    def _by_bucket(self, word: str, now: float, begin: int, end: int) -> list[int]:
        """Return how often a word came in each of the buckets from ``begin`` to ``end`` ago, the latest first."""
        current = int(now // _BUCKET_SECONDS)
        return [self._buckets.get(current - ago, _NOTHING).get(word, 0) for ago in range(begin, end)]

    def _sum(self, now: float, begin: int, end: int) -> Counter[str]:
        current = int(now // _BUCKET_SECONDS)
        total = Counter[str]()
        for ago in range(begin, end):
            total.update(self._buckets.get(current - ago, {}))
        return total
