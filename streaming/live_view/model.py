"""What the live view shows of the counts. Pure: it is given the counts, the time and the size."""

from typing import NamedTuple

from streaming.live_counts.counts import KEPT_ROWS, Counts, Progress
from streaming.live_counts.trends import Trends
from streaming.live_view import layout
from streaming.live_view.controls import Controls
from streaming.live_view.layout import View

_SEARCH_SECONDS = 5.0
_NEW_WORDS, _RISING_WORDS = 30, 10  # more than fit on a line


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


def header(counts: Counts, now: float, progress: Progress) -> list[str]:
    """Return the parts of the header; the first three say what was counted."""
    rates = counts.rates(now)
    new = f"{counts.words:,} new of " * bool(counts.words_before)
    parts = [
        f"{counts.lines:,} new lines ({rates.lines:,.0f}/s)",
        f"{new}{counts.words_before + counts.words:,} words ({rates.words:,.0f}/s)",
        f"{counts.distinct:,} distinct",
    ]
    if progress.lag is not None:
        parts.append(f"lag {progress.lag:.1f} s")
    if counts.previous.records_behind is not None:
        parts.append(f"lag {counts.previous.records_behind:,} records")
    if counts.previous.seconds is not None:
        parts.append(f"batch {counts.previous.seconds:.1f} s")
    if progress.files is not None:
        parts.append("1 file" if progress.files == 1 else f"{progress.files:,} files")
    return parts


class Model:
    """What the live view shows, from one frame to the next."""

    def __init__(self) -> None:
        self._paused_frame: _Frame | None = None
        self._search_result: _SearchResult | None = None

    def view(
        self, counts: Counts, now: float, controls: Controls, progress: Progress, width: int, table_rows: int
    ) -> View:
        """Return what to show now, or what was shown when the view was paused. Call it for each frame.

        Args:
            counts: what the stream has counted.
            now: the time in seconds.
            controls: the user's choices.
            progress: how far the stream is.
            width: the width of the terminal in cells.
            table_rows: how many words fit.
        """
        counts.look(now)
        frame = _Frame(now, counts.trends, counts.top.rows, header(counts, now, progress))
        if not controls.is_paused:
            self._paused_frame = None
        elif self._paused_frame is None:
            self._paused_frame = frame._replace(trends=counts.trends.copy())
        return self._view_of(self._paused_frame or frame, controls, width, table_rows)

    def _view_of(self, frame: _Frame, controls: Controls, width: int, table_rows: int) -> View:
        now, trends, top, parts_of_header = frame
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
        return View(
            parts_of_header, rows, table_rows, result.new, result.rising, [], controls.footer(is_empty=not rows)
        )

    def _find(self, trends: Trends, now: float, search: str) -> _SearchResult:
        period = int(now // _SEARCH_SECONDS)
        result = self._search_result
        if result is not None and (result.period, result.search) == (period, search):
            return result
        new = ["(after the first minute)"] if trends.is_too_early(now) else trends.new_words(now, _NEW_WORDS)
        text_of = layout.visible if "\\" in search else str  # escaped characters are searched for as they are shown
        matching = trends.matching_words(lambda word: search in text_of(word), KEPT_ROWS) if search else []
        return _SearchResult(period, search, new, trends.rising_words(now, _RISING_WORDS), matching)
