import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.common.escaping import escape_controls, escape_invisible, escape_unprintable


@pytest.mark.parametrize("text", ["word: 1\n", "한국어: 2\n", "👩\u200d🚀: 1\n", "e\u0301\u00a0: 1\n", "\u200b", ""])
def test_letters_are_shown_as_they_are(text: str) -> None:
    assert escape_controls(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", "\\x1b[2J"), ("\r", "\\r"), ("\x9b1m", "\\x9b1m"), ("\x00", "\\x00"), ("\u202eabc", "\\u202eabc")],
)
def test_what_would_command_the_terminal_is_escaped(text: str, shown: str) -> None:
    assert escape_controls(text) == shown
    assert escape_unprintable(text) == shown
    assert escape_invisible(text) == shown


@given(st.text())
def test_no_text_commands_the_terminal(text: str) -> None:
    shown = escape_controls(text)

    assert all(char == "\n" or unicodedata.category(char) != "Cc" for char in shown)
    assert shown.count("\n") == text.count("\n")


@given(st.text())
def test_any_text_is_one_printable_line(text: str) -> None:
    assert escape_unprintable(text).isprintable()
    assert escape_invisible(text).isprintable()


def test_bytes_of_a_path_that_are_no_text_are_escaped() -> None:
    assert escape_unprintable("a\udcff") == "a\\udcff"
