"""The parts of a file that somebody has written, for a program that reads the file once."""

import math
import os
from collections.abc import Callable
from functools import partial

from producer.content.gap_watch import GapWatch
from producer.content.gaps import MIN_NULS, Circumstances, is_passed, measure

_BLOCK_BYTES = 1 << 20


def written_parts(
    descriptor: int, unit: int, whole_lines_size: Callable[[bytes, int], int], report: Callable[[str], None]
) -> list[tuple[int, int]]:
    """Return where the parts of an open file begin and end that are text: what is between them was never written.

    What a stream waits for does not count here either.

    Args:
        descriptor: the file.
        unit: how many bytes a line feed has.
        whole_lines_size: returns how many bytes of whole lines a part of the file begins with, and is given its offset.
        report: called with what is left out.
    """
    size = os.fstat(descriptor).st_size
    watch, parts, start, offset = GapWatch(), list[tuple[int, int]](), 0, 0
    while offset < size and (data := os.pread(descriptor, min(_BLOCK_BYTES, size - offset), offset)):
        found = watch.find(data, offset, size, partial(os.pread, descriptor), unit)
        if found is None:
            offset += len(data)
            continue
        watch.stopped_at(found, 0.0)
        gap = measure(descriptor, found)
        if not is_passed(gap, Circumstances(size=size, unchanged=math.inf, has_nuls=watch.has_nuls)):
            _report_end(report, found, gap.end, size)
            return [*parts, (start, _end_of_lines(descriptor, start, found, whole_lines_size))]
        offset = gap.end - gap.end % unit
        is_line_start = found == start or whole_lines_size(os.pread(descriptor, unit, found - unit), found - unit)
        if not watch.is_text(gap, found if is_line_start else start):
            parts.append((start, found))
            start = offset
            if gap.has_hole:
                report(f"{gap.end - found:,} bytes from byte {found:,} on were never written; they are left out")
    return [*parts, (start, size)]


def _end_of_lines(descriptor: int, start: int, end: int, whole_lines_size: Callable[[bytes, int], int]) -> int:
    """Return where the last whole line ends that a part of a file has."""
    while start < end:
        before = max(start, end - _BLOCK_BYTES)
        if size := whole_lines_size(os.pread(descriptor, end - before, before), before):
            return before + size
        end = before
    return start


def _report_end(report: Callable[[str], None], start: int, end: int, size: int) -> None:
    unwritten = f"{end - start:,} bytes from byte {start:,} on are not written yet"
    if end < size:
        report(f"{unwritten}; their line, and those behind it, do not count")
    elif end - start >= MIN_NULS:  # fewer are no words
        report(f"{unwritten}; they do not count")
