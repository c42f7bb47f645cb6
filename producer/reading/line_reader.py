"""Reads what is new in one file, as blocks of whole lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from producer.content.compression import told_if_huge
from producer.content.fingerprint import Fingerprint, checksum
from producer.discovery.found_file import FoundFile
from producer.positions.position import LostContent, Position
from producer.reading.open_file import OpenFile
from producer.text.encoding import Encoding
from producer.text.long_lines import LineCutter, LineLimit, Part

_BLOCK_BYTES = 1 << 20
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
        set_aside: how many bytes from ``start`` on are set aside; see ``producer.text.long_lines``.
    """

    data: bytes
    start: int
    position: Position
    size: int
    other_contents: tuple[Position | LostContent, ...] = ()
    set_aside: int = 0

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
        line: how long a line may be.
    """

    max_lines: int | None
    should_stop: Callable[[], bool]
    settle: float
    line: LineLimit


def read_compressed(
    source: OpenFile, position: int, limits: ReadLimits, tell: Callable[[str], None]
) -> Iterator[LineBlock]:
    """Yield what a compressed file holds after a position, once it is decompressed to its end without an error.

    A broken file is usually replaced by a sound one; lines of it that were published would then count twice.

    Args:
        source: the file.
        position: where to begin, in bytes, uncompressed.
        limits: how to cut the lines into blocks.
        tell: takes a warning about the file.

    Raises:
        BrokenError: the file is cut short or damaged.
        ChangedError: the file changes meanwhile.
    """
    fingerprint, content = source.fingerprint(source.size), Fingerprint()
    # Of the bytes as they are stored: a check of them takes a fraction of the time to decompress them.
    fingerprint.checked_from, fingerprint.checksum = 0, checksum(source.read, 0, source.size)

    def after(*, complete: bool) -> Position:
        reached = source.position(position, fingerprint, complete=complete, extent=source.size)
        return replace(reached, earlier=position, earlier_fingerprint=content.digest(), head=content.head())

    for _ in told_if_huge(source.blocks(), source.size, tell):
        if limits.should_stop():
            return
    for encoding, part in _compressed_parts(source, position, limits, content):
        for raw, text in part.split(limits.max_lines, encoding):
            content.add(raw)
            start, position = position, position + len(raw)
            yield LineBlock(encoding.normalized(text, start), start, after(complete=False), 0)
        if not part.lines:
            content.add(part.raw)
            if part.end is not None:
                position = part.end
                yield LineBlock(b"", part.start, after(complete=False), 0, set_aside=position - part.start)
    if limits.should_stop():
        return
    yield LineBlock(b"", position, after(complete=True), source.file.size)


def _compressed_parts(
    source: OpenFile, position: int, limits: ReadLimits, content: Fingerprint
) -> Iterator[tuple[Encoding, Part]]:
    """Yield what a compressed file holds after a position, and add to ``content`` what is before."""
    encoding, skip = source.encoding, position
    cutter: LineCutter | None = None
    for block in source.blocks():
        if limits.should_stop():
            return
        if cutter is None:
            encoding = encoding.of(block)
            cutter = LineCutter(encoding, limits.line, position)
        content.add(block[:skip])
        new, skip = block[skip:], max(0, skip - len(block))
        yield from ((encoding, part) for part in cutter.feed(new))
    if cutter is not None and not limits.should_stop():
        yield from ((encoding, part) for part in cutter.finish())


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
        size = min(_BLOCK_BYTES, end)
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
