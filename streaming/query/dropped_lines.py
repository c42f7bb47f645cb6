"""Tell of lines that no window counts: those without a time, and those that come after their window was closed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streaming.counting.rules import Windows
from streaming.spark.progress import last_progress

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery


@dataclass
class Tally:
    """How many of one kind were seen, and how many of them were told.

    >>> tally = Tally(seen=3, told=2)
    >>> tally.is_due
    False
    >>> tally.seen += 1
    >>> tally.is_due
    True
    """

    seen: int = 0
    told: int = 0

    @property
    def is_due(self) -> bool:
        """Whether it is to be told: at first, and when it has doubled."""
        return self.seen > self.told and self.seen >= 2 * self.told


class DroppedLines:
    """What a stream has left out of its windows so far, each kind told at first, when it has doubled, and at the end.

    Args:
        windows: what is counted by.
        tell: shows a message to the person at the terminal.
    """

    def __init__(self, windows: Windows, tell: Callable[[str], None]) -> None:
        self._windows = windows
        self._tell = tell
        self._lock = threading.Lock()  # it is asked from the thread of the batches, too
        self._seen: int | None = None
        self._example = ""
        self._untimed, self._late = Tally(), Tally()

    def look(self, query: "StreamingQuery") -> None:
        """Take in the batch that a query has ended last; to be asked after each."""
        with self._lock:
            self._take(last_progress(query))

    def _take(self, last: Any) -> None:
        if last is None or last.batchId() == self._seen:
            return
        self._seen = last.batchId()
        for operator in last.stateOperators():
            self._late.seen += operator.numRowsDroppedByWatermark()
        untimed = last.observedMetrics().get("untimed")
        if untimed is not None and untimed.getLong(0):
            self._untimed.seen += untimed.getLong(0)
            self._example = untimed.getString(1)  # of the newest, which is what is looked for in a log
        if self._untimed.is_due:
            self._tell_untimed()
        if self._late.is_due:
            self._tell_late()

    def has_seen(self, query: "StreamingQuery", batch: int) -> bool:
        """Tell whether a query has said how a batch went, which it does after it has committed it."""
        self.look(query)
        return self._seen is not None and self._seen >= batch

    def tell(self) -> None:
        """Tell what has not been told yet."""
        if self._untimed.seen > self._untimed.told:
            self._tell_untimed()
        if self._late.seen > self._late.told:
            self._tell_late()

    def _tell_untimed(self) -> None:
        self._untimed.told = self._untimed.seen
        self._tell(untimed_message(self._windows, self._untimed.seen, self._example))

    def _tell_late(self) -> None:
        self._late.told = self._late.seen
        # Spark counts them after it has added up the words of a batch.
        why = f"--late says how long a window waits for them, now {self._windows.late} s"
        if self._windows.time is None:
            why = "the clock was set back"
        self._tell(
            f"warning: words that came after their window was closed are not counted: {self._late.seen:,}, where a word"
            f" is one for each window and batch, however often it came; {why}"
        )


def untimed_message(windows: Windows, lines: int, example: str) -> str:
    """Return what is told of lines without a time."""
    form = "" if windows.time is None else windows.time.format
    what = "are counted by their arrival" if windows.untimed == "arrival" else "are set aside and not counted"
    which = f"lines without a time as --time-format {form} has it, or with one over a day ahead,"
    return f"warning: {which} {what}: {lines:,}, as {example!r}"
