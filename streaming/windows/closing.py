"""Close windows when no line does, and keep them open for the backlog. Spark's time advances only with lines."""

import time
from collections.abc import Callable, Collection
from pathlib import Path

from streaming.counting.rules import Windows

#: In every time zone, midnight is at a multiple of this many seconds since 1970.
MIDNIGHT_SECONDS = 900
_ROW = b"\n"
#: What closes windows of arrival that have ended, should no other line come. A chunk of this content is taken for it:
#: an empty line that comes alone is no line among the totals either, and has no word.
CLOSING_LINE = b"\n"


class ArrivalClock:
    """Says when windows of arrival have ended. An empty line then closes them, should no other line come.

    Args:
        windows: windows without a ``time``.
    """

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._step = MIDNIGHT_SECONDS if windows.of_days else windows.slide
        self._steps = 0
        self._open_until = 0.0
        self.note_line()  # an earlier run may have left windows open

    def note_line(self) -> None:
        """Note that a line was counted just now: the windows it is in are open."""
        self._open_until = time.time() + self._windows.length + self._windows.slide

    def has_window_ended(self) -> bool:
        """Return whether an open window may have ended since the last call."""
        steps = int((time.time() - self._windows.late) // self._step)
        # The time of the last call decides: the process may have been suspended since, past the end of the last window.
        has_ended = steps != self._steps and self._steps * self._step < self._open_until
        self._steps = steps
        return has_ended


class BacklogGate:
    """Keeps windows open until the backlog is counted: what was there at the start is not read in the order of time.

    Args:
        folder: created if missing. Spark reads it, and closes no window before there is a file in it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():  # of an earlier run; there is a new backlog since
            path.unlink()
        self._folder = folder
        self._is_open = False
        self.backlog: frozenset[str] | None = None  #: the chunks that hold it; None while it is not read to its end

    def open_if_counted(self, waiting: Callable[[], Collection[str]]) -> None:
        """Let windows close if no chunk of the backlog waits to be counted any more.

        Args:
            waiting: returns the chunks that wait. It is called only once the backlog is known: a list from before that
                may lack the last chunks of the backlog.
        """
        if not self._is_open and self.backlog is not None and self.backlog.isdisjoint(waiting()):
            self._is_open = True
            temporary = self._folder / ".next"
            temporary.write_bytes(_ROW)
            temporary.rename(self._folder / str(time.time_ns()))
