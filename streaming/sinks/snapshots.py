"""Snapshots of all counts: read from the state of a committed batch while the query runs, and written as one file."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from streaming.sinks.files import remove_other_formats, save
from streaming.sinks.formats import file_name
from streaming.sinks.stdout import print_file
from streaming.spark.settings import TIME_ZONE
from streaming.state.checkpoint import last_commit
from streaming.state.counts import counts_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WINDOW = "window_start timestamp, window_end timestamp, "
_STEM = "counts"
LONG_SECONDS = 1.0
_NOTHING_WRITTEN = -1  # not None, which stands for the snapshot before the first batch


class Snapshots:
    """Writes ``counts.*`` in the output folder: all counts after one committed batch.

    The first snapshot replaces those that earlier runs have written in other formats.

    Delivery guarantee: a reader sees the whole of the last snapshot, also after a crash.

    Args:
        spark: the session of the query.
        checkpoint: the checkpoint of the query.
        output: the output folder; None writes no snapshots.
        format_name: one of ``FORMATS``.
        interval: seconds between two snapshots.
        windowed: whether words are counted in windows.
    """

    def __init__(
        self,
        spark: "SparkSession",
        checkpoint: Path,
        output: Path | None,
        format_name: str,
        interval: float,
        *,
        windowed: bool = False,
    ) -> None:
        self._schema = f"{_WINDOW if windowed else ''}word string, count long"
        self._spark = spark
        self._checkpoint = checkpoint
        self._target = None if output is None else output / file_name(_STEM, format_name)
        self._format_name = format_name
        self._interval = interval
        self._due = time.monotonic() + interval
        self._written: int | None = _NOTHING_WRITTEN

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that the times of windows are shown in."""
        return ZoneInfo(str(self._spark.conf.get(TIME_ZONE)))

    def counts(self) -> "DataFrame":
        """Return the counts of the last committed batch, as ``counts_of`` does."""
        batch = last_commit(self._checkpoint)
        if batch is None:
            return self._spark.createDataFrame([], self._schema)
        return counts_of(self._spark, self._checkpoint, batch)

    def write_if_due(self) -> None:
        """Write a snapshot if the interval has passed and a batch is committed."""
        if time.monotonic() >= self._due:
            if last_commit(self._checkpoint) is not None:
                self.write()
            self._due = time.monotonic() + self._interval

    def write(self) -> None:
        """Write a snapshot, unless there is no output folder or the last snapshot is of the same batch."""
        if self._target is None:
            return
        batch = last_commit(self._checkpoint)
        if batch != self._written or not self._target.exists():
            save(self.counts(), self._target, self._format_name)
            if self._written == _NOTHING_WRITTEN:  # later, such a file may be the user's own export
                remove_other_formats(self._target.parent, _STEM, self._format_name)
            self._written = batch

    def write_last(self, say: Callable[[str], None] | None) -> None:
        """Write the snapshot at the end of a run.

        Args:
            say: shows a message to the user who waits for the end if it takes long, as with millions of words; None
                if nobody has asked the run to end.
        """
        if say is None:
            self.write()
            return
        message = "writing the last snapshot; stop again to leave it out: no count is lost, and the next run writes it"
        timer = threading.Timer(LONG_SECONDS, say, [message])
        timer.daemon = True
        timer.start()
        try:
            self.write()
        finally:
            timer.cancel()

    def show(self, show: Callable[["DataFrame", int | None], None], top: int | None) -> None:
        """Show the counts of the last committed batch, whose snapshot is written if there is an output folder.

        Args:
            show: shows counts, at most as many words as the number.
            top: how many words; None is all. Those are printed from the snapshot if it is text: to read and sort
                millions of words again takes as long as counting them.
        """
        if self._target is not None and self._format_name == "text" and top is None:
            print_file(self._target)
        else:
            show(self.counts(), top)
