"""Follow the files of folders: hand every whole line on, once, as chunks.

A file is known by device, inode, time of birth and fingerprint, so a rename changes nothing, and other content under an
old name, or under an old inode, is new. Its position moves over whole lines only. What follows the last line end waits
until the file has been quiet for a moment, and then counts as a line of its own. A compressed file is read once it has
been quiet for as long, and only if it is sound to its end.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple, Protocol

from producer import compressed, lines
from producer.errors import LineTooLongError
from producer.folder import Folder, FoundFile, Warn
from producer.positions import Position
from producer.source import CutShortError, Fingerprint, Source, opened

#: So much is read at once.
_READ_BYTES = 1 << 20

_Key = tuple[int, int]  # device and inode


class _Piece(NamedTuple):
    """Lines of a file."""

    body: bytes
    start: int  # where in the file they begin
    after: Position
    taken: int  # the bytes of the file that they are


class Target(Protocol):
    """Where chunks go. Publishing a chunk and moving its positions on is one step that a crash cannot cut in half."""

    chunk_bytes: int  #: a chunk is closed when it has so many bytes

    def find(self, inode: int) -> list[Position]:
        """Return how far the sources with this inode, on any device, have been handed on."""

    def publish(self, data: bytes, positions: Iterable[Position]) -> None:
        """Make ``data``, whole lines, one chunk, and move ``positions`` on with it; without data only those."""


@dataclass
class _Chunk:
    pieces: list[_Piece] = field(default_factory=list)
    size: int = 0


class Follower:
    """Follows the files of folders, and files given by name.

    Args:
        inputs: folders and files.
        target: where the chunks go.
        settle: seconds a file must have been quiet before its last line counts without a line end.
        depth: how many levels of folders to look into; None is all.
        apart: folders that what is read ends up in; they are never read, whatever leads to them.
        warn: told of each thing that cannot be counted, once until that changes.
        admit: called before a chunk is published, with its bytes; returns when it may be.
        chunk_lines: the most lines in a chunk; None is as many as fit.
        stopping: asked between chunks; once it says True, ``look`` returns as soon as it can.
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
        admit: Callable[[bytes], None] = lambda _: None,
        chunk_lines: int | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folders: list[Folder] = []
        self._files: list[str] = []
        for path in inputs:
            if os.path.isdir(path):
                self._folders.append(Folder(path, depth, self._warn_once, apart))
            else:
                self._files.append(path)
        self._target = target
        self._settle = settle
        self._warn = warn
        self._admit = admit
        self._chunk_lines = chunk_lines
        self._stopping = stopping
        self._known: dict[_Key, Position] = {}
        self._quiet_since: dict[_Key, tuple[FoundFile, float]] = {}
        self._no_line_end_before: dict[_Key, tuple[int, bytes]] = {}  # bytes, their fingerprint
        self._failed: dict[_Key, FoundFile] = {}
        self._missing: list[str] = []
        self._warned: dict[str, str] = {}
        self._warned_again: set[str] = set()
        self._goal: dict[_Key, FoundFile] | None = None
        self.bytes_found = 0  #: the size of all that was there at the first look, in bytes
        self.unpublished: tuple[str, int] | None = None  #: from where in which file on the last chunk was made
        self.bytes_done = 0  #: how much of it was handed on, now or by an earlier run, in bytes

    @property
    def failures(self) -> list[str]:
        """The files and folders that could not be read when they were last tried."""
        unreadable = [path for folder in self._folders for path in folder.unreadable]
        return [file.path for file in self._failed.values()] + unreadable + self._missing

    def look(self) -> bool:
        """Hand on what is new; return whether anything was.

        Raises:
            OSError: the target cannot be written to.
            WordCountError: the target refuses the chunk.
        """
        chunk = _Chunk()
        published = False
        for piece in self._pieces():
            chunk.pieces.append(piece)
            chunk.size += len(piece.body)
            if chunk.size >= self._target.chunk_bytes or (self._chunk_lines and chunk.size):
                self._publish(chunk)
                chunk, published = _Chunk(), True
        if chunk.pieces:
            self._publish(chunk)
            published = True
        return published

    def caught_up(self) -> bool:
        """Tell whether all that was there at the first look has been handed on, is gone, or cannot be read."""
        if self._goal is None:
            return False
        for key, file in self._goal.items():
            position = self._known.get(key)
            waits = position is None or not _reached(position, file)
            if file.size and waits and key not in self._failed:
                return False
        return True

    def _look_around(self) -> list[FoundFile]:
        files: list[FoundFile] = []
        whole = True
        self._missing.clear()
        for path in self._files:
            try:
                files.append(FoundFile.of(path, os.stat(path)))
            except OSError as error:
                self._missing.append(path)
                self._warn_once(path, f"cannot be looked at: {error.strerror}")
        for folder in self._folders:
            found, everything = folder.look()
            files += found
            whole = whole and everything
        present = {file.key: file for file in reversed(files)}
        if self._goal is None:
            self._goal = present
            self.bytes_found = sum(file.size for file in present.values())
        if whole:
            for table in (self._known, self._quiet_since, self._no_line_end_before, self._failed, self._goal):
                for key in table.keys() - present.keys():
                    del table[key]
            # What was not said again is mended, and is worth saying should it come back.
            kept = self._warned_again | {file.path for file in self._failed.values()}
            self._warned = {path: reason for path, reason in self._warned.items() if path in kept}
            self._warned_again.clear()
        # The oldest first, and by name where they came together, as one log follows on the other.
        return sorted(present.values(), key=lambda file: (file.mtime_ns, file.path))

    def _pieces(self) -> Iterator[_Piece]:
        """Yield the new lines of all files, as bodies, each with the position after it, until told to stop."""
        for file in self._look_around():
            for piece in self._read(file):
                yield piece
                if self._stopping():
                    return
            if self._stopping():
                return

    def _read(self, file: FoundFile) -> Iterator[_Piece]:
        key = file.key
        before = [self._known[key]] if key in self._known else self._target.find(file.inode)
        known = next((position for position in before if position.device == file.device), None)
        if known is None and file.size == 0:
            if self._goal is not None:
                self._goal.pop(key, None)  # emptied since the first look: there is nothing of it to wait for
            return
        if known and known.complete and (known.size, known.ctime_ns) == (file.size, file.ctime_ns):
            if key not in self._known:  # all of it was handed on by an earlier run
                self.bytes_done += file.size
                self._done(key, known)
            return
        if self._failed.get(key) == file and compressed.is_compressed(file.path):
            return  # still as broken as it was
        try:
            with opened(file.path) as source:
                if source.file.key == file.key:  # else replaced since
                    yield from self._new(source, before)
        except (FileNotFoundError, CutShortError):
            return  # the next look sees what is there then
        except OSError as error:
            self._fail(file, f"cannot be read: {error.strerror}; it is read once it can be")

    def _new(self, source: Source, before: Sequence[Position]) -> Iterator[_Piece]:
        """Yield what an open file has that was not handed on ``before``."""
        file = source.file
        known = source.recognised(before)
        if known and known.complete and known.size == file.size:  # touched, or its device has another number; no more
            taken = 0 if file.key in self._known else file.size
            yield _Piece(
                b"", known.position, replace(known, device=file.device, path=file.path, ctime_ns=file.ctime_ns), taken
            )
        elif compressed.is_compressed(file.path):
            yield from self._compressed(source, known.position if known else 0)
        else:
            if known is None and any(position.device == file.device for position in before):
                # Other content than before: its position starts anew.
                yield _Piece(b"", 0, source.position(0, Fingerprint(), complete=file.size == 0), 0)
            yield from self._plain(source, known.position if known else 0)

    def _plain(self, source: Source, position: int) -> Iterator[_Piece]:
        size = source.file.size
        read = source.fingerprint(position)
        for run in self._whole_lines(source, position):
            for part in lines.parts(run, self._chunk_lines):
                read.add(part)
                start, position = position, position + len(part)
                yield _Piece(
                    lines.body(part, start),
                    start,
                    source.position(position, read, complete=position == size),
                    len(part),
                )
        if position < size and self._quiet(source.file) and not self._stopping():
            rest = source.read(size - position, position)
            read.add(rest)
            yield _Piece(lines.body(rest, position), position, source.position(size, read, complete=True), len(rest))

    def _whole_lines(self, source: Source, position: int) -> Iterator[bytes]:
        """Yield what is in a file from ``position`` on, in runs of whole lines."""
        key, size = source.file.key, source.file.size
        scanned, print_ = self._no_line_end_before.pop(key, (position, b""))
        if not position < scanned <= size or print_ != source.fingerprint(scanned).digest():
            scanned = position
        while scanned < size and not self._stopping():
            data = source.read(min(_READ_BYTES, size - scanned), scanned)
            taken = lines.whole_lines(data)
            if taken == 0:
                scanned += len(data)
                continue
            end = scanned + taken
            yield data[:taken] if scanned == position else source.read(end - position, position)
            scanned = position = end
        if position < scanned:
            self._no_line_end_before[key] = scanned, source.fingerprint(scanned).digest()

    def _compressed(self, source: Source, position: int) -> Iterator[_Piece]:
        if not self._quiet(source.file):
            return
        # Sound to its end before the first of its lines is handed on: what is broken is replaced, and would then count
        # in part twice. It may also be overwritten between the two, or while it is read.
        read = source.fingerprint(source.file.size)
        try:
            for _ in source.blocks():
                if self._stopping():
                    return
            yield from self._sound(source, position, read)
        except compressed.BrokenError as error:
            self._fail(source.file, f"is broken: {error}; it is read once it is replaced by a sound one")

    def _sound(self, source: Source, position: int, read: Fingerprint) -> Iterator[_Piece]:
        size = source.file.size
        skip, waiting = position, b""
        for block in chain(source.blocks(), [None]):
            if self._stopping():
                return
            if block is not None:
                waiting += block[skip:]
                skip = max(0, skip - len(block))
                if len(waiting) < _READ_BYTES:
                    continue
            taken = len(waiting) if block is None else lines.whole_lines(waiting)
            for part in lines.parts(waiting[:taken], self._chunk_lines):
                start, position = position, position + len(part)
                yield _Piece(
                    lines.body(part, start), start, source.position(position, read, complete=False, extent=size), 0
                )
            waiting = waiting[taken:]
        yield _Piece(b"", position, source.position(position, read, complete=True, extent=size), size)

    def _quiet(self, file: FoundFile) -> bool:
        """Tell whether a file has not changed for the settling time, by its own clock or by ours."""
        key = file.key
        now = time.monotonic()
        before, since = self._quiet_since.get(key, (None, now))
        if before is None or (before.size, before.mtime_ns) != (file.size, file.mtime_ns):
            self._quiet_since[key] = file, (since := now)
        return max(now - since, time.time() - file.mtime_ns / 1e9) >= self._settle

    def _publish(self, chunk: _Chunk) -> None:
        data = b"".join(piece.body for piece in chunk.pieces)
        positions = {(piece.after.device, piece.after.inode): piece.after for piece in chunk.pieces}
        self.unpublished = chunk.pieces[0].after.path, chunk.pieces[0].start
        self._admit(data)
        try:
            self._target.publish(data, positions.values())
        except LineTooLongError as error:
            raise _located(error, chunk.pieces) from error
        for key, position in positions.items():
            self._done(key, position)
        self.bytes_done += sum(piece.taken for piece in chunk.pieces)

    def _done(self, key: _Key, position: Position) -> None:
        self._known[key] = position
        self._failed.pop(key, None)
        self._warned.pop(position.path, None)

    def _fail(self, file: FoundFile, reason: str) -> None:
        self._failed[file.key] = file
        self._warn_once(file.path, reason)

    def _warn_once(self, path: str, reason: str) -> None:
        self._warned_again.add(path)
        if self._warned.get(path) != reason:
            self._warned[path] = reason
            self._warn(path, reason)


def _located(error: LineTooLongError, pieces: Iterable[_Piece]) -> LineTooLongError:
    for piece in pieces:
        if (place := lines.longer_line(piece.body, error.limit)) is not None:
            return error.at(piece.after.path, piece.start + place)
    return error


def _reached(position: Position, goal: FoundFile) -> bool:
    return position.complete or (position.position >= goal.size and not compressed.is_compressed(goal.path))
