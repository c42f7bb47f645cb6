"""Whether a stream falls behind its topics: what it has not read yet grows and grows."""

import time
from collections import deque
from collections.abc import Callable

#: A trend is seen over so many looks and seconds at least.
_LEAST_LOOKS, _LEAST_SECONDS = 4, 20.0
#: So many records may wait at any time, between two batches or while a checkpoint is made.
_FEW_RECORDS = 10_000


class Lag:
    """Says once that a stream falls behind, until it has caught up.

    Args:
        say: shows a message to the user.
        remedy: what would help, as the end of the message.
    """

    def __init__(self, say: Callable[[str], None], remedy: str) -> None:
        self._say = say
        self._remedy = remedy
        self._looks: deque[tuple[float, int]] = deque()
        self._least: int | None = None  #: the fewest that waited since it has last caught up
        self._is_behind = False

    def note(self, behind: int, now: float | None = None) -> None:
        """Take the number of records that wait to be read.

        Args:
            behind: how many records wait.
            now: the time in seconds, from any start; by default that of the clock.

        >>> lag = Lag(print, "add a core")
        >>> for second in range(0, 60, 5):
        ...     lag.note(4000 * second, second)
        falling behind: 80,000 records wait, 4,000 more each second; add a core
        >>> lag.note(0, 60)
        caught up with the topics
        """
        now = time.monotonic() if now is None else now
        looks = self._looks
        self._least = behind if self._least is None else min(self._least, behind)
        looks.append((now, behind))
        while len(looks) > _LEAST_LOOKS and looks[1][0] <= now - _LEAST_SECONDS:
            looks.popleft()
        if self._is_behind:
            if behind <= _FEW_RECORDS:
                self._is_behind = False
                self._least = behind
                looks.clear()
                self._say("caught up with the topics")
        elif behind > _FEW_RECORDS and self._grows():
            self._is_behind = True
            began, first = looks[0]
            growth = (behind - first) / (now - began)
            self._say(f"falling behind: {behind:,} records wait, {growth:,.0f} more each second; {self._remedy}")

    def _grows(self) -> bool:
        """Return whether each look of the second half saw more than all of the first half, and twice the least now."""
        seconds = self._looks[-1][0] - self._looks[0][0]
        if len(self._looks) < _LEAST_LOOKS or seconds < _LEAST_SECONDS:
            return False
        waiting = [behind for _, behind in self._looks]
        half = len(waiting) // 2
        if waiting[-1] < 2 * (self._least or 0) + _FEW_RECORDS:
            return False
        return min(waiting[half:]) > max(waiting[:half])
