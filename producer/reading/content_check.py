"""Checks that a file still holds what was published of it.

The size and the ends of a file tell that it was overwritten; a change in the middle that keeps them does not show. Once
a file rests that has changed other than by growing, its checksum is therefore compared with that of what was published.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from producer.content.fingerprint import checksum
from producer.discovery.found_file import FileKey, FoundFile
from producer.reading.file_state import FileState, FollowedFiles
from producer.reading.line_reader import LineBlock
from producer.reading.open_file import ChangedError, opened

#: How many bytes are checked at a time; new lines of other files wait for so long.
SLICE_BYTES = 16 << 20
#: The share of one core that checks may take while files are followed.
CHECK_SHARE = 0.1


@dataclass
class _Check:
    """How far one file is checked; ``file`` is as it was then."""

    file: FoundFile
    checksum_wanted: int
    offset: int
    checksum: int = 0


class ContentChecks:
    """Checks files that rest, a part at a time.

    Args:
        files: all followed files.
        settle: for how many seconds a file must not have changed.
        share: the most of one core that checks may take.
    """

    def __init__(self, files: FollowedFiles, settle: float, share: float) -> None:
        self._files = files
        self._settle = settle
        self._share = share
        self._wanted: dict[FileKey, None] = {}
        self._check: _Check | None = None
        self._next = 0.0

    def want(self, key: FileKey) -> None:
        """Check a file once it rests."""
        self._wanted[key] = None

    def step(self) -> Iterator[LineBlock]:
        """Check a part of one file. If it has changed, report that, and yield its position with the checksum as it is.

        No lines of the file may be on their way to the target.
        """
        started = time.monotonic()
        if started < self._next:
            return
        for key in list(self._wanted):
            state = self._files.find(key)
            if state is None or not state.is_to_check:
                del self._wanted[key]
            elif self._is_resting(state):
                try:
                    yield from self._step(state)
                except (OSError, ChangedError):  # it is gone, replaced or cut short, which reading it finds out
                    state.is_to_check = False
                self._next = started + (time.monotonic() - started) / self._share
                return

    def _is_resting(self, state: FileState) -> bool:
        return state.file is not None and state.idle_seconds(state.file) >= self._settle

    def _step(self, state: FileState) -> Iterator[LineBlock]:
        file, position = state.file, state.position
        if file is None or position is None or not 0 <= position.checked_from < position.extent:
            state.is_to_check = False
            return
        check = self._check
        if check is None or (check.file, check.checksum_wanted) != (file, position.checksum):
            check = self._check = _Check(file, position.checksum, position.checked_from)
        end = min(check.offset + SLICE_BYTES, position.extent)
        with opened(file) as source:
            if source.file.key != file.key:
                raise ChangedError
            if (source.file.size, source.file.mtime_ns) != (file.size, file.mtime_ns):
                return  # it no longer rests, as the next scan will find
            check.checksum = checksum(source.read, check.offset, end, check.checksum)
        check.offset = end
        if end == position.extent:
            self._check, state.is_to_check = None, False
            if check.checksum != position.checksum:
                self._files.report_change(position)
                yield LineBlock(b"", position.position, replace(position, checksum=check.checksum), 0)
