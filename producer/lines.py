r"""Whole lines in a run of bytes. Pure: nothing here reads or writes.

A line ends with ``\\n``, ``\\r\\n`` or a lone ``\\r``. Empty lines do not count, so cutting between the two bytes of
``\\r\\n`` does no harm: what is left is one more empty line.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LINE_FEED = re.compile(rb"\n")


def whole_lines(data: bytes | bytearray) -> int:
    r"""Return how many of the first bytes of ``data`` are whole lines.

    >>> whole_lines(b"one\ntwo\nthr")
    8
    >>> whole_lines(b"no end yet")
    0
    """
    return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1


def parts(data: bytes, limit: int | None) -> Iterator[bytes]:
    r"""Cut ``data`` after every ``limit`` lines; None leaves it whole.

    >>> list(parts(b"one\r\ntwo\nthree\n", 2))
    [b'one\r\ntwo\n', b'three\n']
    >>> list(parts(b"one\ntwo", None))
    [b'one\ntwo']
    """
    if limit is not None and data.count(b"\n") + data.count(b"\r") >= limit:  # else there is nothing to cut
        start = 0
        for end in islice(_LINE_END.finditer(data), limit - 1, None, limit):
            yield data[start : end.end()]
            start = end.end()
        data = data[start:]
    if data:
        yield data


def count_lines(data: bytes) -> int:
    r"""Return how many line ends are in ``data``.

    >>> count_lines(b"one\r\ntwo\n")
    2
    """
    return sum(1 for _ in _LINE_END.finditer(data)) if b"\r" in data else data.count(b"\n")


def body(data: bytes, position: int) -> bytes:
    r"""Return ``data`` as lines of their own: no byte order mark at a source's start, a line end at the end.

    ``position`` is where in its source ``data`` starts, in bytes.

    >>> body(b"\xef\xbb\xbfword", 0)
    b'word\n'
    """
    if position == 0:
        data = data.removeprefix(BOM)
    return data if not data or data.endswith((b"\n", b"\r")) else data + b"\n"


def longer_line(data: bytes, limit: int) -> int | None:
    r"""Return where the first line of more than ``limit`` bytes begins, None if there is none.

    >>> longer_line(b"one\nthree\n", 3)
    4
    """
    place = 0
    for line in data.splitlines(keepends=True):
        if len(line.rstrip(b"\r\n")) > limit:
            return place
        place += len(line)
    return None


def in_file(data: Sequence[bytes]) -> Sequence[bytes]:
    r"""Return ``data``, whole lines in parts none of which is empty, as the content of a file.

    A reader drops a byte order mark at the start of a file. Where the lines start with one that stood in the middle of
    its source, an empty line goes before it, which counts for nothing.

    >>> in_file([b"a\n", b"b\n"])
    [b'a\n', b'b\n']
    >>> in_file([b"\xef\xbb\xbfmid\n"])
    [b'\n', b'\xef\xbb\xbfmid\n']
    """
    return [b"\n", *data] if data and data[0].startswith(BOM) else data


def records(data: bytes, count: int, limit: int) -> Iterator[bytes]:
    r"""Pack ``data``, whole lines, into records of ``count`` lines, or of fewer so that they fit into ``limit`` bytes.

    The lines of a record have a line feed between them, and none at the end. A line larger than the limit is a record
    of its own.

    >>> list(records(b"one\r\ntwo\nthree\n", 2, 100))
    [b'one\ntwo', b'three']
    >>> list(records(b"one\ntwo\nthree\n", 3, 8))
    [b'one\ntwo', b'three']
    """
    if count == 1:
        yield from data.splitlines()  # of bytes: at the line ends above, and at no others
        return
    for record in _cut(data, count):
        if len(record) <= limit:
            yield record
        else:
            yield from _fitting(record.split(b"\n"), limit)


def _cut(data: bytes, count: int) -> Iterator[bytes]:
    """Cut ``data`` into records of ``count`` lines."""
    if b"\r" in data:
        found = data.splitlines()
        for start in range(0, len(found), count):
            yield b"\n".join(found[start : start + count])
        return
    start = 0  # slices of what is there take half the time
    for end in islice(_LINE_FEED.finditer(data), count - 1, None, count):
        yield data[start : end.start()]
        start = end.end()
    if start < len(data):
        yield data[start:].removesuffix(b"\n")


def _fitting(found: list[bytes], limit: int) -> Iterator[bytes]:
    packed, size = [found[0]], len(found[0])
    for line in found[1:]:
        if size + 1 + len(line) > limit:
            yield b"\n".join(packed)
            packed, size = [line], len(line)
        else:
            packed.append(line)
            size += 1 + len(line)
    yield b"\n".join(packed)
