"""What the canvas draws, cell by cell, as a terminal shows it."""

import sys
from pathlib import Path

import pyte
import pytest
from rich.console import Console
from rich.text import Text

from streaming.live_view.canvas import Canvas
from streaming.live_view.layout import Line
from tests.support.processes import PATIENCE, wait_until
from tests.support.terminal import Terminal

_WIDTH, _HEIGHT = 40, 5


class Drawn:
    """A canvas on a terminal in memory."""

    def __init__(self, **environment: str) -> None:
        self.console = Console(force_terminal=True, width=_WIDTH, height=_HEIGHT, _environ=environment)
        self.canvas = Canvas(self.console, self._write)
        self.screen = pyte.Screen(_WIDTH, _HEIGHT)
        self._stream = pyte.Stream(self.screen)
        self.written = ""
        self.canvas.enter()

    def _write(self, text: str) -> None:
        self.written = text
        self._stream.feed(text)

    def draw(self, *lines: Line) -> str:
        """Draw lines, and return what is written to the terminal."""
        self.written = ""
        self.canvas.draw(lines)
        return self.written

    def cells(self, row: int, begin: int) -> str:
        return "".join(self.screen.buffer[row][column].data for column in range(begin, _WIDTH)).rstrip()


@pytest.fixture
def drawn() -> Drawn:
    return Drawn(TERM="xterm-256color")


@pytest.mark.parametrize("word", ["word", "한국어", "हिन्दी", "👍🏽👍🏽", "🇰🇷🇯🇵", "e\u0301" * 9, "👍🏽" * 30, "w" * 100])
def test_columns_stay_in_place_however_wide_a_word_is(drawn: Drawn, word: str) -> None:
    drawn.draw(Line(Text("a head")), Line(Text(f" {7:>5} x"), word, 12), Line(Text("a foot")))

    assert drawn.cells(1, 12) == "     7 x"
    assert (drawn.cells(0, 0), drawn.cells(2, 0)) == ("a head", "a foot")


def test_a_word_is_drawn_whole(drawn: Drawn) -> None:
    drawn.draw(Line(Text(" 1"), "한국어", 8))

    assert "".join(drawn.screen.display[0].split()) == "한국어1"


def test_only_changed_lines_are_written(drawn: Drawn) -> None:
    drawn.draw(Line(Text("one")), Line(Text("two")))

    assert drawn.draw(Line(Text("one")), Line(Text("two"))) == ""
    again = drawn.draw(Line(Text("one")), Line(Text("three", style="bold")))
    assert "three" in again
    assert "one" not in again
    assert (drawn.cells(0, 0), drawn.cells(1, 0)) == ("one", "three")


def test_a_longer_line_and_another_size_leave_nothing_behind(drawn: Drawn) -> None:
    drawn.draw(Line(Text("x" * _WIDTH)), Line(Text("y" * _WIDTH)))
    drawn.draw(Line(Text("one")), Line(Text("two")))
    assert (drawn.cells(0, 0), drawn.cells(1, 0)) == ("one", "two")
    drawn.console.size = (20, 3)  # type: ignore[assignment]

    again = drawn.draw(Line(Text("one")), Line(Text("two")))
    assert all(text in again for text in ("\x1b[2J", "one", "two"))


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-16color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "vt100", "COLORTERM": ""}, True),
    ],
)
def test_colours_are_used_unless_no_color_is_set(environment: dict[str, str], *, colour: bool) -> None:
    written = Drawn(**environment).draw(Line(Text.assemble(("bold", "bold red"), ("plain", ""))))

    assert ("\x1b[1;31mbold" in written) == colour
    assert ("\x1b[1mbold" in written) != colour
    assert written.count("plain") == 1


@pytest.mark.parametrize(("term", "usable"), [("xterm-256color", "True"), ("dumb", "False")])
def test_a_dumb_terminal_cannot_be_drawn_on(term: str, usable: str) -> None:
    code = "from streaming.live_view.canvas import is_usable; print(is_usable())"
    root = str(Path(__file__).parents[4])
    with Terminal(80, 24, sys.executable, "-c", code, PYTHONPATH=root, TERM=term) as terminal:
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(lambda: terminal.lines == [usable], "the answer")


def test_the_size_comes_from_the_terminal_not_from_the_environment() -> None:
    code = "from streaming.live_view.canvas import console; print(*console().size)"
    root = str(Path(__file__).parents[4])
    with Terminal(81, 25, sys.executable, "-c", code, PYTHONPATH=root, COLUMNS="40", LINES="9") as terminal:
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(lambda: terminal.lines == ["81 25"], "the size")
