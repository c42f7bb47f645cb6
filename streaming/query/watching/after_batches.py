"""Reads the state of a stream while it counts, for those who watch."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from streaming.errors import one_line
from streaming.state.checkpoint import last_commit

#: The state is read at most so often, and for at most a twentieth of the time, but once in so many seconds.
_LEAST_SECONDS, _REST, _MOST_SECONDS = 2.0, 20, 300.0
#: How often to see whether it is time to, and how long the end of a stream waits for the last picture.
_POLL_SECONDS, _END_SECONDS = 0.25, 5.0


class AfterBatches:
    """Reads the state in a thread of its own when a batch, or a checkpoint in real time, has changed it.

    Args:
        read: reads it, and takes what it has read to where it is shown.
        what: what cannot be shown if that fails, as a message says it.
        checkpoint: the checkpoint of the stream.
        say: shows a message to the user.
        is_wanted: tells whether anybody wants to see it.
        known: the batch after which it is known; None if it is not.
    """

    def __init__(
        self,
        read: Callable[[], None],
        what: str,
        checkpoint: Path,
        say: Callable[[str], None],
        is_wanted: Callable[[], bool] = lambda: True,
        known: int | None = None,
    ) -> None:
        self._call = read
        self._what = what
        self._checkpoint = checkpoint
        self._say = say
        self._is_wanted = is_wanted
        self._due = 0.0
        self._known = known
        self._is_silent = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=what, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Read it a last time, unless the stream has failed, but do not hold up the end for long."""
        self._is_silent |= error is not None
        self._stop.set()
        self._thread.join(_END_SECONDS)
        self._is_silent = True  # Spark ends now, whatever it reads

    def _run(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self._poll()
        self._due = 0.0
        self._poll()

    def _poll(self) -> None:
        """Read it, if it is time to and a batch has changed it."""
        now = time.monotonic()
        if now < self._due or not self._is_wanted():
            return
        try:
            batch = last_commit(self._checkpoint)
            if batch is not None and batch != self._known:
                self._call()
                self._known = batch
        except Exception as error:  # noqa: BLE001  # counting is worth more than a picture of it
            self._note(error)
        self._due = now + min(max(_LEAST_SECONDS, _REST * (time.monotonic() - now)), _MOST_SECONDS)

    def _note(self, error: Exception) -> None:
        if not self._is_silent:
            self._is_silent = True
            self._say(f"warning: the {self._what} cannot be shown: {one_line(error)}; counting goes on")
