"""Files that are written while they are followed."""

import os
import time
from typing import TYPE_CHECKING

import pytest

from producer.reading import open_file
from tests.support.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path
from pathlib import Path

from producer.follower import Follower, FollowerOptions


def test_whole_lines_count_at_once(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one two\none\n")

    assert watched.poll() == {"one": 2, "two": 1}


def test_an_unterminated_line_counts_at_once_without_settling_time(watched: Watched) -> None:
    watched.write("a", b"one\ntwo")

    assert watched.poll() == {"one": 1, "two": 1}


def test_an_unterminated_line_waits_until_the_file_is_idle(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntwo")

    assert watched.poll() == {"one": 1}


def test_an_unterminated_line_counts_once_the_file_is_idle(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.restart(settle=3600)
    path = watched.write("a", b"one\ntwo")
    os.utime(path, (2e9, 2e9))  # a modification time in the future does not show that it is idle
    assert watched.poll() == {"one": 1}

    monkeypatch.setattr(time, "monotonic", lambda: 1e12)

    assert watched.poll() == {"one": 1, "two": 1}


def test_an_initial_file_idle_for_long_counts_at_once(watched: Watched) -> None:
    watched.restart(settle=3600)
    path = watched.write("a", b"one")
    os.utime(path, (1e9, 1e9))

    assert watched.poll() == {"one": 1}


def test_only_appended_lines_count(watched: Watched) -> None:
    watched.write("a", b"one\n")
    watched.poll()
    watched.append("a", b"two\nthree\n")

    assert watched.poll() == {"one": 1, "two": 1, "three": 1}


def test_a_line_appended_in_pieces_counts_once_it_is_whole(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntw")
    watched.poll()
    watched.append("a", b"o th")
    assert watched.poll() == {"one": 1}

    watched.append("a", b"ree\n")

    assert watched.poll() == {"one": 1, "two": 1, "three": 1}


def test_a_character_written_in_two_parts_is_not_split(watched: Watched) -> None:
    watched.restart(settle=3600)
    word = "한".encode()
    watched.write("a", word[:2])
    watched.poll()
    watched.append("a", word[2:] + b"\n")

    assert watched.poll() == {"한": 1}


def test_a_line_end_written_in_two_parts_is_one(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\r")
    watched.poll()
    watched.append("a", b"\ntwo\r\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_no_poll_counts_anything_twice(watched: Watched) -> None:
    watched.write("a", b"one\ntwo")
    watched.poll()
    watched.poll()
    watched.restart()

    assert watched.poll() == {"one": 1, "two": 1}


def test_poll_returns_whether_anything_was_new(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_file, "TICK_NS", -1)  # on a slow machine a second position, with reliable times, is new
    monkeypatch.setattr(open_file, "COARSE_TICK_NS", -1)
    watched.write("a", b"one\n")

    assert [watched.follower.poll(), watched.follower.poll()] == [True, False]


def test_a_restart_in_the_middle_of_a_line_goes_on_with_the_line(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntw")
    watched.poll()
    watched.restart()
    watched.append("a", b"o\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_a_touched_file_does_not_count_again(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    watched.poll()
    os.utime(path, (2e9, 2e9))

    assert watched.poll() == {"one": 1}


def test_an_empty_file_counts_once_lines_arrive(watched: Watched) -> None:
    watched.write("a", b"")
    assert watched.poll() == {}
    watched.append("a", b"one\n")

    assert watched.poll() == {"one": 1}


def test_a_new_file_with_an_old_time_is_not_idle(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.poll()
    os.utime(watched.write("a", b"half a li"), (1e9, 1e9))

    assert watched.poll() == {}


def test_a_file_shorter_than_its_size_counts_once(watched: Watched) -> None:
    system = Path("/sys/devices/system/cpu/online")
    assert len(system.read_bytes()) < system.stat().st_size
    follower = Follower([str(system)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    follower.poll()
    follower.poll()

    assert watched.chunks == [system.read_bytes()]
    assert follower.caught_up()


def test_a_file_given_by_name_is_followed_like_one_in_a_folder(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    watched.write("b", b"two\n")
    follower = Follower([str(path)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    follower.poll()

    assert watched.counts == {"one": 1}
    assert follower.caught_up()
