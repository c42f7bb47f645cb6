"""The lines of the live view, cell by cell."""

import pytest
from rich.cells import cell_len

from streaming.view import FRAME_ROWS, Row, View, draw, message_lines

ROWS = [
    Row("the", 62_051, 1_250.5, 4_000, [1, 2, 4, 8]),
    Row("\x1b[2J\x07bell", 34_393, 0.0, 0, [0, 0, 0, 0]),
    Row("한국어는" * 20, 13_366, 3.0, 12, [8, 0, 0, 1]),
    Row("", 1, 0.0, 0, [0]),
]


def seen(**changes: object) -> View:
    view = View(["31,102 new lines (4,767/s)", "820,739 words"], ROWS, 10, ["new\x1b"], [("up", 3.2)], "", "q quit")
    return view._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200, 400])
def test_no_line_is_wider_than_the_terminal_and_none_commands_it(width: int) -> None:
    message = "\x1b[31mred" * 50
    lines = draw(seen(message=message), width)
    assert len(lines) == 10 + FRAME_ROWS + len(message_lines(message, width))
    assert max(cell_len(line.plain) for line in lines) <= width
    assert "\x1b" not in "".join(line.plain for line in lines)
    assert all("\n" not in line.plain for line in lines)


@pytest.mark.parametrize("width", [80, 200])
def test_the_columns_of_all_rows_begin_alike(width: int) -> None:
    heading, *rows = [line.plain for line in draw(seen(), width)][2:7]
    ends = heading.index("count") + len("count")
    for row, number in zip(rows, ("62,051", "34,393", "13,366", "1"), strict=True):
        before = row[: row.index(f" {number} ") + 1 + len(number)]
        assert cell_len(before) == ends


def test_what_is_shown_at_80_columns() -> None:
    lines = [line.plain.rstrip() for line in draw(seen(), 80)]
    assert lines[0] == "31,102 new lines (4,767/s)  820,739 words"
    assert lines[2].split() == ["word", "count", "a", "second", "a", "minute", "5", "minutes"]
    word, count, bar, *rest = lines[3].split()
    assert (word, count, set(bar), rest) == ("the", "62,051", {"█"}, ["1,250.5", "+4,000", "▁▂▄█"])
    assert lines[4].startswith("\\x1b[2J\\x07bell")
    assert "…" in lines[5]
    assert lines[6].startswith("(empty)")
    assert lines[13:15] == ["new      new\\x1b", "rising   up 3.2x"]
    assert lines[-1] == "q quit"


def test_a_table_of_nothing() -> None:
    lines = draw(seen(rows=[], new=[], rising=[]), 80)
    assert len(lines) == 10 + FRAME_ROWS
