"""Limits how many lines are published per second."""

import time
from collections.abc import Sequence

from producer.lines import count_lines

_CHUNKS_PER_SECOND = 10


class RateLimit:
    """Delays chunks so that lines are published at a steady rate.

    Args:
        rate: lines per second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lines = 0
        self._start: float | None = None
        #: The lines of a chunk, few enough for an even flow.
        self.chunk_lines = max(1, round(rate / _CHUNKS_PER_SECOND))

    def admit(self, data: Sequence[bytes]) -> None:
        """Wait until a chunk is due.

        Args:
            data: the chunk, as parts of whole lines.
        """
        now = time.monotonic()
        self._start = now if self._start is None else self._start
        time.sleep(max(0.0, self._start + self._lines / self._rate - now))
        self._lines += sum(map(count_lines, data))
