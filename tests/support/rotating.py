"""Logs that are written and rotated as services and logrotate do."""

import gzip
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

#: How a log is rotated, as logrotate's configuration says it.
WAYS = ("create", "copytruncate", "create\ncompress", "copytruncate\ncompress", "create\ncompress\ndelaycompress")


class Log:
    """The log of a service that opens it again after a rotation, as most do on a signal."""

    def __init__(self, path: Path, way: str) -> None:
        self.path = path
        self.way = way
        self._file = path.open("ab", buffering=0)

    def write(self, lines: bytes) -> None:
        self._file.write(lines)

    def rotate(self, rotate: Callable[[Path, str], None]) -> None:
        rotate(self.path, self.way)
        self._file.close()
        self._file = self.path.open("ab", buffering=0)

    def close(self) -> None:
        self._file.close()


def rotate(path: Path, way: str) -> None:
    """Rotate a log: with logrotate where it is installed, else in its way."""
    (logrotate if shutil.which("logrotate") else by_hand)(path, way)


def logrotate(path: Path, way: str) -> None:
    folder = path.parent.parent
    config = folder / f"{path.name}.conf"
    config.write_text(f"{path} {{\nrotate 1000\n{way}\n}}\n")
    config.chmod(0o644)  # it trusts no other
    path.parent.chmod(0o755)
    state = folder / f"{path.name}.state"
    subprocess.run(["logrotate", "--force", "--state", state, config], check=True, capture_output=True)


def by_hand(path: Path, way: str) -> None:
    former = sorted((int(name.name.split(".")[2]), name) for name in path.parent.glob(f"{path.name}.*"))
    for number, name in reversed(former):
        name.rename(name.with_name(name.name.replace(f".{number}", f".{number + 1}", 1)))
    new = path.with_name(f"{path.name}.1")
    if "copytruncate" in way:
        shutil.copy(path, new)
        path.write_bytes(b"")
    else:
        path.rename(new)
        path.touch()
    packed = path.with_name(f"{path.name}.2") if "delaycompress" in way else new
    if "compress" in way and packed.exists():
        packed.with_name(f"{packed.name}.gz").write_bytes(gzip.compress(packed.read_bytes()))
        packed.unlink()


def interleaved(lines: Mapping[str, list[bytes]], size: int) -> Iterator[list[tuple[str, bytes]]]:
    """Yield what each log gets next, some ``size`` lines each, until all have all of theirs."""
    parts = [
        [(name, b"".join(part[start : start + size])) for start in range(0, len(part), size)]
        for name, part in lines.items()
    ]
    for row in zip_longest(*parts):
        yield [one for one in row if one is not None]
