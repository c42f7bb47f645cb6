"""Finds out whether a rotated log is a copy, and how much of its original was published.

``copytruncate`` copies a log and empties it, and a rotated log is compressed, which also makes a new file of it. Such a
copy is identified by its name and its content: it begins with what was published of a file that is gone, or it is the
beginning of a file that still exists.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from producer.content.fingerprint import Fingerprint
from producer.discovery.found_file import FoundFile
from producer.log_names import is_compressed, origins, uncompressed_path
from producer.positions.position import Content, LostContent, Position
from producer.reading.open_file import ChangedError, OpenFile, opened

#: How many lost contents of one inode are kept.
_LOST_CONTENTS = 8


class Copy(NamedTuple):
    """What a file is a copy of.

    Attributes:
        published: how many of its first bytes, uncompressed, were published of its original.
        original: what is known of the original; None if the file is no copy. Unless the copy is pending, no other copy
            may be identified by it.
        is_pending: the file must not be read: its original still exists and is published itself, or the file may still
            be growing.
    """

    published: int
    original: Position | LostContent | None = None
    is_pending: bool = False


def may_be_copied_from(path: str, original: str) -> bool:
    """Tell by their names whether a file may be a copy of another one of the same log.

    Any file may be compressed, and be decompressed again under the same name. Any other uncompressed copy is one of the
    log itself, as a log that was rotated before is renamed.

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


def find_original(
    source: OpenFile,
    relatives: Sequence[Position | LostContent],
    current_file: Callable[[Position], FoundFile | None],
    *,
    counts_copies: bool,
) -> Copy:
    """Find what a file without a position is a copy of.

    Args:
        source: the file.
        relatives: what is known of files with names of the same log, also contents that were lost.
        current_file: returns the file that a position belongs to, None if it is gone.
        counts_copies: a copy of a file that still exists counts as well, as any file of a folder does.

    Raises:
        BrokenError: the file is compressed, and cut short or damaged.
        ChangedError: the file changes meanwhile.
    """
    if not relatives:
        return Copy(0)
    size, fingerprints = _fingerprints(source, [extent for content in relatives for extent, _ in _points(content)])
    copy = Copy(0)
    for content in sorted(relatives, key=lambda content: content.extent):
        file = current_file(content) if isinstance(content, Position) else None
        beginning = None if file is None else _beginning(file, content, size)
        if file is not None and beginning is not None and is_compressed(content.path):
            if not may_be_copied_from(source.file.real, file.real):
                continue  # it was renamed since
            beginning = None  # what was published identifies its decompressed copy, without the file
        if beginning is not None:
            is_younger = not 0 < source.birth_ns < content.birth_ns
            if size and is_younger and beginning == fingerprints[size] and not counts_copies:
                is_whole = bool(source.compression) and content.position >= size
                return Copy(min(content.position, size), content, is_pending=not is_whole)
        elif any(extent and fingerprints.get(extent) == fingerprint for extent, fingerprint in _points(content)):
            copy = Copy(min(content.position, size), content)
    return copy


def lost_content(position: Position, kept: Sequence[LostContent], now_ns: int) -> LostContent:
    """Return the former content of a file as a lost one, by which a copy of it is identified.

    Args:
        position: how far the former content was published.
        kept: the lost contents of the same inode so far; if there are too many, the oldest is replaced.
        now_ns: the current time, in nanoseconds since 1970.
    """
    times = {content.slot: content.lost_ns for content in kept}
    slot = min(range(_LOST_CONTENTS), key=lambda slot: times.get(slot, 0))
    return LostContent.from_position(position, slot, now_ns)


def claimed(content: Position | LostContent) -> Position | LostContent:
    """Return the record of a content that has identified a copy, and identifies no other one."""
    return replace(content, path="")


def _points(content: Content) -> tuple[tuple[int, bytes], tuple[int, bytes]]:
    """Return the sizes at which the fingerprint of a file's content is known, and the fingerprints."""
    return (content.extent, content.fingerprint), (content.earlier, content.earlier_fingerprint)


def _beginning(file: FoundFile, content: Content, size: int) -> bytes | None:
    """Return the fingerprint of the first ``size`` bytes of a file.

    Returns:
        b"" if the file has fewer bytes; None if it no longer holds what was published.
    """
    try:
        with opened(file) as original:
            if original.file.key != file.key:
                return None
            if original.fingerprint(content.extent).digest() != content.fingerprint:
                return None
            return original.fingerprint(size).digest() if size <= original.size else b""
    except (OSError, ChangedError):
        return None


def _fingerprints(source: OpenFile, extents: Sequence[int]) -> tuple[int, dict[int, bytes]]:
    """Return how many bytes a file holds, uncompressed, and the fingerprints of its first ``extents`` bytes and of all.

    Extents beyond the file's end are left out.
    """
    if not source.compression:
        wanted = {extent for extent in extents if extent <= source.size} | {source.size}
        return source.size, {extent: source.fingerprint(extent).digest() for extent in wanted}
    read, size, fingerprints = Fingerprint(), 0, dict[int, bytes]()
    ahead = sorted({extent for extent in extents if extent}, reverse=True)
    for block in source.blocks():
        start = 0
        while ahead and ahead[-1] <= size + len(block):
            end = ahead.pop() - size
            read.add(block[start:end])
            fingerprints[size + end] = read.digest()
            start = end
        read.add(block[start:])
        size += len(block)
    return size, fingerprints | {size: read.digest()}
