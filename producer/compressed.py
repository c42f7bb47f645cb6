"""Compressed files, read as what they hold."""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

SUFFIXES = (".gz", ".bz2", ".zst")
_BLOCK = 1 << 20


class BrokenError(Exception):
    """The file is cut short or damaged; the message says how."""


def is_compressed(path: str) -> bool:
    """Tell by its name whether a file is compressed.

    >>> is_compressed("a.log.gz"), is_compressed("a.log")
    (True, False)
    """
    return path.endswith(SUFFIXES)


def blocks(file: BinaryIO, path: str) -> Iterator[bytes]:
    """Yield what the compressed ``file`` holds, in blocks; ``path`` tells the kind by its suffix.

    Raises:
        BrokenError: the file is cut short or damaged.
    """
    try:
        if path.endswith(".zst"):
            yield from _zstd_blocks(file)
            return
        reader = gzip.GzipFile(fileobj=file) if path.endswith(".gz") else bz2.BZ2File(file)
        with reader:
            while block := reader.read(_BLOCK):
                yield block
    except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
        raise BrokenError(str(error)) from error


def _zstd_blocks(file: BinaryIO) -> Iterator[bytes]:
    # A frame at a time: the library's own reader takes a cut frame for the end of the file.
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    started = False
    while data := file.read(_BLOCK):
        while data:
            started = True
            if block := decompressor.decompress(data):
                yield block
            data = b""
            if decompressor.eof:
                data = decompressor.unused_data
                decompressor = zstandard.ZstdDecompressor().decompressobj()
                started = False
    if started:
        raise EOFError("Compressed file ended before the end-of-stream marker was reached")
