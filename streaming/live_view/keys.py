"""Keys that are pressed at a terminal, one by one."""

import codecs
import os
import re
import select
import sys
import termios
import tty
from contextlib import suppress
from typing import Any

#: What an arrow or a function key sends, and the beginning of it.
_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-Z\\-~]|\[\[[A-E]|O[0-9;]*[@-~])")
_BEGUN = re.compile(r"\x1b(\[[0-?]*[ -/]*|\[\[|O[0-9;]*)?\Z")


class Keys:
    """The keys pressed between ``enter`` and ``leave``; nothing where there is no terminal, or it is somebody else's.

    Where standard input is a pipe, they come from the terminal itself.
    """

    def __init__(self) -> None:
        self._descriptor = _terminal()
        self._before: list[Any] = []
        self._typed = Typed()

    def enter(self) -> None:
        """Have the terminal hand on each key at once, and show none."""
        if self._descriptor is not None:
            self._before = termios.tcgetattr(self._descriptor)
            tty.setcbreak(self._descriptor)  # Ctrl-C stays a signal

    def leave(self) -> None:
        """Give the terminal back as it was."""
        if self._descriptor is not None and self.read:  # else it is another's, or closed
            with suppress(termios.error):
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

    @property
    def read(self) -> bool:
        """Whether keys that are pressed come here."""
        return self._descriptor is not None and _is_ours(self._descriptor)

    def pressed(self) -> str:
        """Return what was pressed since it was last asked."""
        if self._descriptor is None or not self.read:
            return ""
        there = select.select([self._descriptor], [], [], 0)[0]
        return self._typed.keys(os.read(self._descriptor, 1024) if there else b"")


class Typed:
    r"""Makes keys of what a terminal sends: a key that sends a sequence, as the arrows do, is none.

    Esc alone is the beginning of such a sequence, so it is a key once nothing has followed it.

    >>> typed = Typed()
    >>> typed.keys(b"a\x1b[Ab\x1b"), typed.keys(b"[B"), typed.keys(b"\x1b"), typed.keys(b"")
    ('ab', '', '', '\x1b')
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._begun = ""

    def keys(self, data: bytes) -> str:
        """Return the keys that end with what has come since it was last asked, which may be nothing."""
        text = _SEQUENCE.sub("", self._begun + self._decoder.decode(data))
        begun = _BEGUN.search(text) if data else None
        self._begun = begun[0] if begun else ""
        return text.removesuffix(self._begun)


def _terminal() -> int | None:
    """Return the descriptor of the terminal, None where there is none in whose foreground this is."""
    try:
        piped = sys.stdin is None or not sys.stdin.isatty()
        descriptor = os.open("/dev/tty", os.O_RDWR) if piped else sys.stdin.fileno()
    except OSError:
        return None
    return descriptor if _is_ours(descriptor) else None


def _is_ours(descriptor: int) -> bool:
    # A process in the background is stopped where it asks the terminal for anything.
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
