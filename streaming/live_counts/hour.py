"""Sums of each minute of the last hour. Pure: it is given the time, in seconds."""

from collections import Counter
from collections.abc import Iterable, Mapping

#: The parts that an hour has, and the seconds of each.
PARTS, PART_SECONDS = 60, 60
#: The most names that a finished minute keeps: those with the highest sums.
PART_NAMES = 2_000


class Hour:
    """How often things with a name came in each minute of the last hour.

    >>> hour = Hour()
    >>> hour.add({"a": 2}, now=0)
    >>> hour.add({"a": 3, "b": 1}, now=60)
    >>> hour.sums("a", now=61)[-3:], hour.sums("b", now=130)[-3:]
    ([0, 2, 3], [0, 1, 0])
    """

    def __init__(self) -> None:
        self._parts: dict[int, Counter[str]] = {}

    def add(self, counts: Mapping[str, int], now: float, keep: Iterable[str] = ()) -> None:
        """Add what came.

        Args:
            counts: how often each name came.
            now: the time. It never falls.
            keep: names that a finished minute keeps, however rarely they came.
        """
        number = int(now // PART_SECONDS)
        if number not in self._parts:
            self._start_part(number, keep)
        self._parts[number].update(counts)

    def _start_part(self, number: int, keep: Iterable[str]) -> None:
        last = max(self._parts, default=number)
        if len(part := self._parts.get(last, Counter[str]())) > PART_NAMES:
            kept = {name: part[name] for name in keep if name in part}
            self._parts[last] = Counter(dict(part.most_common(PART_NAMES)) | kept)
        for oldest in [part for part in self._parts if part <= number - PARTS]:
            del self._parts[oldest]
        self._parts[number] = Counter()

    def sums(self, name: str, now: float) -> list[int]:
        """Return how often a name came in each minute, the latest last, which is the minute at hand."""
        last = int(now // PART_SECONDS)
        # Counter has a method for names that are missing, which takes longer than this.
        return [part.get(name, 0) if (part := self._parts.get(last - ago)) else 0 for ago in range(PARTS - 1, -1, -1)]


def seconds_left(now: float) -> float:
    """Return for how many seconds the minute at hand goes on.

    >>> seconds_left(61.5)
    58.5
    """
    return PART_SECONDS - now % PART_SECONDS
