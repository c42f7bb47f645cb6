"""Finds the bytes of a file that nobody has written yet, and says when the lines behind them count all the same.

A file is not only written at its end. A download in several streams writes its parts out of order, and other programs
first give a file its size and fill it later. What nobody has written reads as NUL bytes. Such a run of NULs is a gap:
reading stops in front of it until it is written. The system knows most gaps, as holes; the others are only NULs.

A gap may also stay for ever: ``copytruncate`` leaves one at the start of a log whose writer does not append, a power
cut leaves one in the middle, and some programs write NULs. ``is_passed`` decides, and is the only place that does.
"""

import errno
import os
from typing import NamedTuple

#: The fewest NULs between other bytes that are a gap. Fewer are text: a program wrote them.
MIN_NULS = 8
#: Written NULs inside a line belong to the line if they are fewer than this, a page of memory.
PAGE_BYTES = 4096
#: The least number of seconds that a gap which may stay for ever must not change; see ``patience``.
PATIENCE_SECONDS = 10.0

_BLOCK = bytes(1 << 20)


class Gap(NamedTuple):
    """A run of bytes that are NULs.

    Attributes:
        start: where it begins in the file, in bytes.
        end: where it ends.
        has_hole: the system knows that part of it was never written.
        is_last_hole: no other hole follows.
    """

    start: int
    end: int
    has_hole: bool = False
    is_last_hole: bool = True


class Circumstances(NamedTuple):
    """What is known of a file with a gap.

    Attributes:
        size: the file's size, in bytes.
        settle: the settling time, in seconds.
        unchanged: for how many seconds the gap has not changed.
        has_grown: the file has grown behind the gap since.
        is_log: the file is followed as a log, so it is no download.
        was_cut: the file had at least as many bytes as the gap, and was then emptied.
        has_nuls: NULs that nobody wrote over were found in this file before.
    """

    size: int
    settle: float = 0.0
    unchanged: float = 0.0
    has_grown: bool = False
    is_log: bool = False
    was_cut: bool = False
    has_nuls: bool = False


def is_passed(gap: Gap, file: Circumstances) -> bool:
    """Tell whether the lines behind a gap count although it was not written.

    If a gap is passed too early, what is written into it later is lost; if it is never passed, the lines behind it are.

    - Nothing is behind the gap: it is not passed.
    - Written NULs are passed once nothing moves.
    - A hole at the start is passed once nothing moves, if there is one more reason: the file is a log, was emptied, has
      grown behind the gap, or has no other hole. In a log that was emptied it is passed after the settling time.
    - A hole in the middle is passed once it does not change, but only in a log that grows behind it. Another file that
      grows must have no other hole, and not change for ten times as long.

    >>> is_passed(Gap(5, 100), Circumstances(size=100, unchanged=1e9))
    False
    >>> is_passed(Gap(0, 99, has_hole=True), Circumstances(size=100, is_log=True, was_cut=True))
    True
    >>> is_passed(Gap(5, 99, has_hole=True), Circumstances(size=100, unchanged=1e9))
    False
    """
    if gap.end >= file.size:
        return False
    was_emptied = gap.start == 0 and file.was_cut
    if (was_emptied and file.is_log and file.unchanged >= file.settle) or (file.has_nuls and not gap.has_hole):
        return True
    if file.unchanged < patience(file.settle):
        return False
    if gap.start == 0:
        return not gap.has_hole or was_emptied or file.is_log or file.has_grown or gap.is_last_hole
    is_appended_to = file.has_grown and (
        file.is_log or (gap.is_last_hole and file.unchanged >= 10 * patience(file.settle))
    )
    return not gap.has_hole or is_appended_to


def patience(settle: float) -> float:
    """Return for how many seconds nothing may move before it is taken to stay as it is.

    >>> patience(2.0), patience(0.0)
    (20.0, 10.0)
    """
    return max(PATIENCE_SECONDS, 10 * settle)


def find(data: bytes, offset: int = 0, *, is_end: bool, least: int = MIN_NULS, unit: int = 1) -> int | None:
    r"""Return where in a file the first gap begins that a part of it has, None if there is none.

    Args:
        data: the part.
        offset: where it begins in the file.
        is_end: the file ends with it. NULs at the end of a file are a gap, however few, if no text is in their line.
        least: the fewest NULs between other bytes that are a gap.
        unit: how many bytes a line feed has; it ends with a NUL in some encodings.

    >>> find(b"one\ntw" + bytes(9) + b"three\n", 100, is_end=True)
    106
    >>> find(b"one\n\0", is_end=True), find(b"one\n\0", is_end=False), find(b"one\0", is_end=True)
    (4, None, None)
    >>> find("one\n".encode("utf-16-le"), is_end=True, unit=2)
    """
    if b"\0" not in data:
        return None
    found = data.find(_BLOCK[: least + unit - 1])
    if found < 0:
        found = len(data.rstrip(b"\0"))
        if not is_end or (found and data[found - 1] not in b"\r\n"):
            return None
    start = offset + found
    start += -start % unit
    return start if start < offset + len(data) else None


def measure(descriptor: int, start: int) -> Gap:
    """Return the gap that begins at ``start`` in an open file."""
    status = os.fstat(descriptor)
    size, end, has_hole = status.st_size, start, False
    while end < size:
        data = _seek(descriptor, end, os.SEEK_DATA, otherwise=end, at_end=size)
        has_hole = has_hole or data > end
        hole = _seek(descriptor, data, os.SEEK_HOLE, otherwise=size, at_end=size)
        end = _end_of_nuls(descriptor, data, hole)
        if end < hole:
            break
    if not has_hole and end - start >= PAGE_BYTES:
        has_hole = status.st_blocks * 512 < size  # a file system that does not say where its holes are
    is_last = end >= size or _seek(descriptor, end, os.SEEK_HOLE, otherwise=size, at_end=size) >= size
    return Gap(start, min(end, size), has_hole, is_last)


def _end_of_nuls(descriptor: int, start: int, end: int) -> int:
    """Return where the NULs end that a file has from ``start`` on, at most at ``end``."""
    while start < end and (block := os.pread(descriptor, min(len(_BLOCK), end - start), start)):
        if block != _BLOCK[: len(block)]:
            return start + len(block) - len(block.lstrip(b"\0"))
        start += len(block)
    return min(start, end)


def _seek(descriptor: int, offset: int, to: int, *, otherwise: int, at_end: int) -> int:
    """Return where the next data or hole begins; ``at_end`` if there is none, ``otherwise`` if the system cannot tell.

    The offset of the descriptor moves, which no reader here relies on.
    """
    if offset >= at_end:
        return at_end
    try:
        return min(os.lseek(descriptor, offset, to), at_end)
    except OSError as error:
        return at_end if error.errno == errno.ENXIO else otherwise
