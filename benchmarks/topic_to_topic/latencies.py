"""How late each word was counted, from the records of the topics that it came in and that its counts went to."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from statistics import median, quantiles
from typing import NamedTuple

_STEADY_SECONDS = 5
_STEADY_FACTOR = 1.5
_GROWTH_FACTOR, _GROWTH_MS = 2.0, 1000


class Counted(NamedTuple):
    """The counts of one word in the order in which they were written; counts that are no higher are left out."""

    counts: "array[int]"
    times: "array[int]"  #: when each count was appended, in milliseconds since 1970

    def add(self, count: int, time: int) -> None:
        """Add the next count of the word that was written."""
        if not self.counts or count > self.counts[-1]:
            self.counts.append(count)
            self.times.append(time)

    def first_with(self, ordinal: int) -> int | None:
        """Return when the first count of at least ``ordinal`` was appended, None if there is none."""
        index = bisect_left(self.counts, ordinal)
        return self.times[index] if index < len(self.counts) else None


def counted(records: Iterable[tuple[bytes, int, int]]) -> dict[bytes, Counted]:
    """Return the counts of each word, from the word, count and time of each record."""
    words: dict[bytes, Counted] = {}
    for word, count, time in records:
        known = words.get(word)
        if known is None:
            known = words[word] = Counted(array("q"), array("q"))
        known.add(count, time)
    return words


class Latencies(NamedTuple):
    """The latency of each word of a topic in their order, in milliseconds; -1 where no count has come."""

    sent: "array[int]"  #: when each word was appended, in milliseconds since 1970
    milliseconds: "array[int]"
    totals: Mapping[bytes, int]  #: how often each word came


def latencies(words: Iterable[tuple[bytes, int]], counts: Mapping[bytes, Counted]) -> Latencies:
    """Return how long each word took.

    A word that comes for the third time is counted when the first count of at least 3 is appended.

    Args:
        words: each word and when it was appended, in the order of the topic.
        counts: the counts of each word, as ``counted`` returns them.
    """
    result = Latencies(array("q"), array("q"), totals := dict[bytes, int]())
    for word, time in words:
        ordinal = totals[word] = totals.get(word, 0) + 1
        answered = counts[word].first_with(ordinal) if word in counts else None
        result.sent.append(time)
        result.milliseconds.append(-1 if answered is None else max(0, answered - time))
    return result


def check_totals(totals: Mapping[bytes, int], counts: Mapping[bytes, Counted]) -> None:
    """Check that the highest count of each word is how often it came.

    Raises:
        RuntimeError: one of them is not; the message names a word.
    """
    highest = {word: known.counts[-1] for word, known in counts.items()}
    wrong = sorted(word for word in totals.keys() | highest.keys() if totals.get(word) != highest.get(word))
    if wrong:
        word = wrong[0]
        raise RuntimeError(
            f"{len(wrong)} words are not counted right: {word.decode()} came {totals.get(word, 0)} times"
            f" and its last count is {highest.get(word, 0)}"
        )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return what this percentage of the values does not exceed."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def by_second(sent: Sequence[int], milliseconds: Sequence[int], start: int) -> list[list[int]]:
    """Return the latencies of each second after ``start``, by when the words were sent."""
    seconds: list[list[int]] = []
    for time, latency in zip(sent, milliseconds, strict=True):
        number = max(0, time - start) // 1000
        while len(seconds) <= number:
            seconds.append([])
        if latency >= 0:
            seconds[number].append(latency)
    return seconds


def steady_after(seconds: Sequence[Sequence[int]]) -> int | None:
    """Return after how many seconds the latency is what it stays, None if that never happens.

    What it stays is the median, over the last quarter, of the 95th percentile of each second. It is reached with the
    first of five seconds in which the 95th percentile is at most 1.5 times that.
    """
    p95 = [percentile(second, 95) if second else float("inf") for second in seconds]
    later = [value for value in p95[len(p95) * 3 // 4 :] if value < float("inf")]
    if not later:
        return None
    bound = _STEADY_FACTOR * median(later)
    for number in range(len(p95) - _STEADY_SECONDS + 1):
        if all(value <= bound for value in p95[number : number + _STEADY_SECONDS]):
            return number
    return None


def falls_behind(milliseconds: Sequence[int]) -> bool:
    """Return whether the latency grows from beginning to end, so that the rate cannot be kept up.

    Args:
        milliseconds: latencies of words that were sent at a steady rate, in their order; -1 where no count has come.
    """
    quarter = len(milliseconds) // 4
    if not quarter:
        return False
    early, late = milliseconds[quarter : 2 * quarter], milliseconds[-quarter:]
    if -1 in late:
        return True
    return median(late) > max(_GROWTH_MS, _GROWTH_FACTOR * median(early))
