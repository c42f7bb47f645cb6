"""A log that is rotated thousands of times in this process, and what a follower keeps of it."""

import gc
import gzip
import itertools
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from producer.discovery import open_logs, scanner
from producer.rotation import rotations
from tests.support.watched import Watched

#: How many rotated files are there at a time.
KEPT = 3
#: How many seconds pass from one rotation to the next.
_SECONDS = 300.0


class Kept(NamedTuple):
    """What a follower keeps: rows, bytes on the disk, and blocks of memory of this process."""

    rows: int
    disk: int
    blocks: int


class ManyRotations:
    """Follows ``*.log`` in a folder, each poll with a full scan, and rotates the log there.

    Args:
        root: a new folder. If it is in memory, no file has the inode of a former one.
        ways: how the log is rotated, in turn: ``rename``, ``copytruncate``, ``pack``, or ``dated`` for logs with a date
            each.
        patch: undone by the caller.
    """

    def __init__(self, root: Path, ways: Sequence[str], patch: pytest.MonkeyPatch) -> None:
        self._ways = itertools.cycle(ways)
        self._numbers = itertools.count(1)
        self._waited = 0.0
        monotonic = time.monotonic
        patch.setattr(time, "monotonic", lambda: monotonic() + self._waited)
        for module, share in (
            (scanner, "FULL_SCAN_SHARE"), (open_logs, "SCAN_SHARE"), (rotations, "SEARCH_SHARE"),
        ):  # fmt: skip
            patch.setattr(module, share, float("inf"))
        self.database = root / "positions.db"
        self.published = 0  #: how many lines were
        self.log = Watched(root, inputs=["*.log"], follow_logs=True)
        self.log.follower.poll()

    def rotate(self, times: int) -> None:
        """Write a line and rotate the log, so many times."""
        for number in itertools.islice(self._numbers, times):
            way = next(self._ways)
            path = self.log.path(f"web-{number:010d}.log" if way == "dated" else "app.log")
            with path.open("ab") as file:
                file.write(b"line %d\n" % number)
            self.log.follower.poll()
            self._rotate(way, path, self.log.path(f"app.log-{number:010d}"))
            self._waited += _SECONDS
            self.log.follower.poll()
            for chunk in self.log.target_folder.iterdir():
                self.published += chunk.read_bytes().count(b"\n")
                chunk.unlink()

    def _rotate(self, way: str, path: Path, new: Path) -> None:
        if way == "copytruncate":
            shutil.copyfile(path, new)
            os.truncate(path, 0)
        elif way != "dated":
            path.rename(new)
        if way == "pack":
            new.with_name(f"{new.name}.gz").write_bytes(gzip.compress(new.read_bytes()))
            new.unlink()
        for pattern in ("app.log-*", "web-*"):
            for old in sorted(self.log.folder.glob(pattern))[:-KEPT]:
                old.unlink()

    def kept(self) -> Kept:
        """Return what is kept now."""
        with sqlite3.connect(self.database) as database:
            tables = ("position", "lost_content", "history")
            rows = sum(database.execute(f"select count(*) from {table}").fetchone()[0] for table in tables)
        gc.collect()
        return Kept(rows, self.database.stat().st_size, sys.getallocatedblocks())
