"""One open file that is followed: which it is, what it held before, and its bytes."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from producer import lines
from producer.discovery.found_file import FoundFile
from producer.positions.position import Position
from producer.reading import compression as compressed
from producer.reading.birth_time import birth_ns
from producer.reading.fingerprint import END_BYTES, Fingerprint

_BLOCK = 1 << 20
#: A file's times tick: every 4 ms on common file systems, every 2 s on those that know whole seconds only. Within a
#: tick of one change another may leave the same times.
_TICK_NS = 100_000_000
_COARSE_TICK_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000


class ChangedError(Exception):
    """A file was changed, other than by appending, since it was opened."""


class OpenFile:
    """An open file.

    Args:
        descriptor: the file.
        path: under which it was opened.
        real: the same without symlinks.

    Raises:
        ChangedError: it is cut short meanwhile.
    """

    def __init__(self, descriptor: int, path: str, real: str) -> None:
        self._descriptor = descriptor
        self.birth_ns = birth_ns(descriptor)
        status = os.fstat(descriptor)
        self.file = FoundFile.from_status(path, real, status)  #: as it was when it was opened
        self._named = status.st_nlink > 0
        self.before: Position | None = None  #: how far it was handed on before it was opened
        self.size = self.file.size  #: how many bytes can be read
        if self.size and not os.pread(descriptor, 1, self.size - 1):
            if os.fstat(descriptor).st_size != self.size:
                raise ChangedError
            self.size = len(os.pread(descriptor, _BLOCK, 0))  # some, as those in /sys, are shorter than they say
        self.kind = compressed.kind(path, os.pread(descriptor, compressed.HEAD_BYTES, 0))
        tick = _TICK_NS if self.file.ctime_ns % _SECOND_NS else _COARSE_TICK_NS
        self._times_tell = abs(time.time_ns() - self.file.ctime_ns) > tick

    def read(self, size: int, offset: int) -> bytes:
        """Read ``size`` bytes, however many reads that takes.

        Raises:
            ChangedError: the file ends before.
        """
        blocks = []
        while size > 0 and (block := os.pread(self._descriptor, size, offset)):
            blocks.append(block)
            size, offset = size - len(block), offset + len(block)
        if size:
            raise ChangedError
        return b"".join(blocks)

    def blocks(self) -> Iterator[bytes]:
        """Yield what a compressed file holds.

        Raises:
            BrokenError: it is cut short or damaged.
            ChangedError: it was changed since it was opened.
        """
        with os.fdopen(os.dup(self._descriptor), "rb") as reader:
            reader.seek(0)
            for block in compressed.blocks(reader, self.kind or ""):
                if FoundFile.from_status(self.file.path, self.file.real, os.fstat(self._descriptor)) != self.file:
                    raise ChangedError
                yield block

    def fingerprint(self, extent: int) -> Fingerprint:
        """Return the fingerprint of the first ``extent`` bytes.

        Raises:
            ChangedError: the file has not so many.
        """
        size = min(END_BYTES, extent)
        return Fingerprint(self.read(size, 0), self.read(size, extent - size))

    def check(self, extent: int, read: Fingerprint) -> None:
        """Check that the first ``extent`` bytes are still those that were read.

        Raises:
            ChangedError: they are others.
        """
        if self.fingerprint(extent).digest() != read.digest():
            raise ChangedError

    def recognised(self, before: Iterable[Position]) -> tuple[Position, Fingerprint] | None:
        """Return which of the positions of files with its inode is of this file's content, with its fingerprint.

        A file keeps inode and time of birth where its device gets another number, as at a reboot.
        """
        own = [known for known in before if known.device == self.file.device]
        sure = own and self.birth_ns and own[0].birth_ns == self.birth_ns
        for known in own if sure else sorted(before, key=lambda known: known.extent, reverse=True):
            if known.device == self.file.device and known.birth_ns:
                born_then = self.birth_ns in {0, known.birth_ns}  # 0 is unknown
            elif known.device == self.file.device:
                born_then = not known.ctime_ns or self.birth_ns <= known.ctime_ns
            else:
                born_then = known.birth_ns == self.birth_ns != 0
            if born_then and known.extent <= self.size:
                read = self.fingerprint(known.extent)
                if read.digest() == known.fingerprint:
                    return known, read
        return None

    def position(self, position: int, read: Fingerprint, *, complete: bool, extent: int | None = None) -> Position:
        """Return the position after ``position`` bytes of lines; ``read`` is over ``extent`` bytes, else over these."""
        file, before = self.file, self.before
        earlier = (before.extent, before.fingerprint) if before else (0, b"")
        if before and before.earlier and not self._named:  # no copy is made any more, but one may still be found
            earlier = before.earlier, before.earlier_fingerprint
        return Position(
            device=file.device,
            inode=file.inode,
            path=file.real,
            position=position,
            extent=position if extent is None else extent,
            fingerprint=read.digest(),
            size=file.size,
            ctime_ns=file.ctime_ns if self._times_tell else 0,
            birth_ns=self.birth_ns,
            complete=complete,
            earlier=earlier[0],
            earlier_fingerprint=earlier[1],
        )


def lines_before(path: str, place: int) -> int:
    """Return how many lines end in the first ``place`` bytes of what a file holds."""
    ended, last = 0, b""
    with open(path, "rb") as file:
        suffix = compressed.kind(path, file.read(compressed.HEAD_BYTES))
        file.seek(0)
        for block in compressed.blocks(file, suffix) if suffix else iter(lambda: file.read(_BLOCK), b""):
            part = block[:place]
            cut = last.endswith(b"\r") and part.startswith(b"\n")  # one line end in two blocks
            ended += lines.count_lines(part) - cut
            place, last = place - len(part), part
            if place == 0:
                break
    return ended


@contextmanager
def opened(file: FoundFile) -> Iterator[OpenFile]:
    """Open a file for the block.

    Raises:
        OSError: it cannot be opened.
        ChangedError: it is cut short meanwhile.
    """
    if file.descriptor is not None:
        yield OpenFile(file.descriptor, file.path, file.real)
        return
    # Without O_NONBLOCK a fifo put in the file's place would hold everything up.
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield OpenFile(descriptor, file.path, file.real)
    finally:
        os.close(descriptor)
