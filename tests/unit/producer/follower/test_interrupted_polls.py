"""A poll that is stopped early: the next one goes on from there."""

import gzip
import os
from collections.abc import Callable

import pytest

from producer.content import compression
from producer.reading import plain_reader
from producer.reading.open_file import OpenFile
from producer.targets.directory import DirectoryTarget
from tests.support.golden import GOLDEN, Golden
from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def copied(log: Watched) -> None:
    copytruncate(log, "app.log", "app.log.1")


def moved_and_compressed(log: Watched) -> None:
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1")
    log.write("app.log", b"")


def copied_and_overwritten(log: Watched) -> None:
    """The copy of the log overwrites a rotated log in place, so it has its inode."""
    log.write("app.log.1", log.path("app.log").read_bytes())
    os.truncate(log.path("app.log"), 0)


def compressed_and_overwritten(log: Watched) -> None:
    log.write("app.log.1.gz", gzip.compress(log.path("app.log").read_bytes()))
    os.truncate(log.path("app.log"), 0)


@pytest.mark.parametrize("rotate", [copied, moved_and_compressed, copied_and_overwritten, compressed_and_overwritten])
@pytest.mark.parametrize("steps", range(1, 12))
def test_a_poll_stopped_at_any_step_loses_nothing(log: Watched, rotate: Callable[[Watched], None], steps: int) -> None:
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


def test_stopping_ends_the_reading_of_a_compressed_file(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.write("a.gz", b"")
    blocks = iter([b"one\n"] * 1000)
    monkeypatch.setattr(OpenFile, "blocks", lambda _: blocks)
    watched.write("a.gz", b"its content is replaced above")
    watched.restart(should_stop=lambda: True)

    assert watched.poll() == {}
    assert len(list(blocks)) == 999


def test_stopping_ends_the_reading_of_a_line(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_reader, "READ_BYTES", 1)
    watched.write("a", b"one line\n")
    asked = iter([False] * 4)
    watched.restart(should_stop=lambda: next(asked, True))
    assert watched.poll() == {}
    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"one": 1, "line": 1}


def test_stopping_ends_a_poll_between_two_chunks(watched: Watched) -> None:
    admitted: list[object] = []
    watched.restart(chunk_lines=1, admit=admitted.append, should_stop=lambda: len(admitted) == 2)
    watched.write("a", b"1\n2\n3\n4\n5\n")
    assert watched.poll() == {"1": 1, "2": 1}

    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 64)
    monkeypatch.setattr(plain_reader, "READ_BYTES", 16)


@pytest.mark.usefixtures("small_chunks")
def test_a_file_goes_on_with_its_next_chunk(watched: Watched) -> None:
    watched.write("a", b"one two\n" * 100)
    watched.restart(should_stop=lambda: len(watched.chunks) >= 3)
    assert 0 < watched.poll()["one"] < 100
    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"one": 100, "two": 100}


def test_a_compressed_file_goes_on_with_its_next_chunk(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 64)
    monkeypatch.setattr(plain_reader, "READ_BYTES", 16)
    monkeypatch.setattr(compression, "BLOCK_BYTES", 24)
    watched.write("a.gz", gzip.compress(b"one two\n" * 100))
    watched.restart(should_stop=lambda: len(watched.chunks) >= 3)
    assert 0 < watched.poll()["one"] < 100
    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"one": 100, "two": 100}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_restart_between_every_two_lines_changes_no_count(watched: Watched, golden: Golden) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"")
    for line in golden.data.splitlines(keepends=True):
        watched.append("a", line)
        watched.poll()
        watched.restart()
    watched.restart(settle=0)

    assert watched.poll() == golden.counts
