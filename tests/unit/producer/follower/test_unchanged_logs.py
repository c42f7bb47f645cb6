"""A file that has not changed since all of it was published costs a poll no more than to see that."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from producer.discovery import open_logs, scanner
from producer.discovery.inputs import Inputs
from producer.discovery.logs import LogScanner
from producer.discovery.open_logs import OpenLogs
from tests.support.processes import wait_until
from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once

_NAMES = {"a.log", "b.log", "c.log"}


class Scans:
    """A follower of three logs that is polled, and the names of the files that its last scan returned."""

    def __init__(self, log: Watched) -> None:
        self.log = log
        self.found = set[str]()

    def poll(self) -> set[str]:
        self.log.follower.poll()
        return self.found


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scans]:
    """Logs of which nothing is left to do; but for full scans, a poll does all that a scan can do."""
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    for module, share in ((scanner, "QUICK_SCAN_SHARE"), (scanner, "RECENT_SHARE"), (open_logs, "SCAN_SHARE")):
        monkeypatch.setattr(module, share, float("inf"))
    scan = Inputs.scan
    log = Watched(tmp_path, inputs=["*.log"], follow_logs=True)
    scans = Scans(log)

    def noted(*args: Any, **options: Any) -> Any:
        result = scan(*args, **options)
        scans.found = {Path(file.path).name for file in result[0].values()}
        return result

    monkeypatch.setattr(Inputs, "scan", noted)
    for number, name in enumerate(sorted(_NAMES)):
        log.write(name, numbered(number))
    log.follower.poll()
    wait_until(lambda: not scans.poll(), "an end of what is to be done", 10)
    yield scans
    log.close()


def test_only_the_log_that_is_written_is_found(scans: Scans) -> None:
    scans.log.append("b.log", numbered(3))

    assert scans.poll() == {"b.log"}
    assert scans.log.counts == once(0, 1, 2, 3)


def test_a_log_that_is_truncated_is_found(scans: Scans) -> None:
    scans.log.write("b.log", numbered(3))

    assert scans.poll() == {"b.log"}
    wait_until(lambda: not scans.poll(), "an end of what is to be done", 10)
    assert scans.log.counts == once(0, 1, 2, 3)


def test_a_log_that_is_rotated_is_found_with_its_successor(scans: Scans) -> None:
    scans.log.append("b.log", numbered(3))
    move(scans.log, "b.log", "b.log.1")
    scans.log.write("b.log", numbered(4))

    assert scans.poll() >= {"b.log", "b.log.1"}
    assert scans.log.counts == once(0, 1, 2, 3, 4)


def test_what_follows_a_full_scan_counts_for_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open logs take ten seconds, and full scans may take half of a core."""
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 0.5)
    waited, monotonic, scan = [0.0], time.monotonic, OpenLogs.scan

    def slow(*args: Any, **options: Any) -> None:
        scan(*args, **options)
        waited[0] += 10

    monkeypatch.setattr(OpenLogs, "scan", slow)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + waited[0])
    (tmp_path / "in").mkdir()
    log = Watched(tmp_path, inputs=["*.log"], follow_logs=True)
    began = time.monotonic()
    log.follower.poll()
    (logs,) = log.follower.inputs.logs
    assert isinstance(logs, LogScanner)
    assert logs.directories.next_full_scan >= began + 20
    log.close()


def test_what_changed_last_is_checked_at_every_scan(scans: Scans, monkeypatch: pytest.MonkeyPatch) -> None:
    """To check all files that changed within a minute takes more than its share of a core."""
    monkeypatch.setattr(scanner, "NEWEST_FILES", 1)
    monkeypatch.setattr(open_logs, "SCAN_SHARE", 1e-12)
    scans.poll()
    monkeypatch.setattr(scanner, "RECENT_SHARE", 1e-12)
    scans.log.append("b.log", numbered(3))
    wait_until(lambda: "b.log" in scans.poll(), "the log", 10)
    scans.log.append("a.log", numbered(4))
    scans.log.append("b.log", numbered(5))

    assert scans.poll() == {"b.log"}
    assert scans.log.counts == once(0, 1, 2, 3, 5)
