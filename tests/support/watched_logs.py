"""What happens to a watched log: it is renamed, copied and truncated, or compressed; and lines to write to it."""

import bz2
import gzip
import lzma
import os
import shutil

from producer.content.compression import zstd
from tests.support.watched import Watched


def move(log: Watched, name: str, to: str) -> None:
    log.path(name).rename(log.path(to))


def copytruncate(log: Watched, name: str, to: str) -> None:
    shutil.copyfile(log.path(name), log.path(to))
    os.truncate(log.path(name), 0)


def pack(log: Watched, name: str, suffix: str = ".gz") -> None:
    pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd.compress, ".xz": lzma.compress}[suffix]
    log.write(f"{name}{suffix}", pack(log.path(name).read_bytes()))
    shutil.copystat(log.path(name), log.path(f"{name}{suffix}"))
    log.path(name).unlink()


def numbered(*numbers: int) -> bytes:
    return b"".join(b"line-%d\n" % number for number in numbers)


def once(*numbers: int) -> dict[str, int]:
    return {f"line-{number}": 1 for number in numbers}


def rotate(log: Watched, name: str, way: str) -> None:
    """Rotate app.log to a name, and write on."""
    log.path(name).parent.mkdir(parents=True, exist_ok=True)
    (copytruncate if "copy" in way else move)(log, "app.log", name)
    if "pack" in way:
        pack(log, name)
    log.append("app.log", numbered(3))
