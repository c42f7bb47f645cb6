"""How words come over time: rates, changes, new words and rising ones. Pure: the time is told, in seconds."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import copy

#: Times are told apart by so many seconds, for so many of them: five minutes.
_BUCKET_SECONDS = 5.0
_BUCKETS = 60
_RATE_BUCKETS = 2
#: So many words of each are kept, those that came most often.
_BUCKET_WORDS = 5_000
_MINUTE = 12
#: So many new words are kept from one bucket to the next, those that came most often: each line may bring one.
_NEW_WORDS = 1_000
#: Of so many words the count is known, so that a word not among them is known to be new.
_KNOWN_WORDS = 500_000
#: A word rises where it comes so many times as often in a minute as it did before, and at least so often.
_RISE = 2.0
_RISE_COUNT = 10
_NOTHING: Mapping[str, int] = {}


class Trends:
    """What has come in the last minutes.

    Args:
        counts: what was counted before, by word.
        complete: that is all there was.
        now: the time.

    >>> trends = Trends({"a": 5}, complete=True, now=0)
    >>> trends.update([("a", 20), ("b", 1)], 1)
    >>> trends.change("a", 2), trends.new(2, 5)
    (15, ['b'])
    """

    def __init__(self, counts: Mapping[str, int], *, complete: bool, now: float) -> None:
        self.counts = dict(counts)
        self._complete = complete
        self._started = now
        # Of what is there at the very beginning all would be new.
        self._news_from = now if counts else now + _MINUTE * _BUCKET_SECONDS
        self._buckets: dict[int, Counter[str]] = {}
        self._at: int | None = None  # the bucket that is being filled
        self._past = Counter[str]()  # of the buckets before the last minute: adding them up took half of a picture
        self._born: dict[str, float] = {}

    def copy(self) -> "Trends":
        """Return what it is now, which later updates do not change."""
        held = copy(self)
        held.counts = dict(self.counts)
        held._buckets = {at: Counter(bucket) for at, bucket in self._buckets.items()}  # noqa: SLF001  # its own
        held._past = Counter(self._past)  # noqa: SLF001  # as above
        held._born = dict(self._born)  # noqa: SLF001  # as above
        return held

    def early(self, now: float) -> bool:
        """Tell whether it is too early for anything to be new."""
        return now < self._news_from

    def update(self, changed: Iterable[tuple[str, int]], now: float, kept: Iterable[str] = ()) -> None:
        """Take in the words whose count changed, each with its new count; of those ``kept`` all is known later."""
        at = int(now // _BUCKET_SECONDS)
        if at not in self._buckets:
            self._turn(at, kept)
        bucket = self._buckets[at]
        for word, count in changed:
            before = self.counts.get(word)
            if before is None:
                if not self._complete:
                    before = count  # it may have come before
                else:
                    before = 0
                    if now >= self._news_from:
                        self._born[word] = now
                    self._complete = len(self.counts) < _KNOWN_WORDS
            if word in self.counts or len(self.counts) < _KNOWN_WORDS:
                self.counts[word] = count
            if count > before:  # a batch that is counted again brings nothing
                bucket[word] += count - before
        for word in list(self._born):  # in the order in which they came
            if self._born[word] > now - _MINUTE * _BUCKET_SECONDS:
                break
            del self._born[word]

    def _turn(self, at: int, kept: Iterable[str]) -> None:
        """Begin the next bucket."""
        if self._at is not None:
            if len(bucket := self._buckets[self._at]) > _BUCKET_WORDS:
                most = dict(bucket.most_common(_BUCKET_WORDS))
                self._buckets[self._at] = Counter(most | {word: bucket[word] for word in kept if word in bucket})
            for number in range(self._at - _MINUTE + 1, at - _MINUTE + 1):
                self._past.update(self._buckets.get(number, ()))
            for number in range(self._at - _BUCKETS + 1, at - _BUCKETS + 1):
                self._past.subtract(self._buckets.pop(number, ()))
            self._past = Counter({word: count for word, count in self._past.items() if count})
        self._at = at
        self._buckets[at] = Counter()
        if len(self._born) > _NEW_WORDS:
            most_of_new = set(self._most(self._born, _NEW_WORDS))
            self._born = {word: then for word, then in self._born.items() if word in most_of_new}

    def rates(self, now: float) -> Counter[str]:
        """Return how often words came in the last ten seconds."""
        return self._sum(now, 0, _RATE_BUCKETS)

    def rate(self, word: str, now: float) -> float:
        """Return how often a second a word comes."""
        seconds = _BUCKET_SECONDS * (_RATE_BUCKETS - 1) + now % _BUCKET_SECONDS
        return sum(self._came(word, now, 0, _RATE_BUCKETS)) / max(1.0, min(seconds, now - self._started))

    def change(self, word: str, now: float) -> int:
        """Return how often a word came in the last minute."""
        return sum(self._came(word, now, 0, _MINUTE))

    def course(self, word: str, now: float, cells: int) -> list[int]:
        """Return how often a word came in each of the parts of the last five minutes, the latest last.

        The bucket that is being filled is in none: with it, the course of every word would end in a fall.
        """
        each = max(1, _BUCKETS // max(1, cells))
        came = self._came(word, now, 1, 1 + cells * each)
        return [sum(came[part * each : (part + 1) * each]) for part in reversed(range(cells))]

    def new(self, now: float, limit: int) -> list[str]:
        """Return words that came for the first time in the last minute, the most frequent first."""
        return self._most((word for word, at in self._born.items() if now - at <= _MINUTE * _BUCKET_SECONDS), limit)

    def _most(self, words: Iterable[str], limit: int) -> list[str]:
        return heapq.nsmallest(limit, words, key=lambda word: (-self.counts.get(word, 0), word))

    def rising(self, now: float, limit: int) -> list[tuple[str, float]]:
        """Return words that come more often than they did, and how many times as often, the steepest first.

        One that did not come before is taken to have come once; unless it is new.
        """
        past_minutes = (min(_BUCKETS * _BUCKET_SECONDS, now - self._started) / 60) - 1
        if past_minutes < 0.5:  # noqa: PLR2004  # too short a past to compare with
            return []
        factors = [
            (word, count * past_minutes / (self._past[word] or 1))
            for word, count in self._sum(now, 0, _MINUTE).items()
            if count >= _RISE_COUNT and word not in self._born
        ]
        risen = [(word, factor) for word, factor in factors if factor >= _RISE]
        return heapq.nsmallest(limit, risen, key=lambda one: (-one[1], one[0]))

    def holding(self, holds: Callable[[str], bool], limit: int) -> list[str]:
        """Return the most frequent of the words of which something holds."""
        return self._most(filter(holds, self.counts), limit)

    def _came(self, word: str, now: float, begin: int, end: int) -> list[int]:
        """Return how often a word came in each bucket, the latest first."""
        at = int(now // _BUCKET_SECONDS)
        return [self._buckets.get(at - ago, _NOTHING).get(word, 0) for ago in range(begin, end)]

    def _sum(self, now: float, begin: int, end: int) -> Counter[str]:
        at = int(now // _BUCKET_SECONDS)
        total = Counter[str]()
        for ago in range(begin, end):
            total.update(self._buckets.get(at - ago, {}))
        return total
