"""Keys that are pressed at a terminal, one by one."""

import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Self


class Keys:
    """The keys pressed while it is entered; nothing where standard input is no terminal, or somebody else's."""

    def __init__(self) -> None:
        self._descriptor = sys.stdin.fileno() if _is_ours() else None
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
        return self._descriptor is not None and _is_ours()

    def pressed(self) -> str:
        """Return what was pressed since it was last asked."""
        if self._descriptor is None or not self.read or not select.select([self._descriptor], [], [], 0)[0]:
            return ""
        return os.read(self._descriptor, 1024).decode("utf-8", "ignore")


def _is_ours() -> bool:
    # A process in the background is stopped where it asks the terminal for anything.
    try:
        return sys.stdin is not None and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        return False
