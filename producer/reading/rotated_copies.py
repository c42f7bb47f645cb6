"""What a log is rotated to may be a copy: how much of it was handed on under the log's own name.

``copytruncate`` copies a log and empties it, and a rotated log is compressed, which makes a file of its own of it, too.
Such a copy is known by its name, and by beginning with what was handed on of a file that is there no more, or by being
the beginning of one that still is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from producer.discovery.found_file import FoundFile
from producer.log_names import is_compressed, origins, uncompressed_path
from producer.positions.position import Position
from producer.reading.fingerprint import Fingerprint
from producer.reading.open_file import ChangedError, OpenFile, opened

#: Positions of contents that a file has lost have devices from -1 down to this, so many of one inode are kept.
_OLDEST_LOST = -8


class Copied(NamedTuple):
    """How much of a file was handed on before it was copied.

    Attributes:
        size: the first bytes, uncompressed.
        of: the position that says so; where it does not wait, no other copy is to be told by it.
        waits: it is still being copied, or its original is there, whose lines are handed on; it is not to be read.
    """

    size: int
    of: Position | None = None
    waits: bool = False


def may_be_copied_from(path: str, original: str) -> bool:
    """Tell by its name whether a file may be a copy of another, both of the same log.

    Any may be packed, and unpacked again under the same name. What else is not packed is the copy of a log itself: one
    that was rotated before is renamed.

    >>> may_be_copied_from("app.log.1", "app.log"), may_be_copied_from("app.log.2.gz", "app.log.1")
    (True, True)
    >>> may_be_copied_from("app.log.2", "app.log.1"), may_be_copied_from("sales-2026-11.csv", "sales-2026-10.csv")
    (False, False)
    >>> may_be_copied_from("app.log.2", "app.log.2.gz"), may_be_copied_from("app.log.1", "app.log.2.gz")
    (True, False)
    """
    if is_compressed(original):
        return uncompressed_path(original) == path
    return is_compressed(path) or original in origins(path)


def copied(
    source: OpenFile, relatives: Sequence[Position], there: Callable[[Position], FoundFile | None], *, counts: bool
) -> Copied:
    """Return how much of a file nobody knows was handed on under other names.

    Args:
        source: the file.
        relatives: positions of files with names of the same log, also of contents that were lost.
        there: returns the file that a position is of, None where it is gone.
        counts: a copy of a file that is still there is handed on as well, as any file of a folder.

    Raises:
        BrokenError: it is compressed, and cut short or damaged.
        ChangedError: it is changed meanwhile.
    """
    if not relatives:
        return Copied(0)
    size, prints = _prints(source, [extent for position in relatives for extent, _ in _points(position)])
    told = Copied(0)
    for position in sorted(relatives, key=lambda position: position.extent):
        file = there(position)
        original = None if file is None else _content(file, position, size)
        if file is not None and original is not None and is_compressed(position.path):
            if not may_be_copied_from(source.file.real, file.real):
                continue  # it was renamed since
            original = None  # what it is unpacked to is known by the position alone
        if original is not None:
            younger = not 0 < source.birth_ns < position.birth_ns
            if size and younger and original == prints[size] and not counts:
                whole = bool(source.kind) and position.position >= size
                return Copied(min(position.position, size), position, waits=not whole)
        elif any(extent and prints.get(extent) == fingerprint for extent, fingerprint in _points(position)):
            told = Copied(min(position.position, size), position)
    return told


def lost(position: Position, slots: Sequence[Position], now_ns: int) -> Position:
    """Return what to keep of a file that has other content now, to know a copy of the former by.

    Args:
        position: how far the former content was handed on.
        slots: what is kept of the same inode so far; the oldest gives way.
        now_ns: the time, in nanoseconds.
    """
    taken = {slot.device: slot.ctime_ns for slot in slots}
    device = min(range(-1, _OLDEST_LOST - 1, -1), key=lambda device: taken.get(device, 0))
    return replace(position, device=device, ctime_ns=now_ns)


def claimed(position: Position) -> Position:
    """Return a position by which one copy was known, so that no other is."""
    return replace(position, path="")


def _points(position: Position) -> tuple[tuple[int, bytes], tuple[int, bytes]]:
    return (position.extent, position.fingerprint), (position.earlier, position.earlier_fingerprint)


def _content(file: FoundFile, position: Position, size: int) -> bytes | None:
    """Return the fingerprint of the first bytes of a file, None where it does not hold any more what was handed on.

    b"" where it holds it, but has not so many bytes.
    """
    try:
        with opened(file) as original:
            if original.file.key != (position.device, position.inode):
                return None
            if original.fingerprint(position.extent).digest() != position.fingerprint:
                return None
            return original.fingerprint(size).digest() if size <= original.size else b""
    except (OSError, ChangedError):
        return None


def _prints(source: OpenFile, extents: Sequence[int]) -> tuple[int, dict[int, bytes]]:
    """Return how many bytes a file holds, uncompressed, and the fingerprints of so many of the first, and of all."""
    if not source.kind:
        wanted = {extent for extent in extents if extent <= source.size} | {source.size}
        return source.size, {extent: source.fingerprint(extent).digest() for extent in wanted}
    read, size, prints = Fingerprint(), 0, dict[int, bytes]()
    ahead = sorted({extent for extent in extents if extent}, reverse=True)
    for block in source.blocks():
        start = 0
        while ahead and ahead[-1] <= size + len(block):
            end = ahead.pop() - size
            read.add(block[start:end])
            prints[size + end] = read.digest()
            start = end
        read.add(block[start:])
        size += len(block)
    return size, prints | {size: read.digest()}
