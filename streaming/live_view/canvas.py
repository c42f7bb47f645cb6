"""Lines on a terminal, redrawn in place: only the lines that changed are written."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from rich.color import ColorSystem
from rich.console import Console
from rich.text import Text

from streaming.live_view.layout import Line

# The alternate screen, without a cursor. A line that is too wide is cut at the edge instead of wrapped, because
# terminals do not agree on how wide a character is.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_CLEAR = "\x1b[2J"
# Terminals that know these sequences show all that is between them at once. Others ignore them.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
#: Variables that may hold the size of the terminal that a shell was started in. The terminal itself knows better.
_SIZE_VARIABLES = {"COLUMNS", "LINES"}


def console() -> Console:
    """Return the console of the terminal behind standard output, which knows its size and its colours."""
    return Console(_environ={name: value for name, value in os.environ.items() if name not in _SIZE_VARIABLES})


def is_usable() -> bool:
    """Return whether standard output is a terminal that can be drawn on."""
    return sys.stdout.isatty() and not console().is_dumb_terminal


def write_to_stdout(text: str) -> None:
    """Write text to standard output without Python's buffer, whose lock would stay taken by a blocked terminal."""
    data = text.encode()
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


class Canvas:
    """The whole terminal, between ``enter`` and ``leave``.

    Args:
        console: the console of the terminal.
        write: writes text to the terminal.
    """

    def __init__(self, console: Console, write: Callable[[str], None] = write_to_stdout) -> None:
        self._console = console
        self._write = write
        self._size = console.size
        self._drawn: list[Line] = []

    def enter(self) -> None:
        """Take over the terminal."""
        self._drawn.clear()
        self._write(_ENTER + _CLEAR)

    def leave(self) -> None:
        """Give the terminal back as it was."""
        with suppress(OSError):  # the terminal is closed
            self._write(_LEAVE)

    def draw(self, lines: Sequence[Line]) -> None:
        """Show lines from the top of the terminal down, as many as fit."""
        lines = lines[: self._console.height]
        parts = []
        if self._size != self._console.size or len(lines) != len(self._drawn):
            self._size = self._console.size
            self._drawn.clear()
            parts.append(_CLEAR)
        for number, line in enumerate(lines):
            if number >= len(self._drawn) or line != self._drawn[number]:
                to_word, to_text = f"\x1b[{number + 1};1H\x1b[2K", f"\x1b[{line.cells + 1}G\x1b[K"
                parts += [to_word, line.word, to_text, self._styled(line.text)]
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
