"""The live view of windows, line by line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from streaming.live_counts.windows import KEPT_WINDOWS, KEPT_WORDS, LastWindows
from streaming.live_view.windows import WindowsView, draw_windows, window_lines

TEN = datetime(2026, 11, 29, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def of(minute: int, **words: int) -> list[tuple[datetime, datetime, str, int]]:
    start = TEN + minute * MINUTE
    return [(start, start + MINUTE, word, count) for word, count in words.items()]


def test_the_latest_window_comes_first_with_its_most_frequent_words() -> None:
    windows = LastWindows()
    windows.close(of(0, error=2, warn=30))
    windows.note_open([*of(0, error=1), *of(1, error=7)])
    lines = [line.plain for line in window_lines(WindowsView(lambda: windows.all, ZoneInfo("Asia/Seoul")), 80)]
    assert lines == [
        "2026-11-29 19:01:00 - 19:02:00 open   error 7",
        "2026-11-29 19:00:00 - 19:01:00 closed warn 30  error 2",
    ]
    windows.note_open([*of(1, error=8), *of(2, late=1)])
    top = [line.plain for line in window_lines(WindowsView(lambda: windows.all, UTC, top=1), 80)]
    assert top[1:] == ["2026-11-29 10:01:00 - 10:02:00 open   error 8", "2026-11-29 10:00:00 - 10:01:00 closed warn 30"]


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (200, 60)])
def test_it_fits_the_terminal_whatever_the_words_are(size: tuple[int, int]) -> None:
    windows = LastWindows()
    for minute in range(100):
        windows.close(of(minute, **{"한국어" * 30: 5, "\x1b[31mred": 4, "b" * 10_000: 3}))
    view = WindowsView(lambda: windows.all, UTC)
    lines = draw_windows(view, ["1,000 new lines (1/s)"], ["a message"], size)
    assert len(lines) <= size[1]
    assert max(cell_len(line.plain) for line in lines) <= size[0]
    assert "\x1b" not in "".join(line.plain for line in lines)


def test_as_many_windows_and_words_are_kept_as_are_shown() -> None:
    windows = LastWindows()
    for minute in range(KEPT_WINDOWS + 10):
        windows.close(of(minute, a=1))
    assert len(windows.all) == KEPT_WINDOWS
    assert windows.all[0].start == TEN + 10 * MINUTE
    assert windows.all[0].count_of("b") == 0
    windows.close(of(500, **{f"w{number}": 1 for number in range(KEPT_WORDS)}))
    assert (windows.all[-1].count_of("w1"), windows.all[-1].count_of("b")) == (1, None)
