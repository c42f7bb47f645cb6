"""Reads what is new in one file, as blocks of whole lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from producer.content.fingerprint import Fingerprint
from producer.content.gap_watch import GapWatch
from producer.discovery.found_file import FoundFile
from producer.positions.position import LostContent, Position
from producer.reading.open_file import OpenFile

#: How many bytes are read at a time.
READ_BYTES = 1 << 20
#: The position of a compressed file that is skipped: its uncompressed size is not known, and no file holds more.
_END_OF_COMPRESSED = 1 << 62


class LineBlock(NamedTuple):
    """Whole lines of a file, and the records that are committed with them in one step.

    Attributes:
        data: the lines; empty if only positions move.
        start: where the lines begin in the file, in bytes, uncompressed.
        position: the file's position after the lines.
        size: how many bytes of the file this block covers, for the progress.
        other_contents: the content that the file has lost, or the original that identified the file as a copy.
    """

    data: bytes
    start: int
    position: Position
    size: int
    other_contents: tuple[Position | LostContent, ...] = ()

    @property
    def records(self) -> tuple[Position | LostContent, ...]:
        """All records that are committed with the lines."""
        return *self.other_contents, self.position


@dataclass(slots=True)
class PartialLine:
    """How far an unterminated last line was searched for its end, so that no poll searches it again.

    Attributes:
        searched_to: the position up to which there is no line end, in bytes.
        fingerprint: of the bytes up to there.
    """

    searched_to: int = 0
    fingerprint: bytes = b""


class ReadLimits(NamedTuple):
    """How to cut lines into blocks.

    Attributes:
        max_lines: the most lines in a block; None sets no limit.
        should_stop: asked between blocks; once it returns True, nothing more is read.
        settle: the settling time, in seconds.
    """

    max_lines: int | None
    should_stop: Callable[[], bool]
    settle: float


def read_plain(
    source: OpenFile,
    position: int,
    fingerprint: Fingerprint,
    partial_line: PartialLine,
    gap: GapWatch,
    limits: ReadLimits,
    *,
    is_idle: bool,
) -> Iterator[LineBlock]:
    """Yield what an uncompressed file has after a position, up to a gap; if it is idle, also an unterminated last line.

    Args:
        source: the file.
        position: where to begin, in bytes.
        fingerprint: of the bytes before ``position``; it is extended by what is read.
        partial_line: of this file; it is updated.
        gap: of this file; it is updated.
        limits: how to cut the lines into blocks.
        is_idle: the file has not changed for the settling time.

    Raises:
        ChangedError: the file changes meanwhile, other than by appending.
    """
    former = source.resumed_from
    if former is not None and former.position == position == source.size and not former.complete:
        # What was not written yet, or had no line end, was cut off.
        yield LineBlock(b"", position, source.position(position, fingerprint, complete=True), 0)
    for run in _whole_lines(source, position, fingerprint, partial_line, gap, limits.should_stop):
        for part in source.encoding.split(run, limits.max_lines, position):
            fingerprint.add(part)
            start, position = position, position + len(part)
            after = source.position(position, fingerprint, complete=position == source.size)
            yield LineBlock(source.encoding.normalized(part, start), start, after, len(part))
    if position < source.size and is_idle and gap.start is None and not limits.should_stop():
        rest = source.read(source.size - position, position)
        source.check(position, fingerprint)
        fingerprint.add(rest)
        after = source.position(source.size, fingerprint, complete=True)
        yield LineBlock(source.encoding.normalized(rest, position), position, after, len(rest))


def _whole_lines(
    source: OpenFile,
    position: int,
    fingerprint: Fingerprint,
    partial_line: PartialLine,
    gap: GapWatch,
    should_stop: Callable[[], bool],
) -> Iterator[bytes]:
    """Yield what is after a position, up to a gap, in runs of whole lines."""
    searched, known = position, partial_line.searched_to
    if position < known <= source.size and partial_line.fingerprint == source.fingerprint(known).digest():
        searched = max(position, known - known % source.encoding.unit)  # a line end may be cut there
    while searched < source.size and not should_stop():
        data = source.read(min(READ_BYTES, source.size - searched), searched)
        stop = _find_gap(source, data, searched, gap)
        data = data if stop is None else data[: stop - searched]
        taken = source.encoding.whole_lines_size(data, searched)
        if taken:
            end = searched + taken
            run = data[:taken] if searched == position else source.read(end - position, position)
            source.check(position, fingerprint)  # if the file is overwritten while it is read, these lines are others
            yield run
            searched = position = end
        else:
            searched += len(data)
        if stop is not None:
            gap.stopped_at(stop, source.idle_seconds)
            break
    else:
        if searched >= source.size:
            gap.clear()
    if position < searched:
        partial_line.searched_to, partial_line.fingerprint = searched, source.fingerprint(searched).digest()


def _find_gap(source: OpenFile, data: bytes, offset: int, gap: GapWatch) -> int | None:
    """Return where the first gap begins in ``data``, which the file has at ``offset``, None if there is none."""
    size = len(data)
    if source.is_generated:
        return None
    if data.endswith(b"\0") and offset + size < source.size:  # what follows tells whether these NULs are enough
        data += source.read(min(gap.least + source.encoding.unit, source.size - offset - size), offset + size)
    found = gap.find(data, offset, is_end=offset + len(data) == source.size, unit=source.encoding.unit)
    return found if found is not None and found < offset + size else None


def read_compressed(source: OpenFile, position: int, limits: ReadLimits) -> Iterator[LineBlock]:
    """Yield what a compressed file holds after a position, once it is decompressed to its end without an error.

    A broken file is usually replaced by a sound one; lines of it that were published would then count twice.

    Args:
        source: the file.
        position: where to begin, in bytes, uncompressed.
        limits: how to cut the lines into blocks.

    Raises:
        BrokenError: the file is cut short or damaged.
        ChangedError: the file changes meanwhile.
    """
    fingerprint, content = source.fingerprint(source.size), Fingerprint()

    def after(*, complete: bool) -> Position:
        reached = source.position(position, fingerprint, complete=complete, extent=source.size)
        return replace(reached, earlier=position, earlier_fingerprint=content.digest(), head=content.head())

    for _ in source.blocks():
        if limits.should_stop():
            return
    encoding, skip, waiting = None, position, list[bytes]()
    for block in chain(source.blocks(), [None]):
        if limits.should_stop():
            return
        if block is None:
            run = b"".join(waiting)
        else:
            encoding = encoding or source.encoding.of(block)
            content.add(block[:skip])
            new, skip = block[skip:], max(0, skip - len(block))
            taken = encoding.whole_lines_size(new, position + sum(map(len, waiting)))
            if taken == 0:
                waiting.append(new)
                continue
            run = b"".join([*waiting, new[:taken]])
            waiting = [new[taken:]]
        encoding = encoding or source.encoding
        for part in encoding.split(run, limits.max_lines, position):
            content.add(part)
            start, position = position, position + len(part)
            yield LineBlock(encoding.normalized(part, start), start, after(complete=False), 0)
    yield LineBlock(b"", position, after(complete=True), source.file.size)


def skip_existing(source: OpenFile, size: int, *, whole_lines: bool, is_rotated: bool) -> LineBlock:
    """Return a block that only skips the first ``size`` bytes. If the file is now shorter, nothing is skipped.

    Args:
        source: the file; a shorter one was replaced.
        size: how many bytes to skip.
        whole_lines: skip whole lines only: the last line may still go on.
        is_rotated: the file is next to a log, and may become a log itself.
    """
    end = size if size <= source.size else 0
    if source.compression:  # it may still be written: skip all that it will hold
        size = source.size if end else 0
        position = _END_OF_COMPRESSED if end else 0
        after = source.position(position, source.fingerprint(size), complete=end > 0, extent=size)
        return LineBlock(b"", 0, replace(after, next_to_log=is_rotated), source.file.size)
    if whole_lines:
        end = _end_of_last_line(source, end)
    after = source.position(end, source.fingerprint(end), complete=end == source.size)
    return LineBlock(b"", end, replace(after, next_to_log=is_rotated), source.file.size)


def _end_of_last_line(source: OpenFile, end: int) -> int:
    """Return where the last whole line among the first ``end`` bytes ends, 0 if there is none."""
    while end:
        size = min(READ_BYTES, end)
        end -= size
        if taken := source.encoding.whole_lines_size(source.read(size, end), end):
            return end + taken
    return 0


def skip_unreadable(file: FoundFile) -> LineBlock:
    """Return a block that only skips everything in a file that cannot be read.

    A file that has this inode later is the same one if it was created before now.
    """
    position = Position(
        device=file.device, inode=file.inode, path=file.real, position=file.size, extent=0,
        fingerprint=Fingerprint().digest(), size=file.size, ctime_ns=file.ctime_ns, birth_ns=0, complete=False,
        next_to_log=file.is_rotated,
    )  # fmt: skip
    return LineBlock(b"", 0, position, 0)
