"""Hand lines on at a steady rate."""

import time
from collections.abc import Sequence

from producer.lines import count_lines

_CHUNKS_PER_SECOND = 10


class RateLimit:
    """Holds chunks back so that lines are handed on at a rate.

    Args:
        rate: lines a second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lines = 0
        self._start: float | None = None
        self.chunk_lines = max(1, round(rate / _CHUNKS_PER_SECOND))  #: the lines of a chunk, for a steady flow

    def admit(self, data: Sequence[bytes]) -> None:
        """Return when the chunk of ``data``, whole lines in parts, is due."""
        now = time.monotonic()
        self._start = now if self._start is None else self._start
        time.sleep(max(0.0, self._start + self._lines / self._rate - now))
        self._lines += sum(map(count_lines, data))
