"""How many logs are kept open, and which."""

import errno
import os
import resource
import signal
from pathlib import Path

import pytest

from producer import publish_job
from producer.discovery import open_logs, scanner
from producer.discovery.found_file import FoundFile
from producer.discovery.open_logs import OpenFileBudget, OpenLogs
from producer.follower import Follower, FollowerOptions
from tests.support.watched import Watched


@pytest.mark.parametrize(
    ("allowed", "most"), [(1024, 768), (256, 128), (1 << 20, 4096), (resource.RLIM_INFINITY, 4096)]
)
def test_the_budget_leaves_room_for_other_files(monkeypatch: pytest.MonkeyPatch, allowed: int, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert OpenFileBudget().most == most


def test_the_limit_of_open_files_is_raised_to_the_most_allowed() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], 512), before[1]))
        open_logs.allow_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_producer_raises_the_limit_of_open_files(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[bool] = []
    monkeypatch.setattr(publish_job, "allow_open_files", lambda: allowed.append(True))
    monkeypatch.setattr(Follower, "poll", lambda _: signal.raise_signal(signal.SIGTERM))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        publish_job.publish_files(
            [str(log.path("app.log"))], log.target, FollowerOptions(settle=0, follow_logs=True), None, print
        )
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert allowed


def test_open_logs_leave_the_low_descriptors_to_select(log: Watched) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most > 2048, "the test needs more"
    open_logs.allow_open_files()
    log.write("app.log", b"one\n")
    log.poll()

    (descriptor,) = log.open_descriptors
    assert descriptor >= 1024


def test_all_patterns_share_one_budget(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_logs, "MOST_OPEN", 3)
    log.restart(inputs=["a*.log", "b*.log", "c.log"])
    for number, name in enumerate(["a1", "a2", "a3", "b1", "b2", "c"]):
        path = log.write(f"{name}.log", b"one\n")
        os.utime(path, (number, number))

    assert log.poll() == {"one": 6}
    assert len(log.open_descriptors) == 3
    with log.path("c.log").open("ab") as writer:  # the last changed is open, whichever pattern matches it
        log.path("c.log").unlink()
        writer.write(b"two\n")
        writer.flush()
        assert log.poll() == {"one": 6, "two": 1}


def test_a_log_that_cannot_be_opened_because_too_many_files_are_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "app.log"
    path.touch()

    def full(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(open_logs.os, "open", full)
    assert not OpenLogs(OpenFileBudget(), live=True).keep_open(FoundFile.from_status(str(path), str(path), path.stat()))


def test_few_deleted_files_of_one_log_are_kept_open(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_logs, "DELETED_SECONDS", 0)
    for number in range(20):
        log.write("app.log", b"line-%d\n" % number)
        log.poll()
        log.path("app.log").rename(log.path("app.log.1"))
    log.poll()
    log.poll()

    assert len(log.open_descriptors) <= open_logs.MOST_DELETED + 2
    assert log.counts == {f"line-{number}": 1 for number in range(20)}


def test_a_log_closed_in_favour_of_another_is_read_by_its_path(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
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
