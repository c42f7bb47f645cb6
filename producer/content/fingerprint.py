"""What identifies the content of a file: a hash of its first and last bytes, and a checksum of all that was read."""

from hashlib import blake2b

from crc32c import crc32c

#: How many bytes at each end of the content a fingerprint covers.
END_BYTES = 1024


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
    >>> read.checksum == checksum(b"one\ntwo\n")
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


def checksum(data: bytes, before: int = 0) -> int:
    r"""Return the checksum of data that follows bytes with the checksum ``before``.

    >>> checksum(b"two\n", checksum(b"one\n")) == checksum(b"one\ntwo\n")
    True
    """
    return crc32c(data, before)
