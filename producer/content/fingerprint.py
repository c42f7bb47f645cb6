"""What identifies the content of a file: a hash of its first and last bytes, and a checksum of all that was read."""

from collections.abc import Callable, Iterable
from hashlib import blake2b

from crc32c import crc32c

#: How many bytes at each end of the content a fingerprint covers.
END_BYTES = 1024
_BLOCK_BYTES = 1 << 20
#: Of how many last bytes there is a key.
_TAIL_BYTES = 64
#: Of how many first bytes there are keys.
_HEAD_BYTES = (1024, 256, 64, 16, 4, 1)


class Fingerprint:
    r"""A hash of the first and the last 1,024 bytes that were read of a file, and a checksum of all of them.

    Appending to the file does not change it; other content does, also behind the same header. It is made of the very
    bytes that were read, so it stays that of the former content if the file is overwritten meanwhile.

    The checksum is a CRC-32C: processors compute it some ten times as fast as any hash that Python has.

    Args:
        head: the first bytes of the content.
        tail: its last bytes; by default ``head`` is all there is.
        checked_from: where the bytes begin that the checksum covers, by default at the start of the content.
        checksum: the checksum of the bytes from there to the end of the content.

    >>> read = Fingerprint(b"one\n")
    >>> read.add(b"two\n")
    >>> read.digest() == Fingerprint(b"one\ntwo\n").digest()
    True
    >>> read.checksum == Fingerprint(b"one\ntwo\n").checksum
    True
    """

    def __init__(
        self, head: bytes = b"", tail: bytes | None = None, *, checked_from: int = 0, checksum: int | None = None
    ) -> None:
        self._head = head[:END_BYTES]
        self._tail = (head if tail is None else tail)[-END_BYTES:]
        self.checked_from = checked_from
        self.checksum = crc32c(head) if checksum is None else checksum

    def add(self, data: bytes) -> None:
        """Add the bytes that were read next."""
        self._head += data[: END_BYTES - len(self._head)]
        self._tail = (self._tail + data[-END_BYTES:])[-END_BYTES:]
        self.checksum = crc32c(data, self.checksum)

    def digest(self) -> bytes:
        """Return the hash."""
        return blake2b(self._head + self._tail, digest_size=16).digest()

    def tail(self) -> bytes:
        """Return the key of the end, which tells whether it has changed if the beginning has; of few bytes it is empty.

        It is short, as the end of a file may be written in several steps. A small file is written in one.
        """
        return _key(self._tail[-_TAIL_BYTES:]) if len(self._tail) == END_BYTES else b""

    def head(self) -> bytes:
        """Return the key of the beginning; it is empty if nothing was read."""
        size = next((size for size in _HEAD_BYTES if size <= len(self._head)), 0)
        return _key(self._head[:size]) if size else b""


def head_keys(beginning: bytes) -> list[bytes]:
    r"""Return the keys under which a content may be known that a file begins with: the longest first.

    A content is known under the key of its first 4**n bytes, at most 1,024 of them. A file that begins with it has the
    same key, however much follows.

    >>> Fingerprint(b"one two\n").head() in head_keys(b"one two\nthree\n")
    True
    """
    return [_key(beginning[:size]) for size in _HEAD_BYTES if size <= len(beginning)]


def _key(beginning: bytes) -> bytes:
    return blake2b(beginning, digest_size=8).digest()


def fingerprints_at(extents: Iterable[int], blocks: Iterable[bytes]) -> tuple[int, dict[int, bytes]]:
    r"""Return the size of a content, and the fingerprints of its first ``extents`` bytes and of all of it.

    >>> size, fingerprints = fingerprints_at([4], [b"one\nt", b"wo\n"])
    >>> size, fingerprints[4] == Fingerprint(b"one\n").digest(), fingerprints[8] == Fingerprint(b"one\ntwo\n").digest()
    (8, True, True)
    """
    read, size, fingerprints = Fingerprint(), 0, dict[int, bytes]()
    ahead = sorted({extent for extent in extents if extent}, reverse=True)
    for block in blocks:
        start = 0
        while ahead and ahead[-1] <= size + len(block):
            end = ahead.pop() - size
            read.add(block[start:end])
            fingerprints[size + end] = read.digest()
            start = end
        read.add(block[start:])
        size += len(block)
    return size, fingerprints | {size: read.digest()}


def checksum(read: Callable[[int, int], bytes], start: int, end: int, before: int = 0) -> int:
    """Return the checksum of the bytes from ``start`` to ``end``, which follow bytes with the checksum ``before``.

    Args:
        read: returns so many bytes of the content from an offset on.
        start: where the bytes begin.
        end: where they end.
        before: a checksum that goes on with these bytes.

    >>> checksum(lambda size, offset: b"one two"[offset : offset + size], 0, 3) == Fingerprint(b"one").checksum
    True
    """
    for offset in range(start, end, _BLOCK_BYTES):
        before = crc32c(read(min(_BLOCK_BYTES, end - offset), offset), before)
    return before
