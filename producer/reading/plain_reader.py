"""Reads uncompressed files, which need not be written in the order of their bytes.

``producer.content.gaps`` says what a gap is, and when the lines behind one count although it was not written.
"""

import math
from collections.abc import Iterator

from producer.content.fingerprint import Fingerprint, checksum
from producer.content.gap_watch import GapWatch
from producer.content.gaps import Gap, is_passed
from producer.discovery.found_file import FoundFile
from producer.positions.pending import PendingPositions
from producer.reading.content_check import report_change
from producer.reading.file_state import FileState
from producer.reading.followed_files import FollowedFiles
from producer.reading.line_reader import LineBlock, ReadLimits
from producer.reading.open_file import OpenFile
from producer.text.long_lines import LineCutter, Part

#: What was published of a file is checked before going on if it has at most this many bytes, which takes 0.3 ms; in a
#: log that grows again and again, which takes 0.02 ms.
VERIFIED_BYTES = 1 << 20
VERIFIED_AGAIN_BYTES = 1 << 16
#: The checksum of what is in front of a gap goes on behind it, unless so many NULs would take seconds.
_MOST_NULS = 1 << 30
_BLOCK = bytes(1 << 20)
#: How many bytes are read at a time.
READ_BYTES = 1 << 20
#: In how many of the last bytes of such a part a line end is looked for before the part is read.
_TAIL_BYTES = 1 << 12


class PlainReader:
    """Reads uncompressed files up to what nobody has written yet.

    Args:
        files: all followed files.
        pending: how far each file was published, and will be.
        limits: how to cut lines into blocks.
    """

    def __init__(self, files: FollowedFiles, pending: PendingPositions, limits: ReadLimits) -> None:
        self._files = files
        self._pending = pending
        self._limits = limits

    def read(
        self, source: OpenFile, found: FoundFile, start: int, fingerprint: Fingerprint, *, is_idle: bool
    ) -> Iterator[LineBlock]:
        """Yield the lines of an open file from ``start`` on, up to the first gap that is not passed.

        Args:
            source: the file.
            found: the same file as the scan found it.
            start: where to begin, in bytes.
            fingerprint: of the bytes before ``start``; it is extended by what is read.
            is_idle: an unterminated last line counts.

        Raises:
            ChangedError: the file changes meanwhile, other than by appending.
        """
        state = self._files.state(found)
        had_gap = state.gap.start is not None
        if state.verified_size != source.size:
            state.verified_size = source.size
            self.verify(source, fingerprint, start, VERIFIED_AGAIN_BYTES if state.position else VERIFIED_BYTES)
        while True:
            for block in _read_lines(source, start, fingerprint, state, self._limits, is_idle=is_idle):
                start = block.position.position
                if found.is_rotated and block.position.complete and block.data:
                    self._report_half_line(source, found, block)
                yield block
            if state.gap.start is None or self._limits.should_stop():
                break
            if (gap := self._passed_gap(source, found, state)) is None:
                return
            if not state.gap.is_text(gap, start):
                line, size = _last_line(source, start, gap.start, fingerprint, self._limits)
                fingerprint = _fingerprint_behind(source, gap, fingerprint)
                after = source.position(gap.end, fingerprint, complete=False)
                yield LineBlock(line, start, after, gap.end - start, set_aside=size)
                start = gap.end
        if had_gap:  # it was not only written at its end
            state.is_to_check |= not self.verify(source, fingerprint, start, VERIFIED_BYTES)

    def _report_half_line(self, source: OpenFile, found: FoundFile, block: LineBlock) -> None:
        """Warn if what a log was rotated to ends in a line without a line end: the line may go on in the next file."""
        encoding, end = source.encoding, block.position.position
        if not encoding.whole_lines_size(source.read(encoding.unit, end - encoding.unit), end - encoding.unit):
            self._files.report_half_line(found, end)

    def verify(self, source: OpenFile, fingerprint: Fingerprint, end: int, most: int) -> bool:
        """Check what was published of a file, up to ``end``, if it has at most so many bytes; return whether it has."""
        if end - fingerprint.checked_from > most:
            return False
        actual = checksum(source.read, fingerprint.checked_from, end)
        if actual != fingerprint.checksum:
            fingerprint.checksum = actual
            report_change(self._files, source.position(end, fingerprint, complete=False))
        return True

    def _passed_gap(self, source: OpenFile, found: FoundFile, state: FileState) -> Gap | None:
        """Return the gap that reading a file has stopped at if the lines behind it count, otherwise None.

        Once the file rests, a gap that may not be passed is reported.
        """
        settle = self._limits.settle
        if not state.gap.is_due(settle):
            return None
        gap = source.measured(state.gap)
        lost = self._pending.lost_contents(source.file.inode)
        was_cut = any(content.birth_ns == source.birth_ns and content.position <= gap.end for content in lost)
        file = state.gap.circumstances(source.size, settle, is_log=found.is_log, was_cut=was_cut)
        if is_passed(gap, file):
            if source.measured(state.gap, again=True)[:2] != gap[:2]:
                return None
            if gap.has_hole and not (gap.start == 0 and was_cut):
                self._files.report_passed(state, gap)
            return gap
        if source.idle_seconds >= settle and not is_passed(gap, file._replace(unchanged=math.inf)):
            self._files.report_gap(state)
        return None


def _fingerprint_behind(source: OpenFile, gap: Gap, before: Fingerprint) -> Fingerprint:
    """Return the fingerprint of all up to the end of a gap; ``before`` is of the bytes before it."""
    size = gap.end - gap.start
    if gap.start == 0 or size > _MOST_NULS:
        return source.fingerprint(gap.end)
    for start in range(0, size, len(_BLOCK)):
        before.add(_BLOCK[: size - start])
    return before


def _read_lines(
    source: OpenFile, position: int, fingerprint: Fingerprint, state: FileState, limits: ReadLimits, *, is_idle: bool
) -> Iterator[LineBlock]:
    """Yield what an uncompressed file has after a position, up to a gap; if it is idle, also an unterminated last line.

    Args:
        source: the file.
        position: where to begin, in bytes.
        fingerprint: of the bytes before ``position``; it is extended by what is read.
        state: of this file; its ``partial_line`` and ``gap`` are updated.
        limits: how to cut the lines into blocks.
        is_idle: the file has not changed for the settling time.

    Raises:
        ChangedError: the file changes meanwhile, other than by appending.
    """
    former = source.resumed_from
    if former is not None and former.position == position == source.size and not former.complete:
        # What was not written yet, or had no line end, was cut off.
        yield LineBlock(b"", position, source.position(position, fingerprint, complete=True), 0)
    for part in _parts(source, position, state, limits):
        source.check(position, fingerprint)  # if the file is overwritten while it is read, these lines are others
        for raw, text in part.split(limits.max_lines, source.encoding):
            fingerprint.add(raw)
            start, position = position, position + len(raw)
            after = source.position(position, fingerprint, complete=position == source.size)
            yield LineBlock(source.encoding.normalized(text, start), start, after, len(raw))
        if not part.lines and part.end is not None:
            _pass_over(source, position, part.end, fingerprint)
            start, position = position, part.end
            after = source.position(position, fingerprint, complete=position == source.size)
            yield LineBlock(b"", start, after, position - start, set_aside=position - start)
    if position < source.size and is_idle and state.gap.start is None and not limits.should_stop():
        rest, size = _last_line(source, position, source.size, fingerprint, limits)
        after = source.position(source.size, fingerprint, complete=True)
        yield LineBlock(rest, position, after, source.size - position, set_aside=size)


def _last_line(
    source: OpenFile, start: int, end: int, fingerprint: Fingerprint, limits: ReadLimits
) -> tuple[bytes, int]:
    """Return a line without a line end, and add it to the fingerprint; if it is too long, return its size instead."""
    if limits.line.is_exceeded(end - start, source.encoding):
        _pass_over(source, start, end, fingerprint)
        return b"", end - start
    line = source.read(end - start, start)
    source.check(start, fingerprint)
    fingerprint.add(line)
    return source.encoding.normalized(line, start), 0


def _pass_over(source: OpenFile, start: int, end: int, fingerprint: Fingerprint) -> None:
    """Add what is set aside to the fingerprint."""
    for offset in range(start, end, READ_BYTES):
        fingerprint.add(source.read(min(READ_BYTES, end - offset), offset))
    source.check(end, fingerprint)


def _parts(source: OpenFile, position: int, state: FileState, limits: ReadLimits) -> Iterator[Part]:
    """Yield what is after a position, up to a gap: runs of whole lines, and what is set aside."""
    encoding, partial_line, gap = source.encoding, state.partial_line, state.gap
    searched, known = position, partial_line.searched_to
    if position < known <= source.size and partial_line.fingerprint == source.fingerprint(known).digest():
        searched = max(position, known - known % encoding.unit)  # a line end may be cut there
    cutter = LineCutter(encoding, limits.line, position, searched, source.read)
    while cutter.searched < source.size and not limits.should_stop():
        data = source.read(_size_to_read(source, cutter.searched), cutter.searched)
        stop = _find_gap(source, data, cutter.searched, gap)
        for part in cutter.feed(data if stop is None else data[: stop - cutter.searched]):
            yield part
            position = part.end or position
        if stop is not None:
            gap.stopped_at(stop, source.idle_seconds)
            break
    else:
        if cutter.searched >= source.size:
            gap.clear()
    if position < cutter.searched:
        searched = cutter.searched
        partial_line.searched_to, partial_line.fingerprint = searched, source.fingerprint(searched).digest()


def _size_to_read(source: OpenFile, offset: int) -> int:
    """Return how many bytes to read from an offset on, if possible such that they end with a line.

    Lines that are only a part of what was read would be copied, which took a fifteenth of the time to follow 1 GB.
    """
    left = source.size - offset
    if left <= READ_BYTES:
        return left
    size = min(_TAIL_BYTES, READ_BYTES)
    tail = offset + READ_BYTES - size
    lines = source.encoding.whole_lines_size(source.read(size, tail), tail)
    return READ_BYTES - size + lines if lines else READ_BYTES


def _find_gap(source: OpenFile, data: bytes, offset: int, gap: GapWatch) -> int | None:
    """Return where the first gap begins in ``data``, which the file has at ``offset``, None if there is none."""
    return None if source.is_generated else gap.find(data, offset, source.size, source.read, source.encoding.unit)
