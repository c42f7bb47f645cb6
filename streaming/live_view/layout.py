"""The lines of the live view, for a terminal of any size. Pure: it is given what to show."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from producer.common.escaping import escape_invisible

#: The lines around the table, without those of the message.
FRAME_ROWS = 6
_HEADER_ROWS = 2
_MESSAGE_ROWS = 4  # the most lines of a message
_TABLE_ROWS = 3  # what a message leaves to the table at least
_WORD_CELLS = 12  # what other columns leave to the word at least; only the count may take more
_NUMBER_CELLS = 11
_RATE_CELLS = 9
_OVER_TIME_CELLS = len("5 minutes")
_BAR_CELLS = 6
_LONGEST_WORD = 40
_SPACE = r"\x20"  # a space where it would not be seen
_BARS = " ▁▂▃▄▅▆▇█"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        word: the word.
        total: its count.
        rate: how often it comes now, per second.
        last_minute: how often it came in the last minute.
        over_time: how often it came in each part of the last five minutes, the latest last.
    """

    word: str
    total: int
    rate: float
    last_minute: int
    over_time: Sequence[int]


class View(NamedTuple):
    """What to show.

    Attributes:
        header: the parts of the header, which says what was counted.
        rows: the rows of the table.
        table_rows: how many rows the table has, filled or not.
        new: the new words.
        rising: the rising words, each with how many times as often it comes.
        message: the lines of the last message, as ``message_lines`` returns them.
        footer: the last line, which shows the keys.
    """

    header: Sequence[str]
    rows: Sequence[Row]
    table_rows: int
    new: Sequence[str]
    rising: Sequence[tuple[str, float]]
    message: Sequence[str]
    footer: str


class Line(NamedTuple):
    """A line: a word in a column of ``cells``, and text after it.

    The text begins at its cell however wide the word is, because terminals do not agree on the width of a character.
    """

    text: Text
    word: str = ""
    cells: int = 0

    @property
    def plain(self) -> str:
        """The line as most terminals show it."""
        return set_cell_size(self.word, self.cells) + self.text.plain


class _Widths(NamedTuple):
    """The widths of the columns in cells; a column that does not fit has 0."""

    word: int
    number: int
    bar: int
    rate: int
    last_minute: int
    over_time: int


def parts_over_time(width: int, highest: int) -> int:
    """Return into how many parts the last five minutes are divided on a terminal of this width.

    Args:
        width: the width of the terminal in cells.
        highest: the highest count in the table.
    """
    return _widths(width, highest).over_time


def draw(view: View, width: int) -> list[Line]:
    """Return the lines of the view: none wider than ``width`` cells, and no number cut."""
    highest = max((row.total for row in view.rows), default=1)
    widths = _widths(width, highest)
    titles = (("", widths.bar), ("a second", widths.rate), ("a minute", widths.last_minute))
    heading = f"{fitted('word', widths.word)} {'count':>{widths.number}}"
    heading += "".join(f" {title:>{cells}}" for title, cells in titles if cells)
    heading += " 5 minutes" * bool(widths.over_time)
    new = first_words((_shortened(word) for word in view.new), width - 9)
    rising = first_words((f"{_shortened(word)} {factor:.1f}x" for word, factor in view.rising), width - 9)
    return [
        *(Line(Text(line, style="bold")) for line in wrapped(view.header, width, _HEADER_ROWS)),
        Line(Text(fitted(heading, width), style="dim")),
        *(_table_line(row, widths, highest, width) for row in view.rows),
        *[Line(Text())] * (view.table_rows - len(view.rows)),
        Line(Text.assemble(("new      ", "bold yellow"), new)),
        Line(Text.assemble(("rising   ", "bold red"), rising)),
        *(Line(Text(line, style="dim")) for line in view.message),
        Line(Text(fitted(view.footer, width), style="dim")),
    ]


def _table_line(row: Row, widths: _Widths, highest: int, width: int) -> Line:
    text = Text(f" {row.total:>{widths.number},}")
    if widths.bar:
        bar = "█" * max(1, round(widths.bar * row.total / highest))
        text.append(f" {bar:{widths.bar}}", "blue")
    if widths.rate:
        text.append(f" {row.rate:>{widths.rate},.1f}")
    if widths.last_minute:
        text.append(f" {row.last_minute:>+{widths.last_minute},}")
    if widths.over_time:
        text.append(f" {sparkline(row.over_time)}", "green")
    if widths.word + text.cell_len > width:  # part of a number would be another number
        return Line(Text("…"))
    return Line(text, _cut(visible(row.word), widths.word), widths.word)


def _widths(width: int, highest: int) -> _Widths:
    number = max(_NUMBER_CELLS, len(f"{highest:+,}"))
    left = width - number - 1 - _WORD_CELLS
    # The most useful column first: it is the last to go on a narrow terminal.
    columns = {"rate": _RATE_CELLS, "last_minute": number, "over_time": _OVER_TIME_CELLS, "bar": _BAR_CELLS}
    for name, cells in columns.items():
        columns[name] = cells if cells < left else 0
        left -= columns[name] + bool(columns[name])
    word = max(1, min(_LONGEST_WORD, _WORD_CELLS + (left // 2 if columns["over_time"] else left)))
    left -= word - _WORD_CELLS
    if columns["bar"]:
        columns["bar"] = min(24, _BAR_CELLS + left // 2)
        left -= columns["bar"] - _BAR_CELLS
    if columns["over_time"]:
        columns["over_time"] = min(30, _OVER_TIME_CELLS + left)
    return _Widths(word, number, **columns)


def message_lines(message: str, width: int, height: int) -> list[str]:
    """Return the lines of a message on a terminal of this size, as many as the table leaves."""
    limit = max(1, min(_MESSAGE_ROWS, height - FRAME_ROWS - _TABLE_ROWS))
    return chop_cells(escape_invisible(message), width)[:limit] if message else []


def visible(word: str) -> str:
    r"""Return a word with everything in it visible. Two words never look the same, unless their letters do.

    >>> visible("soft\xadware"), visible(r"\xad"), visible("end "), visible("")
    ('soft\\xadware', '\\\\xad', 'end\\x20', '(empty word)')
    """
    inner = word.strip(" ")
    before, _, after = word.partition(inner) if inner else (word, "", "")
    return _SPACE * len(before) + escape_invisible(inner.replace("\\", "\\\\")) + _SPACE * len(after) or "(empty word)"


def fitted(text: str, cells: int) -> str:
    r"""Return text padded or cut to a width in cells of a terminal.

    >>> fitted("word", 6), fitted("한국어", 5), fitted("\x1b[2J", 9)
    ('word  ', '한국…', '\\x1b[2J  ')
    """
    return set_cell_size(_cut(escape_invisible(text), cells), cells)


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def _shortened(word: str) -> str:
    return _cut(visible(word), _LONGEST_WORD)


def sparkline(values: Iterable[int]) -> str:
    """Return numbers as a line of bars.

    >>> sparkline([0, 1, 4, 8])
    ' ▁▄█'
    """
    numbers = list(values)
    highest = max(numbers, default=0)
    return "".join(_BARS[-(-number * 8 // highest) if highest else 0] for number in numbers)


def first_words(words: Iterable[str], width: int) -> str:
    """Return the first words, as many as fit into a width in cells.

    >>> first_words(["one", "two", "three"], 8)
    'one  two'
    """
    return wrapped(words, width, 1)[0]


def wrapped(words: Iterable[str], width: int, rows: int) -> list[str]:
    """Return the first words on this many lines, as many as fit into a width in cells.

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
