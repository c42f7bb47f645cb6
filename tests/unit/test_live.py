"""The live view: what it keeps, and what a person at a terminal makes of it, without a stream behind it."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.live import Top
from tests.support.processes import PATIENCE, wait_until
from tests.support.terminal import Terminal

_UP, _F1 = "\x1b[A", "\x1bOP"
_VIEW = """
import time
from streaming.live import Former, Screen, Totals
with Screen(None, None, print) as screen:
    more = [(f"more{number:02}", 2) for number in range(80)]
    screen.update([("word", 12345), ("other", 3), *more], Totals(1, 12508, 82), Former())
    while not screen.left:
        screen.refresh()
        time.sleep(0.1)
"""


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=12), st.integers(1, 5))
def test_the_top_is_that_of_all_words_though_it_keeps_only_some(batches: list[list[str]], size: int) -> None:
    top, counts = Top(size), Counter[str]()
    for batch in batches:
        counts.update(batch)
        top.update([(word, counts[word]) for word in set(batch)])

        assert top.rows == sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:size]


def test_a_batch_counted_again_changes_nothing() -> None:
    top = Top(2)
    top.update([("a", 1), ("b", 2)])
    top.update([("a", 1), ("b", 2)])

    assert top.rows == [("b", 2), ("a", 1)]


@pytest.fixture
def view() -> Callable[[int, int], Terminal]:
    """Return what shows a view in a terminal of a size."""
    root = str(Path(__file__).parents[2])
    return lambda columns, rows: Terminal(columns, rows, sys.executable, "-c", _VIEW, PYTHONPATH=root)


def test_either_backspace_corrects_what_is_typed_and_an_arrow_does_not_end_it(
    view: Callable[[int, int], Terminal],
) -> None:
    with view(80, 24) as terminal:
        wait_until(lambda: terminal.shows("q quit"), "the view")
        terminal.press("/wox\x08" + _UP + "rx" + _F1)
        wait_until(lambda: terminal.shows("/worx_", "no word holds it"), "that nothing was found")
        terminal.press("\x7f")
        wait_until(lambda: terminal.shows("/wor_"), "what was typed")
        assert terminal.shows("word", "12,345")
        assert not terminal.shows("other")
        terminal.press("\x1b")
        wait_until(lambda: terminal.shows("other", "3") and terminal.shows("q quit"), "all words, after Esc")
        terminal.press(_UP + "q")
        assert terminal.process.wait(timeout=PATIENCE) == 0


@pytest.mark.parametrize(("columns", "rows"), [(20, 8), (40, 10), (60, 20), (200, 60)])
def test_a_count_is_whole_on_any_terminal_and_in_the_last_table(
    view: Callable[[int, int], Terminal], columns: int, rows: int
) -> None:
    with view(columns, rows) as terminal:
        wait_until(lambda: terminal.shows("q quit"), "the view")
        assert terminal.lines[-1].startswith("q quit")
        assert sum("more" in line for line in terminal.lines) == rows - 6 - 2
        assert any(re.match("word +12,345( |$)", line) for line in terminal.lines)
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        left = b"\x1b[?1049l"  # the screen of its own
        wait_until(
            lambda: re.search(rb"word +12,345\r\n", terminal.raw.partition(left)[2]) is not None, "the last table"
        )
