"""The lines of the live view, cell by cell."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from streaming.live_view.layout import (
    FRAME_ROWS,
    Row,
    View,
    draw,
    message_lines,
    parts_over_time,
    sparkline,
    visible,
)

ROWS = [
    Row("the", 62_051, 1_250.5, 4_000, [1, 2, 4, 8]),
    Row("\x1b[2J\x07bell", 34_393, 0.0, 0, [0, 0, 0, 0]),
    Row("한국어는" * 20, 13_366, 3.0, 12, [8, 0, 0, 1]),
    Row("", 1, 0.0, 0, [0]),
]


def view_of(**changes: object) -> View:
    view = View(["31,102 new lines (4,767/s)", "820,739 words"], ROWS, 10, ["new\x1b"], [("up", 3.2)], [], "q quit")
    return view._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200, 400])
def test_no_line_is_wider_than_the_terminal_or_commands_it(width: int) -> None:
    message = message_lines("\x1b[31mred" * 50, width, 24)
    lines = draw(view_of(message=message), width)
    assert len(lines) == 10 + FRAME_ROWS + len(message)
    assert max(cell_len(line.plain) for line in lines) <= width
    assert "\x1b" not in "".join(line.plain for line in lines)
    assert all("\n" not in line.plain for line in lines)


@pytest.mark.parametrize(("width", "head"), [(200, ["a bb ccc", ""]), (20, ["a bb ccc", ""]), (5, ["a bb", "ccc"])])
def test_a_header_that_is_too_long_continues_below(width: int, head: list[str]) -> None:
    lines = [line.plain for line in draw(view_of(header=["a", "bb", "ccc"]), width)]
    assert [line.replace("  ", " ") for line in lines[:2]] == head


@pytest.mark.parametrize("width", [80, 200])
def test_the_columns_of_all_rows_are_aligned(width: int) -> None:
    heading, *rows = [line.plain for line in draw(view_of(), width)][2:7]
    ends = heading.index("count") + len("count")
    for row, number in zip(rows, ("62,051", "34,393", "13,366", "1"), strict=True):
        before = row[: row.index(f" {number} ") + 1 + len(number)]
        assert cell_len(before) == ends


def test_the_view_at_80_columns() -> None:
    lines = [line.plain.rstrip() for line in draw(view_of(), 80)]
    assert lines[0] == "31,102 new lines (4,767/s)  820,739 words"
    assert lines[2].split() == ["word", "count", "a", "second", "a", "minute", "5", "minutes"]
    word, count, bar, *rest = lines[3].split()
    assert (word, count, set(bar), rest) == ("the", "62,051", {"█"}, ["1,250.5", "+4,000", "▁▂▄█"])
    assert lines[4].startswith("\\x1b[2J\\x07bell")
    assert "…" in lines[5]
    assert lines[6].startswith("(empty word)")
    assert lines[13:15] == ["new      new\\x1b", "rising   up 3.2x"]
    assert lines[-1] == "q quit"


@pytest.mark.parametrize("width", [*range(20, 100), 200])
@pytest.mark.parametrize("total", [1, 999_999_999, 1_234_567_890])
def test_a_column_is_shown_whole_or_not_at_all(width: int, total: int) -> None:
    over_time = ([1, 2] * 30)[: parts_over_time(width, total)]
    row = Row("w" * 99, total, 1_250.5, total, over_time)
    _, _, heading, line, *_ = (line.plain for line in draw(view_of(rows=[row], table_rows=1), width))
    titles = re.fullmatch("word +count( +a second)?( +a minute)?( 5 minutes)? *", heading)
    columns = re.fullmatch(rf"w+… +{total:,}(?: █+)?( +1,250\.5)?( +\+{total:,})?( [▄█]+)?", line)
    assert titles
    assert columns
    assert [bool(title) for title in titles.groups()] == [bool(column) for column in columns.groups()]


def test_a_number_that_does_not_fit_is_not_shown_in_part() -> None:
    row = Row("w", 1_234_567_890, 0.0, 0, [])
    assert [line.plain for line in draw(view_of(rows=[row], table_rows=1), 12)][3] == "…"


def test_a_wider_terminal_has_more_columns() -> None:
    def titles(width: int) -> str:
        return " ".join(draw(view_of(), width)[2].plain.split())

    assert titles(20) == "word count"
    assert titles(40) == "word count a second"
    assert titles(60) == "word count a second a minute 5 minutes"


@pytest.mark.parametrize(("columns", "rows", "lines"), [(40, 10, 1), (60, 20, 4), (80, 24, 3), (20, 5, 1)])
def test_a_message_leaves_room_for_the_table(columns: int, rows: int, lines: int) -> None:
    assert len(message_lines("m" * 240, columns, rows)) == lines
    assert message_lines("", columns, rows) == []


def test_a_long_word_does_not_hide_the_next() -> None:
    *_, new, rising, _ = draw(view_of(new=["n" * 300, "two"], rising=[("r" * 300, 2.0), ("up", 3.2)]), 80)
    assert new.plain.split()[2:] == ["two"]
    assert rising.plain.split()[-2:] == ["up", "3.2x"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a\u200bb", "a\\u200bb"), ("\ufeffa", "\\ufeffa"), ("a\xadb", "a\\xadb"), ("\u202eabc", "\\u202eabc"),
        ("\u2067a\u2069", "\\u2067a\\u2069"), ("\u200f", "\\u200f"), ("\u061ca", "\\u061ca"), ("a\xa0b", "a\\xa0b"),
        ("\u0301", "\\u0301"), ("\u200b\u0301", "\\u200b\\u0301"), ("\u1160", "\\u1160"),
        ("\u2764\ufe0f", "\u2764\\ufe0f"),
        ("a\\u200bb", "a\\\\u200bb"), ("", "(empty word)"), ("\n", "\\n"),
        ("e\u0301\u0323", "e\u0301\u0323"), ("한국어", "한국어"), ("हिन्दी", "हिन्दी"),
        ("مرحبا", "مرحبا"), ("a b", "a b"),
    ],
)  # fmt: skip
def test_invisible_characters_are_escaped(word: str, expected: str) -> None:
    assert visible(word) == expected


@given(st.text(), st.text())
def test_two_different_words_look_different_and_are_visible(one: str, other: str) -> None:
    assert (visible(one) == visible(other)) == (one == other)
    assert visible(one).isprintable()
    assert not unicodedata.category(visible(one)[0]).startswith("M")


def test_an_empty_table_keeps_its_size() -> None:
    lines = draw(view_of(rows=[], new=[], rising=[]), 80)
    assert len(lines) == 10 + FRAME_ROWS


def test_the_length_of_a_bar_is_in_proportion_to_the_count() -> None:
    rows = [Row("a", 200, 0.0, 0, []), Row("b", 100, 0.0, 0, []), Row("c", 1, 0.0, 0, [])]
    bars = [line.plain.count("█") for line in draw(view_of(rows=rows, table_rows=3), 120)[3:6]]
    assert bars[0] == 2 * bars[1] > 2
    assert bars[2] == 1


def test_a_sparkline_shows_even_a_single_word() -> None:
    assert sparkline([0, 1, 1000]) == " ▁█"


def test_spaces_at_the_ends_of_a_word_are_visible() -> None:
    assert [visible(word) for word in ("a", "a ", " a", " ", "a \u0301")] == [
        "a", "a\\x20", "\\x20a", "\\x20", "a \\u0301",
    ]  # fmt: skip


def test_many_marks_over_one_letter_are_escaped() -> None:
    assert visible("z" + "\u0301" * 10) == "z" + "\u0301" * 8 + "\\u0301" * 2
