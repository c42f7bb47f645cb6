"""Warnings of lines that no window counts: those without a time, and those that come after their window has closed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streaming.counting.rules import Windows
from streaming.spark.metrics import last_progress

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery


@dataclass
class Tally:
    """How many of one kind were seen, and how many of them a warning has reported.

    >>> tally = Tally(seen=3, reported=2)
    >>> tally.is_due
    False
    >>> tally.seen += 1
    >>> tally.is_due
    True
    """

    seen: int = 0
    reported: int = 0

    @property
    def is_due(self) -> bool:
        """Whether to report now: the first, and each time the number has doubled."""
        return self.seen > self.reported and self.seen >= 2 * self.reported


class DroppedLines:
    """Counts what no window of a stream counts; warns at the first, at each doubling and at the end.

    Args:
        windows: the windows of the stream.
        say: shows a message to the user.
    """

    def __init__(self, windows: Windows, say: Callable[[str], None]) -> None:
        self._windows = windows
        self._say = say
        self._lock = threading.Lock()  # the thread of the batches polls, too
        self._last_batch: int | None = None
        self._example = ""
        self._untimed, self._late = Tally(), Tally()

    @property
    def late(self) -> int:
        """How many words came late, each once per window and batch."""
        return self._late.seen

    @property
    def untimed(self) -> int:
        """How many lines had no time."""
        return self._untimed.seen

    def poll(self, query: "StreamingQuery") -> None:
        """Take in what the last batch of a query has dropped; to be called after each batch."""
        with self._lock:
            self._take(last_progress(query))

    def has_seen(self, query: "StreamingQuery", batch: int) -> bool:
        """Return whether what a batch has dropped is known, which is a moment after its commit."""
        self.poll(query)
        return self._last_batch is not None and self._last_batch >= batch

    def report(self) -> None:
        """Report what has not been reported yet."""
        if self._untimed.seen > self._untimed.reported:
            self._report_untimed()
        if self._late.seen > self._late.reported:
            self._report_late()

    def _take(self, progress: Any) -> None:
        if progress is None or progress.batchId() == self._last_batch:
            return
        self._last_batch = progress.batchId()
        for operator in progress.stateOperators():
            self._late.seen += operator.numRowsDroppedByWatermark()
        untimed = progress.observedMetrics().get("untimed")
        if untimed is not None and untimed.getLong(0):
            self._untimed.seen += untimed.getLong(0)
            self._example = untimed.getString(1)  # the newest is the easiest to find in a log
        if self._untimed.is_due:
            self._report_untimed()
        if self._late.is_due:
            self._report_late()

    def _report_untimed(self) -> None:
        self._untimed.reported = self._untimed.seen
        self._say(untimed_message(self._windows, self._untimed.seen, self._example))

    def _report_late(self) -> None:
        self._late.reported = self._late.seen
        words = "late word was" if self._late.seen == 1 else "late words were"
        reason = "the clock was set back" if self._windows.time is None else f"raise --late, now {self._windows.late} s"
        # Spark drops words after it has added them up within a batch.
        self._say(f"warning: {self._late.seen:,} {words} dropped (each word once per window and batch); {reason}")


def untimed_message(windows: Windows, lines: int, example: str) -> str:
    """Return the warning of lines without a time.

    Args:
        windows: the windows they are missing in.
        lines: how many there are.
        example: one of them.

    >>> from streaming.counting.rules import LineTime
    >>> untimed_message(Windows(60, 60, LineTime("iso")), 1, "a line")
    "warning: 1 line was dropped: no time that fits --time-format iso, or one over a day ahead, as in 'a line'"
    """
    time_format = "" if windows.time is None else windows.time.format
    subject = f"{lines:,} line was" if lines == 1 else f"{lines:,} lines were"
    result = "counted by arrival" if windows.untimed == "arrival" else "dropped"
    reason = f"no time that fits --time-format {time_format}, or one over a day ahead, as in {example!r}"
    return f"warning: {subject} {result}: {reason}"
