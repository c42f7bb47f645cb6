"""A directory as the target: chunks appear in it whole, each once, whatever is killed in between."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from producer import lines
from producer.errors import WordCountError
from producer.positions import Position, Positions


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

    def __init__(self, directory: Path, positions: Positions, *, logical_time: bool = False) -> None:
        self.directory = directory
        self._positions = positions
        self._logical_time = logical_time
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

    def publish(self, data: bytes, positions: Iterable[Position]) -> bool:
        """Make ``data``, whole lines, one chunk, and move ``positions`` on with it; without data only those.

        Returns:
            That it is safe already.

        Raises:
            OSError: the chunk cannot be written; nothing was moved.
            WordCountError: the positions cannot be written; nothing was moved.
        """
        self._show()
        if not data:
            self._positions.commit(positions)
            return True
        number = self._number + 1
        name = self._positions.chunk_name(number)
        temporary = self._temporary(name)
        # Only what certainly was not committed is thrown away here; an interrupt may come just after the commit, and
        # the next start then finds out.
        try:
            with temporary.open("wb") as file:
                file.write(lines.in_file(data))
                file.flush()
                if self._logical_time:
                    os.utime(file.fileno(), (number, number))
                os.fsync(file.fileno())
            self._sync()
            self._positions.commit(positions, (number, name))
        except (OSError, WordCountError):
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        self._number, self._committed = number, name
        self._show()
        return True

    def settle(self) -> None:
        """Wait for nothing: what was published is safe."""

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

    def _sync(self) -> None:
        """Make the temporary name itself durable, so that a committed chunk can be found after a power cut."""
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
