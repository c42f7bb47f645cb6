"""Follows files, and publishes every whole line of them once, in chunks.

A file is identified by device, inode, time of birth and fingerprint. A renamed file therefore keeps its position, and
other content under an old name, or with an old inode, is new. Positions move by whole lines only. What follows the last
line end waits until the file has been idle for a moment, and then counts as a line. A compressed file is read once it
has been idle for as long, and only if it can be decompressed to its end.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from producer.chunk_publisher import ChunkPublisher
from producer.content.compression import BrokenError
from producer.discovery.found_file import FileKey, FoundFile, Warn
from producer.discovery.history import History
from producer.discovery.inputs import InputOptions, Inputs
from producer.positions.pending import PendingPositions
from producer.positions.position import Position
from producer.reading import content_check
from producer.reading.content_check import ContentChecks
from producer.reading.file_state import FileState
from producer.reading.followed_files import FollowedFiles, WarnOnce
from producer.reading.line_reader import LineBlock, ReadLimits, skip_unreadable
from producer.reading.new_content import NewContentReader, became_log
from producer.reading.open_file import ChangedError, is_empty, opened
from producer.rotation.forgetting import Forgetting
from producer.rotation.rotations import Rotations
from producer.rotation.search_places import Places
from producer.targets.base import Target
from producer.targets.set_aside import SetAside
from producer.text.encoding import UTF_8, Encoding
from producer.text.long_lines import DEFAULT_LIMIT, LineLimit

#: An initial file that never becomes idle is awaited this long, or ten times ``settle`` if that is longer.
NEVER_IDLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerOptions(InputOptions):
    """What to read of the inputs, and when.

    Attributes:
        settle: how many seconds a file must be idle before its unterminated last line counts.
        chunk_lines: the most lines in a chunk; None sets no limit.
        encoding: that of files without a byte order mark; None is UTF-8, with a warning where a file seems to be
            something else.
        line_limit: how long lines may be.
        set_aside: the folder to note in what is set aside; None if there is none.
    """

    settle: float
    chunk_lines: int | None = None
    encoding: Encoding | None = None
    line_limit: LineLimit = DEFAULT_LIMIT
    set_aside: Path | None = None


class Follower:
    """Follows folders, and files given by name.

    Args:
        inputs: folders and files; with ``options.follow_logs`` also globs, and files that do not exist yet.
        target: where the chunks are published.
        options: what to read, and when.
        warn: called for everything that cannot be counted, once, and again if the reason changes.
        admit: called with the lines of a chunk before it is published; returns once it may be.
        should_stop: asked between chunks; once it returns True, ``poll`` returns as soon as it can.
    """

    def __init__(
        self,
        inputs: Iterable[str],
        target: Target,
        options: FollowerOptions,
        *,
        warn: Warn,
        admit: Callable[[Sequence[bytes]], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settle = options.settle
        self._should_stop = should_stop
        self._warnings = WarnOnce(warn)
        self._pending = PendingPositions(target)
        self._history = History(target)
        self.inputs = Inputs(inputs, self._history, self._warnings, options)
        max_lines = min(filter(None, (options.chunk_lines, target.chunk_lines)), default=None)
        is_hurried = options.once or not options.follow_logs
        self._files = FollowedFiles(self._warnings, awaits_checks=is_hurried)
        self._checks = ContentChecks(self._files, options.settle, 1.0 if is_hurried else content_check.CHECK_SHARE)
        self._encoding = options.encoding or UTF_8
        self._reader = NewContentReader(
            self._files,
            self._pending,
            self._history,
            ReadLimits(max_lines, should_stop, options.settle, options.line_limit.within(target.line_bytes)),
            checks_text=options.encoding is None,
        )
        places = Places(options.archives, options.rotated_names, options.excluded)
        self._rotations = Rotations(places, self._history, self._pending, self._warnings, options.settle)
        self._forgetting = Forgetting(self._history, self._pending, self._files, self._rotations.forget)
        set_aside = SetAside(options.set_aside, warn, to_topic=target.line_bytes is not None)
        self._publisher = ChunkPublisher(target, self._pending, self._files, max_lines, admit, set_aside)
        self._initial: dict[FileKey, FoundFile] | None = None  # those found by the first poll
        self._started = time.monotonic()
        self._scan_fully = self._has_scanned_fully = False
        self.bytes_found = 0  #: the size of all files found by the first poll, in bytes
        self.bytes_done = 0  #: how many bytes were published, by this run or an earlier one

    @property
    def failures(self) -> list[str]:
        """The files and folders that could not be read when they were last tried."""
        return self._files.failures + self.inputs.unreadable

    @property
    def unconfirmed(self) -> list[tuple[str, int]]:
        """The files, and the positions in bytes, where the chunks begin that may not be safe yet."""
        return self._publisher.unconfirmed

    @property
    def files(self) -> int:
        """How many files are followed."""
        return len(self._files)

    def poll(self) -> bool:
        """Publish what is new; return whether anything was.

        Raises:
            OSError: the target cannot be written to.
            WordCountError: the target refuses a chunk.
        """
        first = self._initial is None
        files = self._scan()
        published = False
        for positions, size in self._publisher.publish(self._read_all(files, first=first), self._history.take()):
            for position in positions:
                self._forgetting.note(position)
                self._files.reached(position)
            self.bytes_done += size
            published = True
        if self._has_scanned_fully:
            self._forgetting.step()
        self._report_missing(is_complete=self._has_scanned_fully)
        return published

    def unfinished_message(self) -> str | None:
        """Return the message about logs whose last line has no line end when following stops; None if none has."""
        return self._files.unfinished_message()

    def finish(self) -> None:
        """Report what is not written yet, and what was searched in vain; the next run looks for the rest of it."""
        if self._initial is not None:
            self._files.report_gaps()
            self._report_missing(is_complete=True)

    def _report_missing(self, *, is_complete: bool) -> None:
        self._rotations.report_missing(is_complete=is_complete, may_wait=self._files.may_have_copies)
        self._publisher.remember(self._history.take())

    def caught_up(self) -> bool:
        """Tell whether everything found by the first poll was published, is gone, or cannot be read."""
        if self._initial is None:
            return False
        awaited = [file for file in self._initial.values() if self._files.is_awaited(file)]
        self._scan_fully = bool(awaited) or self._rotations.is_awaited  # some of them may be gone
        if time.monotonic() - self._started > max(NEVER_IDLE_SECONDS, 10 * self._settle):
            for file in awaited:
                if (state := self._files.find(file.key)) is not None and state.is_changing:
                    self._files.fail(file, "keeps changing; it is no longer awaited")
        return not awaited and not self._rotations.is_awaited

    def _scan(self) -> list[FoundFile]:
        """Return the files that may have changed, in the order to read them."""
        found, existing = self.inputs.scan(full=self._scan_fully, is_done=self._files.is_done)
        if self._initial is None:
            self._initial = dict(found)
            self.bytes_found = sum(file.size for file in found.values())
        if existing is not None:
            self._files.keep_only(existing.union(self._rotations.rests.keys))
            self._initial = {key: file for key, file in self._initial.items() if key in existing}
            self._warnings.forget_mended(self.failures)
        self._has_scanned_fully = existing is not None
        for file in self._reader.waiting.due(self._settle):
            found.setdefault(file.key, file)
        self._rotations.scan(found, self.inputs.log_paths, self.inputs.listed_logs, self.inputs.former_folders)
        for file in found.values():
            self._files.state(file).file = file
        return self._files.in_order([file for file in found.values() if not self._files.is_done(file)])

    def _read_all(self, files: Sequence[FoundFile], *, first: bool) -> Iterator[LineBlock]:
        """Yield the new lines of files, until asked to stop. If there are none, check what was published."""
        is_new = False
        for file in files:
            for block in self._read(file, first=first):
                is_new = True
                yield block
                if self._should_stop() and not file.skip_existing:
                    return
            if self._should_stop() and not file.skip_existing:
                return
        if not is_new:
            yield from self._checks.step()

    def _read(self, file: FoundFile, *, first: bool) -> Iterator[LineBlock]:
        """Yield the new lines of a file."""
        state = self._files.state(file)
        if state.is_waiting and not state.is_idle(file, self._settle, first=first):
            return
        recorded = [state.position] if state.position else self._pending.find(file.inode)
        position = next((position for position in recorded if position.device == file.device), None)
        if position is None and file.size == 0 and (state.empty == file or is_empty(file)):
            state.empty = file
            if self._initial is not None:
                self._initial.pop(file.key, None)  # emptied since the first poll: there is nothing to wait for
            return
        is_done = position and position.complete and (position.size, position.ctime_ns) == (file.size, file.ctime_ns)
        if position and is_done and not became_log(file, position):
            if state.position is None:  # an earlier run published all of it
                self.bytes_done += file.size
                self._files.reached(position)
        elif state.broken != file:
            yield from self._open(file, state, recorded, first=first)

    def _open(
        self, file: FoundFile, state: FileState, recorded: Sequence[Position], *, first: bool
    ) -> Iterator[LineBlock]:
        """Yield the new lines of a file that has the ``recorded`` positions; warn if it cannot be read."""
        try:
            with opened(file, self._encoding) as source:
                if source.file.key == file.key:
                    is_idle = state.is_idle(source.file, self._settle, first=first)
                    source.idle_seconds = state.idle_seconds(source.file)
                    for block in self._reader.read(source, file, recorded, is_idle=is_idle):
                        self._rotations.note_block(file, block)
                        yield block
                    if state.is_to_check:
                        self._checks.want(file.key)
                    return
        except (FileNotFoundError, ChangedError):
            pass  # it was renamed, replaced or changed: the next poll finds what is there then
        except BrokenError as error:
            state.broken = file
            self._files.fail(file, f"{error}; it is read again once it changes")
        except OSError as error:
            self._files.fail(file, f"cannot be read: {error.strerror}; it is read once that is fixed")
        if file.skip_existing and not recorded:
            yield skip_unreadable(file)
