"""Compressed files, read as what they hold."""

import bz2
import gzip
import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

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
        reader: gzip.GzipFile | bz2.BZ2File | zstd.ZstdFile
        if path.endswith(".zst"):
            reader = zstd.ZstdFile(file)
        else:
            reader = gzip.GzipFile(fileobj=file) if path.endswith(".gz") else bz2.BZ2File(file)
        with reader:
            while block := reader.read(_BLOCK):
                yield block
    except (EOFError, OSError, zlib.error, zstd.ZstdError) as error:
        raise BrokenError(str(error)) from error
