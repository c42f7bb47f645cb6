"""How a person or a supervisor ends a command: by Ctrl-C, by SIGTERM, or by closing the terminal."""

import signal
import threading
from types import FrameType
from typing import Self


class Stopping:
    """Whether it was told to stop, by SIGINT, SIGTERM or SIGHUP; the second ends the program at once."""

    def __init__(self) -> None:
        self.signal: int | None = None  #: which it was
        self._event = threading.Event()
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def __bool__(self) -> bool:
        return self._event.is_set()

    def __enter__(self) -> Self:
        for number in self._before:
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        self._restore()

    def wait(self, seconds: float) -> None:
        """Wait until told to stop, or for so long."""
        self._event.wait(seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as signal wants it
        self.signal = number
        self._event.set()
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
