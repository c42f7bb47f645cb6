"""Turns that a file can take while it is followed."""

import gzip
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from producer import follower, lines
from producer.discovery import scanner
from producer.follower import Follower, FollowerOptions
from producer.reading import compression as compressed
from producer.reading import line_reader, open_file
from producer.reading.open_file import OpenFile
from tests.support.watched import Watched


def test_a_file_emptied_before_any_of_it_was_handed_on_holds_nothing_up(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"unfinished")
    watched.poll()
    assert not watched.follower.caught_up()

    watched.write("a", b"")
    watched.poll()

    assert watched.follower.caught_up()


def test_a_compressed_file_that_breaks_between_the_two_readings_is_a_failure_of_that_file(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.write("a.gz", gzip.compress(b"one\n"))
    readings = iter([[b"one\n"], compressed.BrokenError("cut short")])

    def blocks(*_: object) -> list[bytes]:
        reading = next(readings)
        if isinstance(reading, Exception):
            raise reading
        return reading

    monkeypatch.setattr(OpenFile, "blocks", blocks)
    watched.poll()

    assert watched.follower.failures == [str(watched.path("a.gz"))]


def test_a_time_of_birth_unknown_before_is_no_other_birth(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(open_file, "birth_ns", lambda _: 0)
        watched.write("a", b"a\n")
        watched.poll()
    watched.append("a", b"b\n")
    watched.restart()

    assert watched.poll() == {"a": 1, "b": 1}


def test_a_file_overwritten_in_place_while_it_is_read_counts_whole(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watched.write("a", b"old\n")
    whole_lines = lines.whole_lines_size

    def overwritten(data: bytes) -> int:
        path.write_bytes(b"new\n")
        return whole_lines(data)

    with monkeypatch.context() as patch:
        patch.setattr(lines, "whole_lines_size", overwritten)
        watched.poll()
    assert watched.counts == {"old": 1}

    assert watched.poll() == {"old": 1, "new": 1}


def test_a_file_cut_short_while_it_is_read_counts_as_it_is_then(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_reader, "READ_BYTES", 4)
    path = watched.write("a", b"a line longer than what is read at once\n")
    whole_lines = lines.whole_lines_size

    def cut(data: bytes) -> int:
        path.write_bytes(b"one\n")
        return whole_lines(data)

    with monkeypatch.context() as patch:
        patch.setattr(lines, "whole_lines_size", cut)
        watched.poll()

    assert watched.poll() == {"one": 1}


def test_telling_it_to_stop_reaches_into_a_compressed_file(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.write("a.gz", b"")
    blocks = iter([b"one\n"] * 1000)
    monkeypatch.setattr(OpenFile, "blocks", lambda _: blocks)
    watched.write("a.gz", b"what it holds is said above")
    watched.restart(should_stop=lambda: True)

    assert watched.poll() == {}
    assert len(list(blocks)) == 999


def test_telling_it_to_stop_reaches_into_a_line(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reader, "READ_BYTES", 1)
    watched.write("a", b"one line\n")
    asked = iter([False] * 4)
    watched.restart(should_stop=lambda: next(asked, True))
    assert watched.poll() == {}
    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"one": 1, "line": 1}


def test_what_went_wrong_again_is_said_again(watched: Watched) -> None:
    for _ in range(2):
        watched.folder.rename(watched.folder.with_name("elsewhere"))
        watched.poll()
        watched.poll()
        watched.folder.with_name("elsewhere").rename(watched.folder)
        watched.poll()

    assert len(watched.warned("")) == 2


def test_a_file_given_by_name_that_is_gone_is_a_failure(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    follower = Follower([str(path)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    path.unlink()
    follower.poll()

    assert follower.failures == [str(path)]
    assert follower.caught_up()


def test_a_file_that_is_shorter_than_it_says(watched: Watched) -> None:
    system = Path("/sys/devices/system/cpu/online")
    assert len(system.read_bytes()) < system.stat().st_size
    follower = Follower([str(system)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    follower.poll()
    follower.poll()

    assert watched.chunks == [system.read_bytes()]
    assert follower.caught_up()


def test_a_file_overwritten_while_its_lines_wait_to_be_handed_on_makes_no_torn_words(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_reader, "READ_BYTES", 8)
    path = watched.write("a", b"old old\n" * 20)

    def admit(data: Sequence[bytes]) -> None:
        admitted.append(b"".join(data))
        if len(admitted) == 5:
            path.write_bytes(b"anew\n" * 40)

    admitted: list[bytes] = []
    watched.restart(chunk_lines=1, admit=admit)
    watched.poll()
    assert watched.counts == {"old": 10}

    assert watched.poll() == {"old": 10, "anew": 40}


def test_the_times_of_a_file_just_changed_tell_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    # Another change within the same tick of the clock would leave the same times.
    path = watched.write("a", b"one\n")
    watched.poll()
    (known,) = watched.target.find(path.stat().st_ino)
    assert known.ctime_ns == 0
    monkeypatch.setattr(open_file, "TICK_NS", -1)
    monkeypatch.setattr(open_file, "COARSE_TICK_NS", -1)

    assert watched.poll() == {"one": 1}
    (known,) = watched.target.find(path.stat().st_ino)
    assert known.ctime_ns == path.stat().st_ctime_ns


def test_a_file_that_never_rests_is_not_waited_for_without_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "NEVER_IDLE_SECONDS", 0.0)
    watched.write("a", b"no line end")
    watched.write("b", b"one\n")
    watched.restart(settle=0.01)
    looks = 0
    while not watched.follower.caught_up():
        watched.append("a", b" yet")
        watched.poll()
        looks += 1
        assert looks < 10_000

    assert watched.counts == {"one": 1}
    assert watched.follower.failures == [str(watched.path("a"))]
    assert "keeps changing" in watched.warned("a")[0]


def test_a_file_deleted_after_the_first_look_is_not_waited_for(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    watched.restart(settle=3600)
    path = watched.write("a", b"no line end")
    watched.poll()
    assert not watched.follower.caught_up()
    path.unlink()
    watched.poll()

    assert watched.follower.caught_up()


def test_a_file_given_by_name_that_is_none_any_more_is_a_failure(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    follower = Follower([str(path)], watched.target, FollowerOptions(settle=0), warn=lambda *_: None)
    path.unlink()
    os.mkfifo(path)
    follower.poll()

    assert follower.failures == [str(path)]


def test_a_failure_is_one_however_often_it_is_met(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    monkeypatch.setattr(scanner, "QUICK_SCAN_SHARE", 1e12)
    watched.write("a.gz", b"broken")
    watched.path("long").symlink_to("x" * 300)
    for number in range(5):
        watched.write(f"new{number}", b"")
        watched.poll()

    assert sorted(watched.follower.failures) == [str(watched.path("a.gz")), str(watched.path("long"))]


def test_a_log_emptied_while_it_is_opened_and_then_as_long_as_before(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watched.write("app.log", b"one\n")
    watched.restart(inputs=["app.log"], follow_logs=True)
    watched.poll()
    watched.write("app.log", b"two\n")
    read = os.pread

    def emptied(*which: int) -> bytes:
        os.truncate(path, 0)
        return read(*which)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", emptied)
        watched.poll()
    watched.append("app.log", b"new\n")

    assert watched.poll() == {"one": 1, "new": 1}
