"""A whole file that is put in the place of a log that has grown, as rsync does: only what is new counts."""

import os
from collections.abc import Callable

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once

_LINES = numbered(*range(100))


def put(log: Watched, lines: bytes) -> None:
    """Replace app.log as rsync does, which gives the copy the time of its source."""
    log.write(".app.log.k3Jd9x", lines)
    written_ns = log.path(".app.log.k3Jd9x").stat().st_mtime_ns
    os.utime(log.path(".app.log.k3Jd9x"), ns=(written_ns, written_ns - 1))
    move(log, ".app.log.k3Jd9x", "app.log")


@pytest.mark.parametrize("inputs", [["app.log"], ["*.log"]], ids=str)
def test_a_log_that_is_copied_again_and_again_counts_once(
    log: Watched, again: Callable[[], None], inputs: list[str]
) -> None:
    log.restart(inputs=inputs)
    put(log, _LINES)
    log.poll()
    for number in range(101, 105):
        again()
        put(log, _LINES + numbered(*range(100, number)))
        put(log, _LINES + numbered(*range(100, number + 1)))  # this may have the inode of a former file
        for _ in range(3):
            log.poll()

    assert log.counts == once(*range(105))
    (reason,) = set(log.warned("app.log"))
    assert reason.startswith("was replaced by a file that begins with all that was counted of it, so only what follows")


def test_a_short_log_that_is_copied_again_counts_once(log: Watched, again: Callable[[], None]) -> None:
    put(log, numbered(1, 2))
    log.poll()
    again()
    put(log, numbered(1, 2, 3))
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3)


def test_lines_of_the_former_file_that_were_not_read_yet_count_once(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    put(log, numbered(1, 2, 3))
    os.utime(log.path("app.log"), (0, 0))  # older than the former file, by its time
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3)


def test_a_log_that_is_copied_again_during_a_poll_counts_once(log: Watched) -> None:
    put(log, numbered(1))
    log.poll()
    put(log, numbered(1, 2))
    log.poll(after_scan=lambda: put(log, numbered(1, 2, 3)))
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3)


def test_a_log_counts_once_if_another_one_has_the_inode_of_its_former_file(log: Watched) -> None:
    log.restart(inputs=["app.log", "web.log"])
    put(log, numbered(1))
    log.poll()
    log.close()
    put(log, numbered(1, 2))
    log.write("web.log", b"web\n")  # ext4 reuses the inode at once
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2) | {"web": 1}


def test_a_new_log_that_begins_with_the_same_few_lines_counts_whole(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1, 2))
    log.poll()
    again()
    log.path("app.log").unlink()
    log.write("app.log", numbered(1, 2, 3))
    for _ in range(3):
        log.poll()

    assert log.counts == {"line-1": 2, "line-2": 2, "line-3": 1}


def test_a_new_log_with_the_lines_of_one_that_was_renamed_counts_whole(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", _LINES)
    log.poll()
    again()
    move(log, "app.log", "app.log.1")
    put(log, _LINES + numbered(100))
    for _ in range(3):
        log.poll()

    assert log.counts == {f"line-{number}": 2 for number in range(100)} | {"line-100": 1}
    assert log.warnings == []


def test_a_new_log_with_other_lines_counts_whole(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", _LINES)
    log.poll()
    again()
    put(log, _LINES[:-1] + b"0\nanother\n")
    for _ in range(3):
        log.poll()

    assert log.counts["line-0"] == 2
    assert log.counts["another"] == 1


def test_a_log_replaced_while_stopped_and_again_before_a_kill_is_reported(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.close()
    log.append("app.log", numbered(2))
    put(log, numbered(3))
    log.restart(settle=3600)
    log.poll()
    move(log, "app.log", "app.log.1")
    log.write("app.log", numbered(4))
    log.poll()
    log.abandon()
    log.restart(settle=0)
    log.poll()
    log.poll()

    assert [reason for reason in log.warned("app.log") if "was replaced, and the rest" in reason]
