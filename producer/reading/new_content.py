"""Decides which bytes of a file are new: those after its position, or after what was published of its original."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from producer.content import gaps
from producer.content.fingerprint import Fingerprint
from producer.discovery.found_file import FoundFile
from producer.discovery.history import History
from producer.log_names import is_rotated, uncompressed_path
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position, claimed, lost_content
from producer.reading import line_reader, plain_reader
from producer.reading.content_check import ends_as_before, filled_in, is_being_overwritten, report_overwritten
from producer.reading.file_state import FileState
from producer.reading.followed_files import FollowedFiles
from producer.reading.line_reader import LineBlock, ReadLimits
from producer.reading.open_file import OpenFile
from producer.reading.originals import WaitingFiles, is_of_first_scan, possible_originals, replaced
from producer.reading.plain_reader import PlainReader
from producer.reading.rotated_copies import Copy, Judging, find_original
from producer.text.encoding import UTF_8
from producer.text.plausible import find_fault


class NewContentReader:
    """Reads the new content of files.

    Args:
        files: all followed files; one of them may be the original of a copy.
        pending: how far each file was published, and will be.
        history: what is remembered of the files that are gone.
        limits: how to cut lines into blocks.
        checks_text: warn of a file without a byte order mark that is no plausible UTF-8.
    """

    def __init__(
        self,
        files: FollowedFiles,
        pending: PendingPositions,
        history: History,
        limits: ReadLimits,
        *,
        checks_text: bool,
    ) -> None:
        self._files = files
        self._pending = pending
        self._history = history
        self._limits = limits
        self._plain = PlainReader(files, pending, limits)
        self._checks_text = checks_text
        self.waiting = WaitingFiles()  #: files that begin like others

    def read(
        self, source: OpenFile, found: FoundFile, recorded: Sequence[Position], *, is_idle: bool
    ) -> Iterator[LineBlock]:
        """Yield what an open file has that is not published yet.

        Args:
            source: the file.
            found: the same file as the scan found it.
            recorded: the positions of files with its inode.
            is_idle: it has not changed for the settling time.

        Raises:
            BrokenError: it is compressed, and cut short or damaged.
            ChangedError: it changes meanwhile.
        """
        state = self._files.state(found)
        found_position = source.find_position(recorded) or filled_in(self._files, source, recorded)
        position, fingerprint = found_position or (None, Fingerprint())
        is_overwritten = position is None
        if position and state.position is None and _may_have_changed(source.file, position):
            state.is_to_check |= not self._plain.verify(
                source, fingerprint, position.extent, plain_reader.VERIFIED_BYTES
            )
        if position and became_log(found, position):
            position, fingerprint = None, Fingerprint()
        source.resumed_from = position
        if position and position.complete and position.size == source.file.size:
            # Nothing is new: the file was only touched, or its device has another number since a reboot.
            after = source.position(position.position, fingerprint, complete=True, extent=position.extent)
            after = after.unread_since(position)
            if after != state.position:
                yield LineBlock(b"", position.position, after, 0 if state.position else source.file.size)
        elif found.skip_existing and position is None:
            yield line_reader.skip_existing(source, source.size, whole_lines=found.is_live, is_rotated=found.is_rotated)
        elif position and position.position and not position.extent:
            # It was skipped while it could not be read: what was appended since is new.
            yield line_reader.skip_existing(
                source, position.position, whole_lines=True, is_rotated=position.next_to_log
            )
        elif is_idle or not source.compression:
            if is_overwritten:
                previous = next((one for one in recorded if one.device == source.file.device), None)
                waits = is_being_overwritten(
                    source, state, previous, self._limits.settle, is_log=found.is_log, is_idle=is_idle
                )
                if waits:
                    self.waiting.note(found, waits=True)
                    state.is_to_check = False  # that it has changed is known
                    return
                yield from self._start_again(source, previous)
            yield from self._read_from(source, found, fingerprint, is_idle=is_idle)

    def _check_text(self, source: OpenFile, found: FoundFile, start: int) -> None:
        """Warn once if a file that is read from its beginning is no plausible text."""
        if not self._checks_text or start or source.encoding is not UTF_8 or self._limits.should_stop():
            return
        if self._files.state(found).doubt is None:
            sample = source.sample()
            sample = sample[: gaps.find(sample, is_end=False)]  # NULs there may be unwritten
            if UTF_8.of(sample) is UTF_8 and (reason := find_fault(sample)) is not None:
                self._files.doubt(found, reason)

    def _start_again(self, source: OpenFile, previous: Position | None) -> Iterator[LineBlock]:
        """Move the position of an overwritten file to its start, and keep its former content as a lost one."""
        if previous is not None:
            if ends_as_before(source, previous):
                report_overwritten(self._files, previous)
            start = source.position(0, Fingerprint(), complete=source.size == 0)
            yield LineBlock(b"", 0, replace(start, copy_pending=True), 0, self._lost_content(previous))

    def _lost_content(self, previous: Position) -> tuple[LostContent, ...]:
        """Return the lost content of a file; none if it was not read, or has identified a copy already."""
        kept = {position.key: position for position in self._pending.find(previous.inode)}
        if not previous.extent or not kept.get(previous.key, previous).path:
            return ()
        return (lost_content(previous, self._pending.lost_contents(previous.inode), time.time_ns()),)

    def _read_from(
        self, source: OpenFile, found: FoundFile, fingerprint: Fingerprint, *, is_idle: bool
    ) -> Iterator[LineBlock]:
        """Yield what a file has after the position it is resumed from; ``fingerprint`` is of the bytes before."""
        position = source.resumed_from
        start = position.position if position else 0
        if position is None or position.copy_pending:
            yield from self._read_unknown(source, found, start, is_idle=is_idle)
            return
        self._check_text(source, found, start)
        if source.compression:
            self._plain.verify(source, fingerprint, position.extent, position.extent)
            yield from self._read_compressed(source, found, start)
        else:
            yield from self._plain.read(source, found, start, fingerprint, is_idle=is_idle and not found.is_live)

    def _read_unknown(self, source: OpenFile, found: FoundFile, start: int, *, is_idle: bool) -> Iterator[LineBlock]:
        """Yield the lines of a file that may be a copy, without those that were published of its original."""
        file, state = source.file, self._files.state(found)
        if self._is_known(source, state, is_idle=is_idle):
            return
        contents = possible_originals(source, found, self._pending)
        copy = find_original(source, contents, self._judging(found, is_idle=is_idle)) if contents else Copy(0)
        state.original, state.original_found_ns = copy.original if copy.is_pending else None, file.ctime_ns
        if copy.original is not None and found.is_log:
            self._report_doubt(found, state, copy, is_idle=is_idle)
        state.waits_since = (state.waits_since or time.monotonic()) if copy.is_pending else None
        self.waiting.note(found, waits=state.is_waiting)
        if copy.original is None and (copy.is_pending or self._is_forgotten(found)):
            yield from () if copy.is_pending else self._skip_forgotten(source)
            return
        claim = (claimed(copy.original),) if copy.original is not None and not copy.is_pending else ()
        if not copy.is_pending:
            self._check_text(source, found, max(start, copy.published))
            self._report_replaced(source, found, contents if copy.original is None else ())
        if source.compression:
            if not copy.is_pending:
                for block in self._read_compressed(source, found, copy.published):
                    yield block._replace(other_contents=claim)
                    claim = ()
            return
        start = max(start, copy.published)
        fingerprint = source.fingerprint(start)
        if start:
            after = source.position(start, fingerprint, complete=start == source.size and not copy.is_pending)
            yield LineBlock(b"", start, replace(after, copy_pending=copy.is_pending), start, claim)
        if not copy.is_pending:
            yield from self._plain.read(source, found, start, fingerprint, is_idle=is_idle and not found.is_live)

    def _is_forgotten(self, found: FoundFile) -> bool:
        """Tell whether a file is older than what is known of its log: see ``producer.rotation.forgetting``."""
        if not found.is_log or found.is_sought or not is_rotated(found.real):
            return False
        until_ns = self._history.counted_until(found.real)
        return found.mtime_ns <= until_ns and 0 < until_ns <= time.time_ns()

    def _skip_forgotten(self, source: OpenFile) -> Iterator[LineBlock]:
        """Skip a file that was counted and is forgotten, and warn of it."""
        block = line_reader.skip_existing(source, source.size, whole_lines=False, is_rotated=False)
        self._files.warn(
            block.position,
            "is older than the files of its log that are remembered one by one, so it is taken for one that was counted"
            " before and is not counted; if it never was, count it with wordcount batch",
        )
        yield block

    def _read_compressed(self, source: OpenFile, found: FoundFile, start: int) -> Iterator[LineBlock]:
        return line_reader.read_compressed(source, start, self._limits, partial(self._files.doubt, found))

    def _report_doubt(self, found: FoundFile, state: FileState, copy: Copy, *, is_idle: bool) -> None:
        """Warn once of what continues a log, and of a complete copy whose original was longer from the start."""
        if copy.is_continued:
            self._files.report_continued(found)
        if state.waits_since is None:
            state.may_have_twin = copy.has_grown_original
        if state.may_have_twin and copy.has_grown_original and is_idle and copy.original is not None:
            self._files.report_twin(state, copy.original)

    def _report_replaced(self, source: OpenFile, found: FoundFile, contents: Sequence[Position | LostContent]) -> None:
        """Warn if a file of a folder takes the place of another one, and begins with all that was counted of it."""
        if not found.is_log and (former := replaced(source, contents)) is not None:
            size = f"{former.extent:,}"
            self._files.warn(
                former,
                f"replaces a file that held its first {size} bytes: all of it counts, so these lines count twice",
            )

    def _judging(self, found: FoundFile, *, is_idle: bool) -> Judging:
        is_rotated_name = is_rotated(uncompressed_path(found.real))
        return Judging(
            self._files.current_file,
            is_log=found.is_log,
            is_current=found.is_current,
            is_sought=found.is_sought,
            is_idle=is_idle,
            has_waited=self._files.state(found).has_waited,
            counts_copies=is_of_first_scan(found),
            counts_copies_by_name=not found.is_log and (found.is_initial or not is_rotated_name),
        )

    def _is_known(self, source: OpenFile, state: FileState, *, is_idle: bool) -> bool:
        """Tell whether another look at what a file may be a copy of would show nothing new."""
        if state.original is None:
            return state.waits_since is not None and not is_idle and not state.has_waited
        if not source.compression or not isinstance(state.original, Position):
            return False
        original = self._files.find(state.original.key) if state.original_found_ns == source.file.ctime_ns else None
        return original is not None and original.position == state.original


def _may_have_changed(file: FoundFile, position: Position) -> bool:
    """Tell whether a file may have been written to since its position was stored, without growing or a new name."""
    return (position.size, position.path) == (file.size, file.real) and position.ctime_ns != file.ctime_ns


def became_log(file: FoundFile, position: Position) -> bool:
    """Tell whether a file that was skipped because it was next to a log is now a log itself: all of it counts."""
    return position.next_to_log and file.is_current and not file.skip_existing
