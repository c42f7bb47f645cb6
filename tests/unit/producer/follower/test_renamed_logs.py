"""Logs that are rotated by renaming: each line counts once."""

import os
import time
from collections.abc import Callable

import pytest

from producer.discovery import open_logs
from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once, pack


def test_a_missing_log_is_awaited(log: Watched) -> None:
    assert log.poll() == log.poll() == {}
    assert log.warnings == [(str(log.path("app.log")), "does not exist yet; waiting for it")]
    log.write("app.log", numbered(1))
    assert log.poll() == once(1)


@pytest.mark.parametrize("options", [{}, {"from_end": True}], ids=str)
def test_a_missing_input_may_appear_as_a_folder(
    log: Watched, again: Callable[[], None], options: dict[str, bool]
) -> None:
    log.restart(inputs=["app.log", "later"], **options)
    log.poll()
    log.write("later/a", numbered(1))
    log.write("later/b/c", numbered(2))
    log.write("app.log", numbered(3))
    log.poll()
    again()
    assert log.poll() == once(1, 2, 3)
    log.append("later/b/c", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)


def test_only_the_log_itself_counts(log: Watched) -> None:
    for name in ("app.log", "app.log.1", "app.log.2.gz", "app.log-20261122", "other.log", "app.logs"):
        log.write(name, numbered(1) if name == "app.log" else numbered(2))
    assert log.poll() == once(1)
    log.restart()
    assert log.poll() == once(1)
    move(log, "app.log.1", "app.log.3")
    pack(log, "app.log.3")
    assert log.poll() == once(1)


def test_a_renamed_and_recreated_log_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.1")
    again()
    log.append("app.log.1", numbered(3))
    log.write("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4)
    log.append("app.log", numbered(5))
    assert log.poll() == once(1, 2, 3, 4, 5)


def test_a_log_renamed_twice_between_two_polls_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.2")
    log.write("app.log", numbered(3))
    move(log, "app.log", "app.log.1")
    log.write("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_a_new_log_with_the_inode_of_a_deleted_one_counts(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    again()
    log.path("app.log").unlink()
    log.write("app.log", numbered(2))
    again()
    assert log.poll() == once(1, 2)


def test_a_deleted_log_is_read_while_it_is_written(log: Watched) -> None:
    with log.write("app.log", numbered(1)).open("ab") as writer:
        log.poll()
        log.path("app.log").unlink()
        assert log.poll() == once(1)
        writer.write(numbered(2))
        writer.flush()
        assert log.poll() == once(1, 2)


def test_a_deleted_log_is_closed_once_it_is_idle(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_logs, "NAMELESS_SECONDS", 0)
    log.write("app.log", numbered(1))
    log.poll()
    log.path("app.log").unlink()
    for _ in range(3):
        log.poll()
    assert log.open_descriptors == []


@pytest.mark.parametrize("name", ["app.log", "*.log"])
def test_deleted_logs_are_forgotten(log: Watched, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(open_logs, "NAMELESS_SECONDS", 0)
    log.restart(inputs=[name])
    for number in range(5):
        log.write("app.log", numbered(number))
        log.poll()
        move(log, "app.log", "app.log.1")
    for _ in range(3):
        log.poll()
    assert log.follower.files == 1


def test_a_log_deleted_while_the_process_stood_still_is_read(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with log.write("app.log", numbered(1)).open("ab") as writer:
        log.poll()
        now = time.monotonic()
        for hours in (1, 2):  # without a poll in between
            monkeypatch.setattr(open_logs.time, "monotonic", lambda hours=hours: now + hours * 3600)
            log.path("app.log").unlink(missing_ok=True)
            log.poll()
        writer.write(numbered(2))
        writer.flush()
        assert log.poll() == once(1, 2)


def test_an_unterminated_line_of_a_log_waits_for_its_end(log: Watched) -> None:
    log.write("app.log", b"one\nhal")
    assert log.poll() == log.poll() == {"one": 1}
    log.append("app.log", b"f\n")
    assert log.poll() == {"one": 1, "half": 1}


def test_an_unterminated_line_of_a_rotated_log_counts(log: Watched) -> None:
    log.write("app.log", b"one\nhalf")
    assert log.poll() == {"one": 1}
    move(log, "app.log", "app.log.1")
    assert log.poll() == {"one": 1, "half": 1}


def test_a_new_log_that_begins_like_a_deleted_one_counts(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"started\n")
    log.poll()
    move(log, "app.log", "app.log.1")
    log.write("app.log", b"")
    log.poll()
    log.follower.inputs.close()  # an open descriptor would keep it existing
    log.path("app.log.1").unlink()
    again()
    log.poll()
    log.write("app.log.1", b"started\n")
    assert log.poll() == {"started": 2}


def test_logs_with_the_same_first_line_all_count(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"started\n")
    log.poll()
    for older in ("app.log.2", "app.log.1"):
        move(log, "app.log", older)
        log.write("app.log", b"started\n")
    again()
    assert log.poll() == {"started": 3}


def test_a_log_emptied_while_it_is_opened_counts_what_is_appended(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watched.write("app.log", b"one\n")
    watched.restart(inputs=["app.log"], follow_logs=True)
    watched.poll()
    watched.write("app.log", b"two\n")
    read = os.pread

    def emptied(*which: int) -> bytes:
        os.truncate(path, 0)
        return read(*which)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", emptied)
        watched.poll()
    watched.append("app.log", b"new\n")

    assert watched.poll() == {"one": 1, "new": 1}


def test_a_log_that_is_emptied_and_renamed_while_stopped_counts_at_once(watched: Watched) -> None:
    watched.restart(inputs=["app.log"], follow_logs=True, settle=3600)
    path = watched.write("app.log", numbered(1))
    watched.poll()
    watched.close()
    os.truncate(path, 0)
    path.rename(watched.path("app.log.1"))
    watched.write("app.log", b"")
    watched.append("app.log.1", numbered(2, 3))
    watched.restart()

    assert watched.poll() == once(1, 2, 3)
