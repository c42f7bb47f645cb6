"""Logs that are copied, truncated and written with the same lines again: they count whole, or are reported."""

import gzip
import shutil
from collections.abc import Callable

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import numbered, once


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("live", "app.log.1"),
        ("live", "app.log.1.gz"),
        ("stopped", "app.log.1"),
        ("stopped", "app.log.1.gz"),
        ("stopped", "old/app__1.log"),
    ],
)
def test_a_log_that_may_have_been_truncated_to_the_same_lines_is_reported(log: Watched, when: str, name: str) -> None:
    log.write("app.log", b"tick\n" * 1000)
    log.poll()
    if when == "stopped":
        log.close()
    log.path("old").mkdir()
    log.write(name, gzip.compress(b"tick\n" * 1000) if name.endswith(".gz") else b"tick\n" * 1000)
    log.write("app.log", b"tick\n" * 1500)
    if when == "stopped":
        log.restart()
    for _ in range(3):
        log.poll()

    (reason,) = log.warned(name)
    assert reason.startswith(f"holds the same lines as the beginning of {log.path('app.log')}")


def test_a_log_that_was_truncated_to_the_lines_counted_of_it_counts_whole(log: Watched) -> None:
    log.write("app.log", b"tick\n" * 1000)
    log.poll()
    log.append("app.log", b"tock\n")
    log.close()
    shutil.copyfile(log.path("app.log"), log.path("app__1.log"))
    log.write("app.log", b"tick\n" * 1500)
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == {"tick": 2500, "tock": 1}
    assert log.warnings == []


def test_a_plain_copy_of_a_log_that_has_not_grown_is_not_reported(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    again()
    shutil.copyfile(log.path("app.log"), log.path("app.log.1"))
    for _ in range(3):
        log.poll()
    log.append("app.log", numbered(2))

    assert log.poll() == once(1, 2)
    assert log.warnings == []
