"""Detects compressed files, and decompresses them."""

import bz2
import codecs
import gzip
import lzma
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SUFFIXES = (".gz", ".bz2", ".zst", ".xz")
#: How many bytes at the start of a file show its compression.
HEAD_BYTES = 512
_ZSTD = b"\x28\xb5\x2f\xfd"
_MAGIC = (
    (b"\x1f\x8b", ".gz"),
    (_ZSTD, ".zst"),
    (b"\xfd7zXZ\x00", ".xz"),
    (b"PK\x03\x04", ".zip"),
    (b"PK\x05\x06", ".zip"),  # an empty one
    (b"PK\x07\x08", ".zip"),  # one of several parts
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"Rar!\x1a\x07", ".rar"),
    (b"\x04\x22\x4d\x18", ".lz4"),
    (b"\x02\x21\x4c\x18", ".lz4"),  # as the Linux kernel has it
    (b"\x1f\x9d", ".Z"),
    (b"LZIP\x01", ".lz"),
    (b"\x89LZO\x00\r\n\x1a\n", ".lzo"),
    (b"\xff\x06\x00\x00sNaPpY", ".sz"),
    (b"MSCF\x00\x00\x00\x00", ".cab"),
)
_TAR_MAGIC = (b"ustar\x0000", b"ustar  \x00")  # of POSIX, and of GNU
_TAR_MAGIC_AT = 257
#: The bytes that no text has: those of ``.br`` are told by them, as it has no magic number.
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
#: A header of ``.lzma``: the usual properties, a dictionary of a power of two, and a size, or none.
_LZMA = re.compile(rb"\x5d\x00\x00[\x00-\xff][\x00-\x08](\xff{8}|[\x00-\xff]{5}\x00{3})", re.DOTALL)
_BZ2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")  # with data, and without
#: The window that zstd takes by itself, in bytes, and the most that it takes if it is told to, as a power of two.
_WINDOW_BYTES = 1 << 27
_MOST_WINDOW_LOG = 31 if sys.maxsize > 1 << 32 else 30
#: How many bytes are decompressed at once.
BLOCK_BYTES = 1 << 20
#: A file that has expanded to more than so many bytes, and to so many times its size, is told of: gzip packs logs to a
#: tenth or less, and a line that is repeated over and over to a thousandth.
EXPANDED_BYTES, EXPANDED_TIMES = 1 << 30, 100
_QUICK_LEVEL = 1  # of zstd: 500 MB/s, and what expands a thousandfold still becomes a thousandth


class BrokenError(Exception):
    """A file is cut short or damaged; the message says how."""


class NotReadError(BrokenError):
    """A file is packed in a way that is not read; the message says which."""


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
    if head.startswith(_TAR_MAGIC, _TAR_MAGIC_AT):
        return ".tar"
    if _LZMA.match(head):
        return ".lzma"
    if path.endswith(".br") and _is_binary(head):
        return ".br"
    return next((suffix for suffix in SUFFIXES if path.endswith(suffix)), None)


def _is_binary(head: bytes) -> bool:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    return "\ufffd" in text or len(head.translate(None, _CONTROL)) < len(head)


def needs_large_window(head: bytes) -> bool:
    r"""Tell whether a ``.zst`` file looks back further than zstd does by itself, as ``zstd --long=31`` makes it.

    Source: RFC 8878, section 3.1.1.1.

    >>> needs_large_window(b"\x28\xb5\x2f\xfd\x04\xa8"), needs_large_window(b"\x28\xb5\x2f\xfd\x04\x60")
    (True, False)
    """
    if not head.startswith(_ZSTD) or len(head) < len(_ZSTD) + 2:
        return False
    descriptor = head[len(_ZSTD)]
    if descriptor & 0x20:  # the window is the content: its size follows the id of a dictionary
        start = len(_ZSTD) + 1 + (0, 1, 2, 4)[descriptor & 3]
        size = int.from_bytes(head[start : start + (1, 2, 4, 8)[descriptor >> 6]], "little")
        return size > _WINDOW_BYTES
    return 1 << (10 + (head[len(_ZSTD) + 1] >> 3)) > _WINDOW_BYTES


def blocks(file: BinaryIO, suffix: str) -> Iterator[bytes]:
    """Yield what a compressed ``file`` holds, in blocks; ``suffix`` is what ``detect`` returned.

    Raises:
        BrokenError: the file is cut short or damaged.
        NotReadError: it is compressed in another way than ``SUFFIXES``, or what it holds is packed in turn.
    """
    if suffix not in SUFFIXES:
        raise NotReadError(_not_read(suffix))
    try:
        reader: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | zstd.ZstdFile
        if suffix == ".zst":
            reader = zstd.ZstdFile(file, options={zstd.DecompressionParameter.window_log_max: _MOST_WINDOW_LOG})
        elif suffix == ".xz":
            reader = lzma.LZMAFile(file)  # noqa: SIM115  # closed below
        else:
            reader = gzip.GzipFile(fileobj=file) if suffix == ".gz" else bz2.BZ2File(file)
        with reader:
            head = True
            while block := reader.read(BLOCK_BYTES):
                if head and (inner := detect("", block[:HEAD_BYTES])):
                    raise NotReadError(f"holds another packed file: that {_not_read(inner)}")
                head = False
                yield block
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError) as error:
        raise BrokenError(f"is broken: {error}") from error


def told_if_huge(blocks: Iterable[bytes], packed_size: int, tell: Callable[[str], None]) -> Iterator[bytes]:
    """Yield ``blocks``, which a file of ``packed_size`` bytes holds, and tell once if they are far more than that."""
    size, is_told = 0, False
    for block in blocks:
        size += len(block)
        if not is_told and size > max(EXPANDED_BYTES, EXPANDED_TIMES * packed_size):
            is_told = True
            tell(
                f"has expanded to over {EXPANDED_BYTES >> 30} GiB, more than {EXPANDED_TIMES} times its size, and goes"
                " on; other files wait meanwhile; if it is not meant, stop, and leave it out with --exclude"
            )
        yield block


def open_packed(path: str) -> BinaryIO:
    """Open a new file to write to, which is packed as ``.zst``, quickly rather than small."""
    return cast("BinaryIO", zstd.open(path, "wb", level=_QUICK_LEVEL))


def _not_read(suffix: str) -> str:
    if suffix == ".tar":
        return "is a tar archive, which is not read; unpack it"
    return f"is compressed as {suffix}, which is not read; decompress it"
