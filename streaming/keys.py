"""Keys that are pressed at a terminal, one by one."""

import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Self


class Keys:
    """The keys pressed while it is entered; nothing where there is no terminal, or it is somebody else's.

    Where standard input is a pipe, they come from the terminal itself.
    """

    def __init__(self) -> None:
        self._descriptor = _terminal()
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        if self._descriptor is not None:
            self._before = termios.tcgetattr(self._descriptor)
            tty.setcbreak(self._descriptor)  # Ctrl-C stays a signal
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    @property
    def read(self) -> bool:
        """Whether keys that are pressed come here."""
        return self._descriptor is not None and _is_ours(self._descriptor)

    def pressed(self) -> str:
        """Return what was pressed since it was last asked."""
        if self._descriptor is None or not self.read or not select.select([self._descriptor], [], [], 0)[0]:
            return ""
        return os.read(self._descriptor, 1024).decode("utf-8", "ignore")


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
