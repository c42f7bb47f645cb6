"""Lines on a terminal, redrawn in place: of each picture, what is another line than before."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from rich.color import ColorSystem
from rich.console import Console
from rich.text import Text

from streaming.live_view.layout import Line

# A screen of its own without a cursor. A line that is too wide is cut at the edge and does not go on in the next one:
# how wide a character is, terminals do not agree.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_CLEAR = "\x1b[2J"
# Terminals that know these show what is between them at once; to others they say nothing.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
#: Which size it has, the terminal knows; these were of the one that the environment is from.
_SIZE_VARIABLES = {"COLUMNS", "LINES"}


def console() -> Console:
    """Return what knows the terminal behind standard output: its size and its colours."""
    return Console(_environ={name: value for name, value in os.environ.items() if name not in _SIZE_VARIABLES})


def is_usable() -> bool:
    """Tell whether standard output is a terminal that can be drawn on."""
    return sys.stdout.isatty() and not console().is_dumb_terminal


class Canvas:
    """The whole of a terminal, between ``enter`` and ``leave``.

    Args:
        console: knows the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._size = console.size
        self._drawn: list[Line] = []

    def enter(self) -> None:
        """Take the terminal."""
        self._drawn.clear()
        self._write(_ENTER + _CLEAR)

    def leave(self) -> None:
        """Give it back as it was."""
        with suppress(OSError):  # it is closed
            self._write(_LEAVE)

    def draw(self, lines: Sequence[Line]) -> None:
        """Show lines, from the top of the terminal on, as many as there is room for."""
        lines = lines[: self._console.height]
        parts = []
        if self._size != self._console.size or len(lines) != len(self._drawn):
            self._size = self._console.size
            self._drawn.clear()
            parts.append(_CLEAR)
        for number, line in enumerate(lines):
            if number >= len(self._drawn) or line != self._drawn[number]:
                place = f"\x1b[{number + 1};1H\x1b[2K", f"\x1b[{line.cells + 1}G\x1b[K"
                parts += [place[0], line.word, place[1], self._styled(line.text)]
        self._drawn = list(lines)
        if parts:
            self._write(_BEGIN + "".join(parts) + _END)

    def _styled(self, text: Text) -> str:
        colors = ColorSystem.STANDARD if self._console.color_system else None
        styled = []
        for segment in text.render(self._console):
            style = segment.style
            if style is not None and self._console.no_color:
                style = style.without_color
            styled.append(style.render(segment.text, color_system=colors) if style else segment.text)
        return "".join(styled)

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:  # and not by Python's buffer, whose lock a terminal that takes no output would hold
            data = data[os.write(sys.stdout.fileno(), data) :]
