"""Keys as terminals send them, and what the live view makes of them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.keys import Typed
from tests.support.processes import PATIENCE, wait_until
from tests.support.terminal import Terminal

_UP, _F1, _F5, _DELETE, _SHIFT_F1, _LINUX_F1 = "\x1b[A", "\x1bOP", "\x1b[15~", "\x1b[3~", "\x1b[1;2P", "\x1b[[A"
_VIEW = """
import time
from streaming.live import Former, Screen, Totals
with Screen(None, None, print) as screen:
    screen.update([("word", 5), ("other", 3)], Totals(1, 8, 2), Former())
    while not screen.left:
        screen.refresh()
        time.sleep(0.1)
"""


@pytest.fixture
def view() -> Iterator[Terminal]:
    with Terminal(80, 24, sys.executable, "-c", _VIEW, PYTHONPATH=str(Path(__file__).parents[2])) as terminal:
        wait_until(lambda: terminal.shows("q quit"), "the view")
        yield terminal


@pytest.mark.parametrize("sequence", [_UP, _F1, _F5, _DELETE, _SHIFT_F1, _LINUX_F1])
def test_a_sequence_is_no_key_wherever_it_is_cut(sequence: str) -> None:
    data = f"a{sequence}b".encode()
    for cut in range(len(data)):
        typed = Typed()
        assert typed.keys(data[:cut]) + typed.keys(data[cut:]) + typed.keys(b"") == "ab"


@pytest.mark.parametrize("pressed", ["\x1b", "\x1bs", "\x1b\x1b", "a\x1b", "\x1b[", "\x1bO", "/한\r", "\x08\x7f"])
def test_all_else_is_keys_and_so_is_a_lone_escape(pressed: str) -> None:
    for cut in range(len(pressed.encode()) + 1):
        typed = Typed()
        parts = (pressed.encode()[:cut], pressed.encode()[cut:], b"", b"")
        assert "".join(typed.keys(part) for part in parts) == pressed


def test_what_is_typed_is_corrected_by_either_backspace_and_an_arrow_does_not_end_it(view: Terminal) -> None:
    view.press("/wox\x08" + _UP + "rx\x7f" + _F1)
    wait_until(lambda: view.shows("/wor_"), "what was typed")
    assert view.shows("word", "5")
    assert not view.shows("other")
    view.press("\x1b")
    wait_until(lambda: view.shows("other", "3") and view.shows("q quit"), "all words, after Esc")
    view.press(_UP + "q")
    assert view.process.wait(timeout=PATIENCE) == 0
