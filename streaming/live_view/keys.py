"""The keys that are pressed at a terminal, one by one."""

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
_INCOMPLETE_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*|\[\[|O[0-9;]*)?\Z")


class Keys:
    """The keys pressed between ``enter`` and ``leave``; none if this process is not in the foreground of a terminal.

    If standard input is a pipe, the keys come from the terminal itself.
    """

    def __init__(self) -> None:
        self._descriptor = _open_terminal()
        self._mode_before: list[Any] = []
        self._decoder = KeyDecoder()

    def enter(self) -> None:
        """Have the terminal pass on each key at once, and echo none."""
        if self._descriptor is not None:
            self._mode_before = termios.tcgetattr(self._descriptor)
            tty.setcbreak(self._descriptor)  # Ctrl-C still sends a signal

    def leave(self) -> None:
        """Give the terminal back as it was."""
        if self._descriptor is not None and self.are_readable:  # else another process has it, or it is closed
            with suppress(termios.error):
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._mode_before)

    @property
    def are_readable(self) -> bool:
        """Whether this process receives the keys that are pressed."""
        return self._descriptor is not None and _is_in_foreground(self._descriptor)

    def read(self) -> str:
        """Return the keys pressed since the last call."""
        if self._descriptor is None or not self.are_readable:
            return ""
        has_input = select.select([self._descriptor], [], [], 0)[0]
        return self._decoder.decode(os.read(self._descriptor, 1024) if has_input else b"")


class KeyDecoder:
    r"""Turns what a terminal sends into keys. Sequences, which arrows and function keys send, are dropped.

    Esc sends the first character of such a sequence, so it is a key only once nothing has followed it.

    >>> decoder = KeyDecoder()
    >>> decoder.decode(b"a\x1b[Ab\x1b"), decoder.decode(b"[B"), decoder.decode(b"\x1b"), decoder.decode(b"")
    ('ab', '', '', '\x1b')
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._incomplete = ""

    def decode(self, data: bytes) -> str:
        """Return the keys that are complete with the data that came since the last call, which may be none."""
        text = _SEQUENCE.sub("", self._incomplete + self._decoder.decode(data))
        incomplete = _INCOMPLETE_SEQUENCE.search(text) if data else None
        self._incomplete = incomplete[0] if incomplete else ""
        return text.removesuffix(self._incomplete)


def _open_terminal() -> int | None:
    """Return the descriptor of the terminal that this process is in the foreground of; None if there is none."""
    try:
        is_piped = sys.stdin is None or not sys.stdin.isatty()
        descriptor = os.open("/dev/tty", os.O_RDWR) if is_piped else sys.stdin.fileno()
    except OSError:
        return None
    return descriptor if _is_in_foreground(descriptor) else None


def _is_in_foreground(descriptor: int) -> bool:
    # A process in the background is stopped when it asks the terminal for anything.
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
