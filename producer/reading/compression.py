"""Detects compressed files, and decompresses them."""

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SUFFIXES = (".gz", ".bz2", ".zst", ".xz")
#: How many bytes at the start of a file show its compression.
HEAD_BYTES = 10
_MAGIC = (
    (b"\x1f\x8b", ".gz"),
    (b"\x28\xb5\x2f\xfd", ".zst"),
    (b"\xfd7zXZ\x00", ".xz"),
    (b"PK\x03\x04", ".zip"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"\x04\x22\x4d\x18", ".lz4"),
)
_BZ2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")  # with data, and without
#: How many bytes are decompressed at once.
BLOCK_BYTES = 1 << 20


class BrokenError(Exception):
    """A file is cut short, damaged, or compressed in a way that is not supported; the message says which."""


def detect(path: str, head: bytes) -> str | None:
    r"""Return how a file is compressed, as the suffix for it; None if it is not compressed.

    The first bytes decide, as a link or a download may have any name. If they do not tell, the name decides, so that a
    broken file is not taken for text.

    Args:
        path: the file's path.
        head: its first ``HEAD_BYTES`` bytes, or all if it has fewer.

    >>> detect("latest", b"\x1f\x8b\x08"), detect("a.gz", b"broken"), detect("a.txt", b"to be")
    ('.gz', '.gz', None)
    """
    for magic, suffix in _MAGIC:
        if head.startswith(magic):
            return suffix
    if head.startswith(b"BZh") and head[4:].startswith(_BZ2_BLOCKS):
        return ".bz2"
    return next((suffix for suffix in SUFFIXES if path.endswith(suffix)), None)


def blocks(file: BinaryIO, suffix: str) -> Iterator[bytes]:
    """Yield what a compressed ``file`` holds, in blocks; ``suffix`` is what ``detect`` returned.

    Raises:
        BrokenError: the file is cut short, damaged, or compressed in another way than ``SUFFIXES``.
    """
    if suffix not in SUFFIXES:
        raise BrokenError(f"is compressed as {suffix}, which is not read; decompress it")
    try:
        reader: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | zstd.ZstdFile
        if suffix == ".zst":
            reader = zstd.ZstdFile(file)
        elif suffix == ".xz":
            reader = lzma.LZMAFile(file)  # noqa: SIM115  # closed below
        else:
            reader = gzip.GzipFile(fileobj=file) if suffix == ".gz" else bz2.BZ2File(file)
        with reader:
            while block := reader.read(BLOCK_BYTES):
                yield block
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError) as error:
        raise BrokenError(f"is broken: {error}") from error
