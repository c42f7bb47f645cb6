"""Rotated logs whose names tell nothing: each line counts once, wherever they are found."""

import gzip
import os
import shutil
from collections.abc import Callable

import pytest

from producer.discovery import logs
from tests.support.watched import Watched, wait_for_a_clock_tick
from tests.support.watched_logs import copytruncate, move, numbered, once, pack

#: What writers and rotators call the former app.log.
_NAMES = ["app__2026-11-28_00-00-00.log", "app_001.log", "2026-11/app-28.log", "@400000005f5e1000.s", "이전.log"]
_INPUTS = [[""], ["**"], ["", "*.log"]]


@pytest.fixture(autouse=True)
def _new_folders_are_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "GLOB_SECONDS", 0)
    monkeypatch.setattr(logs, "GLOB_SHARE", float("inf"))


@pytest.fixture(params=_INPUTS, ids=str)
def all_files(log: Watched, request: pytest.FixtureRequest) -> Watched:
    """A folder or a glob of logs, of which every file is read."""
    log.restart(inputs=request.param)
    log.write("app.log", b"")
    log.path("other.log").write_bytes(numbered(100))
    log.poll()
    return log


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_copied_and_truncated_log_counts_once_under_any_name(
    all_files: Watched, again: Callable[[], None], name: str, suffix: str
) -> None:
    log = all_files
    log.append("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.path(name).parent.mkdir(exist_ok=True)
    copytruncate(log, "app.log", name)
    if suffix:
        pack(log, name)
    log.append("app.log", numbered(3))
    again()

    assert log.poll() == once(1, 2, 3, 100)
    log.append("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4, 100)


@pytest.mark.parametrize("name", _NAMES)
def test_a_renamed_and_packed_log_counts_once_under_any_name(
    all_files: Watched, again: Callable[[], None], name: str
) -> None:
    log = all_files
    log.append("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    again()
    log.path(name).parent.mkdir(exist_ok=True)
    move(log, "app.log", name)
    pack(log, name)
    log.append("app.log", numbered(3))

    assert log.poll() == once(1, 2, 3, 100)


def test_a_copy_that_is_found_before_its_original_is_truncated_counts_once(
    all_files: Watched, again: Callable[[], None]
) -> None:
    log = all_files
    log.append("app.log", numbered(1, 2))
    log.poll()
    log.restart(settle=3600)
    shutil.copyfile(log.path("app.log"), log.path("app-1.log"))
    assert log.poll() == once(1, 2, 100)
    again()
    assert log.poll() == once(1, 2, 100)
    os.truncate(log.path("app.log"), 0)
    log.append("app.log", numbered(3))

    assert log.poll() == once(1, 2, 3, 100)


def test_the_same_file_twice_counts_twice(all_files: Watched, again: Callable[[], None]) -> None:
    log = all_files
    log.write("a.log", numbered(1))
    log.poll()
    again()
    shutil.copy2(log.path("a.log"), log.path("b.log"))
    log.poll()

    assert log.poll() == once(100) | {"line-1": 2}


def test_a_file_that_begins_like_one_truncated_before_counts_whole(
    all_files: Watched, again: Callable[[], None]
) -> None:
    log = all_files
    log.write("a.log", b"started\n")
    log.poll()
    os.truncate(log.path("a.log"), 0)
    log.poll()
    again()
    wait_for_a_clock_tick(log.folder)
    log.write("b.log", b"started\nready\n")

    assert log.poll() == once(100) | {"started": 2, "ready": 1}


def test_a_report_that_is_dropped_again_after_it_was_deleted_counts_again(watched: Watched) -> None:
    for number in range(3):
        watched.write(f"report-{number}.txt", b"none\n")
        watched.poll()
        watched.path(f"report-{number}.txt").unlink()
        watched.poll()
        watched.restart()

    assert watched.counts == {"none": 3}


@pytest.mark.parametrize("inputs", [["*.log"], ["**"]], ids=str)
def test_a_log_moved_to_another_disk_counts_once(log: Watched, inputs: list[str]) -> None:
    log.restart(inputs=inputs)
    log.write("app.log", numbered(1))
    os.utime(log.path("app.log"), (1_000_000_000, 1_000_000_000))
    log.poll()
    log.append("app.log", numbered(2))
    os.utime(log.path("app.log"), (1_000_000_100, 1_000_000_100))
    log.close()
    shutil.copy2(log.path("app.log"), log.path("moved.log"))
    log.path("app.log").unlink()
    log.restart()

    assert log.poll() == once(1, 2)


def test_two_logs_that_are_written_alike_both_count(all_files: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    log = all_files
    log.restart(settle=3600)
    monkeypatch.setattr("producer.reading.file_state.LONGEST_WAIT_SECONDS", 0.0)
    for number in range(1, 5):
        for name in ("a.log", "b.log"):
            log.append(name, numbered(number))
        log.poll()

    assert log.poll() == once(100) | {f"line-{number}": 2 for number in range(1, 5)}


def test_a_log_packed_into_another_folder_and_truncated_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["**"])
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.write("2026/w48.gz", gzip.compress(log.path("app.log").read_bytes()))
    os.truncate(log.path("app.log"), 0)
    log.append("app.log", numbered(3))
    again()

    assert log.poll() == once(1, 2, 3)


def test_a_copy_of_a_log_that_is_truncated_much_later_is_reported(
    all_files: Watched, again: Callable[[], None]
) -> None:
    log = all_files
    log.append("app.log", numbered(1))
    log.poll()
    shutil.copyfile(log.path("app.log"), log.path("copy.log"))
    assert log.poll() == once(100) | {"line-1": 2}
    again()
    os.truncate(log.path("app.log"), 0)
    log.append("app.log", numbered(2))

    assert log.poll() == once(2, 100) | {"line-1": 2}
    is_followed = log.follower.inputs.logs != []
    assert any("count twice" in reason for reason in log.warned("copy.log")) == is_followed
