"""What a stream has counted and how it comes, as the live view shows it. Pure: time and size are told."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from streaming.live_view import layout as view
from streaming.live_view.controls import Controls
from streaming.live_view.trends import Trends
from streaming.spark.progress import Former, Totals

_RATE_SECONDS = 10.0
_KEPT_ROWS = 500  # more than a terminal has rows
_SEARCH_SECONDS = 5.0
_NEW_WORDS, _RISING_WORDS = 30, 10  # more than a line has room for


class Top:
    """The ``size`` most frequent words, exactly: as counts only grow, the former ones and the changed ones suffice.

    >>> top = Top(2)
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


class Before(NamedTuple):
    """What was counted before: the most frequent words, the most frequent first, and how many there are of all."""

    most: Mapping[str, int] = {}
    words: int = 0
    distinct: int = 0


class Progress(NamedTuple):
    """How the stream gets on: how many files are followed, and for how long a line has waited to be counted."""

    files: int | None = None
    lag: float | None = None


class _Picture(NamedTuple):
    """What the screen shows, at a time: how words come, the top words, and the head."""

    now: float
    trends: Trends
    top: list[tuple[str, int]]
    head: list[str]


class _Found(NamedTuple):
    """What is found among all words, anew every few seconds, as that takes longer than all else in a picture."""

    turn: int
    part: str
    new: list[str]
    rising: list[tuple[str, float]]
    holding: list[str]


class Board:
    """What is on the board.

    Args:
        before: what was counted before.
        now: the time, in seconds.
        most: how many of the most frequent words are asked for, where that is more than a terminal has rows.
    """

    def __init__(self, before: Before, now: float, most: int | None = None) -> None:
        self._top = Top(max(most or 0, _KEPT_ROWS))
        self._top.update(list(before.most.items()))
        self._trends = Trends(before.most, complete=before.distinct == len(before.most), now=now)
        self._words_before = before.words
        self._distinct = before.distinct
        self._words = self._lines = 0
        self._former = Former()
        self._history: list[tuple[float, int, int]] = [(now, 0, 0)]
        self._held: _Picture | None = None  # while it is paused
        self._found: _Found | None = None

    @property
    def rows(self) -> list[tuple[str, int]]:
        """The most frequent words, with their counts."""
        return self._top.rows

    def update(self, changed: Sequence[tuple[str, int]], totals: Totals, former: Former, now: float) -> None:
        """Take in a batch: the words whose count changed, its totals, and what is known of the one before."""
        self._top.update(changed)
        self._trends.update(changed, now, kept=[word for word, _ in self._top.rows])
        self._lines += totals.lines
        self._words += totals.words
        self._distinct = totals.distinct
        self._former = former

    def head(self, now: float, progress: Progress) -> list[str]:
        """Return the parts of the head line, the first of which say what was counted."""
        then, lines, words = self._history[0]
        seconds = max(now - then, 0.25)
        new = f"{self._words:,} new of " * bool(self._words_before)
        head = [
            f"{self._lines:,} new lines ({(self._lines - lines) / seconds:,.0f}/s)",
            f"{new}{self._words_before + self._words:,} words ({(self._words - words) / seconds:,.0f}/s)",
            f"{self._distinct:,} distinct",
        ]
        if progress.lag is not None:
            head.append(f"lag {progress.lag:.1f} s")
        if self._former.behind is not None:
            head.append(f"lag {self._former.behind:,} records")
        if self._former.seconds is not None:
            head.append(f"batch {self._former.seconds:.1f} s")
        if progress.files is not None:
            head.append("1 file" if progress.files == 1 else f"{progress.files:,} files")
        return head

    def seen(self, now: float, controls: Controls, progress: Progress, width: int, room: int) -> view.View:
        """Return what is to be seen now, or since the picture is held; to be asked for each frame.

        Args:
            now: the time, in seconds.
            controls: what is chosen.
            progress: how the stream gets on.
            width: of the terminal, in cells.
            room: how many words there is room for.
        """
        self._history.append((now, self._lines, self._words))
        while now - self._history[0][0] > _RATE_SECONDS:
            del self._history[0]
        picture = _Picture(now, self._trends, self._top.rows, self.head(now, progress))
        if not controls.paused:
            self._held = None
        elif self._held is None:
            self._held = picture._replace(trends=self._trends.copy())
        return self._view(self._held or picture, controls, width, room)

    def _view(self, picture: _Picture, controls: Controls, width: int, room: int) -> view.View:
        now, trends, top, head = picture
        found = self._found = self._search(trends, now, controls.part)
        if controls.part:
            chosen = [(word, trends.counts[word]) for word in found.holding[:room]]
        elif controls.by_rate:
            fast = dict(trends.rates(now).most_common(room))
            chosen = [(word, trends.counts.get(word, count)) for word, count in fast.items()]
            chosen += [row for row in top if row[0] not in fast][: room - len(fast)]
        else:
            chosen = top[:room]
        chosen = chosen[: controls.rows]
        cells = view.course_cells(width, max((count for _, count in chosen), default=1))
        rows = [
            view.Row(word, count, trends.rate(word, now), trends.change(word, now), trends.course(word, now, cells))
            for word, count in chosen
        ]
        return view.View(head, rows, room, found.new, found.rising, [], controls.foot(empty=not rows))

    def _search(self, trends: Trends, now: float, part: str) -> _Found:
        turn = int(now // _SEARCH_SECONDS)
        if self._found is not None and (self._found.turn, self._found.part) == (turn, part):
            return self._found
        new = ["(after the first minute)"] if trends.early(now) else trends.new(now, _NEW_WORDS)
        shown = view.shown if "\\" in part else str  # what is escaped is looked for as it is shown
        holding = trends.holding(lambda word: part in shown(word), _KEPT_ROWS) if part else []
        return _Found(turn, part, new, trends.rising(now, _RISING_WORDS), holding)
