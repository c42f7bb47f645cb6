"""Looks at what changed, between those over everything, find what happens in a large folder too."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.discovery import scanner
from producer.discovery.scanner import DirectoryScanner, ScanRules
from tests.support.watched import Watched


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """A folder of which only the first look goes over everything."""
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e12)
    watched = Watched(tmp_path)
    watched.write("x/first", b"first\n")
    watched.poll()
    yield watched
    watched.close()


def test_a_new_file(quick: Watched) -> None:
    quick.write("a", b"one\n")
    quick.write("x/b", b"two\n")

    assert quick.poll() == {"first": 1, "one": 1, "two": 1}


def test_a_new_folder(quick: Watched) -> None:
    quick.write("x/y/z/a", b"one\n")

    assert quick.poll() == {"first": 1, "one": 1}


def test_a_recent_file_that_grows(quick: Watched) -> None:
    for _ in range(3):
        quick.append("x/first", b"more\n")
        quick.poll()

    assert quick.counts == {"first": 1, "more": 3}


def test_a_renamed_and_replaced_file(quick: Watched) -> None:
    quick.path("x/first").rename(quick.path("x/second"))
    quick.write("x/first", b"first\n")

    assert quick.poll() == {"first": 2}


def test_a_folder_that_changed_within_the_tick_of_its_clock(quick: Watched) -> None:
    quick.poll()
    before = quick.folder.stat().st_mtime_ns
    quick.write("a", b"one\n")
    os.utime(quick.folder, ns=(before, before))

    assert quick.poll() == {"first": 1, "one": 1}


def test_only_so_many_recent_files_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "RECENT_FILES", 2)
    monkeypatch.setattr(scanner, "TICK_SECONDS", 0.0)
    for name in "abc":
        (tmp_path / name).write_bytes(b"one\n")
    folder = DirectoryScanner(str(tmp_path), lambda *_: None)
    found, whole = folder.scan()
    assert (len(found), whole) == (3, True)

    found, whole = folder.scan()

    assert (len(found), whole) == (2, False)


def test_a_whole_look_may_take_its_share_of_a_core_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 99.0, 99.1, 101.0, 102.0])  # the first look takes a second, so the next may come after 100
    monkeypatch.setattr(scanner.time, "monotonic", lambda: next(clock))
    folder = DirectoryScanner(str(tmp_path), lambda *_: None)

    assert [folder.scan()[1] for _ in range(3)] == [True, False, True]


def test_asking_the_folders_may_take_its_share_of_a_core_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first look takes an hour. The next takes a second, so that a third within the 50 s after it asks no folder.
    clock = iter([0.0, 3600.0, 4000.0, 4001.0, 4049.0, 4051.0, 4051.1])
    monkeypatch.setattr(scanner.time, "monotonic", lambda: next(clock))
    folder = DirectoryScanner(str(tmp_path), lambda *_: None)
    folder.scan()
    folder.scan()
    (tmp_path / "a").write_bytes(b"one\n")

    assert [len(folder.scan()[0]) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize("short", ["a", "z"])
def test_a_folder_that_two_ways_lead_to_is_as_deep_as_the_shorter_one(tmp_path: Path, short: str) -> None:
    file = tmp_path / "m" / "n" / "o" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"one\n")
    (tmp_path / short).symlink_to("m/n")

    assert [
        found.inode for found in DirectoryScanner(str(tmp_path), lambda *_: None, ScanRules(depth=3)).scan()[0]
    ] == [file.stat().st_ino]
    assert DirectoryScanner(str(tmp_path), lambda *_: None, ScanRules(depth=2)).scan()[0] == []


@pytest.mark.parametrize("to", ["out", "out/state", "out/counts.txt", "."])
def test_what_is_written_is_never_found_whatever_leads_to_it(tmp_path: Path, to: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out" / "state").mkdir(parents=True)
    (tmp_path / "out" / "counts.txt").write_bytes(b"one: 1\n")
    (tmp_path / "out" / "state" / "chunk").write_bytes(b"one\n")
    (tmp_path / "in" / "a").write_bytes(b"one\n")
    (tmp_path / "in" / "link").symlink_to(tmp_path / to)
    warned: list[str] = []
    folder = DirectoryScanner(
        str(tmp_path / "in"), lambda path, _: warned.append(path), ScanRules(excluded=[str(tmp_path / "out")])
    )

    assert [Path(file.path).name for file in folder.scan()[0]] == ["a"]
    assert len(warned) == 1


def test_a_symlink_beside_the_folder_is_followed_where_all_is_in_a_folder_that_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "beside").write_bytes(b"one\n")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "beside")
    (tmp_path / "in" / "loop").symlink_to(tmp_path)

    folder = DirectoryScanner(str(tmp_path / "in"), lambda *_: None, ScanRules(excluded=[str(tmp_path)]))

    assert [Path(file.path).name for file in folder.scan()[0]] == ["link"]


def test_a_symlink_turned_to_what_is_written_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e12)
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"one\n")
    (tmp_path / "in" / "link").symlink_to("file")
    folder = DirectoryScanner(str(tmp_path / "in"), lambda *_: None, ScanRules(excluded=[str(tmp_path / "out")]))
    folder.scan()
    (tmp_path / "in" / "link").unlink()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out" / "file")

    for _ in range(3):
        assert {file.path for file in folder.scan()[0]} == {str(tmp_path / "in" / "file")}
