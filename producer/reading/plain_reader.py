"""Reads uncompressed files, which need not be written in the order of their bytes.

``producer.content.gaps`` says what a gap is, and when the lines behind one count although it was not written.
"""

import math
from collections.abc import Iterator

from producer.content.fingerprint import Fingerprint, checksum
from producer.content.gaps import Gap, is_passed
from producer.discovery.found_file import FoundFile
from producer.positions.pending import PendingPositions
from producer.reading.file_state import FileState, FollowedFiles
from producer.reading.line_reader import LineBlock, ReadLimits, read_plain
from producer.reading.open_file import OpenFile

#: What was published of a file is checked before going on if it has at most this many bytes, which takes 0.3 ms; in a
#: log that grows again and again, which takes 0.02 ms.
VERIFIED_BYTES = 1 << 20
VERIFIED_AGAIN_BYTES = 1 << 16
#: The checksum of what is in front of a gap goes on behind it, unless so many NULs would take seconds.
_MOST_NULS = 1 << 30
_BLOCK = bytes(1 << 20)


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
            for block in read_plain(
                source, start, fingerprint, state.partial_line, state.gap, self._limits, is_idle=is_idle
            ):
                start = block.position.position
                if found.is_rotated and block.position.complete and block.data:
                    self._report_half_line(source, found, block)
                yield block
            if state.gap.start is None or self._limits.should_stop():
                break
            if (gap := self._passed_gap(source, found, state)) is None:
                return
            if not state.gap.is_text(gap, start):
                line = source.read(gap.start - start, start)
                fingerprint = _fingerprint_behind(source, gap, line, fingerprint)
                after = source.position(gap.end, fingerprint, complete=False)
                yield LineBlock(source.encoding.normalized(line, start), start, after, gap.end - start)
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
            self._files.report_change(source.position(end, fingerprint, complete=False))
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


def _fingerprint_behind(source: OpenFile, gap: Gap, line: bytes, before: Fingerprint) -> Fingerprint:
    """Return the fingerprint of all up to the end of a gap; ``before`` is of the bytes before the last ``line``."""
    size = gap.end - gap.start
    if gap.start == 0 or size > _MOST_NULS:
        return source.fingerprint(gap.end)
    before.add(line)
    for start in range(0, size, len(_BLOCK)):
        before.add(_BLOCK[: size - start])
    return before
