"""What was there beside a log when it was first followed is of the past, whatever happens to it."""

import gzip
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from producer import follower
from producer.discovery.found_file import FoundFile
from producer.reading import open_file as source
from producer.reading.open_file import OpenFile
from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once


def test_packed_while_the_log_gets_its_inode(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"")
    past = log.write("app.log.1", numbered(1))
    log.poll()
    inode = past.stat().st_ino
    log.write("app.log.1.gz", gzip.compress(past.read_bytes()))
    move(log, "app.log", "app.log.2")
    move(log, "app.log.1", "app.log")  # as a file system does that gives inodes again
    past = log.write("app.log", numbered(2, 3))
    assert past.stat().st_ino == inode
    again()
    assert log.poll() == once(2, 3)


def test_packed_while_the_next_packed_one_gets_its_inode(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"")
    past = log.write("app.log.1", numbered(1))
    log.poll()
    os.utime(log.write("app.log.2.gz", gzip.compress(past.read_bytes())), (1, 1))
    past.write_bytes(gzip.compress(numbered(2)))
    past.rename(log.path("app.log.1.gz"))
    again()
    assert log.poll() == once(2)


def meddled(
    log: Watched, name: str, meddle: Callable[[Path], None]
) -> Callable[[FoundFile], AbstractContextManager[OpenFile]]:
    """Return ``opened`` that first does something to a file of a name, once."""
    met = []

    def opened(file: FoundFile) -> AbstractContextManager[OpenFile]:
        if file.path == str(log.path(name)) and not met:
            met.append(file)
            meddle(log.path(name))
        return source.opened(file)

    return opened


def refuse(_: Path) -> None:
    raise PermissionError(13, "Permission denied")


def rename(path: Path) -> None:
    path.rename(path.with_name(path.name.replace("1", "2")))


def rename_and_replace(path: Path) -> None:
    rename(path)
    path.write_bytes(gzip.compress(numbered(3)) if path.suffix == ".gz" else numbered(3))


@pytest.mark.parametrize("name", ["app.log.1", "app.log.1.gz"])
@pytest.mark.parametrize(("meddle", "come"), [(refuse, []), (rename, []), (rename_and_replace, [3])])
def test_what_could_not_be_read_at_first(
    log: Watched,
    again: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    meddle: Callable[[Path], None],
    come: list[int],
) -> None:
    past = b"".join(b"past-%d\n" % number for number in range(50))
    log.write(name, gzip.compress(past) if name.endswith(".gz") else past)
    log.write("app.log", numbered(1))
    with monkeypatch.context() as patch:
        patch.setattr(follower, "opened", meddled(log, name, meddle))
        assert log.poll() == once(1)
    again()
    log.append("app.log", numbered(2))
    log.poll()
    assert log.poll() == once(1, 2, *come)


@pytest.mark.parametrize("looks", [0, 1])
def test_what_could_not_be_read_at_first_becomes_the_log(
    log: Watched, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    log.write("app.log.1", numbered(1))
    with monkeypatch.context() as patch:
        patch.setattr(follower, "opened", meddled(log, "app.log.1", refuse))
        log.poll()
    for _ in range(looks):
        log.poll()
    move(log, "app.log.1", "app.log")
    log.poll()
    assert log.poll() == once(1)


def test_a_file_gets_the_inode_of_one_that_was_deleted_at_first(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    path = log.write("app.log.1.gz", gzip.compress(b"past\n"))
    inode = path.stat().st_ino
    log.write("app.log", b"")  # no chunk is made, which would get the inode
    with monkeypatch.context() as patch:
        patch.setattr(follower, "opened", meddled(log, "app.log.1.gz", Path.unlink))
        log.poll()
    log.write("app.log.1", numbered(*range(20)))
    if log.path("app.log.1").stat().st_ino != inode:
        pytest.skip("this file system does not give inodes back")
    assert log.poll() == once(*range(20))


def test_packed_while_it_is_first_looked_at(log: Watched, again: Callable[[], None]) -> None:
    packed = gzip.compress(b"".join(b"past-%d\n" % number for number in range(50)))
    log.write("app.log.1.gz", packed[:90])
    log.poll()
    again()
    log.append("app.log.1.gz", packed[90:])
    assert log.poll() == {}
