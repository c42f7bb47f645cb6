"""A look over rotated logs that is cut off between any two steps: the next one goes on from there."""

import gzip
import os
from collections.abc import Callable

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def copied(log: Watched) -> None:
    copytruncate(log, "app.log", "app.log.1")


def packed(log: Watched) -> None:
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1")
    log.write("app.log", b"")


def copied_and_overwritten(log: Watched) -> None:
    """Where a rotated log was, its inode holds the copy of the log."""
    log.write("app.log.1", log.path("app.log").read_bytes())
    os.truncate(log.path("app.log"), 0)


def packed_and_overwritten(log: Watched) -> None:
    log.write("app.log.1.gz", gzip.compress(log.path("app.log").read_bytes()))
    os.truncate(log.path("app.log"), 0)


@pytest.mark.parametrize("rotate", [copied, packed, copied_and_overwritten, packed_and_overwritten])
@pytest.mark.parametrize("steps", range(1, 12))
def test_stopped_after_so_many_steps(log: Watched, rotate: Callable[[Watched], None], steps: int) -> None:
    log.write("app.log", b"")
    log.poll()
    log.write("app.log.1", numbered(1))
    log.write("app.log.1.gz", gzip.compress(numbered(2)))
    log.write("app.log", numbered(3, 4))
    log.poll()
    log.append("app.log", numbered(5))
    rotate(log)
    log.append("app.log", numbered(6))
    asked = iter([False] * (steps - 1))
    log.restart(should_stop=lambda: next(asked, True))
    log.poll()
    log.restart(should_stop=lambda: False)
    log.poll()
    assert log.poll() == once(1, 2, 3, 4, 5, 6)
