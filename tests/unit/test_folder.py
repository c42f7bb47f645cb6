"""Looks at what changed, between those over everything, find what happens in a large folder too."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.folder import Folder
from tests.unit.watched import Watched


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """A folder of which only the first look goes over everything."""
    monkeypatch.setattr("producer.folder._FULL_LOOK_SHARE", 1e-12)
    watched = Watched(tmp_path)
    watched.write("x/first", b"first\n")
    watched.look()
    yield watched
    watched.close()


def test_a_new_file(quick: Watched) -> None:
    quick.write("a", b"one\n")
    quick.write("x/b", b"two\n")

    assert quick.look() == {"first": 1, "one": 1, "two": 1}


def test_a_new_folder(quick: Watched) -> None:
    quick.write("x/y/z/a", b"one\n")

    assert quick.look() == {"first": 1, "one": 1}


def test_a_recent_file_that_grows(quick: Watched) -> None:
    for _ in range(3):
        quick.append("x/first", b"more\n")
        quick.look()

    assert quick.counts == {"first": 1, "more": 3}


def test_a_renamed_and_replaced_file(quick: Watched) -> None:
    quick.path("x/first").rename(quick.path("x/second"))
    quick.write("x/first", b"first\n")

    assert quick.look() == {"first": 2}


def test_a_folder_that_changed_within_the_tick_of_its_clock(quick: Watched) -> None:
    quick.look()
    before = quick.folder.stat().st_mtime_ns
    quick.write("a", b"one\n")
    os.utime(quick.folder, ns=(before, before))

    assert quick.look() == {"first": 1, "one": 1}


def test_only_so_many_recent_files_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producer.folder._FULL_LOOK_SHARE", 1e-12)
    monkeypatch.setattr("producer.folder._HOT_FILES", 2)
    monkeypatch.setattr("producer.folder._TICK_SECONDS", 0.0)
    for name in "abc":
        (tmp_path / name).write_bytes(b"one\n")
    folder = Folder(str(tmp_path), None, lambda *_: None)
    found, whole = folder.look()
    assert (len(found), whole) == (3, True)

    found, whole = folder.look()

    assert (len(found), whole) == (2, False)


def test_a_whole_look_may_take_its_share_of_a_core_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 99.0, 101.0, 102.0])  # the first look takes a second, so the next may come after 100
    monkeypatch.setattr("producer.folder.time.monotonic", lambda: next(clock))
    folder = Folder(str(tmp_path), None, lambda *_: None)

    assert [folder.look()[1] for _ in range(3)] == [True, False, True]
