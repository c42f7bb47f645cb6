"""How a person or a supervisor stops a command: with Ctrl-C, SIGTERM, or by closing the terminal."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Self

#: The exit status of a process that a signal ended is this plus the number of the signal, as shells report it.
KILLED_BY = 128
_RESTORE_SECONDS = 2.0
_SHOW_CURSOR = b"\x1b[?25h"  # a progress bar hides it


class StopSignal:
    """Whether SIGINT, SIGTERM or SIGHUP asked the program to stop. The next SIGINT or SIGTERM ends it at once.

    At once means without an exception. Python would raise one wherever the program happens to be, and only print it in
    some places, such as what py4j does when an object is garbage-collected. The program ends as if it was killed.

    Args:
        restore: restores the terminal if the program ends at once inside the ``with`` block.
    """

    def __init__(self, restore: Callable[[], None] = lambda: None) -> None:
        self.signal: int | None = None  #: the number of the first signal
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
        if not self:  # else a second signal also ends the program at once while it cleans up
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def wait(self, seconds: float) -> None:
        """Wait until asked to stop, at most this many seconds."""
        self._event.wait(seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # the signature of a handler
        if self and number != signal.SIGHUP:  # a closed terminal may send it twice, itself and by its shell
            # In a thread, so that a terminal that takes no output does not block the end.
            restoring = threading.Thread(target=self._restore_terminal, daemon=True)
            restoring.start()
            restoring.join(_RESTORE_SECONDS)
            os._exit(KILLED_BY + number)
        self.signal = number
        self._event.set()

    def _restore_terminal(self) -> None:
        with contextlib.suppress(Exception):
            self._restore()
        if sys.stderr.isatty():
            with contextlib.suppress(OSError):
                os.write(sys.stderr.fileno(), _SHOW_CURSOR)
