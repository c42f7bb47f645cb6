"""Snapshots for those who ask the page for them."""

import threading
from pathlib import Path

from producer.common.errors import WordCountError
from streaming.sinks.files import save
from streaming.sinks.formats import file_name
from streaming.sinks.snapshots import Snapshots
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

#: How many exports there may be at once: one that is written, and one that waits for it.
_MOST = 2
#: How long the end of a stream waits for the one that is written.
_END_SECONDS = 30.0


class Exporter:
    """Writes snapshots in any format, one at a time. One that was written after the same batch is not written again.

    Args:
        folder: where to write them; it is removed at the end, after ``close``.
        state: the state folder of the stream.
        snapshots: reads the counts.
    """

    def __init__(self, folder: Path, state: State, snapshots: Snapshots) -> None:
        self._folder = folder
        self._state = state
        self._snapshots = snapshots
        self._places = threading.Semaphore(_MOST)
        self._writing = threading.Lock()
        self._is_closed = False
        self._batches: list[
            int
        ] = []  # those whose files are kept: an answer may be about to open one of the last but one

    def __call__(self, format_name: str) -> Path:
        """Return a file with all counts after the last batch, in a format.

        Raises:
            WordCountError: no batch is committed yet, the stream ends, or there are too many exports.
        """
        if not self._places.acquire(blocking=False):
            raise WordCountError("other exports are being written; ask again")
        try:
            with self._writing:
                return self._write(format_name)
        finally:
            self._places.release()

    def _write(self, format_name: str) -> Path:
        if self._is_closed:
            raise WordCountError("the stream ends; ask again when it runs")
        batch = last_commit(self._state.checkpoint)
        if batch is None:
            raise WordCountError("nothing is counted yet; ask again after the first batch")
        if batch not in self._batches:
            self._batches = [*self._batches, batch][-2:]
            kept = {f"counts-{kept}" for kept in self._batches}
            for older in self._folder.glob("counts-*"):
                if older.name.partition(".")[0] not in kept:
                    older.unlink()
        file = self._folder / file_name(f"counts-{batch}", format_name)
        if not file.exists():
            save(self._snapshots.counts(), file, format_name)
        return file

    def close(self) -> None:
        """Write no more, and wait for the snapshot at hand, for a while."""
        self._is_closed = True
        if self._writing.acquire(timeout=_END_SECONDS):
            self._writing.release()
