"""Many logs, and logs among many files: what it takes to look at them is bounded, and so is how many are open."""

import errno
import os
import resource
import shutil
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from producer import cli
from producer.discovery import logs, open_logs, patterns, scanner
from producer.discovery.found_file import FoundFile
from producer.discovery.open_logs import OpenFileBudget, OpenLogs
from producer.discovery.patterns import Glob, Paths
from producer.discovery.scanner import DirectoryScanner, ScanRules
from producer.follower import Follower, FollowerOptions
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


def test_logs_in_one_folder_are_found_in_one_look_at_it(log: Watched, listed: list[str]) -> None:
    for name in "abc":
        log.write(f"{name}.log", b"one\n")
    log.restart(inputs=["a.log", "b.log", "c.log"])

    assert log.poll() == {"one": 3}
    assert listed == [str(log.folder)]


def test_a_folder_that_two_paths_lead_to(log: Watched) -> None:
    log.write("real/a.log", b"one\n")
    log.write("real/b.log", b"two\n")
    log.path("link").symlink_to("real")
    log.restart(inputs=["real/a.log", "link/b.log"])

    assert log.poll() == {"one": 1, "two": 1}


@pytest.mark.parametrize("name", ["app.log", "*.log"])
def test_listing_a_folder_where_others_make_files_takes_its_share_and_no_more(
    log: Watched, listed: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e-12)
    log.restart(inputs=[name])
    log.write("app.log", b"one\n")
    for number in range(3):
        log.poll()
        log.write(f"other{number}", b"")

    assert len(listed) == 2  # in whole, and then once as it had changed


@pytest.mark.parametrize("copied", ["", "copied"])
def test_a_folder_is_listed_at_once_where_a_log_in_it_is_rotated(
    log: Watched, monkeypatch: pytest.MonkeyPatch, copied: str
) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(open_logs, "SCAN_SHARE", float("inf"))
    log.write("app.log", b"one\n")
    log.restart()
    log.poll()
    log.poll()  # it is asked for the last time
    log.append("app.log", b"two\n")
    if copied:
        shutil.copyfile(log.path("app.log"), log.path("app.log.1"))
        os.truncate(log.path("app.log"), 0)
    else:
        log.path("app.log").rename(log.path("app.log.1"))
        log.write("app.log", b"three\n")
    log.poll()

    assert log.poll() == {"one": 1, "two": 1} | ({} if copied else {"three": 1})


def test_several_folders_take_one_share_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 99.0, 99.1, 101.0, 102.0])  # the first look takes a second, so the next may come after 100
    monkeypatch.setattr(scanner, "time", SimpleNamespace(monotonic=lambda: next(clock), time=time.time))
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"one\n")
    folder = DirectoryScanner([str(tmp_path / name) for name in "ab"], lambda *_: None, ScanRules(depth=1))

    assert [len(folder.scan()[0]) for _ in range(3)] == [2, 2, 2]


def test_what_a_glob_names_is_looked_for_as_often_as_its_share_allows(
    log: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "GLOB_SECONDS", 0)
    monkeypatch.setattr(logs, "GLOB_SHARE", 1e-12)
    log.restart(inputs=["**/*.log"])
    log.write("a/app.log", b"one\n")
    log.poll()
    log.write("b/app.log", b"two\n")

    assert log.poll() == {"one": 1}


def test_a_folder_of_a_glob_that_is_gone_is_not_waited_for(log: Watched) -> None:
    log.restart(inputs=["*/app.log"])
    log.write("a/app.log", b"one\n")
    log.poll()
    log.path("a/app.log").unlink()
    log.path("a").rmdir()
    log.poll()

    assert log.warnings == log.follower.failures == []


@pytest.mark.parametrize("name", ["a/app.log", "a/*.log"])
def test_the_one_folder_that_logs_are_in_is_waited_for(log: Watched, name: str) -> None:
    log.restart(inputs=[name])
    log.write("a/app.log", b"one\n")
    log.poll()
    log.path("a/app.log").unlink()
    log.path("a").rmdir()
    log.poll()

    assert log.warned("a") == ["the folder is gone; waiting for it to come back"]


@pytest.mark.parametrize("wanted", [Paths(["/logs/app.log", "/logs/app.err"]), Glob("/logs/app*.log")], ids=str)
def test_names_that_begin_otherwise_cost_next_to_nothing(wanted: Paths | Glob, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wanted.accepts("app-2026-11-23.log.1.gz")
    monkeypatch.setattr(patterns, "origins", lambda _: pytest.fail("looked at closely"))
    assert not wanted.accepts("session-2026-11-23.log")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("/app.l*", "app-2026-11-23.log"), ("/a.b.log", "a.b-2026-11-23.log.1"), ("/.log", ".log.1"), ("/app", "app.gz")],
)
def test_no_name_of_a_log_begins_otherwise(pattern: str, name: str) -> None:
    wanted = Glob(pattern) if "*" in pattern else Paths([pattern])
    assert wanted.accepts(name)


@pytest.mark.parametrize(
    ("allowed", "most"), [(1024, 768), (256, 128), (1 << 20, 4096), (resource.RLIM_INFINITY, 4096)]
)
def test_so_many_logs_are_kept_open_as_leave_room_for_other_files(
    monkeypatch: pytest.MonkeyPatch, allowed: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert OpenFileBudget().most == most


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], 512), before[1]))
        open_logs.allow_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_producer_lets_many_files_be_open(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[bool] = []
    monkeypatch.setattr(cli, "allow_open_files", lambda: allowed.append(True))
    monkeypatch.setattr(Follower, "poll", lambda _: signal.raise_signal(signal.SIGTERM))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        cli._hand_on([str(log.path("app.log"))], log.target, FollowerOptions(settle=0, follow_logs=True), None)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert allowed


def test_a_log_that_is_kept_open_leaves_the_low_numbers_to_select(log: Watched) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most > 2048, "the test needs more"
    open_logs.allow_open_files()
    log.write("app.log", b"one\n")
    log.poll()

    (descriptor,) = log.open_descriptors
    assert descriptor >= 1024


def test_logs_of_several_patterns_are_kept_open_together(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_logs, "MOST_OPEN", 3)
    log.restart(inputs=["a*.log", "b*.log", "c.log"])
    for number, name in enumerate(["a1", "a2", "a3", "b1", "b2", "c"]):
        path = log.write(f"{name}.log", b"one\n")
        os.utime(path, (number, number))

    assert log.poll() == {"one": 6}
    assert len(log.open_descriptors) == 3
    with log.path("c.log").open("ab") as writer:  # what changed last is kept, whatever named it
        log.path("c.log").unlink()
        writer.write(b"two\n")
        writer.flush()
        assert log.poll() == {"one": 6, "two": 1}


def test_a_log_that_cannot_be_kept_open_as_too_many_files_are_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "app.log"
    path.touch()

    def full(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(open_logs.os, "open", full)
    assert not OpenLogs(OpenFileBudget(), live=True).keep_open(FoundFile.from_status(str(path), str(path), path.stat()))


def test_few_are_kept_open_of_the_logs_that_were_rotated_and_deleted(
    log: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_logs, "DELETED_SECONDS", 0)
    for number in range(20):
        log.write("app.log", b"line-%d\n" % number)
        log.poll()
        log.path("app.log").rename(log.path("app.log.1"))
    log.poll()
    log.poll()

    assert len(log.open_descriptors) <= open_logs.MOST_DELETED + 2
    assert log.counts == {f"line-{number}": 1 for number in range(20)}


def test_half_a_line_of_a_log_that_a_folder_alone_has_looked_at(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_log_that_gave_way_to_another_is_read_by_its_path(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "TICK_SECONDS", 0.0)
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(open_logs, "MOST_OPEN", 1)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", float("inf"))
    os.utime(log.write("a/app.log", b"one\n"), (1, 1))
    log.path("b").mkdir()
    log.restart(inputs=["a/app.log", "b/app.log"])
    log.poll()
    log.write("b/app.log", b"two\n")  # its folder alone is listed
    log.poll()

    descriptors = [state.file.descriptor for state in log.follower._files if state.file]
    assert sum(descriptor is not None for descriptor in descriptors) == len(log.open_descriptors) == 1
