"""What a stream has counted, and what the live view shows of it. Pure: it is given the time and the size."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from streaming.live_view import layout
from streaming.live_view.controls import Controls
from streaming.live_view.layout import View
from streaming.live_view.trends import Trends
from streaming.spark.metrics import BatchTotals, PreviousBatch

_RATE_SECONDS = 10.0
_KEPT_ROWS = 500  # more than a terminal has rows
_SEARCH_SECONDS = 5.0
_NEW_WORDS, _RISING_WORDS = 30, 10  # more than fit on a line


class TopWords:
    """The ``size`` words with the highest counts, exactly.

    As counts only grow, the words that were at the top before and the changed ones suffice.

    >>> top = TopWords(2)
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


class CountedBefore(NamedTuple):
    """What was counted before this run.

    Attributes:
        most_frequent: the words with the highest counts, the highest first.
        words: how many words were counted in all.
        distinct: how many of them are distinct.
    """

    most_frequent: Mapping[str, int] = {}
    words: int = 0
    distinct: int = 0


class Progress(NamedTuple):
    """How far the stream is: the files it follows, and for how many seconds a line has waited to be counted."""

    files: int | None = None
    lag: float | None = None


class _Frame(NamedTuple):
    """What the view is made from, at one time."""

    now: float
    trends: Trends
    top: list[tuple[str, int]]
    header: list[str]


class _SearchResult(NamedTuple):
    """What was found among all words. It is kept for some seconds: a search takes longer than the rest of a frame."""

    period: int
    search: str
    new: list[str]
    rising: list[tuple[str, float]]
    matching: list[str]


class Model:
    """What a stream has counted, before this run and in it.

    Args:
        before: what was counted before this run.
        now: the time in seconds.
        most_rows: how many of the most frequent words the user may ask for, if more than a terminal has rows.
    """

    def __init__(self, before: CountedBefore, now: float, most_rows: int | None = None) -> None:
        self._top = TopWords(max(most_rows or 0, _KEPT_ROWS))
        self._top.update(list(before.most_frequent.items()))
        is_complete = before.distinct == len(before.most_frequent)
        self._trends = Trends(before.most_frequent, is_complete=is_complete, now=now)
        self._words_before = before.words
        self._distinct = before.distinct
        self._words = self._lines = 0
        self._previous = PreviousBatch()
        self._totals_over_time: list[tuple[float, int, int]] = [(now, 0, 0)]  # time, lines and words of each frame
        self._paused_frame: _Frame | None = None
        self._search_result: _SearchResult | None = None

    @property
    def top_rows(self) -> list[tuple[str, int]]:
        """The most frequent words, with their counts."""
        return self._top.rows

    def update(
        self, changed: Sequence[tuple[str, int]], totals: BatchTotals, previous: PreviousBatch, now: float
    ) -> None:
        """Take in a batch.

        Args:
            changed: the words whose count changed, each with its new count.
            totals: the totals of the batch.
            previous: what is known of the batch before it.
            now: the time in seconds.
        """
        self._top.update(changed)
        self._trends.update(changed, now, keep=[word for word, _ in self._top.rows])
        self._lines += totals.lines
        self._words += totals.words
        self._distinct = totals.distinct
        self._previous = previous

    def header(self, now: float, progress: Progress) -> list[str]:
        """Return the parts of the header; the first three say what was counted."""
        then, lines, words = self._totals_over_time[0]
        seconds = max(now - then, 0.25)
        new = f"{self._words:,} new of " * bool(self._words_before)
        header = [
            f"{self._lines:,} new lines ({(self._lines - lines) / seconds:,.0f}/s)",
            f"{new}{self._words_before + self._words:,} words ({(self._words - words) / seconds:,.0f}/s)",
            f"{self._distinct:,} distinct",
        ]
        if progress.lag is not None:
            header.append(f"lag {progress.lag:.1f} s")
        if self._previous.records_behind is not None:
            header.append(f"lag {self._previous.records_behind:,} records")
        if self._previous.seconds is not None:
            header.append(f"batch {self._previous.seconds:.1f} s")
        if progress.files is not None:
            header.append("1 file" if progress.files == 1 else f"{progress.files:,} files")
        return header

    def view(self, now: float, controls: Controls, progress: Progress, width: int, table_rows: int) -> View:
        """Return what to show now, or what was shown when the view was paused. Call it for each frame.

        Args:
            now: the time in seconds.
            controls: the user's choices.
            progress: how far the stream is.
            width: the width of the terminal in cells.
            table_rows: how many words fit.
        """
        self._totals_over_time.append((now, self._lines, self._words))
        while now - self._totals_over_time[0][0] > _RATE_SECONDS:
            del self._totals_over_time[0]
        frame = _Frame(now, self._trends, self._top.rows, self.header(now, progress))
        if not controls.is_paused:
            self._paused_frame = None
        elif self._paused_frame is None:
            self._paused_frame = frame._replace(trends=self._trends.copy())
        return self._view_of(self._paused_frame or frame, controls, width, table_rows)

    def _view_of(self, frame: _Frame, controls: Controls, width: int, table_rows: int) -> View:
        now, trends, top, header = frame
        result = self._search_result = self._find(trends, now, controls.search)
        if controls.search:
            chosen = [(word, trends.counts[word]) for word in result.matching[:table_rows]]
        elif controls.by_rate:
            fast = dict(trends.recent_counts(now).most_common(table_rows))
            chosen = [(word, trends.counts.get(word, count)) for word, count in fast.items()]
            chosen += [row for row in top if row[0] not in fast][: table_rows - len(fast)]
        else:
            chosen = top[:table_rows]
        chosen = chosen[: controls.rows]
        parts = layout.parts_over_time(width, max((count for _, count in chosen), default=1))
        rows = [
            layout.Row(
                word,
                count,
                trends.rate(word, now),
                trends.last_minute(word, now),
                trends.over_time(word, now, parts),
            )
            for word, count in chosen
        ]
        return View(header, rows, table_rows, result.new, result.rising, [], controls.footer(is_empty=not rows))

    def _find(self, trends: Trends, now: float, search: str) -> _SearchResult:
        period = int(now // _SEARCH_SECONDS)
        result = self._search_result
        if result is not None and (result.period, result.search) == (period, search):
            return result
        new = ["(after the first minute)"] if trends.is_too_early(now) else trends.new_words(now, _NEW_WORDS)
        text_of = layout.visible if "\\" in search else str  # escaped characters are searched for as they are shown
        matching = trends.matching_words(lambda word: search in text_of(word), _KEPT_ROWS) if search else []
        return _SearchResult(period, search, new, trends.rising_words(now, _RISING_WORDS), matching)
