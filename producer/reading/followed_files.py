"""All followed files, what is remembered of each, and the warnings about them."""

from collections.abc import Collection, Iterable, Iterator

from producer.content.gaps import MIN_NULS, Gap
from producer.discovery.found_file import FileKey, FoundFile, Warn
from producer.log_names import is_compressed
from producer.positions.position import LostContent, Position
from producer.reading.file_state import FileState
from producer.reading.rotated_copies import warn_of_twin


class WarnOnce:
    """Passes each warning about a path on once.

    Args:
        warn: called with the path and the reason.
    """

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._reasons: dict[str, str] = {}  # by path
        self._repeated: set[str] = set()  # paths warned about since the last full scan

    def __call__(self, path: str, reason: str) -> None:
        """Warn about a path, unless the last warning about it had the same reason."""
        self._repeated.add(path)
        if self._reasons.get(path) != reason:
            self._reasons[path] = reason
            self._warn(path, reason)

    def forget(self, path: str) -> None:
        """Forget the warning about a path: the fault was fixed."""
        self._reasons.pop(path, None)

    def forget_mended(self, failures: Iterable[str]) -> None:
        """Forget all warnings that were not repeated since the last call, except those about ``failures``."""
        kept = self._repeated.union(failures)
        self._reasons = {path: reason for path, reason in self._reasons.items() if path in kept}
        self._repeated.clear()


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

    def in_order(self, files: Collection[FoundFile]) -> list[FoundFile]:
        """Return files in the order to read them: the oldest first, and those of the same time by name.

        One chunk commits the history and skips all existing content. After a crash, content that this chunk did not
        skip would be counted, so this comes first. Originals come before what may be a copy by its name, and
        uncompressed copies before compressed ones. A deleted log comes before its successor, which may go on with it.
        """
        former_paths = {file.path for file in files if file.is_rotated}

        def place(file: FoundFile) -> tuple[bool, bool, bool, bool, int, str]:
            is_copy = file.may_be_copy and not file.skip_existing and self.state(file).position is None
            is_successor = file.is_current and file.path in former_paths
            is_packed = is_copy and is_compressed(file.real)
            return not file.skip_existing, is_copy, is_packed, is_successor, file.mtime_ns, file.path

        return sorted(files, key=place)

    def is_done(self, file: FoundFile) -> bool:
        """Tell, without opening a file, that all of it is published, and that it is what it was then."""
        state = self._states.get(file.key)
        position = state.position if state is not None else None
        if position is None or position.next_to_log or position.copy_pending:
            return False
        return position.complete and (position.size, position.ctime_ns) == (file.size, file.ctime_ns)

    def may_have_copies(self) -> bool:
        """Tell whether a file may turn out to be a copy of a log."""
        return any(state.may_turn_out_a_copy for state in self)

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
        """Warn that a file is counted, though it is no plausible text, or expands to far more than its size."""
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

    def unfinished_message(self) -> str | None:
        """Return the message about logs whose last line has no line end when following stops; None if none has."""
        paths = sorted(state.file.path for state in self if state.file is not None and state.is_unfinished)
        if not paths:
            return None
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        return f"{paths[0]}{more}: the last line has no line end yet; it counts once its line end arrives"

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
