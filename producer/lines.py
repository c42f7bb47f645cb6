r"""Splits bytes into whole lines. Pure: no I/O.

A line ends with ``\\n``, ``\\r\\n`` or a lone ``\\r``. Empty lines do not count, so a cut between the two bytes of
``\\r\\n`` does no harm: it only makes one more empty line.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LINE_FEED = re.compile(rb"\n")


def whole_lines_size(data: bytes | bytearray) -> int:
    r"""Return the size in bytes of the whole lines that ``data`` begins with.

    >>> whole_lines_size(b"one\ntwo\nthr")
    8
    >>> whole_lines_size(b"no end yet")
    0
    """
    return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1


def split(data: bytes, limit: int | None) -> Iterator[bytes]:
    r"""Split ``data`` after every ``limit`` lines; None leaves it whole.

    >>> list(split(b"one\r\ntwo\nthree\n", 2))
    [b'one\r\ntwo\n', b'three\n']
    >>> list(split(b"one\ntwo", None))
    [b'one\ntwo']
    """
    if limit is not None and data.count(b"\n") + data.count(b"\r") >= limit:  # else there is nothing to split
        start = 0
        for end in islice(_LINE_END.finditer(data), limit - 1, None, limit):
            yield data[start : end.end()]
            start = end.end()
        data = data[start:]
    if data:
        yield data


def count_lines(data: bytes) -> int:
    r"""Return the number of line ends in ``data``.

    >>> count_lines(b"one\r\ntwo\n")
    2
    """
    return sum(1 for _ in _LINE_END.finditer(data)) if b"\r" in data else data.count(b"\n")


def normalize(data: bytes, position: int) -> bytes:
    r"""Return ``data`` so that other lines may follow it: with a line end, and without a file's byte order mark.

    Args:
        data: the lines.
        position: where they begin in their file, in bytes.

    >>> normalize(b"\xef\xbb\xbfword", 0)
    b'word\n'
    """
    if position == 0:
        data = data.removeprefix(BOM)
    return data if not data or data.endswith((b"\n", b"\r")) else data + b"\n"


def file_content(data: Sequence[bytes]) -> Sequence[bytes]:
    r"""Return ``data`` as the content of a file.

    A reader drops a byte order mark at the start of a file. If the lines begin with one from the middle of their
    source, an empty line is put before it, which does not count.

    Args:
        data: whole lines, in parts that are not empty.

    >>> file_content([b"a\n", b"b\n"])
    [b'a\n', b'b\n']
    >>> file_content([b"\xef\xbb\xbfmid\n"])
    [b'\n', b'\xef\xbb\xbfmid\n']
    """
    return [b"\n", *data] if data and data[0].startswith(BOM) else data


def records(data: bytes, count: int, limit: int) -> Iterator[bytes]:
    r"""Pack ``data``, whole lines, into records of ``count`` lines, or fewer if they exceed ``limit`` bytes.

    The lines of a record are separated by line feeds. A line larger than the limit is a record of its own.

    >>> list(records(b"one\r\ntwo\nthree\n", 2, 100))
    [b'one\ntwo', b'three']
    >>> list(records(b"one\ntwo\nthree\n", 3, 8))
    [b'one\ntwo', b'three']
    """
    if count == 1:
        yield from data.splitlines()  # of bytes: at the line ends above, and at no others
        return
    for record in _split_records(data, count):
        if len(record) <= limit:
            yield record
        else:
            yield from _fitting(record.split(b"\n"), limit)


def _split_records(data: bytes, count: int) -> Iterator[bytes]:
    """Split ``data`` into records of ``count`` lines."""
    if b"\r" in data:
        found = data.splitlines()
        for start in range(0, len(found), count):
            yield b"\n".join(found[start : start + count])
        return
    start = 0  # slices take half the time of splitting and joining
    for end in islice(_LINE_FEED.finditer(data), count - 1, None, count):
        yield data[start : end.start()]
        start = end.end()
    if start < len(data):
        yield data[start:].removesuffix(b"\n")


def _fitting(found: list[bytes], limit: int) -> Iterator[bytes]:
    """Pack lines into records of at most ``limit`` bytes."""
    packed, size = [found[0]], len(found[0])
    for line in found[1:]:
        if size + 1 + len(line) > limit:
            yield b"\n".join(packed)
            packed, size = [line], len(line)
        else:
            packed.append(line)
            size += 1 + len(line)
    yield b"\n".join(packed)
