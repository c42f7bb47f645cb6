"""When the initial files are all published, and which of the inputs failed."""

import os
import time

import pytest

from producer import follower
from producer.discovery import scanner
from producer.follower import Follower, FollowerOptions
from tests.support.watched import Watched


def test_the_follower_has_caught_up_once_the_initial_lines_are_published(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntwo")
    watched.poll()
    assert not watched.follower.caught_up()

    watched.append("a", b"\nthree")
    watched.poll()

    assert watched.follower.caught_up()


def test_a_file_emptied_before_it_was_published_is_not_awaited(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"unfinished")
    watched.poll()
    assert not watched.follower.caught_up()

    watched.write("a", b"")
    watched.poll()

    assert watched.follower.caught_up()


def test_a_warning_is_repeated_if_its_cause_comes_back(watched: Watched) -> None:
    for _ in range(2):
        watched.folder.rename(watched.folder.with_name("elsewhere"))
        watched.poll()
        watched.poll()
        watched.folder.with_name("elsewhere").rename(watched.folder)
        watched.poll()

    assert len(watched.warned("")) == 2


def test_a_deleted_file_given_by_name_is_a_failure(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    follower = Follower([str(path)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    path.unlink()
    follower.poll()

    assert follower.failures == [str(path)]
    assert follower.caught_up()


def test_a_file_that_keeps_changing_is_not_awaited_for_ever(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"no line end")
    watched.write("b", b"one\n")
    watched.poll()
    assert not watched.follower.caught_up()
    later = time.monotonic() + max(follower.NEVER_IDLE_SECONDS, 10 * 3600) + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    watched.append("a", b" yet")
    watched.poll()
    assert not watched.follower.caught_up(), "it gives up now"
    watched.append("a", b" yet")
    watched.poll()
    assert watched.follower.caught_up()

    assert watched.counts == {"one": 1}
    assert watched.follower.failures == [str(watched.path("a"))]
    assert "keeps changing" in watched.warned("a")[0]


def test_a_file_deleted_after_the_first_poll_is_not_awaited(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    watched.restart(settle=3600)
    path = watched.write("a", b"no line end")
    watched.poll()
    assert not watched.follower.caught_up()
    path.unlink()
    watched.poll()

    assert watched.follower.caught_up()


def test_a_file_given_by_name_that_became_a_fifo_is_a_failure(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    follower = Follower([str(path)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    path.unlink()
    os.mkfifo(path)
    follower.poll()

    assert follower.failures == [str(path)]


def test_a_failure_counts_once_however_often_it_is_seen(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e12)
    watched.write("a.gz", b"broken")
    watched.path("long").symlink_to("x" * 300)
    for number in range(5):
        watched.write(f"new{number}", b"")
        watched.poll()

    assert sorted(watched.follower.failures) == [str(watched.path("a.gz")), str(watched.path("long"))]


def test_a_warning_is_given_once(watched: Watched) -> None:
    os.mkfifo(watched.path("pipe"))
    watched.poll()
    watched.poll()

    assert len(watched.warned("pipe")) == 1
