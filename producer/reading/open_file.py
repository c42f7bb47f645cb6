"""One open file: its identity, its bytes, and its positions."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from producer.content import compression
from producer.content.birth_time import birth_ns
from producer.content.fingerprint import END_BYTES, Fingerprint
from producer.content.gap_watch import GapWatch
from producer.content.gaps import Gap
from producer.discovery.found_file import FoundFile
from producer.positions.position import Position
from producer.text.encoding import UTF_8, Encoding
from producer.text.plausible import LINE_BYTES, SAMPLE_BYTES

_BLOCK_BYTES = 1 << 20
#: A file's times tick: every 4 ms on common file systems, every 2 s on those that store whole seconds only. Two changes
#: within a tick may leave the same times.
TICK_NS = 100_000_000
COARSE_TICK_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000


class ChangedError(Exception):
    """A file has changed, other than by appending, since it was opened."""


class OpenFile:
    """An open file.

    Args:
        descriptor: the descriptor of the file.
        path: the path it was opened under.
        real: the same path without symlinks.
        encoding: that of a file without a byte order mark.

    Raises:
        ChangedError: the file is cut short meanwhile.
    """

    def __init__(self, descriptor: int, path: str, real: str, encoding: Encoding = UTF_8) -> None:
        self._descriptor = descriptor
        self.birth_ns = birth_ns(descriptor)
        status = os.fstat(descriptor)
        self.file = FoundFile.from_status(path, real, status)  #: as it was when it was opened
        self._has_name = status.st_nlink > 0
        self.resumed_from: Position | None = None  #: its position before it was opened
        self.idle_seconds = 0.0  #: for how long it has not changed, as far as is known
        self.size = self.file.size  #: how many bytes can be read
        if self.size and not os.pread(descriptor, 1, self.size - 1):
            if os.fstat(descriptor).st_size != self.size:
                raise ChangedError
            self.size = len(os.pread(descriptor, _BLOCK_BYTES, 0))  # files in /sys are shorter than their size says
        #: All of a file in /proc, which has no size, and other content at each look.
        self._content = b"" if self.size else b"".join(_blocks_of(descriptor))
        self.is_generated = bool(self._content)  #: nothing of it is written later
        if self._content:
            if os.fstat(descriptor).st_size:
                raise ChangedError
            self.size = len(self._content)
        head = self._content or os.pread(descriptor, compression.HEAD_BYTES, 0)
        #: The suffix for its compression, None if it is uncompressed.
        self.compression = compression.detect(path, head[: compression.HEAD_BYTES])
        #: The encoding of its lines; if it is compressed, that of a content without a byte order mark.
        self.encoding = encoding.of(head)
        tick = TICK_NS if self.file.ctime_ns % _SECOND_NS else COARSE_TICK_NS
        self._times_are_reliable = abs(time.time_ns() - self.file.ctime_ns) > tick

    def read(self, size: int, offset: int) -> bytes:
        """Read ``size`` bytes from ``offset``, however many reads that takes.

        Raises:
            ChangedError: the file ends before.
        """
        if self._content:
            return self._content[offset : offset + size]
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
            BrokenError: the file is cut short or damaged.
            ChangedError: the file has changed since it was opened.
        """
        with os.fdopen(os.dup(self._descriptor), "rb") as reader:
            reader.seek(0)
            for block in compression.blocks(reader, self.compression or ""):
                if FoundFile.from_status(self.file.path, self.file.real, os.fstat(self._descriptor)) != self.file:
                    raise ChangedError
                yield block

    def sample(self) -> bytes:
        """Return the first bytes of the content, as many as show whether it is text.

        Raises:
            BrokenError, ChangedError: as ``blocks`` raises them.
        """
        if self.compression:
            return b"".join(islice(self.blocks(), LINE_BYTES // compression.BLOCK_BYTES + 1))[:LINE_BYTES]
        data = self.read(min(SAMPLE_BYTES, self.size), 0)
        return data if b"\n" in data or b"\r" in data else self.read(min(LINE_BYTES, self.size), 0)

    def measured(self, gap: GapWatch, *, again: bool = False) -> Gap:
        """Return the gap that reading has stopped at; measure it ``again`` even if the file has not changed."""
        version = self.file.size, self.file.mtime_ns
        return gap.measured(self._descriptor, version, self.idle_seconds, again=again)

    def fingerprint(self, extent: int) -> Fingerprint:
        """Return the fingerprint of the first ``extent`` bytes; its checksum only covers what is added.

        Raises:
            ChangedError: the file has fewer bytes.
        """
        return self._fingerprint(extent, checked_from=extent, checksum=0)

    def resumed(self, position: Position) -> Fingerprint:
        """Return the fingerprint of what was published; its checksum goes on from the one that was stored.

        Raises:
            ChangedError: the file has fewer bytes.
        """
        if position.checked_from < 0:
            return self.fingerprint(position.extent)
        return self._fingerprint(position.extent, checked_from=position.checked_from, checksum=position.checksum)

    def _fingerprint(self, extent: int, *, checked_from: int, checksum: int) -> Fingerprint:
        size = min(END_BYTES, extent)
        head, tail = self.read(size, 0), self.read(size, extent - size)
        return Fingerprint(head, tail, checked_from=checked_from, checksum=checksum)

    def check(self, extent: int, fingerprint: Fingerprint) -> None:
        """Check that the first ``extent`` bytes still have this fingerprint.

        Raises:
            ChangedError: they have another one.
        """
        if self.fingerprint(extent).digest() != fingerprint.digest():
            raise ChangedError

    def find_position(self, recorded: Sequence[Position]) -> tuple[Position, Fingerprint] | None:
        """Return the position that belongs to this content, with its fingerprint; None if there is none.

        A file keeps its inode and time of birth if its device gets another number, for example at a reboot.

        Args:
            recorded: the positions of files with this inode.
        """
        on_device = [position for position in recorded if position.device == self.file.device]
        is_same_file = on_device and self.birth_ns and on_device[0].birth_ns == self.birth_ns
        by_extent = sorted(recorded, key=lambda position: position.extent, reverse=True)
        for position in on_device if is_same_file else by_extent:
            if position.extent <= self.size and self._was_born_with(position):
                fingerprint = self.resumed(position)
                if fingerprint.digest() == position.fingerprint:
                    return position, fingerprint
        return None

    def _was_born_with(self, position: Position) -> bool:
        """Tell whether, by the time of birth or without one by its path, this can be the file of a position."""
        if position.device != self.file.device:
            is_at_its_path = position.path == self.file.real and position.extent > 0
            return position.birth_ns == self.birth_ns and (self.birth_ns != 0 or is_at_its_path)
        if position.birth_ns:
            return self.birth_ns in {0, position.birth_ns}  # 0 is unknown
        return not position.ctime_ns or self.birth_ns <= position.ctime_ns

    def position(
        self, position: int, fingerprint: Fingerprint, *, complete: bool, extent: int | None = None
    ) -> Position:
        """Return the position of this file after ``position`` bytes of lines.

        Args:
            position: how many bytes of lines were read; uncompressed bytes if the file is compressed.
            fingerprint: of the first ``extent`` bytes.
            complete: nothing more is to be read.
            extent: how many bytes of the file were read; by default ``position``.
        """
        file, former = self.file, self.resumed_from
        earlier = (former.extent, former.fingerprint) if former else (0, b"")
        if former and former.earlier and not self._has_name:  # no new copy can be made, but one may still be found
            earlier = former.earlier, former.earlier_fingerprint
        return Position(
            device=file.device,
            inode=file.inode,
            path=file.real,
            position=position,
            extent=position if extent is None else extent,
            fingerprint=fingerprint.digest(),
            size=file.size,
            ctime_ns=file.ctime_ns if self._times_are_reliable else 0,
            birth_ns=self.birth_ns,
            complete=complete,
            earlier=earlier[0],
            earlier_fingerprint=earlier[1],
            checked_from=fingerprint.checked_from,
            checksum=fingerprint.checksum,
            tail=fingerprint.tail(),
            head=b"" if self.compression else fingerprint.head(),
            mtime_ns=file.mtime_ns,
        )


def _blocks_of(descriptor: int) -> Iterator[bytes]:
    """Yield what a file holds; one in /proc gives some kilobytes at a time."""
    position = 0
    while block := os.pread(descriptor, _BLOCK_BYTES, position):
        yield block
        position += len(block)


def is_empty(file: FoundFile) -> bool:
    """Tell whether a file that has a size of 0 holds nothing: those in /proc have no size."""
    try:
        with opened(file) as source:
            return source.size == 0
    except (OSError, ChangedError):  # it is opened again where it is read, and the error told
        return False


@contextmanager
def opened(file: FoundFile, encoding: Encoding = UTF_8) -> Iterator[OpenFile]:
    """Open a file for the block.

    Args:
        file: the file.
        encoding: that of a file without a byte order mark.

    Raises:
        OSError: the file cannot be opened.
        ChangedError: the file is cut short meanwhile.
    """
    if file.descriptor is not None:
        yield OpenFile(file.descriptor, file.path, file.real, encoding)
        return
    # Without O_NONBLOCK, a fifo in the file's place would block.
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield OpenFile(descriptor, file.path, file.real, encoding)
    finally:
        os.close(descriptor)
