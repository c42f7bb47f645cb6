"""Read what is new in one file, as pieces of whole lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from producer import lines
from producer.discovery.found_file import FoundFile
from producer.positions.position import Position
from producer.reading.fingerprint import Fingerprint
from producer.reading.open_file import OpenFile

#: So much is read at once.
_READ_BYTES = 1 << 20
#: More than a compressed file holds: how much one holds that is passed over nobody has read, and it gets no lines.
_ALL = 1 << 62


class Piece(NamedTuple):
    """Whole lines of a file, and the positions that move on with them: one step, which nothing cuts in half."""

    body: bytes
    start: int  #: where they begin in it, in bytes, uncompressed
    after: Position
    taken: int  #: how many of the file's bytes they are
    also: tuple[Position, ...] = ()  #: what the file has lost, or what it is known by as a copy

    @property
    def positions(self) -> tuple[Position, ...]:
        """All positions that it moves on."""
        return *self.also, self.after


@dataclass(slots=True)
class Scan:
    """How far a line without an end was looked through for one, so that it is not looked through again at each look."""

    position: int = 0
    fingerprint: bytes = b""


class Cut(NamedTuple):
    """How to cut lines into pieces: ``lines`` is the most in one; where ``stopping`` says True, there are no more."""

    lines: int | None
    stopping: Callable[[], bool]


def plain(  # each is used
    source: OpenFile, position: int, read: Fingerprint, scan: Scan, cut: Cut, *, quiet: bool
) -> Iterator[Piece]:
    """Yield what a file has behind a position; where it is quiet, also a last line without a line end.

    Args:
        source: the file.
        position: where to begin.
        read: the fingerprint of what is before it.
        scan: of this file.
        cut: how to cut it.
        quiet: it has not changed for the settling time.

    Raises:
        ChangedError: it is changed meanwhile, other than by appending.
    """
    for run in _whole_lines(source, position, read, scan, cut.stopping):
        for part in lines.parts(run, cut.lines):
            read.add(part)
            start, position = position, position + len(part)
            after = source.position(position, read, complete=position == source.size)
            yield Piece(lines.body(part, start), start, after, len(part))
    if position < source.size and quiet and not cut.stopping():
        rest = source.read(source.size - position, position)
        source.check(position, read)
        read.add(rest)
        after = source.position(source.size, read, complete=True)
        yield Piece(lines.body(rest, position), position, after, len(rest))


def _whole_lines(
    source: OpenFile, position: int, read: Fingerprint, scan: Scan, stopping: Callable[[], bool]
) -> Iterator[bytes]:
    """Yield what is behind a position in runs of whole lines."""
    scanned = position
    if position < scan.position <= source.size and scan.fingerprint == source.fingerprint(scan.position).digest():
        scanned = scan.position
    while scanned < source.size and not stopping():
        data = source.read(min(_READ_BYTES, source.size - scanned), scanned)
        taken = lines.whole_lines(data)
        if taken == 0:
            scanned += len(data)
            continue
        end = scanned + taken
        run = data[:taken] if scanned == position else source.read(end - position, position)
        source.check(position, read)  # a file may be overwritten in place while it is read: what it was does not go on
        yield run
        scanned = position = end
    if position < scanned:
        scan.position, scan.fingerprint = scanned, source.fingerprint(scanned).digest()


def unpacked(source: OpenFile, position: int, cut: Cut) -> Iterator[Piece]:
    """Yield what a compressed file holds behind a position, once it was found to be sound to its end.

    What is broken is replaced, and would then count in part twice.

    Raises:
        BrokenError: it is cut short or damaged.
        ChangedError: it is changed meanwhile.
    """
    read, content = source.fingerprint(source.size), Fingerprint()

    def after(*, complete: bool) -> Position:
        known = source.position(position, read, complete=complete, extent=source.size)
        return replace(known, earlier=position, earlier_fingerprint=content.digest())

    for _ in source.blocks():
        if cut.stopping():
            return
    skip, waiting = position, list[bytes]()
    for block in chain(source.blocks(), [None]):
        if cut.stopping():
            return
        if block is None:
            run = b"".join(waiting)
        else:
            content.add(block[:skip])
            block, skip = block[skip:], max(0, skip - len(block))  # noqa: PLW2901  # what is new of it
            taken = lines.whole_lines(block)
            if taken == 0:
                waiting.append(block)
                continue
            run = b"".join([*waiting, block[:taken]])
            waiting = [block[taken:]]
        for part in lines.parts(run, cut.lines):
            content.add(part)
            start, position = position, position + len(part)
            yield Piece(lines.body(part, start), start, after(complete=False), 0)
    yield Piece(b"", position, after(complete=True), source.file.size)


def passed_over(source: OpenFile, size: int, *, live: bool, beside: bool = False) -> Piece:
    """Return that the first ``size`` bytes are handed on, without their lines; of a log that is ``live``, whole lines.

    Where it is shorter, it holds something else by now, of which nothing is. What was ``beside`` a log may become one.
    """
    end = size if size <= source.size else 0
    if source.kind:  # it may still be written while it is packed: what is of the past is all that it will hold
        size = source.size if end else 0
        after = source.position(_ALL if end else 0, source.fingerprint(size), complete=end > 0, extent=size)
        return Piece(b"", 0, replace(after, next_to_log=beside), source.file.size)
    if live:
        begin, end = end, 0
        while begin and not end:
            part = min(_READ_BYTES, begin)
            begin -= part
            if taken := lines.whole_lines(source.read(part, begin)):
                end = begin + taken
    after = source.position(end, source.fingerprint(end), complete=end == source.size)
    return Piece(b"", end, replace(after, next_to_log=beside), source.file.size)


def unread(file: FoundFile) -> Position:
    """Return that all that a file has is handed on, where it could not be read.

    What is found under its inode later is the same file if it was born before.
    """
    return Position(
        device=file.device, inode=file.inode, path=file.real, position=file.size, extent=0,
        fingerprint=Fingerprint().digest(), size=file.size, ctime_ns=file.ctime_ns, birth_ns=0, complete=False,
        next_to_log=file.is_rotated,
    )  # fmt: skip
