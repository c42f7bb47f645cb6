"""The lines of the live view, for a terminal of any size. Pure: what is to be seen is told."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from producer.common.escaping import escape_invisible

FRAME_ROWS = 6  #: the lines that hold no word of the table, beside the message
_HEAD_ROWS = 2
_MESSAGE_ROWS = 4  # the most that a message has
_TABLE_ROWS = 3  # that a message leaves to the table
_WORD_CELLS = 12  # the least that a word has beside other columns than its count, each of which has its own least
_NUMBER_CELLS = 11
_RATE_CELLS = 9
_COURSE_CELLS = len("5 minutes")
_BAR_CELLS = 6
_LONGEST_WORD = 40
_SPACE = r"\x20"  # where it would not be seen
_BARS = " ▁▂▃▄▅▆▇█"


class Row(NamedTuple):
    """A word of the table: how often it came, how often a second now, in the last minute, and over time."""

    word: str
    total: int
    rate: float
    change: int
    course: Sequence[int]


class View(NamedTuple):
    """What is to be seen: ``room`` is how many rows the table has; the message is lines that fit."""

    head: Sequence[str]
    rows: Sequence[Row]
    room: int
    new: Sequence[str]
    rising: Sequence[tuple[str, float]]
    message: Sequence[str]
    foot: str


class Line(NamedTuple):
    """A line: text, and before it a word in so many cells.

    The text has its place whatever the word is: how wide a character is, terminals do not agree.
    """

    text: Text
    word: str = ""
    cells: int = 0

    @property
    def plain(self) -> str:
        """The line as most terminals show it."""
        return set_cell_size(self.word, self.cells) + self.text.plain


class _Widths(NamedTuple):
    """The cells of the columns; 0 is a column that there is no room for."""

    word: int
    number: int
    bar: int
    rate: int
    change: int
    course: int


def course_cells(width: int, most: int) -> int:
    """Return how many parts of time there is room for on a terminal so wide, beside counts up to ``most``."""
    return _widths(width, most).course


def draw(view: View, width: int) -> list[Line]:
    """Return the lines of the view, none wider than ``width`` cells, and no number cut."""
    most = max((row.total for row in view.rows), default=1)
    cells = _widths(width, most)
    titles = (("", cells.bar), ("a second", cells.rate), ("a minute", cells.change))
    heading = f"{cell('word', cells.word)} {'count':>{cells.number}}"
    heading += "".join(f" {title:>{column}}" for title, column in titles if column) + " 5 minutes" * bool(cells.course)
    head = [Line(Text(line, style="bold")) for line in wrapped(view.head, width, _HEAD_ROWS)]
    lines = [*head, Line(Text(cell(heading, width), style="dim"))]
    for row in view.rows:
        line = Text(f" {row.total:>{cells.number},}")
        if cells.bar:
            bar = "█" * max(1, round(cells.bar * row.total / most))
            line.append(f" {bar:{cells.bar}}", "blue")
        if cells.rate:
            line.append(f" {row.rate:>{cells.rate},.1f}")
        if cells.change:
            line.append(f" {row.change:>+{cells.change},}")
        if cells.course:
            line.append(f" {spark(row.course)}", "green")
        fits = cells.word + line.cell_len <= width  # a part of a number would be another number
        lines.append(Line(line, _cut(shown(row.word), cells.word), cells.word) if fits else Line(Text("…")))
    lines += [Line(Text())] * (view.room - len(view.rows))
    new = fitting((_short(word) for word in view.new), width - 9)
    rising = fitting((f"{_short(word)} {factor:.1f}x" for word, factor in view.rising), width - 9)
    return [
        *lines,
        Line(Text.assemble(("new      ", "bold yellow"), new)),
        Line(Text.assemble(("rising   ", "bold red"), rising)),
        *(Line(Text(line, style="dim")) for line in view.message),
        Line(Text(cell(view.foot, width), style="dim")),
    ]


def _widths(width: int, most: int) -> _Widths:
    number = max(_NUMBER_CELLS, len(f"{most:+,}"))
    left = width - number - 1 - _WORD_CELLS
    columns = {"rate": _RATE_CELLS, "change": number, "course": _COURSE_CELLS, "bar": _BAR_CELLS}  # by what tells most
    for name, cells in columns.items():
        columns[name] = cells if cells < left else 0
        left -= columns[name] + bool(columns[name])
    word = max(1, min(_LONGEST_WORD, _WORD_CELLS + (left // 2 if columns["course"] else left)))
    left -= word - _WORD_CELLS
    if columns["bar"]:
        columns["bar"] = min(24, _BAR_CELLS + left // 2)
        left -= columns["bar"] - _BAR_CELLS
    if columns["course"]:
        columns["course"] = min(30, _COURSE_CELLS + left)
    return _Widths(word, number, **columns)


def message_lines(message: str, width: int, height: int) -> list[str]:
    """Return the lines that a message takes on a terminal of this size."""
    most = max(1, min(_MESSAGE_ROWS, height - FRAME_ROWS - _TABLE_ROWS))
    return chop_cells(escape_invisible(message), width)[:most] if message else []


def shown(word: str) -> str:
    r"""Return a word as it is shown: no other word is shown alike, but for letters that look alike.

    >>> shown("soft\xadware"), shown(r"\xad"), shown("end "), shown("")
    ('soft\\xadware', '\\\\xad', 'end\\x20', '(empty word)')
    """
    inner = word.strip(" ")
    before, _, after = word.partition(inner) if inner else (word, "", "")
    return _SPACE * len(before) + escape_invisible(inner.replace("\\", "\\\\")) + _SPACE * len(after) or "(empty word)"


def cell(text: str, cells: int) -> str:
    r"""Return text as so many cells of a terminal, whatever their width; what is too long is cut.

    >>> cell("word", 6), cell("한국어", 5), cell("\x1b[2J", 9)
    ('word  ', '한국…', '\\x1b[2J  ')
    """
    return set_cell_size(_cut(escape_invisible(text), cells), cells)


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def _short(word: str) -> str:
    return _cut(shown(word), _LONGEST_WORD)


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
    return wrapped(words, width, 1)[0]


def wrapped(words: Iterable[str], width: int, rows: int) -> list[str]:
    """Return so many lines with as many words as fit into a width.

    >>> wrapped(["one", "two", "three", "four"], 8, 2), wrapped(["one"], 8, 2)
    (['one  two', 'three'], ['one', ''])
    """
    lines = [""]
    for word in words:
        longer = f"{lines[-1]}  {word}" if lines[-1] else word
        if cell_len(longer) > width and len(lines) < rows and lines[-1]:
            lines.append("")
            longer = word
        if cell_len(longer) > width:
            break
        lines[-1] = longer
    return lines + [""] * (rows - len(lines))
