"""Tell of lines that no window counts: those without a time, and those that come after their window was closed."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streaming.windows import Windows

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery


class LeftOut:
    """What a stream has left out of its windows so far; told at first, when it has doubled, and at the end.

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
        self._untimed = self._late = 0
        self._told_untimed = self._told_late = 0

    def look(self, query: "StreamingQuery") -> None:
        """Take in the batch that a query has ended last; to be asked after each."""
        last = query._jsq.lastProgress()  # noqa: SLF001  # as JSON, which pyspark makes of it, it takes 5 ms
        with self._lock:
            self._take(last)

    def _take(self, last: Any) -> None:
        if last is None or last.batchId() == self._seen:
            return
        self._seen = last.batchId()
        for operator in last.stateOperators():
            self._late += operator.numRowsDroppedByWatermark()
        untimed = last.observedMetrics().get("untimed")
        if untimed is not None and untimed.getLong(0):
            self._untimed += untimed.getLong(0)
            self._example = self._example or untimed.getString(1)
        if self._untimed >= 2 * self._told_untimed or self._late >= 2 * self._told_late:
            self.tell()

    def has_seen(self, query: "StreamingQuery", batch: int) -> bool:
        """Tell whether a query has said how a batch went, which it does after it has committed it."""
        self.look(query)
        return self._seen is not None and self._seen >= batch

    def tell(self) -> None:
        """Tell what has not been told yet."""
        if self._untimed > self._told_untimed:
            self._told_untimed = self._untimed
            self._tell(untimed_message(self._windows, self._untimed, self._example))
        if self._late > self._told_late:
            self._told_late = self._late
            # Spark counts them after it has added up the words of a batch.
            why = f"--late says how long a window waits for them, now {self._windows.late} s"
            if self._windows.time is None:
                why = "the clock was set back"
            self._tell(
                f"warning: words that came after their window was closed are not counted: {self._late:,}, where a word"
                f" is one for each window and batch, however often it came; {why}"
            )


def untimed_message(windows: Windows, lines: int, example: str) -> str:
    """Return what is told of lines without a time."""
    form = "" if windows.time is None else windows.time.format
    what = "are counted by their arrival" if windows.untimed == "arrival" else "are set aside and not counted"
    which = f"lines without a time as --time-format {form} has it, or with one over a day ahead,"
    return f"warning: {which} {what}: {lines:,}, as {example!r}"
