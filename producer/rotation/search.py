"""Searches places for what a log was rotated to: by its inode, or by the bytes that were published of it."""

import os
from collections.abc import Container, Iterator, Sequence

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FileKey, FoundFile, Warn
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.reading.rotated_copies import warn_of_twin
from producer.rotation.likeness import begins_with, is_beginning_of
from producer.rotation.search_places import Places
from producer.rotation.unread_rest import Missing, is_of

#: How many files one search opens.
MOST_OPENED = 200


class Search:
    """Searches places.

    Args:
        places: where to search.
        positions: how far each file was published.
        warn: called for what may be a copy.
    """

    def __init__(self, places: Places, positions: PendingPositions, warn: Warn) -> None:
        self._places = places
        self._positions = positions
        self._warn = warn
        self._rejected = set[tuple[FileKey, int, int, bytes]]()

    def rest(self, missing: Missing, files: Sequence[FoundFile]) -> FoundFile | None:
        """Return the file that has a missing content."""
        log, content = missing.log, missing.content
        if not isinstance(content, LostContent):  # else its own inode has other content now
            for file in files:
                if is_of(file, log):
                    return file
        if content is None or not content.extent:
            return None
        opened = 0
        for file in files:
            rejected = (file.key, file.size, file.mtime_ns, content.fingerprint)
            if file.inode == log.inode or rejected in self._rejected or self.is_known(file):
                continue
            if (answer := begins_with(file, content)) is True:
                return file
            if answer is False:
                self._rejected.add(rejected)
            opened += 1
            if opened == MOST_OPENED:
                break
        return None

    def forget(self, missing: Missing) -> None:
        """Forget which files do not have a content: it is not looked for any longer."""
        if missing.content is not None:
            known = missing.content.fingerprint
            self._rejected = {rejected for rejected in self._rejected if rejected[3] != known}

    def twins(self, log: FoundFile, found: Container[FileKey]) -> Iterator[FoundFile]:
        """Yield the copies of a log that has grown and still begins with what was published of it.

        It may have been truncated since the copy was made, and have the same lines again.
        """
        content = next((one for one in self._positions.find(log.inode) if one.device == log.device), None)
        if content is None or not content.extent or log.size <= content.size or not begins_with(log, content):
            return
        newer = [file for file in self._places.files([os.path.dirname(log.real)]) if file.key not in found]
        for file in newer[:MOST_OPENED]:
            is_new = birth_ns(file.path) > content.mtime_ns and not self.is_known(file)
            if not is_new or not begins_with(file, content):
                continue
            if is_beginning_of(file, log):
                warn_of_twin(self._warn, file.path, log.path)
            else:  # the log was truncated
                yield file

    def is_known(self, file: FoundFile) -> bool:
        """Tell whether a file was followed before, whatever was published of it."""
        positions = [one for one in self._positions.find(file.inode) if one.device == file.device]
        return bool(positions) and birth_ns(file.path) in {one.birth_ns for one in positions}


def warn_of_counted_copy(warn: Warn, positions: PendingPositions, log: FoundFile, lost: LostContent) -> None:
    """Warn if a file that was counted as another one turns out to be a copy: its original was truncated late."""
    for one in positions.alike([lost.head]):
        is_same = (one.extent, one.fingerprint) == (lost.extent, lost.fingerprint) and one.inode != lost.inode
        if isinstance(one, Position) and is_same and one.path and one.birth_ns >= lost.mtime_ns:
            warn(
                one.path,
                f"holds the {lost.extent:,} bytes that {log.path} had before it was truncated, and counts as"
                " another file; if it is a copy, these lines count twice",
            )
