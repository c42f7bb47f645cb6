"""A directory as the target: each chunk appears in it whole and once, whatever is killed in between."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from producer import lines
from producer.common.atomic_file import sync
from producer.common.errors import WordCountError
from producer.positions.position import HistoryEntry, LostContent, Position, PositionUpdate
from producer.positions.sqlite_store import PositionStore


class DirectoryTarget:
    """Publishes chunks into a directory, each together with its positions.

    Delivery guarantee: exactly once. The chunk is written under a temporary name and synced to the disk. One
    transaction commits the positions and the chunk's name. A rename makes the chunk visible. After a crash the
    transaction decides: the chunk it names is renamed, and any other temporary file is removed.

    Args:
        directory: where the chunks go.
        positions: the positions, on the same machine.
        logical_time: give chunk ``n`` the modification time of ``n`` seconds after 1970. A reader that orders or
            forgets files by their time then goes by the chunk's number, and not by a clock that can be set back.
    """

    #: Large enough to hide the fixed cost of a chunk (waits for the disk, a file for Spark to open; some 5 ms), small
    #: enough to be in memory a few times.
    chunk_bytes = 16 << 20

    chunk_lines: int | None = None
    line_bytes: int | None = None

    def __init__(self, directory: Path, positions: PositionStore, *, logical_time: bool = False) -> None:
        self.directory = directory
        self._positions = positions
        self._logical_time = logical_time
        # The disk syncs a chunk while the next one is read and written; the benchmark "follow" shows what that saves.
        self._disk = ThreadPoolExecutor(1, "disk")
        self._finishing: Future[None] | None = None
        last = positions.last_chunk()
        self._number = last[0] if last else 0
        self._committed: str | None = None  # the chunk that is committed and not yet renamed
        self._recover(last[1] if last else None)

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""
        return self._positions.find(inode)

    def lost_contents(self, inode: int) -> list[LostContent]:
        """Return the contents that the files with this inode had and lost."""
        return self._positions.lost_contents(inode)

    def relatives(self, path: str) -> list[Position | LostContent]:
        """Return what is known of the files whose names belong to the same log; see ``producer.log_names``."""
        return self._positions.relatives(path)

    def alike(self, heads: Sequence[bytes]) -> list[Position | LostContent]:
        """Return some of the contents that begin with one of these ``heads``, at most ``MOST_ALIKE`` of each kind."""
        return self._positions.alike(heads)

    def used_under(self, folder: str, span_ns: int) -> list[Position]:
        """Return the positions of the files in a folder that were in use when they were last seen."""
        return self._positions.used_under(folder, span_ns)

    def history(self, name_hash: int) -> HistoryEntry | None:
        """Return what is remembered under a name, None if nothing is."""
        return self._positions.history(name_hash)

    def publish(self, data: Sequence[bytes], update: PositionUpdate) -> bool:
        """Publish ``data``, parts of whole lines, as one chunk with the update; without data only the update.

        Returns:
            Whether they are safe already. A chunk is not: it is on its way to the disk, and is then renamed.

        Raises:
            OSError: this chunk or the one before cannot be written, and nothing of it was committed; or the one before
                cannot be renamed, which the next call tries again.
            WordCountError: the positions cannot be written; nothing was committed.
        """
        if not data:
            self.flush()
            self._positions.commit(update)
            return True
        number = self._number + 1
        name = self._positions.chunk_name(number)
        with self._removed_on_error(name):
            with self._temporary(name).open("wb") as file:
                file.writelines(lines.file_content(data))
                file.flush()
                if self._logical_time:
                    os.utime(file.fileno(), (number, number))
            self.flush()
        self._number = number
        self._finishing = self._disk.submit(self._finish, number, name, update)
        return False

    def flush(self) -> None:
        """Wait until the last chunk is safe.

        Raises:
            OSError: the chunk cannot be written, and nothing was committed; or it cannot be renamed, which the next
                call tries again.
            WordCountError: the positions cannot be written; nothing was committed.
        """
        if self._finishing is not None:
            finishing, self._finishing = self._finishing, None
            try:
                finishing.result()
            except (OSError, WordCountError):
                if self._committed is None:  # otherwise only the rename failed
                    self._number -= 1  # a reader takes a missing number for a lost chunk
                raise

    def close(self) -> None:
        """Wait for the chunk on its way to the disk; nothing can be published afterwards."""
        self._disk.shutdown()

    def _finish(self, number: int, name: str, update: PositionUpdate) -> None:
        """Sync a written chunk to the disk, commit it with its update, and rename it."""
        self._rename_committed()
        with self._removed_on_error(name):
            sync(self._temporary(name))
            sync(self.directory)  # so that a power cut does not lose the name either
            self._positions.commit(update, (number, name))
        self._committed = name
        self._rename_committed()

    @contextlib.contextmanager
    def _removed_on_error(self, name: str) -> Iterator[None]:
        """Remove a chunk after an error that leaves it uncommitted for certain.

        An interrupt may come just after the commit; the next start then finds out.
        """
        try:
            yield
        except (OSError, WordCountError):
            with contextlib.suppress(OSError):
                self._temporary(name).unlink()
            raise

    def _rename_committed(self) -> None:
        """Give the last committed chunk its name, unless it has it already."""
        if self._committed is not None:
            self._temporary(self._committed).rename(self.directory / self._committed)
            self._committed = None

    def _recover(self, committed: str | None) -> None:
        for temporary in self.directory.glob(".chunk-*.tmp"):
            if committed is not None and temporary == self._temporary(committed):
                temporary.rename(self.directory / committed)
            elif self._positions.is_own(temporary.name):
                temporary.unlink()

    def _temporary(self, name: str) -> Path:
        return self.directory / f".{name}.tmp"
