"""Follow the files of folders: hand every whole line on, once, as chunks.

A file is known by device, inode, time of birth and fingerprint, so a rename changes nothing, and other content under an
old name, or under an old inode, is new. Its position moves over whole lines only. What follows the last line end waits
until the file has been quiet for a moment, and then counts as a line of its own. A compressed file is read once it has
been quiet for as long, and only if it is sound to its end.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Protocol

from producer import compressed, lines
from producer.birth import birth_ns
from producer.folder import Folder, FoundFile, Warn
from producer.positions import Position

#: A chunk is closed when it has this many bytes: large enough that its fixed cost (waits for the disk, a file for Spark
#: to open; some 5 ms) does not show, small enough to hold in memory a few times.
CHUNK_BYTES = 16 << 20
#: So much is read at once.
_READ_BYTES = 1 << 20
#: A fingerprint is made over this many bytes at the start, and as many at the end.
_PRINT_BYTES = 1024

_Key = tuple[int, int]  # device and inode
_Piece = tuple[bytes, Position, int]  # lines, the position after them, the bytes of the file they took


class Target(Protocol):
    """Where chunks go. Publishing a chunk and moving its positions on is one step that a crash cannot cut in half."""

    def find(self, device: int, inode: int) -> Position | None:
        """Return how far a source has been handed on, None for one never seen."""

    def publish(self, data: bytes, positions: Iterable[Position]) -> None:
        """Make ``data``, whole lines, one chunk, and move ``positions`` on with it."""


@dataclass
class _Chunk:
    bodies: list[bytes] = field(default_factory=list)
    positions: dict[_Key, Position] = field(default_factory=dict)
    size: int = 0
    taken: int = 0


class Follower:
    """Follows the files of folders, and files given by name.

    Args:
        inputs: folders and files.
        target: where the chunks go.
        settle: seconds a file must have been quiet before its last line counts without a line end.
        depth: how many levels of folders to look into; None is all.
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
        warn: Warn,
        admit: Callable[[bytes], None] = lambda _: None,
        chunk_lines: int | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folders: list[Folder] = []
        self._files: list[str] = []
        for path in inputs:
            if os.path.isdir(path):
                self._folders.append(Folder(path, depth, self._warn_once))
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
        self._warned: dict[str, str] = {}
        self._goal: dict[_Key, FoundFile] | None = None
        self.bytes_found = 0  #: the size of all that was there at the first look, in bytes
        self.bytes_done = 0  #: how much of it was handed on, now or by an earlier run, in bytes

    @property
    def failures(self) -> list[str]:
        """The files and folders that could not be read when they were last tried."""
        return [file.path for file in self._failed.values()] + [p for f in self._folders for p in f.unreadable]

    def look(self) -> bool:
        """Hand on what is new; return whether anything was.

        Raises:
            OSError: the target cannot be written to.
            WordCountError: the target refuses the chunk.
        """
        files = self._look_around()
        chunk = _Chunk()
        published = False
        for file in files:
            for body, position, taken in self._read(file):
                chunk.bodies.append(body)
                chunk.positions[position.device, position.inode] = position
                chunk.size += len(body)
                chunk.taken += taken
                if chunk.size >= CHUNK_BYTES or self._chunk_lines:
                    self._publish(chunk)
                    chunk, published = _Chunk(), True
                if self._stopping():
                    break
            if self._stopping():
                break
        if chunk.positions:
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
        for path in self._files:
            try:
                files.append(FoundFile.of(path, os.stat(path)))
            except OSError as error:
                self._warn_once(path, f"cannot be looked at: {error.strerror}")
        for folder in self._folders:
            found, everything = folder.look()
            files += found
            whole = whole and everything
        present = {(file.device, file.inode): file for file in reversed(files)}
        if self._goal is None:
            self._goal = present
            self.bytes_found = sum(file.size for file in present.values())
        if whole:
            for table in (self._known, self._quiet_since, self._no_line_end_before, self._failed, self._goal):
                for key in table.keys() - present.keys():
                    del table[key]
        # The oldest first, and by name where they came together, as one log follows on the other.
        return sorted(present.values(), key=lambda file: (file.mtime_ns, file.path))

    def _read(self, file: FoundFile) -> Iterator[_Piece]:
        """Yield the new lines of a file, as bodies, each with the position after it."""
        key = file.device, file.inode
        known = self._known.get(key) or self._target.find(*key)
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
            with _opened(file.path) as descriptor:
                opened = FoundFile.of(file.path, os.fstat(descriptor))
                if (opened.device, opened.inode) == key:  # else replaced since; the next look finds the new one
                    yield from self._new(descriptor, opened, known)
        except FileNotFoundError:
            return
        except OSError as error:
            self._fail(file, f"cannot be read: {error.strerror}; it is read once it can be")

    def _new(self, descriptor: int, file: FoundFile, known: Position | None) -> Iterator[_Piece]:
        """Yield what an open file has that ``known`` has not."""
        start = 0
        if known and _same(known, descriptor, file):
            start = known.position
            if known.complete and known.size == file.size:  # touched, no more
                self._done((file.device, file.inode), replace(known, ctime_ns=file.ctime_ns))
                return
        if compressed.is_compressed(file.path):
            yield from self._compressed(descriptor, file, start)
            return
        if known and start < known.position:  # other content: its position starts anew
            yield b"", _position(descriptor, file, 0, 0, complete=file.size == 0), 0
        yield from self._plain(descriptor, file, start)

    def _plain(self, descriptor: int, file: FoundFile, position: int) -> Iterator[_Piece]:
        key = file.device, file.inode
        scanned, print_ = self._no_line_end_before.pop(key, (position, b""))
        if not position < scanned <= file.size or print_ != fingerprint(descriptor, scanned):
            scanned = position
        while scanned < file.size:
            data = os.pread(descriptor, min(_READ_BYTES, file.size - scanned), scanned)
            if not data:
                return  # cut short since; the next look sees it
            taken = lines.whole_lines(data)
            if taken == 0:
                scanned += len(data)
                continue
            data = data[:taken] if scanned == position else _pread(descriptor, scanned + taken - position, position)
            for part in lines.parts(data, self._chunk_lines):
                start, position = position, position + len(part)
                after = _position(descriptor, file, position, position, complete=position == file.size)
                yield lines.body(part, start), after, len(part)
            scanned = position
        if position == file.size:
            return
        if not self._quiet(file):
            self._no_line_end_before[key] = scanned, fingerprint(descriptor, scanned)
            return
        rest = _pread(descriptor, file.size - position, position)
        after = _position(descriptor, file, file.size, file.size, complete=True)
        yield lines.body(rest, position), after, len(rest)

    def _compressed(self, descriptor: int, file: FoundFile, position: int) -> Iterator[_Piece]:
        if not self._quiet(file):
            return
        # Sound to its end before the first of its lines is handed on: what is broken is replaced, and would then count
        # in part twice. It may also be overwritten between the two, or while it is read.
        try:
            for _ in _blocks(descriptor, file):
                pass
            yield from self._sound(descriptor, file, position)
        except compressed.BrokenError as error:
            self._fail(file, f"is broken: {error}; it is read once it is replaced by a sound one")

    def _sound(self, descriptor: int, file: FoundFile, position: int) -> Iterator[_Piece]:
        skip, waiting = position, b""
        for block in _blocks(descriptor, file):
            waiting += block[skip:]
            skip = max(0, skip - len(block))
            if len(waiting) < _READ_BYTES:
                continue
            taken = lines.whole_lines(waiting)
            for part in lines.parts(waiting[:taken], self._chunk_lines):
                start, position = position, position + len(part)
                yield lines.body(part, start), _position(descriptor, file, position, file.size, complete=False), 0
            waiting = waiting[taken:]
        for part in lines.parts(waiting, self._chunk_lines):
            start, position = position, position + len(part)
            yield lines.body(part, start), _position(descriptor, file, position, file.size, complete=False), 0
        yield b"", _position(descriptor, file, position, file.size, complete=True), file.size

    def _quiet(self, file: FoundFile) -> bool:
        """Tell whether a file has not changed for the settling time, by its own clock or by ours."""
        key = file.device, file.inode
        now = time.monotonic()
        before, since = self._quiet_since.get(key, (None, now))
        if before is None or (before.size, before.mtime_ns) != (file.size, file.mtime_ns):
            self._quiet_since[key] = file, (since := now)
        return max(now - since, time.time() - file.mtime_ns / 1e9) >= self._settle

    def _publish(self, chunk: _Chunk) -> None:
        data = lines.chunk(chunk.bodies)
        self._admit(data)
        self._target.publish(data, chunk.positions.values())
        for key, position in chunk.positions.items():
            self._done(key, position)
        self.bytes_done += chunk.taken

    def _done(self, key: _Key, position: Position) -> None:
        self._known[key] = position
        self._failed.pop(key, None)
        self._warned.pop(position.path, None)

    def _fail(self, file: FoundFile, reason: str) -> None:
        self._failed[file.device, file.inode] = file
        self._warn_once(file.path, reason)

    def _warn_once(self, path: str, reason: str) -> None:
        if self._warned.get(path) != reason:
            self._warned[path] = reason
            self._warn(path, reason)


def fingerprint(descriptor: int, extent: int) -> bytes:
    """Return a hash of the first and the last 1,024 bytes of the first ``extent`` bytes of an open file.

    Appending leaves it as it is; other content changes it, also behind the same header.
    """
    print_ = blake2b(digest_size=16)
    print_.update(os.pread(descriptor, min(_PRINT_BYTES, extent), 0))
    print_.update(os.pread(descriptor, min(_PRINT_BYTES, extent), max(0, extent - _PRINT_BYTES)))
    return print_.digest()


def _same(known: Position, descriptor: int, file: FoundFile) -> bool:
    """Tell whether an open file is still the one that was handed on up to ``known``."""
    return (
        (not known.birth_ns or birth_ns(descriptor) in {0, known.birth_ns})  # 0 is unknown
        and known.extent <= file.size
        and known.fingerprint == fingerprint(descriptor, known.extent)
    )


def _position(descriptor: int, file: FoundFile, position: int, extent: int, *, complete: bool) -> Position:
    return Position(
        device=file.device,
        inode=file.inode,
        path=file.path,
        position=position,
        extent=extent,
        fingerprint=fingerprint(descriptor, extent),
        size=file.size,
        ctime_ns=file.ctime_ns,
        birth_ns=birth_ns(descriptor),
        complete=complete,
    )


def _reached(position: Position, goal: FoundFile) -> bool:
    return position.complete or (position.position >= goal.size and not compressed.is_compressed(goal.path))


@contextmanager
def _opened(path: str) -> Iterator[int]:
    # Without O_NONBLOCK a fifo put in the file's place would hold everything up.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _pread(descriptor: int, size: int, offset: int) -> bytes:
    """Read ``size`` bytes, however many reads that takes."""
    blocks = []
    while size > 0 and (block := os.pread(descriptor, size, offset)):
        blocks.append(block)
        size, offset = size - len(block), offset + len(block)
    return b"".join(blocks)


def _blocks(descriptor: int, file: FoundFile) -> Iterator[bytes]:
    with os.fdopen(os.dup(descriptor), "rb") as reader:
        reader.seek(0)
        yield from compressed.blocks(reader, file.path)
