"""What a new file may be a copy of: contents that begin like it, and those of the same log by their names."""

import time
from collections.abc import Iterator, Sequence

from producer.content.fingerprint import END_BYTES, fingerprints_at, head_keys
from producer.discovery.found_file import FileKey, FoundFile
from producer.log_names import family, may_be_copied_from
from producer.positions.copy_rule import FEW_LINES_BYTES
from producer.positions.pending import PendingPositions
from producer.positions.position import Content, LostContent, Position
from producer.reading.open_file import OpenFile


class WaitingFiles:
    """Files that wait, because they begin like others and may turn out to be copies: no scan need find them again."""

    def __init__(self) -> None:
        self._files: dict[FileKey, tuple[FoundFile, float]] = {}  # with the time of the monotonic clock, in its order

    def note(self, file: FoundFile, *, waits: bool) -> None:
        """Note whether a file waits."""
        if waits:
            self._files.setdefault(file.key, (file, time.monotonic()))
        else:
            self._files.pop(file.key, None)

    def due(self, settle: float) -> Iterator[FoundFile]:
        """Yield the files that have waited for ``settle`` seconds, as they are now. One that changes waits again."""
        for key, (file, since) in list(self._files.items()):
            if time.monotonic() - since < settle:
                return
            del self._files[key]
            if (now := file.as_it_is_now()) is not None:
                self.note(now, waits=True)
                yield now


def possible_originals(
    source: OpenFile, found: FoundFile, pending: PendingPositions
) -> Sequence[Position | LostContent]:
    """Return what is known of files of the same log by their names, and of files that begin alike.

    Args:
        source: the file.
        found: the same file as the scan found it.
        pending: how far each file was published, and will be.

    Raises:
        BrokenError: it is compressed, and damaged.
        ChangedError: it changes meanwhile.
    """
    file = source.file
    contents: list[Position | LostContent] = []
    if not is_of_first_scan(found):
        alike = pending.alike(head_keys(beginning(source)))
        # The inode of a log that was replaced may be reused.
        births = {source.birth_ns} if found.is_log else {one.birth_ns for one in alike}
        contents += [one for one in alike if one.inode != file.inode or one.birth_ns not in births]
    if found.may_be_copy:
        contents += [one for one in pending.relatives(file.real) if is_related(file.real, one)]
    return list({one.key: one for one in contents if one.key != file.key}.values())


def replaced(source: OpenFile, contents: Sequence[Content]) -> Position | None:
    """Return the position of the file whose place a file has taken and all of whose lines it begins with, if any.

    Of a few lines, another file may begin with the same.
    """
    for one in contents:
        if isinstance(one, Position) and one.path == source.file.real and not source.compression:
            is_long = FEW_LINES_BYTES <= one.extent < source.size
            return one if is_long and source.fingerprint(one.extent).digest() == one.fingerprint else None
    return None


def beginning(source: OpenFile) -> bytes:
    """Return the first bytes of a file, uncompressed.

    Raises:
        BrokenError: it is compressed, and damaged.
        ChangedError: the file changes meanwhile.
    """
    if source.compression:
        return next(source.blocks(), b"")[:END_BYTES]
    return source.read(min(END_BYTES, source.size), 0)


def is_of_first_scan(file: FoundFile) -> bool:
    """Tell whether a file was in a folder when that was first followed, or was given by its name: it counts whole."""
    return file.is_initial and not file.is_log


def is_related(path: str, content: Content) -> bool:
    """Tell by its name whether a file may be a copy of a content of the same log."""
    return family(path) == content.family and may_be_copied_from(path, content.path)


def is_as_read(file: FoundFile, content: Content) -> bool:
    """Tell, without opening a file, that it still has the content that all of it had when it was read."""
    # Its time is 0 if it may have been written to again within a tick.
    is_whole = isinstance(content, Position) and content.ctime_ns == file.ctime_ns and content.extent == content.size
    return is_whole and content.extent == file.size


def points(content: Content) -> tuple[tuple[int, bytes], tuple[int, bytes]]:
    """Return the sizes at which the fingerprint of a file's content is known, and the fingerprints."""
    return (content.extent, content.fingerprint), (content.earlier, content.earlier_fingerprint)


def fingerprints_of(source: OpenFile, extents: Sequence[int]) -> tuple[int, dict[int, bytes]]:
    """Return how many bytes a file holds, uncompressed, and the fingerprints of its first ``extents`` bytes and of all.

    Extents beyond the file's end are left out.
    """
    if not source.compression:
        wanted = {extent for extent in extents if extent <= source.size} | {source.size}
        return source.size, {extent: source.fingerprint(extent).digest() for extent in wanted}
    return fingerprints_at(extents, source.blocks())
