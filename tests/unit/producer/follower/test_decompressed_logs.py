"""Compressed logs that are decompressed again do not count again."""

import gzip
import shutil
from collections.abc import Callable

import pytest

from tests.support.watched import Watched, wait_for_a_clock_tick
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def decompress(log: Watched, name: str, *, keep: bool = False) -> None:
    log.write(name, gzip.decompress(log.path(f"{name}.gz").read_bytes()))
    shutil.copystat(log.path(f"{name}.gz"), log.path(name))
    if not keep:
        log.path(f"{name}.gz").unlink()


@pytest.mark.parametrize("keep", [False, True])
def test_a_decompressed_log_counts_only_what_is_appended(log: Watched, again: Callable[[], None], keep: bool) -> None:  # noqa: FBT001
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1")
    log.write("app.log", numbered(3))
    log.poll()
    move(log, "app.log.1.gz", "app.log.2.gz")
    again()
    log.poll()
    decompress(log, "app.log.2", keep=keep)
    again()
    assert log.poll() == once(1, 2, 3)
    log.append("app.log.2", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)


def test_a_log_compressed_and_decompressed_between_two_polls_counts_once(
    log: Watched, again: Callable[[], None]
) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    move(log, "app.log", "app.log.1")
    log.poll()
    again()
    pack(log, "app.log.1")
    decompress(log, "app.log.1", keep=False)
    for _ in range(3):
        log.poll()

    assert log.counts == once(1)


def test_a_log_decompressed_after_a_member_was_appended_counts_once(log: Watched) -> None:
    log.write("app.log", b"")
    log.poll()
    log.write("app.log.1.gz", gzip.compress(numbered(1)))
    log.poll()
    log.append("app.log.1.gz", gzip.compress(numbered(2)))
    log.poll()
    decompress(log, "app.log.1")
    assert log.poll() == once(1, 2)


@pytest.mark.parametrize("rotate", [move, copytruncate])
@pytest.mark.parametrize("is_later", [False, True])
def test_a_log_with_the_lines_of_a_compressed_one_counts(
    log: Watched, again: Callable[[], None], rotate: Callable[[Watched, str, str], None], *, is_later: bool
) -> None:
    for number in range(3):
        log.append("app.log", b"started\n")
        log.poll()
        if number:
            move(log, "app.log.1.gz", f"app.log.{number + 1}.gz")
        again()
        rotate(log, "app.log", "app.log.1")
        log.append("app.log", b"")
        log.poll()
        pack(log, "app.log.1")
        again()
        log.poll()
    log.append("app.log", b"started\n")
    if is_later:
        wait_for_a_clock_tick(log.folder)  # as for a file that a program puts in the place of another one
    move(log, "app.log.1.gz", "app.log.4.gz")
    rotate(log, "app.log", "app.log.1")
    log.append("app.log", b"")
    again()
    assert log.poll() == {"started": 4}
