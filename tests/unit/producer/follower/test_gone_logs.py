"""Logs of globs that are gone at the next start: their rest counts, or is reported."""

import os

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import numbered, once

pytestmark = pytest.mark.usefixtures("unlimited_searches")


def follow(log: Watched) -> None:
    log.restart(inputs=["logs/*.log"])
    log.path("logs").mkdir()
    log.write("logs/other.log", numbered(8))


def test_the_target_of_a_symlink_that_is_removed_is_read_on(log: Watched) -> None:
    follow(log)
    log.write("pods/0.log", numbered(1))
    log.path("logs/x.log").symlink_to("../pods/0.log")
    log.poll()
    log.append("pods/0.log", numbered(2))
    log.close()
    log.path("logs/x.log").unlink()
    log.restart()
    log.poll()
    log.append("pods/0.log", numbered(3))
    log.poll()

    assert log.poll() == once(1, 2, 3, 8)
    assert log.warnings == []


@pytest.mark.parametrize("place", ["logs/below/y", "logs/y.log.former"])
def test_a_log_that_is_moved_within_the_searched_places_is_read_on(log: Watched, place: str) -> None:
    follow(log)
    log.write("logs/y.log", numbered(1))
    log.poll()
    log.append("logs/y.log", numbered(2))
    log.close()
    log.path(place).parent.mkdir(exist_ok=True)
    log.path("logs/y.log").rename(log.path(place))
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 8)
    assert log.warnings == []


def test_a_log_that_is_gone_is_reported_once(log: Watched) -> None:
    follow(log)
    log.write("logs/y.log", numbered(1))
    log.poll()
    log.close()
    log.write("another", numbered(3))  # while the log is there, so that it does not get its inode
    log.path("logs/y.log").unlink()
    for _ in range(2):
        log.restart()
        for _ in range(3):
            log.poll()

    log.path("another").rename(log.path("logs/y.log"))
    for _ in range(3):
        log.poll()

    (reason,) = log.warned("logs/y.log")
    assert reason.startswith("is gone, and the rest of its former content was not found: what was written after byte 7")


def test_a_log_that_was_idle_for_long_may_go(log: Watched) -> None:
    follow(log)
    log.write("logs/y.log", numbered(1))
    os.utime(log.path("logs/y.log"), (1_000_000_000, 1_000_000_000))
    log.poll()
    log.close()
    log.path("logs/y.log").unlink()
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 8)
    assert log.warnings == []


def test_a_log_with_a_name_that_is_no_text_is_remembered(log: Watched) -> None:
    follow(log)
    log.write(b"logs/\xff\n.log", numbered(1))
    log.poll()
    log.append(b"logs/\xff\n.log", numbered(2))
    log.close()
    log.path(b"logs/\xff\n.log").rename(log.path("logs/former"))
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 8)
    assert log.warnings == []


def test_a_log_of_a_glob_that_is_gone_is_reported_though_the_next_run_is_killed(log: Watched) -> None:
    log.restart(inputs=["*.log"])
    log.write("app.log", numbered(1))
    log.poll()
    log.close()
    log.append("app.log", numbered(2))
    log.path("app.log").unlink()
    log.restart(settle=3600)
    log.poll()
    log.abandon()
    log.restart(settle=0)
    for _ in range(2):
        log.poll()

    assert len(log.warned("app.log")) == 1


def test_nothing_is_reported_of_an_idle_log_that_is_gone_when_the_next_run_is_stopped_early(log: Watched) -> None:
    log.restart(inputs=["*.log"])
    log.write("idle.log", numbered(1))
    os.utime(log.path("idle.log"), (1_000_000_000, 1_000_000_000))
    log.write("app.log", numbered(2))
    log.poll()
    log.close()
    log.path("idle.log").unlink()
    log.restart(settle=60)
    log.poll()
    log.restart(settle=0)
    for _ in range(3):
        log.poll()

    assert log.warnings == []


@pytest.mark.parametrize("inputs", [["app.log"], ["*.log"]], ids=str)
@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_log_that_was_away_for_a_while(log: Watched, inputs: list[str], *, is_replaced: bool) -> None:
    log.restart(inputs=inputs)
    log.write("app.log", numbered(1))
    log.poll()
    log.close()
    log.append("app.log", numbered(2))
    log.path("app.log").rename(log.path("../away"))
    if is_replaced:
        log.write("app.log", numbered(3))
    log.restart(settle=60)
    log.poll()
    log.path("../away").rename(log.path("app.log"))
    log.poll()
    log.restart(settle=0)
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, *([3] if is_replaced else []))
    assert [reason for _, reason in log.warnings if "does not exist yet" not in reason] == []
