"""Compressed files, read as what they hold."""

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
#: So many bytes at a file's start tell how it is compressed.
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
_BLOCK = 1 << 20


class BrokenError(Exception):
    """The file is cut short, damaged, or of a kind that is not read; the message says how."""


def kind(path: str, head: bytes) -> str | None:
    r"""Tell how a file is compressed, as the suffix for it; None if it is not.

    What it starts with decides, as a link or a download may have any name; and else its name, so that a broken one is
    not taken for text.

    >>> kind("latest", b"\x1f\x8b\x08"), kind("a.gz", b"broken"), kind("a.txt", b"to be")
    ('.gz', '.gz', None)
    """
    for magic, suffix in _MAGIC:
        if head.startswith(magic):
            return suffix
    if head.startswith(b"BZh") and head[4:].startswith(_BZ2_BLOCKS):
        return ".bz2"
    return next((suffix for suffix in SUFFIXES if path.endswith(suffix)), None)


def blocks(file: BinaryIO, suffix: str) -> Iterator[bytes]:
    """Yield what a compressed ``file`` holds, in blocks; ``suffix`` is its kind.

    Raises:
        BrokenError: it is cut short, damaged, or of another kind than ``SUFFIXES``.
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
            while block := reader.read(_BLOCK):
                yield block
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError) as error:
        raise BrokenError(f"is broken: {error}") from error
