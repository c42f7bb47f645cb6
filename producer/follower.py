"""Follow the files of folders: hand every whole line on, once, as chunks.

A file is known by device, inode, time of birth and fingerprint, so a rename changes nothing, and other content under an
old name, or under an old inode, is new. Its position moves over whole lines only. What follows the last line end waits
until the file has been quiet for a moment, and then counts as a line of its own. A compressed file is read once it has
been quiet for as long, and only if it is sound to its end.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from producer import lines
from producer.common.errors import LineTooLongError
from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.history import History
from producer.discovery.inputs import InputOptions, Inputs
from producer.log_names import is_compressed, is_rotated, uncompressed_path
from producer.positions.pending import PendingPositions
from producer.positions.position import Position
from producer.reading import line_reader as pieces
from producer.reading.compression import BrokenError
from producer.reading.file_state import FileState
from producer.reading.fingerprint import Fingerprint
from producer.reading.line_reader import Cut, Piece
from producer.reading.open_file import ChangedError, OpenFile, opened
from producer.reading.rotated_copies import claimed, copied, lost, may_be_copied_from
from producer.targets.base import Target

#: A file that was there at the first look and never rests is waited for so long, or ten times as long as it must rest.
_RESTLESS_SECONDS = 30.0

_Key = tuple[int, int]  # device and inode


@dataclass
class _Chunk:
    pieces: list[Piece] = field(default_factory=list)
    size: int = 0
    lines: int = 0


class Follower:
    """Follows the files of folders, and files given by name.

    Args:
        inputs: folders and files; with ``logs`` also patterns, and what is not there yet.
        target: where the chunks go.
        settle: seconds a file must have been quiet before its last line counts without a line end.
        depth: how many levels of folders to look into; None is all.
        apart: folders that what is read ends up in; they are never read, whatever leads to them.
        warn: told of each thing that cannot be counted, once until that changes.
        admit: called before a chunk is published, with its lines; returns when it may be.
        chunk_lines: the most lines in a chunk; None is as many as fit.
        stopping: asked between chunks; once it says True, ``poll`` returns as soon as it can.
        logs: what is no folder is a log, which is followed through its rotations.
        once: of logs, a last line counts once they rest, as it does in folders.
        from_end: of what was not followed before only what comes is handed on.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self,
        inputs: Iterable[str],
        target: Target,
        *,
        settle: float,
        depth: int | None = None,
        apart: Sequence[str] = (),
        warn: Warn,
        admit: Callable[[Sequence[bytes]], None] = lambda _: None,
        chunk_lines: int | None = None,
        stopping: Callable[[], bool] = lambda: False,
        logs: bool = False,
        once: bool = False,
        from_end: bool = False,
    ) -> None:
        self._target = target
        self._account = PendingPositions(target)
        self._marks = History(target)
        self._places = Inputs(
            inputs,
            self._marks,
            self._warn_once,
            InputOptions(depth, apart, logs=logs, live=not once, from_end=from_end),
        )
        self._settle = settle
        self._warn = warn
        self._admit = admit
        limits = [limit for limit in (chunk_lines, target.chunk_lines) if limit is not None]
        self._cut = Cut(min(limits, default=None), stopping)
        self._followed: dict[_Key, FileState] = {}
        self._warned: dict[str, str] = {}
        self._warned_again: set[str] = set()
        self._goal: dict[_Key, FoundFile] | None = None
        self._started = time.monotonic()
        self._look_whole = False
        self.bytes_found = 0  #: the size of all that was there at the first look, in bytes
        self.unsafe: list[tuple[str, int]] = []  #: from where in which files on chunks were made that may not be safe
        self.bytes_done = 0  #: how much of it was handed on, now or by an earlier run, in bytes

    @property
    def failures(self) -> list[str]:
        """The files and folders that could not be read when they were last tried."""
        failed = [followed.failed.path for followed in self._followed.values() if followed.failed is not None]
        return failed + self._places.unreadable

    @property
    def files(self) -> int:
        """How many files are followed."""
        return len(self._followed)

    def poll(self) -> bool:
        """Hand on what is new; return whether anything was.

        Raises:
            OSError: the target cannot be written to.
            WordCountError: the target refuses the chunk.
        """
        first = self._goal is None
        files = self._look_around()
        chunk, published = _Chunk(), False
        marks = [Piece(b"", 0, mark, 0) for mark in self._marks.take()]
        for piece in chain(marks, self._pieces(files, first=first)):
            for position in piece.positions:
                self._account.add(position)
            count = 0 if self._cut.lines is None else lines.count_lines(piece.body)
            if self._cut.lines is not None and chunk.lines and chunk.lines + count > self._cut.lines:
                self._publish(chunk)
                chunk, published = _Chunk(), True
            chunk.pieces.append(piece)
            chunk.size += len(piece.body)
            chunk.lines += count
            if chunk.size >= self._target.chunk_bytes or chunk.lines == self._cut.lines:
                self._publish(chunk)
                chunk, published = _Chunk(), True
        if chunk.pieces:
            self._publish(chunk)
            published = True
        self._target.flush()
        self.unsafe.clear()
        self._account.clear()
        return published

    def unfinished(self) -> list[str]:
        """Return the logs that end with a part of a line, which is handed on once its line end comes."""
        return sorted(
            followed.file.path
            for followed in self._followed.values()
            if followed.file is not None
            and followed.file.is_live
            and (followed.known.position if followed.known else 0) < followed.scan.position == followed.file.size
        )

    def close(self) -> None:
        """Keep no log open any more."""
        self._places.close()

    def caught_up(self) -> bool:
        """Tell whether all that was there at the first look has been handed on, is gone, or cannot be read."""
        if self._goal is None:
            return False
        waited_for = [file for key, file in self._goal.items() if self._waits(key, file)]
        # Of those, some may be gone, which a look over everything tells.
        self._look_whole = bool(waited_for)
        if time.monotonic() - self._started > max(_RESTLESS_SECONDS, 10 * self._settle):
            for file in waited_for:
                if (followed := self._followed.get(file.key)) is not None and followed.restless:
                    self._fail(file, "does not rest; it is not waited for any longer")
        return not waited_for

    def _waits(self, key: _Key, file: FoundFile) -> bool:
        followed = self._followed.get(key)
        if followed is None:
            return file.size > 0
        known = followed.known
        reached = known is not None and (known.complete or known.extent == known.position >= file.size)
        if file.is_live and followed.scan.position >= file.size:
            reached = True  # but for a line that has no end yet
        return file.size > 0 and not reached and not followed.copy_of and followed.failed is None

    def _look_around(self) -> list[FoundFile]:
        found, there = self._places.scan(full=self._look_whole)
        if self._goal is None:
            self._goal = dict(found)
            self.bytes_found = sum(file.size for file in found.values())
        if there is not None:
            for table in (self._followed, self._goal):
                for key in table.keys() - there:
                    del table[key]
            # What was not said again is mended, and is worth saying should it come back.
            kept = self._warned_again.union(self.failures)
            self._warned = {path: reason for path, reason in self._warned.items() if path in kept}
            self._warned_again.clear()
        for key, file in found.items():
            self._followed.setdefault(key, FileState()).file = file
        # The oldest first, and by name where they came together, as one log follows on the other.
        return sorted(found.values(), key=lambda file: (file.mtime_ns, file.path))

    def _pieces(self, files: Sequence[FoundFile], *, first: bool) -> Iterator[Piece]:
        """Yield the new lines of files, until told to stop."""
        # All that is of the past comes first, in one chunk with the marks: else it would count where that is cut off.
        for file in files:
            if file.skip_existing:
                yield from self._read(file, first=first)
        # What may be a copy comes after what it may be a copy of, and what is packed after what is not.
        there = [file for file in files if not file.skip_existing]
        copies = [file for file in there if self._followed[file.key].known is None and _may_be_copy(file)]
        last = {file.key for file in copies}
        copies.sort(key=lambda file: is_compressed(file.real))
        for file in chain((file for file in there if file.key not in last), copies):
            for piece in self._read(file, first=first):
                yield piece
                if self._cut.stopping():
                    return
            if self._cut.stopping():
                return

    def _read(self, file: FoundFile, *, first: bool) -> Iterator[Piece]:
        followed = self._followed.setdefault(file.key, FileState())
        before = [followed.known] if followed.known else self._account.find(file.inode)[0]
        known = next((position for position in before if position.device == file.device), None)
        if known is None and file.size == 0:
            if self._goal is not None:
                self._goal.pop(file.key, None)  # emptied since the first look: there is nothing of it to wait for
            return
        done = known and known.complete and (known.size, known.ctime_ns) == (file.size, file.ctime_ns)
        if known and done and not _became_log(file, known):
            if followed.known is None:  # all of it was handed on by an earlier run
                self.bytes_done += file.size
                self._done(known)
            return
        if followed.broken != file:  # else still as broken as it was
            yield from self._open(file, before, followed, first=first)

    def _open(
        self, file: FoundFile, before: Sequence[Position], followed: FileState, *, first: bool
    ) -> Iterator[Piece]:
        """Yield what a file has that was not handed on ``before``; tell where it cannot be read."""
        try:
            with opened(file) as source:
                if source.file.key == file.key:
                    yield from self._new(source, file, before, followed, first=first)
                    return
        except (FileNotFoundError, ChangedError):
            pass
        except BrokenError as error:
            followed.broken = file
            self._fail(file, f"{error}; it is read once it is replaced by what can be read")
        except OSError as error:
            self._fail(file, f"cannot be read: {error.strerror}; it is read once it can be")
        # Where it was renamed, replaced or changed, the next look sees what is there then.
        if file.skip_existing and not before:
            yield Piece(b"", 0, pieces.unread(file), 0)

    def _new(
        self, source: OpenFile, found: FoundFile, before: Sequence[Position], followed: FileState, *, first: bool
    ) -> Iterator[Piece]:
        """Yield what an open file has that was not handed on ``before``."""
        file = source.file
        quiet = followed.is_quiet(file, self._settle, first=first)
        known, read = source.recognised(before) or (None, Fingerprint())
        former = None if known else next((position for position in before if position.device == file.device), None)
        if known and _became_log(found, known):
            known, read = None, Fingerprint()
        source.before = known
        if known and known.complete and known.size == file.size:  # touched, or its device has another number; no more
            after = source.position(known.position, read, complete=True, extent=known.extent).read_as(known)
            if after != followed.known:
                yield Piece(b"", known.position, after, 0 if followed.known else file.size)
        elif found.skip_existing and known is None:
            yield pieces.passed_over(source, source.size, live=found.is_live, beside=found.is_rotated)
        elif known and known.position and not known.extent:  # it could not be read then; what came since is next
            yield pieces.passed_over(source, known.position, live=True, beside=known.next_to_log)
        elif source.kind and not quiet:
            pass
        else:
            if former is not None:  # other content than before: its position starts anew
                anew = source.position(0, read, complete=source.size == 0)
                yield Piece(b"", 0, replace(anew, copy_pending=_may_be_copy(found)), 0, self._lost(former))
            start = known.position if known else 0
            if (known is None or known.copy_pending) and _may_be_copy(found):
                counts = not found.is_log and (found.is_initial or not is_rotated(uncompressed_path(file.real)))
                yield from self._rotated(source, start, followed, quiet=quiet, counts=counts)
            elif source.kind:
                yield from pieces.unpacked(source, start, self._cut)
            else:
                yield from pieces.plain(
                    source, start, read, followed.scan, self._cut, quiet=quiet and not found.is_live
                )

    def _rotated(
        self, source: OpenFile, start: int, followed: FileState, *, quiet: bool, counts: bool
    ) -> Iterator[Piece]:
        """Yield what a file of a rotated log's name, which may be a copy, has that its original had not."""

        def there(position: Position) -> FoundFile | None:
            original = self._followed.get((position.device, position.inode))
            return original.file if original else None

        file = source.file
        if source.kind and followed.copy_of and followed.judged_ns == file.ctime_ns:
            original = self._followed.get((followed.copy_of.device, followed.copy_of.inode))
            if original and original.known == followed.copy_of:
                return  # both are as they were
        relatives = [
            one
            for one in self._account.relatives(file.real)
            if (one.device, one.inode) != file.key and may_be_copied_from(file.real, one.path)
        ]
        told = copied(source, relatives, there, counts=counts)
        followed.copy_of, followed.judged_ns = told.of if told.waits else None, file.ctime_ns
        claim = (claimed(told.of),) if told.of is not None and not told.waits else ()
        if source.kind:
            if not told.waits:
                for piece in pieces.unpacked(source, told.size, self._cut):
                    yield piece._replace(also=claim)
                    claim = ()
            return
        start = max(start, told.size)
        read = source.fingerprint(start)
        after = source.position(start, read, complete=start == source.size and not told.waits)
        if start:
            yield Piece(b"", start, replace(after, copy_pending=told.waits), start, claim)
        if not told.waits:
            yield from pieces.plain(source, start, read, followed.scan, self._cut, quiet=quiet)

    def _lost(self, former: Position) -> tuple[Position, ...]:
        """Return what is to be kept of a file's former content, unless it is known under another name."""
        if not former.extent or not former.path:
            return ()
        _, slots = self._account.find(former.inode)
        return (lost(former, slots, time.time_ns()),)

    def _publish(self, chunk: _Chunk) -> None:
        data = [piece.body for piece in chunk.pieces if piece.body]
        moved = chain.from_iterable(piece.positions for piece in chunk.pieces)
        positions = {(position.device, position.inode): position for position in moved}
        self._admit(data)
        self.unsafe += [(self._shown(piece.after), piece.start) for piece in chunk.pieces if piece.body][:1]
        try:
            safe = self._target.publish(data, positions.values())
        except LineTooLongError as error:
            del self.unsafe[:-1]  # what came before is safe
            raise self._located(error, chunk.pieces) from error
        del self.unsafe[: None if safe else -1]
        for position in positions.values():
            self._done(position)
        self.bytes_done += sum(piece.taken for piece in chunk.pieces)

    def _done(self, position: Position) -> None:
        followed = self._followed.get((position.device, position.inode))
        if followed is not None:  # else it is gone
            followed.known = position
            if position.extent or position.complete:  # else nothing of it was read, and what failed may have been that
                followed.failed = followed.broken = None
                self._warned.pop(self._shown(position), None)

    def _fail(self, file: FoundFile, reason: str) -> None:
        self._followed.setdefault(file.key, FileState()).failed = file
        self._warn_once(file.path, reason)

    def _shown(self, position: Position) -> str:
        """Return the path that the person at the terminal knows a file by."""
        followed = self._followed.get((position.device, position.inode))
        return followed.file.path if followed is not None and followed.file is not None else position.path

    def _located(self, error: LineTooLongError, chunk: Iterable[Piece]) -> LineTooLongError:
        for piece in chunk:
            if (place := lines.longer_line(piece.body, error.limit)) is not None:
                return error.at(self._shown(piece.after), piece.start + place)
        return error

    def _warn_once(self, path: str, reason: str) -> None:
        self._warned_again.add(path)
        if self._warned.get(path) != reason:
            self._warned[path] = reason
            self._warn(path, reason)


def _may_be_copy(file: FoundFile) -> bool:
    return is_rotated(file.real) and not file.is_current


def _became_log(file: FoundFile, known: Position) -> bool:
    """Tell whether a file that was passed over beside a log is one itself by now: all of it counts."""
    return known.next_to_log and file.is_current and not file.skip_existing


def unfinished_message(paths: Sequence[str]) -> str:
    """Return the message about logs whose last line had no line end when following stopped.

    >>> unfinished_message(["a.log", "b.log"])
    'a.log and 1 more: the last line has no line end yet; it counts once that comes'
    """
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"{paths[0]}{more}: the last line has no line end yet; it counts once that comes"
