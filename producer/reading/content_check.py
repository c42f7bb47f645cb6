"""Checks that a file still holds what was published of it.

The size and the ends of a file tell that it was overwritten; a change in the middle that keeps them does not show. Once
a file rests that has changed other than by growing, its checksum is therefore compared with that of what was published.

A file that has other content at its start may still have its former end: then it is being overwritten in place, and
counts again once its end has changed too.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from producer.content.fingerprint import END_BYTES, Fingerprint, checksum
from producer.content.gaps import patience
from producer.discovery.found_file import FileKey, FoundFile
from producer.positions.position import Position
from producer.reading.file_state import FileState
from producer.reading.followed_files import FollowedFiles
from producer.reading.line_reader import LineBlock
from producer.reading.open_file import ChangedError, OpenFile, opened

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
                report_change(self._files, position)
                yield LineBlock(b"", position.position, replace(position, checksum=check.checksum), 0)


def filled_in(
    files: FollowedFiles, source: OpenFile, recorded: Sequence[Position]
) -> tuple[Position, Fingerprint] | None:
    """Return the position of a file whose start was passed as a gap and is written now; None if it is no such file.

    The lines behind the gap have been counted.
    """
    for position in recorded:
        head = min(END_BYTES, position.extent)
        if position.device == source.file.device and 0 < position.extent <= source.size:
            tail = source.read(head, position.extent - head)
            if Fingerprint(bytes(head), tail).digest() == position.fingerprint:
                report_change(files, position)
                return position, source.resumed(position)
    return None


def is_being_overwritten(
    source: OpenFile, state: FileState, previous: Position | None, settle: float, *, is_log: bool, is_idle: bool
) -> bool:
    """Tell whether a file, and no other in its place, has other content, was not emptied, and does not rest yet.

    While its end is the former one, its writer may only have paused. A log of another size was emptied, and has grown
    since.

    Args:
        source: the file.
        state: what is remembered of it; it is updated.
        previous: the position of its former content, None if that is not known.
        settle: the settling time, in seconds.
        is_log: the file is a log, or was one until it was rotated.
        is_idle: it has not changed for the settling time.
    """
    if previous is None or previous.birth_ns != source.birth_ns or not 0 < previous.extent <= source.size:
        return False
    longest, has_former_end = patience(settle), ends_as_before(source, previous)
    if source.idle_seconds >= longest or (is_idle and not has_former_end):
        return False
    if is_log and source.file.size != previous.size and not has_former_end:
        return False
    if state.overwritten_at is None:
        state.overwritten_at = time.monotonic()
    is_awaited = time.monotonic() - state.overwritten_at < longest
    if not is_awaited:
        state.overwritten_at = None
    return is_awaited


def ends_as_before(source: OpenFile, previous: Position) -> bool:
    """Tell whether a file, and no other in its place, ends what was published as before, whatever is in front."""
    is_comparable = source.birth_ns == previous.birth_ns and previous.tail and 0 < previous.extent <= source.size
    return bool(is_comparable) and source.fingerprint(previous.extent).tail() == previous.tail


def report_change(files: FollowedFiles, position: Position) -> None:
    """Warn that a file no longer holds what was published of it."""
    size = position.extent
    files.warn(
        position, f"changed before byte {size:,} after its lines were counted; the counts hold the former content"
    )


def report_overwritten(files: FollowedFiles, position: Position) -> None:
    """Warn that a file has other content in front of its former end, and counts again."""
    files.warn(
        position,
        f"has other content at its start, and the former one before byte {position.extent:,}: all of it counts again,"
        " also what is left of its former content",
    )
