"""Runs commands that meet a fault at one of their system calls, which ``faults.c`` describes."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Literal, NamedTuple

from tests.support.rounds import points

Kind = Literal["kill", "full"]

KILLED = -9
_SOURCE = Path(__file__).with_name("faults.c")
_NUMBER_BYTES = 8


class FaultPoint(NamedTuple):
    """A system call: its number in the run, its name, the inode of its file (0 if only named), and the path."""

    number: int
    call: str
    inode: int
    path: str


@dataclass(frozen=True)
class Faults:
    """Faults in what happens to the files below a folder.

    Attributes:
        library: ``faults.c``, compiled.
        folder: the folder whose files matter.
        notes: a folder elsewhere, for what ``faults.c`` writes.
        port: the port of a broker whose requests matter, too; 0 if there is none.
    """

    library: Path
    folder: Path
    notes: Path
    port: int = 0

    def environment(self, at: int = 0, kind: Kind = "kill") -> dict[str, str]:
        """Return the environment of a run that meets a fault at a point, 0 for none, and forget the run before."""
        shutil.rmtree(self.notes, ignore_errors=True)
        (self.notes / "synced").mkdir(parents=True)
        (self.notes / "count").write_bytes(bytes(2 * _NUMBER_BYTES))
        for path in _files(self.folder):  # what was there before is on the disk
            shutil.copyfile(path, self.notes / "synced" / str(path.stat().st_ino))
        return {
            "LD_PRELOAD": str(self.library),
            "FAULT_FOLDER": str(self.folder.resolve()),
            "FAULT_PORT": str(self.port),
            "FAULT_COUNT": str(self.notes / "count"),
            "FAULT_LOG": str(self.notes / "log"),
            "FAULT_SYNCED": str(self.notes / "synced"),
            "FAULT_AT": str(at),
            "FAULT_KIND": kind,
        }

    def set_clock_back(self, seconds: int) -> None:
        """Set the clock of what runs back."""
        with (self.notes / "count").open("r+b") as file:
            file.seek(_NUMBER_BYTES)
            file.write(seconds.to_bytes(_NUMBER_BYTES, sys.byteorder))

    def points(self) -> list[FaultPoint]:
        """Return the points that the last run has reached."""
        log = self.notes / "log"
        lines = log.read_text("utf-8", "surrogateescape").splitlines() if log.exists() else []
        parts = (line.split(" ", 3) for line in lines)
        return [FaultPoint(int(number), call, int(inode), path) for number, call, inode, path in parts]

    def cut_power(self) -> list[Path]:
        """Let the disk have only what was synced of the files that the last run has written; return those that change.

        Names are kept: which of them a disk has after a power cut depends on the file system, and the contents that go
        with the new names are what a program must have synced before.
        """
        written = {point.inode for point in self.points()} - {0}
        changed = []
        for path in _files(self.folder):
            inode = path.stat().st_ino
            if inode in written:
                synced = self.notes / "synced" / str(inode)
                data = synced.read_bytes() if synced.exists() else b""
                if data != path.read_bytes():
                    path.write_bytes(data)
                    changed.append(path)
        return changed


def compiled(folder: Path) -> Path:
    """Compile ``faults.c`` into a folder, and return the library."""
    library = folder / "faults.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, _SOURCE], check=True)
    return library


def killed_at_points(run: Callable[[int], int]) -> Iterator[int]:
    """Run a command that is killed at one point after the other, until one run lives.

    Args:
        run: runs the command with a fault at a point, and returns its exit status.

    Yields:
        The number of each point at which it was killed.
    """
    yield from takewhile(lambda at: run(at) == KILLED, points())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
