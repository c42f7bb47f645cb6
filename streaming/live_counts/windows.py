"""The last windows of time and their words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

#: How many windows are kept, and how many words of each: those with the highest counts.
KEPT_WINDOWS, KEPT_WORDS = 120, 1_000


class Window(NamedTuple):
    """A window of time.

    Attributes:
        start: when it begins.
        end: when it ends; the first moment that is not in it.
        words: its words with the highest counts, the highest first: all of them if there are fewer than ``KEPT_WORDS``.
        is_open: whether it may still grow.
    """

    start: datetime
    end: datetime
    words: Mapping[str, int]
    is_open: bool

    def count_of(self, word: str) -> int | None:
        """Return the count of a word; None if it is not known, because others come more often."""
        return self.words.get(word, 0 if len(self.words) < KEPT_WORDS else None)


#: A row of a window: start, end, word and count.
Row = tuple[datetime, datetime, str, int]


class LastWindows:
    """The last windows: those that are closed, whose counts are final, and those that are open.

    Each change makes a new list, so that another thread may read it meanwhile.

    >>> from datetime import UTC, timedelta
    >>> noon, hour = datetime(2026, 11, 29, 12, tzinfo=UTC), timedelta(hours=1)
    >>> windows = LastWindows()
    >>> windows.note_open([(noon, noon + hour, "a", 1)])
    >>> windows.close([(noon, noon + hour, "b", 1), (noon, noon + hour, "a", 2)])
    >>> [(window.words, window.is_open) for window in windows.all]
    [({'a': 2, 'b': 1}, False)]
    """

    def __init__(self) -> None:
        self._closed: Mapping[datetime, Window] = {}
        self._open: Mapping[datetime, Window] = {}

    @property
    def all(self) -> Sequence[Window]:
        """The windows, the latest last."""
        windows = {**self._open, **self._closed}
        return [windows[start] for start in sorted(windows)][-KEPT_WINDOWS:]

    def close(self, rows: Iterable[Row]) -> None:
        """Take in the rows of windows that are closed now."""
        closed = {**self._closed, **_windows(rows, is_open=False)}
        self._closed = {start: closed[start] for start in sorted(closed)[-KEPT_WINDOWS:]}

    def note_open(self, rows: Iterable[Row]) -> None:
        """Take in the rows of all windows that are open now."""
        self._open = _windows(rows, is_open=True)


def _windows(rows: Iterable[Row], *, is_open: bool) -> dict[datetime, Window]:
    words: dict[tuple[datetime, datetime], dict[str, int]] = {}
    for start, end, word, count in sorted(rows, key=lambda row: (-row[3], row[2])):
        words.setdefault((start, end), {})[word] = count
    return {start: Window(start, end, counts, is_open) for (start, end), counts in words.items()}
