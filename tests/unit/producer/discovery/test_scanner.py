"""Quick scans, between full ones, find what changes in a large folder too; both keep to their share of a core."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from producer.discovery import scanner
from producer.discovery.patterns import ScanRules
from producer.discovery.scanner import DirectoryScanner
from tests.support.watched import Watched


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """A folder of which only the first scan is full."""
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e12)
    watched = Watched(tmp_path)
    watched.write("x/first", b"first\n")
    watched.poll()
    yield watched
    watched.close()


def test_a_quick_scan_finds_a_new_file(quick: Watched) -> None:
    quick.write("a", b"one\n")
    quick.write("x/b", b"two\n")

    assert quick.poll() == {"first": 1, "one": 1, "two": 1}


def test_a_quick_scan_finds_the_files_of_a_new_folder(quick: Watched) -> None:
    quick.write("x/y/z/a", b"one\n")

    assert quick.poll() == {"first": 1, "one": 1}


def test_a_quick_scan_finds_that_a_recent_file_has_grown(quick: Watched) -> None:
    for _ in range(3):
        quick.append("x/first", b"more\n")
        quick.poll()

    assert quick.counts == {"first": 1, "more": 3}


def test_a_quick_scan_finds_a_file_that_replaced_a_renamed_one(quick: Watched) -> None:
    quick.path("x/first").rename(quick.path("x/second"))
    quick.write("x/first", b"first\n")

    assert quick.poll() == {"first": 2}


def test_a_second_change_within_one_tick_of_the_clock_is_found(quick: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "TICK_SECONDS", 3600.0)  # however slow the machine is, both changes are within it
    quick.write("b", b"two\n")
    quick.poll()
    before = quick.folder.stat().st_mtime_ns
    quick.write("a", b"one\n")
    os.utime(quick.folder, ns=(before, before))

    assert quick.poll() == {"first": 1, "one": 1, "two": 1}


def test_a_quick_scan_checks_a_bounded_number_of_recent_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_full_scans_stay_within_their_share_of_a_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(
        [0.0, 1.0, 99.0, 99.1, 101.0, 102.0]
    )  # the first scan takes 1 s, so the next full one is due after 100 s
    monkeypatch.setattr(scanner.time, "monotonic", lambda: next(clock))
    folder = DirectoryScanner(str(tmp_path), lambda *_: None)

    assert [folder.scan()[1] for _ in range(3)] == [True, False, True]


def test_checks_of_folders_stay_within_their_share_of_a_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The first scan takes an hour. The next takes 1 s, so that a third within the 50 s after it checks no folder.
    clock = iter([0.0, 3600.0, 4000.0, 4001.0, 4049.0, 4051.0, 4051.1])
    monkeypatch.setattr(scanner.time, "monotonic", lambda: next(clock))
    folder = DirectoryScanner(str(tmp_path), lambda *_: None)
    folder.scan()
    folder.scan()
    (tmp_path / "a").write_bytes(b"one\n")

    assert [len(folder.scan()[0]) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize("short", ["a", "z"])
def test_the_depth_of_a_folder_is_that_of_the_shortest_path_to_it(tmp_path: Path, short: str) -> None:
    file = tmp_path / "m" / "n" / "o" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"one\n")
    (tmp_path / short).symlink_to("m/n")

    assert [
        found.inode for found in DirectoryScanner(str(tmp_path), lambda *_: None, ScanRules(depth=3)).scan()[0]
    ] == [file.stat().st_ino]
    assert DirectoryScanner(str(tmp_path), lambda *_: None, ScanRules(depth=2)).scan()[0] == []


@pytest.mark.parametrize("to", ["out", "out/state", "out/counts.txt", "."])
def test_excluded_folders_are_never_scanned_whatever_leads_to_them(tmp_path: Path, to: str) -> None:
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


def test_a_symlink_is_followed_within_an_excluded_folder_that_has_the_scanned_one_in_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "beside").write_bytes(b"one\n")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "beside")
    (tmp_path / "in" / "loop").symlink_to(tmp_path)

    folder = DirectoryScanner(str(tmp_path / "in"), lambda *_: None, ScanRules(excluded=[str(tmp_path)]))

    assert [Path(file.path).name for file in folder.scan()[0]] == ["link"]


def test_a_symlink_repointed_into_an_excluded_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_several_folders_share_their_share_of_a_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 99.0, 99.1, 101.0, 102.0])  # the first scan takes 1 s, so the next is due after 100 s
    monkeypatch.setattr(scanner, "time", SimpleNamespace(monotonic=lambda: next(clock), time=time.time))
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"one\n")
    folder = DirectoryScanner([str(tmp_path / name) for name in "ab"], lambda *_: None, ScanRules(depth=1))

    assert [len(folder.scan()[0]) for _ in range(3)] == [2, 2, 2]


def test_a_symlink_that_leads_out_is_followed_unless_safe_links_are_asked_for(tmp_path: Path) -> None:
    for name in ("in/sub", "out"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("in/sub/inner", "out/outer", "outer"):
        (tmp_path / name).write_bytes(b"one\n")
    for name, target in (("file", "../outer"), ("folder", "../out"), ("inside", "sub/inner"), ("up", "..")):
        (tmp_path / "in" / name).symlink_to(target)
    (tmp_path / "given").symlink_to("in")
    warned: list[tuple[str, str]] = []

    def found(*, safe: bool) -> set[str]:
        rules = ScanRules(safe_links=safe)
        files = DirectoryScanner(str(tmp_path / "given"), lambda *one: warned.append(one), rules).scan().files
        return {Path(file.real).name for file in files}

    assert found(safe=False) == {"inner", "outer"}
    assert warned == []
    assert found(safe=True) == {"inner"}
    reason = "a symlink that leads out of the folder; skipped"
    assert sorted(warned) == [(f"{tmp_path}/given/{name}", reason) for name in ("file", "folder", "up")]


def test_a_symlink_is_safe_where_its_folder_is_repointed_to(tmp_path: Path) -> None:
    for name in ("former", "later"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_bytes(b"one\n")
        (tmp_path / name / "link").symlink_to(tmp_path / name / "a")
    (tmp_path / "in").symlink_to("former")
    folder = DirectoryScanner(str(tmp_path / "in"), lambda *one: pytest.fail(str(one)), ScanRules(safe_links=True))
    assert len(folder.scan(full=True).files) == 2
    (tmp_path / "in").unlink()
    (tmp_path / "in").symlink_to("later")

    assert len(folder.scan(full=True).files) == 2
