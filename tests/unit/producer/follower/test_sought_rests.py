"""Logs that are followed by their names and rotated to somewhere else: the rest counts, or is reported."""

import gzip
import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from producer.rotation import rotations
from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack

_NAMES = ["app__2026-11-28_00-00-00.log", "app_001.log", "old/app-28.log", "archive/2026/11/@400000005f5e1000.s"]


@pytest.fixture(autouse=True)
def _searches_are_not_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotations, "SEARCH_SHARE", float("inf"))


def rotate(log: Watched, name: str, way: str) -> None:
    """Rotate app.log to a name, and write on."""
    log.path(name).parent.mkdir(parents=True, exist_ok=True)
    (copytruncate if "copy" in way else move)(log, "app.log", name)
    if "pack" in way:
        pack(log, name)
    log.append("app.log", numbered(3))


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("inputs", [["app.log"], ["app*.log"]], ids=str)
def test_the_rest_of_a_log_is_found_under_any_name_next_to_it_and_below(
    log: Watched, again: Callable[[], None], name: str, way: str, inputs: list[str]
) -> None:
    log.restart(inputs=inputs)
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    again()
    rotate(log, name, way)
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3)
    again()
    log.append("app.log", numbered(4))
    for _ in range(3):
        log.poll()
    assert log.counts == once(1, 2, 3, 4)
    assert log.warnings == []


@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("options", [{}, {"rotated_names": ["*.former*"]}], ids=str)
def test_the_rest_of_a_log_is_found_in_an_archive(log: Watched, way: str, options: dict[str, Any]) -> None:
    archive = log.path("../archive")
    archive.mkdir()
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    rotate(log, "../archive/app.former", way)
    log.restart(archives=[str(archive)], **options)
    log.poll()
    log.poll()

    assert log.poll() == once(1, 2, 3)
    assert log.warnings == []


@pytest.mark.parametrize("way", ["copy", "move", "delete", "delete and go"])
def test_a_rest_that_is_not_found_after_a_stop_is_reported_once(log: Watched, way: str) -> None:
    log.path("../elsewhere").mkdir()
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    if "delete" in way:
        log.path("app.log").unlink()
        if way == "delete":
            log.write("app.log", numbered(3))
    else:
        rotate(log, "../elsewhere/app.log", way)
    for _ in range(2):
        log.restart()
        for _ in range(3):
            log.poll()

    (reason,) = [text for text in log.warned("app.log") if "rotated" in text]
    assert reason == (
        "was rotated, and the rest of its former content was not found: what was written after byte 7 may not be"
        " counted; name the folder that it was moved or copied to with --archive"
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
        log.path("app.log").unlink()
        log.write("app.log", numbered(3))
    else:
        rotate(log, "../elsewhere/app.log", "move")
    for _ in range(3):
        log.poll()
    log.restart()

    assert log.poll() == once(1, 2, 3)
    assert log.warnings == []


def test_a_file_that_only_begins_alike_is_not_taken_for_the_rest(log: Watched) -> None:
    log.write("app.log", b"started\n" + numbered(1))
    log.poll()
    log.close()
    log.path("app.log").unlink()
    log.write("other.txt", b"started\n" + numbered(4))
    log.write("packed.gz", gzip.compress(b"started\n" + numbered(4)))
    log.write("app.log", b"started\n")
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1) | {"started": 2}
    assert len(log.warned("app.log")) == 1


def test_a_stream_that_ends_waits_for_the_search(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    rotate(log, "old/x", "copy")
    log.restart(once=True)
    polls = 0
    while not log.follower.caught_up():
        log.poll()
        polls += 1
        assert polls < 10

    assert log.counts == once(1, 2, 3)


def test_a_copy_in_the_making_is_read_to_its_end(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    whole = log.path("app.log").read_bytes()
    log.path("old").mkdir()
    log.write("old/x", whole[:7])
    os.truncate(log.path("app.log"), 0)
    log.poll()
    log.poll()
    log.append("old/x", whole[7:])

    assert log.poll() == once(1, 2)
    shutil.rmtree(log.path("old"))
    assert log.poll() == once(1, 2)


@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("name", ["app__2026-11-2{}.log", "app_00{}.log", "old/2026-1{}/app.log", "old/@4000000{}a.s"])
def test_a_log_that_is_rotated_several_times_while_nothing_runs_counts_once(log: Watched, way: str, name: str) -> None:
    existing = log.path(name.format(0))
    existing.parent.mkdir(parents=True, exist_ok=True)
    existing.write_bytes(numbered(9))
    os.utime(existing, (1, 1))
    log.write("app.log", numbered(1))
    log.write("app.log.of.others", numbered(8))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    for number in range(1, 4):
        to = name.format(number)
        log.path(to).parent.mkdir(parents=True, exist_ok=True)
        (copytruncate if "copy" in way else move)(log, "app.log", to)
        os.utime(log.path(to), (1_000_000_000 + number, 1_000_000_000 + number))
        if "pack" in way:
            pack(log, to)
        log.append("app.log", numbered(2 + number))
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(*range(1, 6))
    log.restart()
    assert log.poll() == once(*range(1, 6))
    assert log.warnings == []
