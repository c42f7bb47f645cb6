"""How a person or a supervisor ends a command: by Ctrl-C, by SIGTERM, or by closing the terminal."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Self

#: As a shell reports the end by a signal: this and its number.
KILLED_BY = 128
_GIVE_BACK_SECONDS = 2.0
_SHOW_CURSOR = b"\x1b[?25h"  # progress hides it


class StopSignal:
    """Whether it was told to stop, by SIGINT, SIGTERM or SIGHUP; the next SIGINT or SIGTERM ends the program at once.

    At once is without an exception: that would be raised wherever the program happens to be, also where Python only
    tells of it and goes on, as in what py4j does when an object is forgotten. What is left then is what a kill leaves.

    Args:
        restore: gives the terminal back as it was, where the program ends at once while this is entered.
    """

    def __init__(self, restore: Callable[[], None] = lambda: None) -> None:
        self.signal: int | None = None  #: which it was
        self._restore = restore
        self._event = threading.Event()
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def __bool__(self) -> bool:
        return self._event.is_set()

    def __enter__(self) -> Self:
        for number in self._before:
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        self._restore = lambda: None
        if not self:  # else the next one ends the program at once also while it cleans up
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def wait(self, seconds: float) -> None:
        """Wait until told to stop, or for so long."""
        self._event.wait(seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as signal wants it
        if self and number != signal.SIGHUP:  # which may come twice from a terminal that is closed, of it and its shell
            # A terminal that takes no output holds nobody up.
            giving_back = threading.Thread(target=self._give_back, daemon=True)
            giving_back.start()
            giving_back.join(_GIVE_BACK_SECONDS)
            os._exit(KILLED_BY + number)
        self.signal = number
        self._event.set()

    def _give_back(self) -> None:
        with contextlib.suppress(Exception):
            self._restore()
        if sys.stderr.isatty():
            with contextlib.suppress(OSError):
                os.write(sys.stderr.fileno(), _SHOW_CURSOR)
