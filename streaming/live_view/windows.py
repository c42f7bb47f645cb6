"""The lines of the live view of windows of time. Pure: it is given what to show."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from rich.text import Text

from streaming.live_counts.windows import Window
from streaming.live_view.layout import Line, first_words, fitted, visible, wrapped

_HEADER_ROWS = 2
_LONGEST_WORD = 40


class WindowsView(NamedTuple):
    """The windows to show.

    Attributes:
        read: returns the last windows, the latest last.
        zone: the time zone to show their times in.
        top: the most words of each; None shows as many as fit.
    """

    read: Callable[[], Sequence[Window]]
    zone: tzinfo
    top: int | None = None


def draw_windows(view: WindowsView, header: Sequence[str], message: Sequence[str], size: tuple[int, int]) -> list[Line]:
    """Return the lines of the view but the last, which shows the keys: the latest window comes first.

    Args:
        view: the windows.
        header: the parts of the header, which says what was counted.
        message: the lines of the last message.
        size: the width and the height of the terminal in cells.
    """
    width, height = size
    rows = max(1, height - _HEADER_ROWS - len(message) - 2)
    lines = list(window_lines(view, width))[:rows]
    heading = f"{'window':{_times_width(view)}} {'':6} most frequent words"
    return [
        *(Line(Text(line, style="bold")) for line in wrapped(header, width, _HEADER_ROWS)),
        Line(Text(fitted(heading, width), style="dim")),
        *lines,
        *[Line(Text())] * (rows - len(lines)),
        *(Line(Text(line, style="dim")) for line in message),
    ]


def window_lines(view: WindowsView, width: int) -> Iterator[Line]:
    """Yield a line for each window, the latest first: when it is, whether it is open, and its most frequent words."""
    for window in reversed(view.read()):
        begin = f"{_times(window, view.zone)} {'open' if window.is_open else 'closed':6} "
        words = list(window.words.items())[: view.top]
        counts = (f"{visible(word)[:_LONGEST_WORD]} {count:,}" for word, count in words)
        text = Text(fitted(begin, min(len(begin), width)), style="green" if window.is_open else "")
        yield Line(text.append(first_words(counts, max(1, width - len(begin))), style="none"))


def _times(window: Window, zone: tzinfo) -> str:
    start, end = (time.astimezone(zone) for time in (window.start, window.end))
    is_same_day = start.date() == end.date()
    return f"{start:%Y-%m-%d %H:%M:%S} - {end:{'%H:%M:%S' if is_same_day else '%Y-%m-%d %H:%M:%S'}}"


def _times_width(view: WindowsView) -> int:
    return max((len(_times(window, view.zone)) for window in view.read()), default=len("window"))
