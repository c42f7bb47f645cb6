r"""Whole lines in a run of bytes. Pure: nothing here reads or writes.

A line ends with ``\\n``, ``\\r\\n`` or a lone ``\\r``. Empty lines do not count, so cutting between the two bytes of
``\\r\\n`` does no harm: what is left is one more empty line.
"""

import re
from collections.abc import Iterator
from itertools import islice

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")


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
    if limit is not None:
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
    return sum(1 for _ in _LINE_END.finditer(data))


def body(data: bytes, position: int) -> bytes:
    r"""Return ``data`` as lines of their own: no byte order mark at a source's start, a line end at the end.

    ``position`` is where in its source ``data`` starts, in bytes.

    >>> body(b"\xef\xbb\xbfword", 0)
    b'word\n'
    """
    if position == 0:
        data = data.removeprefix(BOM)
    return data if not data or data.endswith((b"\n", b"\r")) else data + b"\n"


def chunk(bodies: list[bytes]) -> bytes:
    r"""Join bodies into the bytes of one chunk.

    A reader drops a byte order mark at the start of a file. Where a chunk would start with one that stood in the
    middle of its source, an empty line goes before it, which counts for nothing.

    >>> chunk([b"a\n", b"b\n"])
    b'a\nb\n'
    >>> chunk([b"\xef\xbb\xbfmid\n"])
    b'\n\xef\xbb\xbfmid\n'
    """
    data = b"".join(bodies)
    return b"\n" + data if data.startswith(BOM) else data
