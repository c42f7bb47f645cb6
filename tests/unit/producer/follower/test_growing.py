"""What is written to a file while it is followed."""

import os
import time

import pytest

from tests.support.watched import Watched


def test_whole_lines_count_at_once(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one two\none\n")

    assert watched.poll() == {"one": 2, "two": 1}


def test_a_last_line_without_newline_counts_at_once_where_nothing_settles(watched: Watched) -> None:
    watched.write("a", b"one\ntwo")

    assert watched.poll() == {"one": 1, "two": 1}


def test_a_last_line_without_newline_waits_while_the_file_settles(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntwo")

    assert watched.poll() == {"one": 1}


def test_a_last_line_counts_once_the_clock_says_that_the_file_settled(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.restart(settle=3600)
    path = watched.write("a", b"one\ntwo")
    os.utime(path, (2e9, 2e9))  # a modification time in the future shows no quiet
    assert watched.poll() == {"one": 1}

    monkeypatch.setattr(time, "monotonic", lambda: 1e12)

    assert watched.poll() == {"one": 1, "two": 1}


def test_a_file_that_has_been_quiet_long_before_need_not_settle(watched: Watched) -> None:
    watched.restart(settle=3600)
    path = watched.write("a", b"one")
    os.utime(path, (1e9, 1e9))

    assert watched.poll() == {"one": 1}


def test_appended_lines_count_alone(watched: Watched) -> None:
    watched.write("a", b"one\n")
    watched.poll()
    watched.append("a", b"two\nthree\n")

    assert watched.poll() == {"one": 1, "two": 1, "three": 1}


def test_a_line_appended_in_pieces_counts_when_it_is_whole(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntw")
    watched.poll()
    watched.append("a", b"o th")
    assert watched.poll() == {"one": 1}

    watched.append("a", b"ree\n")

    assert watched.poll() == {"one": 1, "two": 1, "three": 1}


def test_a_cut_character_is_not_handed_on_in_halves(watched: Watched) -> None:
    watched.restart(settle=3600)
    word = "한".encode()
    watched.write("a", word[:2])
    watched.poll()
    watched.append("a", word[2:] + b"\n")

    assert watched.poll() == {"한": 1}


def test_a_cut_line_end_is_one(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\r")
    watched.poll()
    watched.append("a", b"\ntwo\r\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_nothing_is_counted_twice_however_often_it_is_looked_at(watched: Watched) -> None:
    watched.write("a", b"one\ntwo")
    watched.poll()
    watched.poll()
    watched.restart()

    assert watched.poll() == {"one": 1, "two": 1}


def test_look_tells_whether_anything_was_new(watched: Watched) -> None:
    watched.write("a", b"one\n")

    assert [watched.follower.poll(), watched.follower.poll()] == [True, False]


def test_a_restart_in_the_middle_of_a_line_goes_on_with_the_line(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntw")
    watched.poll()
    watched.restart()
    watched.append("a", b"o\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_a_touched_file_is_not_counted_again(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    watched.poll()
    os.utime(path, (2e9, 2e9))

    assert watched.poll() == {"one": 1}


def test_an_empty_file_counts_when_lines_come(watched: Watched) -> None:
    watched.write("a", b"")
    assert watched.poll() == {}
    watched.append("a", b"one\n")

    assert watched.poll() == {"one": 1}


def test_it_has_caught_up_when_what_was_there_first_is_handed_on(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\ntwo")
    watched.poll()
    assert not watched.follower.caught_up()

    watched.append("a", b"\nthree")
    watched.poll()

    assert watched.follower.caught_up()


def test_stopping_ends_a_look_between_chunks(watched: Watched) -> None:
    admitted: list[object] = []
    watched.restart(chunk_lines=1, admit=admitted.append, should_stop=lambda: len(admitted) == 2)
    watched.write("a", b"1\n2\n3\n4\n5\n")
    assert watched.poll() == {"1": 1, "2": 1}

    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}
