"""What is known of a log does not grow with its rotations, and what is forgotten of it does not count again."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from producer.discovery import scanner
from producer.positions.position import Position, PositionUpdate
from producer.rotation import forgetting
from tests.support.many_rotations import KEPT
from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once


@pytest.fixture
def log(log: Watched, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A log of which the last two files are remembered that are gone; each poll scans all."""
    monkeypatch.setattr(forgetting, "MOST_GONE", 2)
    monkeypatch.setattr(forgetting, "NEW_FILES", 1)
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", float("inf"))
    return log


def rotated(log: Watched, number: int) -> Path:
    return log.path(f"app.log-{number:010d}")


def rotate(log: Watched, *numbers: int) -> None:
    """Rotate the log after each of these lines."""
    for number in numbers:
        log.append("app.log", numbered(number))
        os.utime(log.path("app.log"), (number, number))
        log.poll()
        move(log, "app.log", rotated(log, number).name)
        log.poll()


def delete(log: Watched, *numbers: int) -> None:
    """Delete rotated files while nothing runs, and rotate the log three times."""
    log.close()
    for number in numbers:
        rotated(log, number).unlink()
    log.restart()
    rotate(log, 7, 8, 9)


def known(log: Watched) -> set[int]:
    """Return the numbers of the rotated files that are remembered one by one."""
    paths = (Path(one.path) for one in log.target.relatives(str(log.path("app.log"))))
    return {int(path.name.rpartition("-")[2]) for path in paths if path.name != "app.log"}


def test_the_last_files_that_are_gone_are_remembered(log: Watched) -> None:
    rotate(log, *range(1, 7))
    delete(log, *range(1, 6))

    assert known(log) == set(range(4, 10))


@pytest.mark.parametrize("way", ["copied", "moved"])
@pytest.mark.parametrize("when", ["running", "restarted"])
def test_a_forgotten_file_that_comes_back_does_not_count_again(log: Watched, way: str, when: str) -> None:
    backup = log.folder.parent / "backup"
    rotate(log, *range(1, 7))
    shutil.copy2(rotated(log, 1), backup)
    os.link(rotated(log, 1), log.folder.parent / "1")
    delete(log, *range(1, 6))
    assert known(log) == set(range(4, 10))
    if when == "restarted":
        log.restart()
    source = backup if way == "copied" else log.folder.parent / "1"
    source.rename(rotated(log, 1))
    for _ in range(3):
        log.poll()

    assert log.counts == once(*range(1, 10))
    (reason,) = log.warned(rotated(log, 1).name)
    assert "taken for one that was counted before" in reason


def test_files_of_a_disk_that_is_not_mounted_are_not_gone(log: Watched) -> None:
    """Their names are free, and the log is written to the disk below."""
    rotate(log, *range(1, 7))
    there = [one for one in log.target.relatives(str(log.path("app.log"))) if isinstance(one, Position)]
    elsewhere = [replace(one, device=one.device + 1, path=f"{one.path}0") for one in there]
    log.target.publish([], PositionUpdate(tuple(elsewhere)))
    log.restart()
    rotate(log, 7, 8, 9)

    known = log.target.relatives(str(log.path("app.log")))
    assert [one for one in known if isinstance(one, Position) and one.device != there[0].device] == elsewhere


def test_a_folder_that_looks_empty_forgets_nothing(log: Watched) -> None:
    rotate(log, *range(1, 7))
    hidden = log.folder.rename(log.folder.parent / "hidden")
    log.folder.mkdir()
    for _ in range(3):
        log.poll()
    log.folder.rmdir()
    hidden.rename(log.folder)
    rotate(log, 7)

    assert known(log) == set(range(1, 8))
    assert log.counts == once(*range(1, 8))


def test_files_that_are_there_are_not_forgotten(log: Watched) -> None:
    rotate(log, *range(1, 10))
    log.restart()
    rotate(log, 10, 11)

    assert known(log) == set(range(1, 12))
    assert log.counts == once(*range(1, 12))


def test_a_new_log_that_is_older_than_what_is_forgotten_counts(log: Watched) -> None:
    """Only its rotated files are taken for counted ones."""
    rotate(log, *range(1, 7))
    delete(log, *range(1, 7))
    log.append("app.log", numbered(10))
    os.utime(log.path("app.log"), (1, 1))

    assert log.poll() == once(*range(1, 11))


def test_a_file_that_is_newer_than_what_is_forgotten_counts(log: Watched) -> None:
    rotate(log, *range(1, 7))
    delete(log, *range(1, 7))
    log.write(rotated(log, 10).name, numbered(10))
    for _ in range(3):
        log.poll()

    assert log.counts == once(*range(1, 11))


def test_few_files_are_kept() -> None:
    assert KEPT < forgetting.MOST_GONE
