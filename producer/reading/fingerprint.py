"""A hash that identifies the content of a file by its first and last bytes."""

from hashlib import blake2b

#: How many bytes at each end of the content a fingerprint covers.
END_BYTES = 1024


class Fingerprint:
    r"""A hash of the first and the last 1,024 bytes that were read of a file.

    Appending to the file does not change it; other content does, also behind the same header. It is made of the very
    bytes that were read, so it stays that of the former content if the file is overwritten meanwhile.

    >>> read = Fingerprint(b"one\n")
    >>> read.add(b"two\n")
    >>> read.digest() == Fingerprint(b"one\ntwo\n").digest()
    True
    """

    def __init__(self, head: bytes = b"", tail: bytes | None = None) -> None:
        self._head = head[:END_BYTES]
        self._tail = (head if tail is None else tail)[-END_BYTES:]

    def add(self, data: bytes) -> None:
        """Add the bytes that were read next."""
        self._head += data[: END_BYTES - len(self._head)]
        self._tail = (self._tail + data[-END_BYTES:])[-END_BYTES:]

    def digest(self) -> bytes:
        """Return the hash."""
        return blake2b(self._head + self._tail, digest_size=16).digest()
