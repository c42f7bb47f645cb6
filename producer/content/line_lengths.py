"""Tells of a file with long lines, for a program that reads its files by lines."""

import os
from collections.abc import Callable, Iterable

_BLOCK_BYTES = 1 << 12


def has_long_line(descriptor: int, most: int, whole_lines_size: Callable[[bytes], int]) -> bool:
    """Tell whether an open file has a line of more than ``most`` bytes.

    Of each so many bytes, only the last few are read, unless there is no line end in them.

    Args:
        descriptor: the file.
        most: the most bytes of a line.
        whole_lines_size: returns how many bytes of whole lines a part of the file begins with.
    """
    start = 0
    while os.fstat(descriptor).st_size - start > most:
        offset, ended = start + most + 1, 0
        while offset > start and not ended:
            end, offset = offset, max(start, offset - _BLOCK_BYTES)
            ended = whole_lines_size(os.pread(descriptor, end - offset, offset))
        if not ended:
            return True
        start = offset + ended
    return False


def has_long_line_in(blocks: Iterable[bytes], most: int, whole_lines_size: Callable[[bytes], int]) -> bool:
    r"""Tell the same of what a compressed file holds, in blocks.

    >>> has_long_line_in([b"one\ntw", b"o\n"], 4, lambda data: data.rfind(b"\n") + 1)
    False
    >>> has_long_line_in([b"one\ntw", b"o three\n"], 4, lambda data: data.rfind(b"\n") + 1)
    True
    """
    before = 0  # bytes of the line at hand in former blocks
    for block in blocks:
        start = 0
        while start < len(block):
            part = block[start : start + most + 1 - before]
            ended = whole_lines_size(part)
            if not ended and len(part) == most + 1 - before:
                return True
            before = 0 if ended else before + len(part)
            start += ended or len(part)
    return False
