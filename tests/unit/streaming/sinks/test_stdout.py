import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.sinks.stdout import print_changes, printable


@pytest.mark.parametrize("text", ["word: 1\n", "한국어: 2\n", "👩\u200d🚀: 1\n", "e\u0301\u00a0: 1\n", "\u200b", ""])
def test_letters_are_shown_as_they_are(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", "\\x1b[2J"), ("\r", "\\r"), ("\x9b1m", "\\x9b1m"), ("\x00", "\\x00"), ("\u202eabc", "\\u202eabc")],
)
def test_what_would_command_the_terminal_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_no_text_commands_the_terminal(text: str) -> None:
    shown = printable(text)

    assert all(char == "\n" or unicodedata.category(char) != "Cc" for char in shown)
    assert shown.count("\n") == text.count("\n")


def test_changes_are_printed_as_bytes_of_utf_8_and_unchanged(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_changes([("한", 2), ("\x1b", 1), ("", 1)])

    assert capfdbinary.readouterr().out == "한: 2\n\x1b: 1\n: 1\n".encode()
