"""A directory as the target: chunks appear in it whole, each once, whatever is killed in between."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from producer import lines
from producer.common.atomic_file import sync
from producer.common.errors import WordCountError
from producer.positions.position import Position
from producer.positions.sqlite_store import PositionStore


class DirectoryTarget:
    """Publishes chunks into a directory, each together with the positions it moves on.

    Delivery guarantee: exactly once. The chunk is written under a temporary name and made durable; one transaction
    commits the positions and the chunk's name; a rename makes it visible. After a crash the transaction decides: the
    chunk it names is renamed, any other temporary file is thrown away.

    Args:
        directory: where the chunks go.
        positions: the positions, on the same machine.
        logical_time: give chunk ``n`` the modification time of ``n`` seconds after 1970, so that a reader that orders
            or forgets files by their time does so by their number and not by a clock that can be set back.
    """

    #: Large enough that a chunk's fixed cost (waits for the disk, a file for Spark to open; some 5 ms) does not show,
    #: small enough to hold in memory a few times.
    chunk_bytes = 16 << 20

    chunk_lines: int | None = None

    def __init__(self, directory: Path, positions: PositionStore, *, logical_time: bool = False) -> None:
        self.directory = directory
        self._positions = positions
        self._logical_time = logical_time
        # The disk takes a chunk while the next one is read and written; the benchmark "follow" has what that saves.
        self._disk = ThreadPoolExecutor(1, "disk")
        self._finishing: Future[None] | None = None
        last = positions.last_chunk()
        self._number = last[0] if last else 0
        self._committed: str | None = None  # and not yet renamed
        self._recover(last[1] if last else None)

    def find(self, inode: int) -> list[Position]:
        """Return how far the sources with this inode, on any device, have been handed on."""
        return self._positions.find(inode)

    def relatives(self, path: str) -> list[Position]:
        """Return how far the sources with names of the same log have been handed on."""
        return self._positions.relatives(path)

    def publish(self, data: Sequence[bytes], positions: Iterable[Position]) -> bool:
        """Make ``data``, whole lines in parts, one chunk, and move ``positions`` on with it; without data only those.

        Returns:
            Whether it is safe already. A chunk is on its way to the disk, where it becomes safe and is shown.

        Raises:
            OSError: a chunk, this one or the one before, cannot be written, and nothing of it was moved; or the one
                before cannot be shown, which the next call makes up for.
            WordCountError: the positions cannot be written; nothing was moved.
        """
        if not data:
            self.flush()
            self._positions.commit(positions)
            return True
        number = self._number + 1
        name, moved = self._positions.chunk_name(number), list(positions)
        with self._thrown_away_on_error(name):
            with self._temporary(name).open("wb") as file:
                file.writelines(lines.in_file(data))
                file.flush()
                if self._logical_time:
                    os.utime(file.fileno(), (number, number))
            self.flush()
        self._number = number
        self._finishing = self._disk.submit(self._finish, number, name, moved)
        return False

    def flush(self) -> None:
        """Wait until what was published is safe.

        Raises:
            OSError: it cannot be written, and nothing was moved; or it cannot be shown, which the next call makes up
                for.
            WordCountError: the positions cannot be written; nothing was moved.
        """
        if self._finishing is not None:
            finishing, self._finishing = self._finishing, None
            try:
                finishing.result()
            except (OSError, WordCountError):
                if self._committed is None:  # else it is only to be shown
                    self._number -= 1  # a reader takes a number that is missing for a chunk that was lost
                raise

    def close(self) -> None:
        """Let the chunk that is on its way to the disk arrive there; nothing is published any more."""
        self._disk.shutdown()

    def _finish(self, number: int, name: str, positions: list[Position]) -> None:
        """Make a chunk that is written durable, commit it with its positions, and show it."""
        self._show()
        with self._thrown_away_on_error(name):
            sync(self._temporary(name))
            sync(self.directory)  # so that the name, too, can be found after a power cut
            self._positions.commit(positions, (number, name))
        self._committed = name
        self._show()

    @contextlib.contextmanager
    def _thrown_away_on_error(self, name: str) -> Iterator[None]:
        """Throw a chunk away that certainly was not committed.

        An interrupt may come just after the commit, and the next start then finds out.
        """
        try:
            yield
        except (OSError, WordCountError):
            with contextlib.suppress(OSError):
                self._temporary(name).unlink()
            raise

    def _show(self) -> None:
        """Give the chunk that was committed last its name, if that has not come about yet."""
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
