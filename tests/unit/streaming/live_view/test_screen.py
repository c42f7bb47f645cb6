"""The live view on a terminal, without a stream behind it."""

import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.live_counts.counts import TopWords
from tests.support.processes import PATIENCE, wait_until
from tests.support.terminal import Terminal

_LEAVE = b"\x1b[?1049l"  # the screen of its own
_UP, _F1 = "\x1b[A", "\x1bOP"
_VIEW = """
import os, signal, time
from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.live_view.screen import Screen
from streaming.spark.metrics import BatchTotals, PreviousBatch
counts = SharedCounts(Counts(CountedBefore(), time.monotonic()))
with Screen(counts, None, lambda message: print("shown again:", message), message=os.environ.get("SAID", "")) as screen:
    signal.signal(signal.SIGUSR1, lambda *_: screen.say("said meanwhile"))
    more = [(f"more{number:02}", 2) for number in range(80)]
    counts.update([("word", 12345), ("other", 3), *more], BatchTotals(1, 12508, 82), PreviousBatch())
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=12), st.integers(1, 5))
def test_the_top_words_are_those_of_all_words_though_only_some_are_kept(batches: list[list[str]], size: int) -> None:
    top, counts = TopWords(size), Counter[str]()
    for batch in batches:
        counts.update(batch)
        top.update([(word, counts[word]) for word in set(batch)])

        assert top.rows == sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:size]


def test_a_batch_counted_again_changes_nothing() -> None:
    top = TopWords(2)
    top.update([("a", 1), ("b", 2)])
    top.update([("a", 1), ("b", 2)])

    assert top.rows == [("b", 2), ("a", 1)]


@pytest.fixture
def view() -> Callable[..., Terminal]:
    """Return what shows a view in a terminal of a size."""
    root = str(Path(__file__).parents[4])
    return lambda *size, **variables: Terminal(*size, sys.executable, "-c", _VIEW, PYTHONPATH=root, **variables)


def test_either_backspace_corrects_the_search_and_an_arrow_does_not_end_it(
    view: Callable[..., Terminal],
) -> None:
    with view(80, 24) as terminal:
        wait_until(lambda: terminal.shows("q quit"), "the view")
        terminal.press("/wox\x08" + _UP + "rx" + _F1)
        wait_until(lambda: terminal.shows("/worx_", "no word contains it"), "that nothing was found")
        terminal.press("\x7f")
        wait_until(lambda: terminal.shows("/wor_"), "what was typed")
        assert terminal.shows("word", "12,345")
        assert not terminal.shows("other")
        terminal.press("\x1b")
        wait_until(lambda: terminal.shows("other", "3") and terminal.shows("q quit"), "all words, after Esc")
        terminal.press(_UP + "q")
        assert terminal.process.wait(timeout=PATIENCE) == 0


def test_ctrl_z_gives_the_terminal_back_until_the_process_continues() -> None:
    shell = '"$@"; echo back at the shell; read -r _; fg > /dev/null'
    root = str(Path(__file__).parents[4])
    command = ("bash", "-mc", shell, "bash", sys.executable, "-c", _VIEW)
    with Terminal(80, 24, *command, PYTHONPATH=root) as terminal:
        wait_until(lambda: terminal.shows("word", "12,345"), "the view")
        terminal.press("\x1a")
        wait_until(lambda: terminal.shows("back at the shell"), "the stop")
        assert _LEAVE in terminal.raw
        terminal.screen.reset()
        terminal.press("\n")
        wait_until(lambda: terminal.shows("word", "12,345") and not terminal.echoes, "the view again")
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        assert terminal.echoes


def test_ctrl_z_does_not_stop_a_process_that_no_shell_could_continue(view: Callable[..., Terminal]) -> None:
    with view(80, 24) as terminal:
        wait_until(lambda: terminal.shows("word", "12,345"), "the view")
        terminal.press("\x1a")
        wait_until(lambda: _LEAVE in terminal.raw and terminal.raw.endswith(b"\x1b[?2026l"), "the view again")
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0


def test_a_paused_view_fits_another_size(view: Callable[..., Terminal]) -> None:
    with view(80, 24) as terminal:
        wait_until(lambda: terminal.shows("word", "12,345"), "the view")
        terminal.press("p")
        wait_until(lambda: terminal.shows("PAUSED"), "the pause")
        terminal.resize(60, 40)
        wait_until(lambda: sum("more" in line for line in terminal.lines) == 40 - 6 - 2, "all rows")
        wait_until(lambda: "PAUSED" in terminal.screen.display[-1], "the last line")
        assert terminal.shows("word", "12,345")
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0


def test_messages_from_before_and_during_the_view_are_shown(view: Callable[..., Terminal]) -> None:
    with view(80, 24, SAID="said before") as terminal:
        wait_until(lambda: terminal.shows("said before") and terminal.shows("12,345"), "what was said before")
        terminal.process.send_signal(signal.SIGUSR1)
        said = re.compile(r"\d\d:\d\d:\d\d said meanwhile")
        wait_until(lambda: any(map(said.match, terminal.lines)), "the message, and when it was said")
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(lambda: terminal.shows("shown again: said meanwhile"), "the message once more")
        assert not terminal.says("shown again: said before")


def is_whole(lines: list[str], rows: int) -> bool:
    """Tell whether the lines are the view on a terminal of so many rows, with each count whole and in its column."""
    heading = next((line for line in lines if line.startswith("word ") and "count" in line), None)
    if heading is None or not lines[-1].startswith("q quit"):
        return False
    table = [line[: heading.index("count") + len("count")] for line in lines if "more" in line]
    return (
        len(table) == rows - 6 - 2
        and all(re.fullmatch(r"more\d\d +2", line) for line in table)
        and any(re.match("word +12,345( |$)", line) for line in lines)
    )


@pytest.mark.parametrize(("columns", "rows"), [(20, 8), (40, 10), (60, 20), (200, 60)])
def test_counts_are_whole_on_any_terminal_and_in_the_final_table(
    view: Callable[..., Terminal], columns: int, rows: int
) -> None:
    with view(columns, rows) as terminal:
        wait_until(lambda: is_whole(terminal.lines, rows), "a whole table")  # a frame may be only half drawn
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(
            lambda: re.search(rb"word +12,345\r\n", terminal.raw.partition(_LEAVE)[2]) is not None, "the final table"
        )
