"""What existed when a log was first followed is skipped, whatever happens to it."""

import gzip
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from producer import follower
from producer.discovery.found_file import FoundFile
from producer.reading import open_file
from producer.reading.open_file import OpenFile
from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once, pack


def test_a_skipped_file_stays_skipped_if_the_log_gets_its_inode(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"")
    existing = log.write("app.log.1", numbered(1))
    log.poll()
    inode = existing.stat().st_ino
    log.write("app.log.1.gz", gzip.compress(existing.read_bytes()))
    move(log, "app.log", "app.log.2")
    move(log, "app.log.1", "app.log")  # as if the file system reused its inode
    existing = log.write("app.log", numbered(2, 3))
    assert existing.stat().st_ino == inode
    again()
    assert log.poll() == once(2, 3)


def test_a_skipped_file_stays_skipped_if_another_one_gets_its_inode(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"")
    existing = log.write("app.log.1", numbered(1))
    log.poll()
    os.utime(log.write("app.log.2.gz", gzip.compress(existing.read_bytes())), (1, 1))
    existing.write_bytes(gzip.compress(numbered(2)))
    existing.rename(log.path("app.log.1.gz"))
    again()
    assert log.poll() == once(2)


def opened_after(
    log: Watched, name: str, change: Callable[[Path], None]
) -> Callable[[FoundFile], AbstractContextManager[OpenFile]]:
    """Return ``opened`` that calls ``change`` once before it opens the file of this name."""
    changed = []

    def opened(file: FoundFile, *more: Any) -> AbstractContextManager[OpenFile]:
        if file.path == str(log.path(name)) and not changed:
            changed.append(file)
            change(log.path(name))
        return open_file.opened(file, *more)

    return opened


def refuse(_: Path) -> None:
    raise PermissionError(13, "Permission denied")


def rename(path: Path) -> None:
    path.rename(path.with_name(path.name.replace("1", "2")))


def rename_and_replace(path: Path) -> None:
    rename(path)
    path.write_bytes(gzip.compress(numbered(3)) if path.suffix == ".gz" else numbered(3))


@pytest.mark.parametrize("name", ["app.log.1", "app.log.1.gz"])
@pytest.mark.parametrize(("change", "new"), [(refuse, []), (rename, []), (rename_and_replace, [3])])
def test_a_file_that_cannot_be_read_by_the_first_poll_is_skipped(
    log: Watched,
    again: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[Path], None],
    new: list[int],
) -> None:
    existing = b"".join(b"existing-%d\n" % number for number in range(50))
    log.write(name, gzip.compress(existing) if name.endswith(".gz") else existing)
    log.write("app.log", numbered(1))
    with monkeypatch.context() as patch:
        patch.setattr(follower, "opened", opened_after(log, name, change))
        assert log.poll() == once(1)
    again()
    log.append("app.log", numbered(2))
    log.poll()
    assert log.poll() == once(1, 2, *new)


@pytest.mark.parametrize("polls", [0, 1])
def test_a_skipped_unreadable_file_counts_if_it_becomes_the_log(
    log: Watched, monkeypatch: pytest.MonkeyPatch, polls: int
) -> None:
    log.write("app.log.1", numbered(1))
    with monkeypatch.context() as patch:
        patch.setattr(follower, "opened", opened_after(log, "app.log.1", refuse))
        log.poll()
    for _ in range(polls):
        log.poll()
    move(log, "app.log.1", "app.log")
    log.poll()
    assert log.poll() == once(1)


def test_a_new_file_with_the_inode_of_a_skipped_one_counts(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    path = log.write("app.log.1.gz", gzip.compress(b"existing\n"))
    inode = path.stat().st_ino
    log.write("app.log", b"")  # so that no chunk is written, which would get the inode
    with monkeypatch.context() as patch:
        patch.setattr(follower, "opened", opened_after(log, "app.log.1.gz", Path.unlink))
        log.poll()
    log.write("app.log.1", numbered(*range(20)))
    if log.path("app.log.1").stat().st_ino != inode:
        pytest.skip("this file system does not reuse inodes")
    assert log.poll() == once(*range(20))


def test_a_compressed_file_still_being_written_at_the_first_poll_is_skipped(
    log: Watched, again: Callable[[], None]
) -> None:
    packed = gzip.compress(b"".join(b"existing-%d\n" % number for number in range(50)))
    log.write("app.log.1.gz", packed[:90])
    log.poll()
    again()
    log.append("app.log.1.gz", packed[90:])
    assert log.poll() == {}


def test_only_appended_lines_count_from_the_end(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["*.log"], from_end=True)
    log.write("app.log", numbered(1) + b"line-")
    log.write("packed.log", gzip.compress(numbered(0)))
    assert log.poll() == {}
    again()
    log.append("app.log", b"2\n")
    log.write("new.log", numbered(3))
    assert log.poll() == once(2, 3)
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1")
    log.write("app.log", numbered(4))
    again()
    assert log.poll() == once(2, 3, 4)


def test_existing_rotated_logs_are_skipped_if_the_first_poll_is_stopped(log: Watched) -> None:
    log.write("app.log", numbered(1))
    for number in range(1, 9):
        log.write(f"app.log.{number}", numbered(0))
        os.utime(log.path(f"app.log.{number}"), (2_000_000_000, 2_000_000_000))
    log.restart(should_stop=lambda: True)
    log.poll()
    log.restart(should_stop=lambda: False)
    assert log.poll() == once(1)


def test_a_known_inode_does_not_make_an_existing_file_count(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.path("app.log").unlink()
    log.follower.inputs.close()
    log.write("b.log", numbered(2))
    log.restart(inputs=["*.log"], from_end=True)
    assert log.poll() == once(1)
