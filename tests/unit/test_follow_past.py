"""What was there beside a log when it was first followed is of the past, whatever happens to it."""

import gzip
from collections.abc import Callable

from tests.unit.rotating import move, numbered, once
from tests.unit.watched import Watched


def test_packed_while_the_log_gets_its_inode(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"")
    past = log.write("app.log.1", numbered(1))
    log.look()
    inode = past.stat().st_ino
    log.write("app.log.1.gz", gzip.compress(past.read_bytes()))
    move(log, "app.log", "app.log.2")
    move(log, "app.log.1", "app.log")  # as a file system does that gives inodes again
    past = log.write("app.log", numbered(2, 3))
    assert past.stat().st_ino == inode
    again()
    assert log.look() == once(2, 3)
