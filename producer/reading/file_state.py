"""What is remembered of each followed file from one poll to the next."""

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from producer.content.gap_watch import GapWatch
from producer.content.gaps import MIN_NULS, Gap
from producer.discovery.found_file import FileKey, FoundFile
from producer.log_names import is_compressed
from producer.positions.position import LostContent, Position
from producer.reading.line_reader import PartialLine
from producer.reading.rotated_copies import warn_of_twin
from producer.reading.warn_once import WarnOnce

#: Two files that are written alike are taken for one and its copy for at most this long.
LONGEST_WAIT_SECONDS = 10.0


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
    waits_since: float | None = None  #: when it was first the same as another file, in seconds of the monotonic clock
    may_have_twin: bool = False  #: when it was first the same as a log, that was longer already
    partial_line: PartialLine = field(default_factory=PartialLine)
    gap: GapWatch = field(default_factory=GapWatch)
    change: _Change | None = None
    is_changing: bool = False  #: it was not idle when it was last checked
    is_to_check: bool = False  #: what was published of it may have changed; see ``producer.reading.content_check``
    verified_size: int = 0  #: the file's size when what was published of it was last checked before going on
    overwritten_at: float | None = None  #: when other content was found in it, in seconds of the monotonic clock
    failed: FoundFile | None = None  #: as it was when it could not be read
    empty: FoundFile | None = None  #: as it was when it was found to hold nothing
    doubt: str | None = None  #: why it is no plausible text, once that was told
    broken: FoundFile | None = None  #: as it was when it was found broken; it is not read again until it changes

    @property
    def is_unfinished(self) -> bool:
        """Whether the file is a log that ends in an unterminated line, which counts once its line end arrives."""
        published = self.position.position if self.position else 0
        size = self.file.size if self.file is not None and self.file.is_live else -1
        return published < self.partial_line.searched_to == size

    @property
    def may_turn_out_a_copy(self) -> bool:
        """Whether the file may turn out to be a copy of a log: it waits, or is still being written."""
        return self.waits_since is not None or (self.position is None and self.is_changing)

    @property
    def is_waiting(self) -> bool:
        """Whether the file waits because it begins like another one, and has not waited for long."""
        return self.waits_since is not None and self.original is None and not self.has_waited

    @property
    def has_waited(self) -> bool:
        """Whether the file has been the same as another one for a while."""
        return self.waits_since is not None and time.monotonic() - self.waits_since > LONGEST_WAIT_SECONDS

    def is_idle(self, file: FoundFile, settle: float, *, first: bool) -> bool:
        """Tell whether the file has not changed for ``settle`` seconds.

        The clock of this process decides. The file's own time, which may be another machine's, only counts for a file
        that the first poll found.

        Args:
            file: the file as it is now.
            settle: the settling time, in seconds.
            first: this is the first poll.
        """
        former = self.change and self.change.file
        if self.change is None or (self.change.file.size, self.change.file.mtime_ns) != (file.size, file.mtime_ns):
            self.change = _Change(file, time.monotonic(), first and self.change is None)
            # It changed, and did not grow. What fills a gap has not changed what is in front of the gap.
            self.is_to_check |= former is not None and former.size == file.size and self.gap.start is None
        self.is_changing = self.idle_seconds(file) < settle
        return not self.is_changing

    def idle_seconds(self, file: FoundFile) -> float:
        """Return for how many seconds the file, as it is now, has not changed; 0 if it was not seen like this yet."""
        if self.change is None or (self.change.file.size, self.change.file.mtime_ns) != (file.size, file.mtime_ns):
            return 0.0
        age = time.time() - file.mtime_ns / 1e9 if self.change.by_first_poll else 0.0
        return max(time.monotonic() - self.change.seen, age)


class FollowedFiles:
    """The state of every followed file.

    Args:
        warnings: receives why a file cannot be read.
        awaits_checks: a file is awaited until it was checked, see ``producer.reading.content_check``.
    """

    def __init__(self, warnings: WarnOnce, *, awaits_checks: bool) -> None:
        self._warnings = warnings
        self._awaits_checks = awaits_checks
        self._states: dict[FileKey, FileState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[FileState]:
        return iter(self._states.values())

    def state(self, file: FoundFile) -> FileState:
        """Return the state of a file; a file that is not followed yet gets a new one."""
        if (state := self._states.get(key := file.key)) is None:
            state = self._states[key] = FileState()
        return state

    def find(self, key: FileKey) -> FileState | None:
        """Return the state of the file with this device and inode, None if there is none."""
        return self._states.get(key)

    def in_order(self, files: Iterable[FoundFile]) -> list[FoundFile]:
        """Return files in the order to read them: the oldest first, and those of the same time by name.

        One chunk commits the history and skips all existing content. After a crash, content that this chunk did not
        skip would be counted, so this comes first. Originals come before what may be a copy by its name, and
        uncompressed copies before compressed ones.
        """

        def place(file: FoundFile) -> tuple[bool, bool, bool, int, str]:
            is_copy = file.may_be_copy and not file.skip_existing and self.state(file).position is None
            return not file.skip_existing, is_copy, is_copy and is_compressed(file.real), file.mtime_ns, file.path

        return sorted(files, key=place)

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
        # If nothing was read, it may still be unreadable. What waits behind a gap is still not counted.
        if (position.extent or position.complete) and not state.gap.is_reported:
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

    def report_gap(self, state: FileState) -> None:
        """Warn once that part of a file is not written yet. If other lines are behind it, the file is a failure."""
        gap, file = state.gap, state.file
        if gap.start is None or file is None or gap.is_reported:
            return
        gap.is_reported = True
        if gap.gap is not None and gap.gap.end < file.size:
            size = gap.gap.end - gap.start
            reason = f"{size:,} bytes from byte {gap.start:,} on are not written yet; lines from there on wait for them"
            self.fail(file, reason)
        elif not gap.was_reported and (size := file.size - gap.start) >= MIN_NULS:  # fewer are no words
            gap.was_reported = True
            reason = f"{size:,} bytes from byte {gap.start:,} on are not written yet; they count once they are"
            self._warnings(file.path, reason)

    def report_passed(self, state: FileState, gap: Gap) -> None:
        """Warn that a gap was not written, and is left out."""
        if state.file is not None:
            size, start = gap.end - gap.start, gap.start
            reason = f"{size:,} bytes from byte {start:,} on were never written; the lines behind them count now"
            self._warnings(state.file.path, reason)

    def warn(self, position: Position, reason: str) -> None:
        """Warn of the file that a position belongs to."""
        self._warnings(self.display_path(position), reason)

    def report_twin(self, state: FileState, log: Position | LostContent) -> None:
        """Warn once that a file may hold what a log had before it got the same lines again."""
        state.may_have_twin = False
        if state.file is not None:
            path = self.display_path(log) if isinstance(log, Position) else log.path
            warn_of_twin(self._warnings, state.file.path, path)

    def report_continued(self, log: FoundFile) -> None:
        """Warn that the file that replaces a log is taken for the same log, which has grown."""
        self._warnings(
            log.path,
            "was replaced by a file that begins with all that was counted of it, so only what follows counts; if it is"
            " a new log, its first lines are missing from the counts",
        )

    def report_half_line(self, file: FoundFile, end: int) -> None:
        """Warn that the last line of what a log was rotated to has no line end, and counts."""
        reason = f"the last line, up to byte {end:,}, has no line end, and counts; if it goes on in the next file of"
        self._warnings(file.path, f"{reason} this log, it counts as two lines")

    def report_gaps(self) -> None:
        """Warn of all that is not written yet."""
        for state in self:
            self.report_gap(state)

    @property
    def failures(self) -> list[str]:
        """The files that could not be read when they were last tried."""
        return [state.failed.path for state in self if state.failed is not None]

    def is_awaited(self, file: FoundFile) -> bool:
        """Tell whether part of a file, as it was found earlier, is still to be published."""
        state = self.find(file.key)
        if state is None or file.size == 0:
            return file.size > 0
        if state.original or state.failed is not None or state.gap.is_reported:
            return False
        if file.is_live and (state.partial_line.searched_to >= file.size or state.gap.start is not None):
            return False  # all but an unterminated last line is published, or what is not written yet
        if state.is_to_check and self._awaits_checks:
            return True
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
