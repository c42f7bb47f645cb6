"""Rotated logs that are compressed: each line counts once."""

import gzip
import os
import time
from collections.abc import Callable

import pytest

from producer.reading.open_file import OpenFile
from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst", ".xz"])
def test_a_log_compressed_right_after_its_rotation_counts_once(
    log: Watched, again: Callable[[], None], suffix: str
) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1", suffix)
    log.write("app.log", numbered(3))
    again()
    assert log.poll() == once(1, 2, 3)
    move(log, f"app.log.1{suffix}", f"app.log.2{suffix}")
    again()
    assert log.poll() == once(1, 2, 3)
    assert log.warnings == log.follower.failures == []


def test_a_copied_truncated_and_compressed_log_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "app.log-20261123")
    log.append("app.log", numbered(3))
    pack(log, "app.log-20261123")
    again()
    assert log.poll() == once(1, 2, 3)


def test_lines_written_after_the_compression_count_once(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    log.restart(settle=3600)
    log.write("app.log", numbered(1))
    log.poll()
    with log.path("app.log").open("ab") as writer:
        writer.write(numbered(2))
        writer.flush()
        move(log, "app.log", "app.log.1")
        pack(log, "app.log.1")
        log.write("app.log", numbered(4))
        writer.write(numbered(3))  # the writer does not know of the rotation yet
        writer.flush()
        assert log.poll() == once(1, 2, 3, 4)
    monkeypatch.setattr(time, "monotonic", lambda: 1e12)
    assert log.poll() == once(1, 2, 3, 4)


@pytest.mark.parametrize("reads", [1, 2])
def test_a_compressed_log_found_after_a_restart_counts_once(log: Watched, reads: int) -> None:
    for number in range(reads):
        log.append("app.log", numbered(number))
        log.poll()
    with log.path("app.log").open("ab") as writer:
        move(log, "app.log", "app.log.1")
        log.restart(settle=3600)
        log.poll()
        pack(log, "app.log.1")
        log.write("app.log", numbered(9))
        for number in range(reads, 5):
            writer.write(numbered(number))
            writer.flush()
            log.poll()
    log.restart(settle=0)
    assert log.poll() == once(*range(5), 9)


def test_logs_of_the_same_lines_all_count(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"tick\n" * 3)
    log.poll()
    move(log, "app.log", "app.log.2")
    pack(log, "app.log.2")
    os.utime(log.path("app.log.2.gz"), (1, 1))
    log.write("app.log.1", b"tick\n" * 4)
    log.write("app.log", b"tick\n" * 5)
    again()
    assert log.poll() == {"tick": 12}


def test_a_known_compressed_copy_is_not_read_at_each_poll(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write("app.log", numbered(1) + b"half")
    log.poll()
    log.write("app.log.1.gz", gzip.compress(log.path("app.log").read_bytes()))
    log.poll()
    reads = []
    blocks = OpenFile.blocks
    monkeypatch.setattr(OpenFile, "blocks", lambda source: reads.append(source) or blocks(source))
    log.poll()
    assert reads == []
    log.append("app.log", b" of it\n")
    assert log.poll() == once(1) | {"half": 1, "of": 1, "it": 1}


def test_a_log_compressed_much_later_under_another_name_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    move(log, "app.log", "app.log4711.tmp")
    log.write("app.log", numbered(2))
    log.poll()
    again()
    log.poll()
    log.write("app-2026-11-22.log.gz", gzip.compress(log.path("app.log4711.tmp").read_bytes()))
    assert log.poll() == once(1, 2)


def test_a_compressed_copy_of_an_existing_log_does_not_count(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.write("app.log.1.gz", gzip.compress(numbered(1)))
    assert log.poll() == once(1)
    log.restart(once=True)
    assert log.poll() == once(1)
    assert log.follower.caught_up()
