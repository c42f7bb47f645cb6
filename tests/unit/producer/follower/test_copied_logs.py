"""Logs that are copied and truncated: each line counts once."""

import os
import shutil
from collections.abc import Callable

from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once


def test_a_copied_and_truncated_log_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    for number in range(2, 6):
        log.append("app.log", numbered(number))
        for older in range(4, 0, -1):
            if log.path(f"app.log.{older}").exists():
                move(log, f"app.log.{older}", f"app.log.{older + 1}")
        copytruncate(log, "app.log", "app.log.1")
        again()
        assert log.poll() == once(*range(1, number + 1))
    log.append("app.log", numbered(6))
    again()
    assert log.poll() == once(*range(1, 7))


def test_a_log_truncated_twice_between_two_polls_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "app.log.1")
    move(log, "app.log.1", "app.log.2")
    log.append("app.log", numbered(3))
    copytruncate(log, "app.log", "app.log.1")
    log.append("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_a_copy_that_is_still_being_written_does_not_count(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1, 2))
    log.poll()
    log.write("app.log.1", numbered(1))
    assert log.poll() == once(1, 2)
    log.append("app.log.1", numbered(2))
    again()
    log.append("app.log", numbered(3))
    log.append("app.log.1", numbered(3))
    log.append("app.log", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)
    os.truncate(log.path("app.log"), 0)
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_lines_written_between_copy_and_truncation_count_once(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2, 3))

    assert log.poll(after_scan=lambda: log.write("app.log.1", numbered(1, 2))) == once(1, 2, 3)
    os.truncate(log.path("app.log"), 0)
    log.append("app.log", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)


def test_a_log_copied_and_truncated_during_a_poll_counts_once(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.poll()

    def rotate() -> None:
        copytruncate(log, "app.log", "app.log.1")
        log.append("app.log", numbered(3))

    log.poll(after_scan=rotate)
    assert log.poll() == once(1, 2, 3)


def test_a_copy_of_a_deleted_log_does_not_count_again(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["app.log*"])
    log.write("app.log", numbered(1))
    log.poll()
    shutil.copyfile(log.path("app.log"), log.path("app.log.old"))
    log.path("app.log").unlink()
    again()
    assert log.poll() == once(1)
