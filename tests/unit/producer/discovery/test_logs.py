"""Scanning for logs: what a scan costs, and which folders are awaited."""

import os
import shutil

import pytest

from producer.discovery import logs, open_logs, scanner
from tests.support.watched import Watched


@pytest.fixture
def listed(log: Watched, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The listed folders, in order."""
    paths: list[str] = []
    scandir = os.scandir

    def record(path: str) -> object:
        if str(path).startswith(str(log.folder)):
            paths.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", record)
    return paths


def test_the_logs_of_one_folder_are_found_in_one_listing(log: Watched, listed: list[str]) -> None:
    for name in "abc":
        log.write(f"{name}.log", b"one\n")
    log.restart(inputs=["a.log", "b.log", "c.log"])

    assert log.poll() == {"one": 3}
    assert listed == [str(log.folder)]


def test_logs_given_through_two_paths_to_their_folder_are_both_found(log: Watched) -> None:
    log.write("real/a.log", b"one\n")
    log.write("real/b.log", b"two\n")
    log.path("link").symlink_to("real")
    log.restart(inputs=["real/a.log", "link/b.log"])

    assert log.poll() == {"one": 1, "two": 1}


@pytest.mark.parametrize("name", ["app.log", "*.log"])
def test_listing_a_folder_in_which_others_create_files_stays_within_its_share_of_a_core(
    log: Watched, listed: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e-12)
    log.restart(inputs=[name])
    log.write("app.log", b"one\n")
    for number in range(3):
        log.poll()
        log.write(f"other{number}", b"")

    assert len(listed) == 2  # once by the full scan, and once because it had changed


@pytest.mark.parametrize("copied", ["", "copied"])
def test_a_folder_is_listed_at_once_after_a_log_in_it_is_rotated(
    log: Watched, monkeypatch: pytest.MonkeyPatch, copied: str
) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(open_logs, "SCAN_SHARE", float("inf"))
    log.write("app.log", b"one\n")
    log.restart()
    log.poll()
    log.poll()  # checks the open logs for the last time
    log.append("app.log", b"two\n")
    if copied:
        shutil.copyfile(log.path("app.log"), log.path("app.log.1"))
        os.truncate(log.path("app.log"), 0)
    else:
        log.path("app.log").rename(log.path("app.log.1"))
        log.write("app.log", b"three\n")
    log.poll()

    assert log.poll() == {"one": 1, "two": 1} | ({} if copied else {"three": 1})


def test_the_folders_of_a_glob_are_searched_as_often_as_their_share_allows(
    log: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "GLOB_SECONDS", 0)
    monkeypatch.setattr(logs, "GLOB_SHARE", 1e-12)
    log.restart(inputs=["**/*.log"])
    log.write("a/app.log", b"one\n")
    log.poll()
    log.write("b/app.log", b"two\n")

    assert log.poll() == {"one": 1}


def test_a_deleted_folder_of_a_glob_is_not_awaited(log: Watched) -> None:
    log.restart(inputs=["*/app.log"])
    log.write("a/app.log", b"one\n")
    log.poll()
    log.path("a/app.log").unlink()
    log.path("a").rmdir()
    log.poll()

    assert log.warnings == log.follower.failures == []


@pytest.mark.parametrize("name", ["a/app.log", "a/*.log"])
def test_the_only_folder_of_the_logs_is_awaited(log: Watched, name: str) -> None:
    log.restart(inputs=[name])
    log.write("a/app.log", b"one\n")
    log.poll()
    log.path("a/app.log").unlink()
    log.path("a").rmdir()
    log.poll()

    assert log.warned("a") == ["the folder is gone; waiting for it to come back"]


def test_half_a_line_in_a_log_that_only_the_folder_scanner_has_checked_waits_for_its_end(
    log: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "TICK_SECONDS", 0.0)
    log.restart(inputs=["", "*.log"])
    log.write("app.log", b"one\n")
    log.poll()
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(open_logs, "SCAN_SHARE", 1e-12)
    log.poll()
    (logs_scanner,) = log.follower.inputs.logs
    logs_scanner.directories.recent_files.clear()
    log.append("app.log", b"hal")
    log.poll()
    log.append("app.log", b"f\n")

    assert log.poll() == {"one": 1, "half": 1}
