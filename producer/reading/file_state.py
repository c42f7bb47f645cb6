"""What is remembered of each followed file from one poll to the next."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from producer.discovery.found_file import FileKey, FoundFile
from producer.positions.position import LostContent, Position
from producer.reading.line_reader import PartialLine
from producer.reading.warn_once import WarnOnce


class _Change(NamedTuple):
    """A file as it was when its last change was seen; ``seen`` is in seconds of the monotonic clock."""

    file: FoundFile
    seen: float
    by_first_poll: bool


@dataclass(slots=True)
class FileState:
    """What is remembered of one file."""

    file: FoundFile | None = None  #: as the last scan found it
    position: Position | None = None  #: how far it was published
    original: Position | LostContent | None = None  #: of the file that this one is a copy of, while that exists
    original_found_ns: int = 0  #: the file's ``ctime_ns`` when ``original`` was found
    partial_line: PartialLine = field(default_factory=PartialLine)
    change: _Change | None = None
    is_changing: bool = False  #: it was not idle when it was last checked
    failed: FoundFile | None = None  #: as it was when it could not be read
    empty: FoundFile | None = None  #: as it was when it was found to hold nothing
    doubt: str | None = None  #: why it is no plausible text, once that was told
    broken: FoundFile | None = None  #: as it was when it was found broken; it is not read again until it changes

    def is_idle(self, file: FoundFile, settle: float, *, first: bool) -> bool:
        """Tell whether the file has not changed for ``settle`` seconds.

        The clock of this process decides. The file's own time, which may be another machine's, only counts for a file
        that the first poll found.

        Args:
            file: the file as it is now.
            settle: the settling time, in seconds.
            first: this is the first poll.
        """
        now = time.monotonic()
        if self.change is None or (self.change.file.size, self.change.file.mtime_ns) != (file.size, file.mtime_ns):
            self.change = _Change(file, now, first and self.change is None)
        age = time.time() - file.mtime_ns / 1e9 if self.change.by_first_poll else 0.0
        idle = max(now - self.change.seen, age) >= settle
        self.is_changing = not idle
        return idle


class FollowedFiles:
    """The state of every followed file.

    Args:
        warnings: receives why a file cannot be read.
    """

    def __init__(self, warnings: WarnOnce) -> None:
        self._warnings = warnings
        self._states: dict[FileKey, FileState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[FileState]:
        return iter(self._states.values())

    def state(self, file: FoundFile) -> FileState:
        """Return the state of a file; a file that is not followed yet gets a new one."""
        return self._states.setdefault(file.key, FileState())

    def find(self, key: FileKey) -> FileState | None:
        """Return the state of the file with this device and inode, None if there is none."""
        return self._states.get(key)

    def keep_only(self, keys: Collection[FileKey]) -> None:
        """Forget all other files."""
        for key in self._states.keys() - keys:
            del self._states[key]

    def reached(self, position: Position) -> None:
        """Note that a file is published up to a position."""
        state = self.find(position.key)
        if state is None:  # the file is gone
            return
        state.position = position
        if position.extent or position.complete:  # else nothing was read, so it may still be unreadable
            state.failed = state.broken = None
            self._warnings.forget(self.display_path(position))

    def fail(self, file: FoundFile, reason: str) -> None:
        """Note, and warn, that a file cannot be read."""
        self.state(file).failed = file
        self._warnings(file.path, reason)

    def doubt(self, file: FoundFile, reason: str) -> None:
        """Warn once that a file is counted, but is no plausible text."""
        self.state(file).doubt = reason
        self._warnings(file.path, reason)

    @property
    def failures(self) -> list[str]:
        """The files that could not be read when they were last tried."""
        return [state.failed.path for state in self if state.failed is not None]

    def is_awaited(self, file: FoundFile) -> bool:
        """Tell whether part of a file, as it was found earlier, is still to be published."""
        state = self.find(file.key)
        if state is None or file.size == 0:
            return file.size > 0
        if state.original or state.failed is not None:
            return False
        if file.is_live and state.partial_line.searched_to >= file.size:
            return False  # all but an unterminated last line is published
        position = state.position
        return position is None or not (position.complete or position.extent == position.position >= file.size)

    def current_file(self, position: Position) -> FoundFile | None:
        """Return the file that a position belongs to, as the last scan found it; None if it is gone."""
        state = self.find(position.key)
        return state.file if state else None

    def display_path(self, position: Position) -> str:
        """Return the path under which the user knows the file that a position belongs to."""
        file = self.current_file(position)
        return file.path if file else position.path
