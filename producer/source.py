"""One open file that is followed: which it is, what it held before, and its bytes."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

from producer import compressed, lines
from producer.birth import birth_ns
from producer.folder import FoundFile
from producer.positions import Position

_PRINT_BYTES = 1024
_BLOCK = 1 << 20


class Fingerprint:
    r"""A hash of the first and the last 1,024 bytes of what was read of a file.

    Appending to the file leaves it as it is; other content changes it, also behind the same header. It is made of the
    very bytes that were read, so that it is of the former content where a file is overwritten meanwhile.

    >>> read = Fingerprint(b"one\n")
    >>> read.add(b"two\n")
    >>> read.digest() == Fingerprint(b"one\ntwo\n").digest()
    True
    """

    def __init__(self, head: bytes = b"", tail: bytes | None = None) -> None:
        self._head = head[:_PRINT_BYTES]
        self._tail = (head if tail is None else tail)[-_PRINT_BYTES:]

    def add(self, data: bytes) -> None:
        """Take up the bytes that were read next."""
        self._head += data[: _PRINT_BYTES - len(self._head)]
        self._tail = (self._tail + data[-_PRINT_BYTES:])[-_PRINT_BYTES:]

    def digest(self) -> bytes:
        """Return the hash."""
        return blake2b(self._head + self._tail, digest_size=16).digest()


class CutShortError(Exception):
    """A file ends before what was to be read of it: it was cut since it was opened."""


class Source:
    """An open file.

    Args:
        descriptor: the file.
        path: under which it was opened.
    """

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self.birth_ns = birth_ns(descriptor)
        file = FoundFile.of(path, os.fstat(descriptor))
        if file.size and not os.pread(
            descriptor, 1, file.size - 1
        ):  # some, as those in /sys, are shorter than they say
            file = file._replace(size=len(os.pread(descriptor, file.size, 0)))
        self.file = file  #: as it was when it was opened

    def read(self, size: int, offset: int) -> bytes:
        """Read ``size`` bytes, however many reads that takes.

        Raises:
            CutShortError: the file ends before.
        """
        blocks = []
        while size > 0 and (block := os.pread(self._descriptor, size, offset)):
            blocks.append(block)
            size, offset = size - len(block), offset + len(block)
        if size:
            raise CutShortError
        return b"".join(blocks)

    def blocks(self) -> Iterator[bytes]:
        """Yield what a compressed file holds.

        Raises:
            BrokenError: it is cut short or damaged.
        """
        with os.fdopen(os.dup(self._descriptor), "rb") as reader:
            reader.seek(0)
            yield from compressed.blocks(reader, self.file.path)

    def fingerprint(self, extent: int) -> Fingerprint:
        """Return the fingerprint of the first ``extent`` bytes."""
        size = min(_PRINT_BYTES, extent)
        return Fingerprint(self.read(size, 0), self.read(size, extent - size))

    def recognised(self, before: Iterable[Position]) -> Position | None:
        """Return which of the positions of files with its inode is of this file's content, None if none is.

        A file keeps inode and time of birth where its device gets another number, as at a reboot.
        """
        for known in sorted(before, key=lambda known: known.extent, reverse=True):
            if known.device == self.file.device:
                born_then = not known.birth_ns or self.birth_ns in {0, known.birth_ns}  # 0 is unknown
            else:
                born_then = known.birth_ns == self.birth_ns != 0
            held = known.extent <= self.file.size and self.fingerprint(known.extent).digest() == known.fingerprint
            if born_then and held:
                return known
        return None

    def position(self, position: int, read: Fingerprint, *, complete: bool, extent: int | None = None) -> Position:
        """Return the position after ``position`` bytes of lines; ``read`` is over ``extent`` bytes, else over these."""
        file = self.file
        return Position(
            device=file.device,
            inode=file.inode,
            path=file.path,
            position=position,
            extent=position if extent is None else extent,
            fingerprint=read.digest(),
            size=file.size,
            ctime_ns=file.ctime_ns,
            birth_ns=self.birth_ns,
            complete=complete,
        )


def lines_before(path: str, place: int) -> int:
    """Return how many lines end in the first ``place`` bytes of what a file holds."""
    ended, last = 0, b""
    with open(path, "rb") as file:
        plain = iter(lambda: file.read(_BLOCK), b"")
        for block in compressed.blocks(file, path) if compressed.is_compressed(path) else plain:
            part = block[:place]
            cut = last.endswith(b"\r") and part.startswith(b"\n")  # one line end in two blocks
            ended += lines.count_lines(part) - cut
            place, last = place - len(part), part
            if place == 0:
                break
    return ended


@contextmanager
def opened(path: str) -> Iterator[Source]:
    """Open a file for the block.

    Raises:
        OSError: it cannot be opened.
    """
    # Without O_NONBLOCK a fifo put in the file's place would hold everything up.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield Source(descriptor, path)
    finally:
        os.close(descriptor)
