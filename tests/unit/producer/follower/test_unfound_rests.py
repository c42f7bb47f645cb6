"""Logs that are rotated to where nothing is found: what may be missing is reported, and nothing else."""

import os

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import numbered, once, rotate

pytestmark = pytest.mark.usefixtures("unlimited_searches")


def delete(log: Watched, *, then: bytes | None) -> None:
    """Delete app.log, and write a new one."""
    with log.path("app.log").open("rb"):  # while it is open, its inode is not given to the new one
        log.path("app.log").unlink()
        if then is not None:
            log.write("app.log", then)


@pytest.mark.parametrize("way", ["copy", "move", "delete", "delete and go"])
def test_a_rest_that_is_not_found_after_a_stop_is_reported_once(log: Watched, way: str) -> None:
    log.path("../elsewhere").mkdir()
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    if "delete" in way:
        delete(log, then=numbered(3) if way == "delete" else None)
    else:
        rotate(log, "../elsewhere/app.log", way)
    for _ in range(2):
        log.restart()
        for _ in range(3):
            log.poll()

    (reason,) = [text for text in log.warned("app.log") if "--archive" in text]
    fate = {"copy": "was truncated", "delete and go": "is gone"}.get(way, "was replaced")
    assert reason == (
        f"{fate}, and the rest of its former content was not found: what was written after byte 7 may not be counted;"
        " name the folder that it is in with --archive"
    )


def test_a_log_that_is_truncated_while_it_is_followed_is_reported(log: Watched) -> None:
    log.write("app.log", numbered(1) + b"half")
    log.poll()
    os.truncate(log.path("app.log"), 0)
    log.append("app.log", numbered(3))
    for _ in range(3):
        log.poll()

    (reason,) = log.warned("app.log")
    assert "up to 4 bytes after byte 7 may not be counted" in reason


@pytest.mark.parametrize("way", ["move", "delete"])
def test_nothing_is_reported_of_a_log_that_was_kept_open(log: Watched, way: str) -> None:
    log.path("../elsewhere").mkdir()
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    if way == "delete":
        delete(log, then=numbered(3))
    else:
        rotate(log, "../elsewhere/app.log", "move")
    for _ in range(3):
        log.poll()
    log.restart()

    assert log.poll() == once(1, 2, 3)
    assert log.warnings == []


def test_a_packed_file_that_is_not_read_is_named(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    log.write("app.log.1.zip", b"PK\x03\x04 and so on")
    delete(log, then=numbered(3))
    log.restart()
    for _ in range(3):
        log.poll()

    (reason,) = [text for text in log.warned("app.log") if "former" in text]
    assert reason.endswith(f"after byte 7 may not be counted; unpack {log.path('app.log.1.zip')}, which is not read")


def test_nothing_is_reported_of_an_idle_log_that_is_truncated_while_it_is_followed(log: Watched) -> None:
    log.write("app.log", numbered(1))
    os.utime(log.path("app.log"), (1_000_000_000, 1_000_000_000))
    log.poll()
    log.poll()
    log.write("app.log", b"other\n")
    for _ in range(3):
        log.poll()

    assert log.counts == once(1) | {"other": 1}
    assert log.warnings == []


def test_the_bytes_that_may_be_missing_are_those_of_the_content_that_is(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.close()
    log.write("app.log", numbered(*range(100, 200)))
    log.restart()
    for _ in range(3):
        log.poll()

    (reason,) = log.warned("app.log")
    assert reason.startswith("was truncated, and the rest of its former content was not found: what was written after")
