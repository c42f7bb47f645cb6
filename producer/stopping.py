"""How a person or a supervisor ends a command: by Ctrl-C, by SIGTERM, or by closing the terminal."""

import contextlib
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from producer.terminal import KILLED_BY

_LEAVE_SCREEN, _SHOW_CURSOR = b"\x1b[?7h\x1b[?1049l", b"\x1b[?25h"  # ?7h: long lines go on in the next one


class Stopping:
    """Whether it was told to stop, by SIGINT, SIGTERM or SIGHUP; the next SIGINT or SIGTERM ends the program at once.

    At once is without an exception: that would be raised wherever the program happens to be, also where Python only
    tells of it and goes on, as in what py4j does when an object is forgotten. What is left then is what a kill leaves.

    Args:
        on_screen: asked while this is entered whether the terminal shows a screen of ours, which is to be left then.
    """

    def __init__(self, on_screen: Callable[[], bool] = lambda: False) -> None:
        self.signal: int | None = None  #: which it was
        self._on_screen = on_screen
        self._modes: list[Any] = []
        self._event = threading.Event()
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def __bool__(self) -> bool:
        return self._event.is_set()

    def __enter__(self) -> Self:
        self._modes = _terminal_modes()
        for number in self._before:
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        self._on_screen = lambda: False
        if not self:  # else the next one ends the program at once also while it cleans up
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def wait(self, seconds: float) -> None:
        """Wait until told to stop, or for so long."""
        self._event.wait(seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as signal wants it
        if self and number != signal.SIGHUP:  # which may come twice from a terminal that is closed, of it and its shell
            self._restore_terminal()
            os._exit(KILLED_BY + number)
        self.signal = number
        self._event.set()

    def _restore_terminal(self) -> None:
        on_screen = self._on_screen()
        if on_screen and self._modes:
            _set_terminal_modes(self._modes)
        shown = sys.stdout if on_screen else sys.stderr  # there is progress, without a cursor
        if shown.isatty():
            with contextlib.suppress(OSError):
                os.write(shown.fileno(), _LEAVE_SCREEN * on_screen + _SHOW_CURSOR)  # last: a thread may still draw


def _terminal_modes() -> list[Any]:
    """Return the modes of the terminal, nothing where there is none."""
    with contextlib.suppress(OSError, termios.error), open("/dev/tty", "rb", buffering=0) as terminal:
        return termios.tcgetattr(terminal)
    return []


def _set_terminal_modes(modes: list[Any]) -> None:
    with contextlib.suppress(OSError, termios.error), open("/dev/tty", "rb", buffering=0) as terminal:
        if os.tcgetpgrp(terminal.fileno()) == os.getpgrp():  # else they are another's
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
