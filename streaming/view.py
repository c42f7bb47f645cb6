"""The lines of the live view, for a terminal of any size. Pure: what is to be seen is told."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from streaming.sinks import printable

FRAME_ROWS = 6  #: the lines that hold no word of the table, beside the message
_MESSAGE_ROWS = 4  # the most that a message has
_NUMBER_CELLS = 11
_RATE_CELLS = 9
_BARS = " ▁▂▃▄▅▆▇█"


class Row(NamedTuple):
    """A word of the table: how often it came, how often a second now, in the last minute, and over time."""

    word: str
    total: int
    rate: float
    change: int
    course: Sequence[int]


class View(NamedTuple):
    """What is to be seen: ``room`` is how many rows the table has."""

    head: Sequence[str]
    rows: Sequence[Row]
    room: int
    new: Sequence[str]
    rising: Sequence[tuple[str, float]]
    message: str
    foot: str


class _Widths(NamedTuple):
    word: int
    bar: int
    course: int


def course_cells(width: int) -> int:
    """Return how many parts of time there is room for on a terminal so wide."""
    return _widths(width).course


def draw(view: View, width: int) -> list[Text]:
    """Return the lines of the view, none wider than ``width`` cells."""
    cells = _widths(width)
    heading = (
        f"{cell('word', cells.word)} {'count':>{_NUMBER_CELLS}} {'':{cells.bar}} {'a second':>{_RATE_CELLS}}"
        f" {'a minute':>{_NUMBER_CELLS}} 5 minutes"
    )
    most = max((row.total for row in view.rows), default=1)
    lines = [Text(fitting(view.head, width), style="bold"), Text(), Text(set_cell_size(heading, width), style="dim")]
    for row in view.rows:
        bar = "█" * max(1, round(cells.bar * row.total / most))
        line = Text.assemble(
            f"{cell(row.word, cells.word)} {row.total:>{_NUMBER_CELLS},} ", (f"{bar:{cells.bar}}", "blue"),
            f" {row.rate:>{_RATE_CELLS},.1f} {row.change:>+{_NUMBER_CELLS},} ", (spark(row.course), "green"),
        )  # fmt: skip
        line.truncate(width)
        lines.append(line)
    lines += [Text()] * (view.room - len(view.rows))
    new = fitting((plain(word) for word in view.new), width - 9)
    rising = fitting((f"{plain(word)} {factor:.1f}x" for word, factor in view.rising), width - 9)
    return [
        *lines,
        Text.assemble(("new      ", "bold yellow"), new),
        Text.assemble(("rising   ", "bold red"), rising),
        *(Text(line, style="dim") for line in message_lines(view.message, width)),
        Text(cell(view.foot, width), style="dim"),
    ]


def _widths(width: int) -> _Widths:
    left = max(24, width - 2 * _NUMBER_CELLS - _RATE_CELLS - 5)
    word = min(40, max(8, left // 2))
    bar = min(24, max(4, (left - word) // 2))
    return _Widths(word, bar, min(30, max(4, left - word - bar)))


def message_lines(message: str, width: int) -> list[str]:
    """Return the lines that a message takes."""
    return chop_cells(plain(message), width)[:_MESSAGE_ROWS] if message else []


def plain(word: str) -> str:
    """Return a word as it is shown: nothing in it commands the terminal."""
    return printable(word).replace("\n", "\\n") or "(empty)"


def cell(text: str, cells: int) -> str:
    r"""Return text as so many cells of a terminal, whatever their width; what is too long is cut.

    >>> cell("word", 6), cell("한국어", 5), cell("\x1b[2J", 9)
    ('word  ', '한국…', '\\x1b[2J  ')
    """
    shown = plain(text)
    if cell_len(shown) > cells:
        shown = set_cell_size(shown, cells - 1).rstrip() + "…"
    return set_cell_size(shown, cells)


def spark(values: Iterable[int]) -> str:
    """Return numbers as a line of bars.

    >>> spark([0, 1, 4, 8])
    ' ▁▄█'
    """
    numbers = list(values)
    most = max(numbers, default=0)
    return "".join(_BARS[-(-number * 8 // most) if most else 0] for number in numbers)


def fitting(words: Iterable[str], width: int) -> str:
    """Return as many words as fit into a width, with spaces between them.

    >>> fitting(["one", "two", "three"], 8)
    'one  two'
    """
    line = ""
    for word in words:
        longer = f"{line}  {word}" if line else word
        if cell_len(longer) > width:
            break
        line = longer
    return line
