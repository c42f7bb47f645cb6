"""When a stream changes from real time to batches, and when it changes back."""

from collections import deque
from typing import NamedTuple

#: Real time falls behind if for _BEHIND_SECONDS the newest record would have waited longer than _LATE_SECONDS.
_BEHIND_SECONDS, _LATE_SECONDS = 10.0, 5.0
#: So many records may wait at any time, however few are read in a second.
_FEW_RECORDS = 100
#: Real time is not judged before Java has compiled it: from its launch, a stream takes 20 s to be as fast as it stays.
_WARM_SECONDS = 30.0
#: Batches go on for so many seconds at least, and until so many seconds in a row were calm.
_CALM_SECONDS = 30.0
#: Of the records per second that real time held when it fell behind, so many may arrive when it takes over.
_SHARE = 0.7
#: What real time held may be out of date after so many seconds: more may arrive the longer ago that was.
_TRUSTED_SECONDS = 600.0


class Look(NamedTuple):
    """What a stream has read since its query started, and what waits: numbers of records."""

    read: int
    waiting: int


class Pace:
    """Judges the two modes by what arrives, what is read and what waits.

    Real time falls behind if all looks of ten seconds see more waiting than it reads in five. The records per second
    that it reads meanwhile are all that it can. It takes over again after thirty seconds in which no look saw more
    waiting than it reads in one, and at most 70 % of what it can read has arrived. So there are at most two changes in
    forty seconds, and none while a rate stays what it is: a rate that real time cannot hold is tried again only when
    that is long ago, and then less and less often.

    Attributes:
        held: the records per second that real time read when it last fell behind.
    """

    def __init__(self, now: float) -> None:
        """Begin at a launch, in real time.

        Args:
            now: the time in seconds, from any start, as for all methods.
        """
        self.held = 0.0
        self._fell = now
        self._judged_from = now + _WARM_SECONDS
        self._looks: deque[tuple[float, Look]] = deque()

    def change(self) -> None:
        """Begin anew with the other mode: its query reads nothing of what the former has read."""
        self._looks.clear()

    def falls_behind(self, now: float, look: Look) -> bool:
        """Take a look at real time, and return whether batches should take over.

        >>> pace = Pace(0)
        >>> any(pace.falls_behind(second, Look(20_000 * second, 50_000 * second)) for second in range(30))
        False
        >>> pace.falls_behind(30, Look(600_000, 1_500_000))
        True
        """
        self._take(now, look, _BEHIND_SECONDS)
        began, first = self._looks[0]
        seconds = now - began
        if now < self._judged_from or seconds < _BEHIND_SECONDS:
            return False
        speed = (look.read - first.read) / seconds
        least = min(each.waiting for _, each in self._looks)
        # Where nothing is read, the brokers are away, and batches would not read either.
        if speed <= 0 or least <= max(_FEW_RECORDS, _LATE_SECONDS * speed):
            return False
        self.held, self._fell = speed, now
        return True

    def has_calmed(self, now: float, look: Look) -> bool:
        """Take a look at batches, and return whether real time should take over."""
        self._take(now, look, _CALM_SECONDS)
        seconds = now - self._looks[0][0]
        if seconds < _CALM_SECONDS or max(each.waiting for _, each in self._looks) > max(_FEW_RECORDS, self.held):
            return False
        return self.arriving <= _SHARE * self.held * max(1.0, (now - self._fell) / _TRUSTED_SECONDS)

    @property
    def arriving(self) -> float:
        """How many records a second have arrived during the last looks."""
        (began, first), (ended, last) = self._looks[0], self._looks[-1]
        return (sum(last) - sum(first)) / (ended - began)

    def _take(self, now: float, look: Look, seconds: float) -> None:
        """Add a look, and drop those that are not needed to see so many seconds."""
        self._looks.append((now, look))
        while len(self._looks) > 1 and self._looks[1][0] <= now - seconds:
            self._looks.popleft()
