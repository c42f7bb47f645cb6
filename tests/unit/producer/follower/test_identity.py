"""Whether a file is one that was counted, or another one."""

import os
import sqlite3
from contextlib import closing

import pytest

from producer.reading import open_file
from tests.support.watched import Watched

_HEADER = b"x" * 3000 + b"\n"  # longer than the part of a file's start that a fingerprint covers


def test_a_file_that_replaces_another_counts_whole(watched: Watched) -> None:
    watched.write("a", b"old one\n")
    watched.poll()
    watched.write(".new", b"new one\n").rename(watched.path("a"))

    assert watched.poll() == {"old": 1, "one": 2, "new": 1}


def test_a_longer_file_that_replaces_one_of_the_same_start_counts_whole(watched: Watched) -> None:
    watched.write("a", b"one\n")
    watched.poll()
    watched.write(".new", b"one\ntwo\n").rename(watched.path("a"))

    assert watched.poll() == {"one": 2, "two": 1}


@pytest.mark.parametrize("more", [b"b\nc\nd\n", b"b\n", b""], ids=["longer", "as long", "shorter"])
def test_a_file_overwritten_in_place_counts_whole(watched: Watched, more: bytes) -> None:
    header = "x" * 3000
    watched.write("a", _HEADER + b"a\n")
    watched.poll()
    watched.write("a", _HEADER + more)

    assert watched.poll() == {header: 2, "a": 1, **{word.decode(): 1 for word in more.split()}}


def test_a_file_overwritten_in_place_counts_whole_after_a_restart(watched: Watched) -> None:
    watched.write("a", _HEADER + b"a\n")
    watched.poll()
    watched.write("a", _HEADER + b"b\nc\n")
    watched.restart()

    assert watched.poll() == {"x" * 3000: 2, "a": 1, "b": 1, "c": 1}


def test_lines_that_overwrite_an_unterminated_one_count_at_once(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"a line that never ended")
    watched.poll()
    watched.write("a", b"one\ntwo\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_lines_appended_to_a_truncated_file_count(watched: Watched) -> None:
    path = watched.write("a", b"one\ntwo\n")
    watched.poll()
    os.truncate(path, 0)
    watched.poll()
    watched.append("a", b"one\n")

    assert watched.poll() == {"one": 2, "two": 1}


def test_a_file_truncated_and_rewritten_between_two_polls_counts_whole(watched: Watched) -> None:
    watched.write("a", b"one\ntwo\n")
    watched.poll()
    watched.write("a", b"three\nfour\nfive\n")

    assert watched.poll() == {"one": 1, "two": 1, "three": 1, "four": 1, "five": 1}


def test_a_renamed_file_keeps_its_position(watched: Watched) -> None:
    path = watched.write("log", b"one\n")
    watched.poll()
    path.rename(watched.path("log.1"))
    assert watched.poll() == {"one": 1}
    watched.append("log.1", b"two\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_a_file_renamed_between_two_runs_keeps_its_position(watched: Watched) -> None:
    path = watched.write("log", b"one\n")
    watched.poll()
    path.rename(watched.path("log.1"))
    watched.restart()

    assert watched.poll() == {"one": 1}


def test_a_rotated_log_and_its_successor_both_count(watched: Watched) -> None:
    path = watched.write("log", b"one\n")
    watched.poll()
    watched.append("log", b"two\n")
    path.rename(watched.path("log.1"))
    watched.write("log", b"one\n")

    assert watched.poll() == {"one": 2, "two": 1}


def test_a_deleted_file_stays_counted(watched: Watched) -> None:
    watched.write("a", b"one\n").unlink()
    watched.write("b", b"one\n")
    watched.poll()
    watched.path("b").unlink()

    assert watched.poll() == {"one": 1}


@pytest.mark.parametrize("again", [b"one\n", b"one\ntwo\n", b"two\n"], ids=["the same", "a longer one", "another"])
def test_a_new_file_with_the_inode_of_a_deleted_one_counts_whole(watched: Watched, again: bytes) -> None:
    path = watched.write("a", b"one\n")
    inode = path.stat().st_ino
    watched.poll()
    path.unlink()
    _with_inode(watched, inode, again)
    watched.restart()

    assert watched.poll() == {"one": 1 + again.count(b"one")} | ({"two": 1} if b"two" in again else {})


def test_files_stay_counted_if_their_device_gets_another_number(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    watched.write("b", b"one\n")
    watched.poll()
    _restart_with(watched, "device = device + 1")
    assert watched.poll() == {"one": 2}
    watched.append("a", b"two\n")
    assert watched.poll() == {"one": 2, "two": 1}
    assert _births(watched, path.stat().st_ino) != {0}, "this file system does not tell when a file was created"


def test_an_old_device_number_leaves_no_position_behind(watched: Watched) -> None:
    header, inode = b"header\n", watched.write("a", b"header\n").stat().st_ino
    watched.poll()
    _restart_with(watched, "device = device + 1")
    watched.append("a", b"one\n")
    watched.poll()
    assert len(watched.target.find(inode)) == 2
    watched.write("a", header + b"two\n")
    watched.restart()

    assert watched.poll() == {"header": 2, "one": 1, "two": 1}


def test_the_same_inode_on_another_device_is_another_file(watched: Watched) -> None:
    watched.write("a", b"one\n")
    watched.poll()
    _restart_with(watched, "device = device + 1, birth_ns = birth_ns - 1")

    assert watched.poll() == {"one": 2}


def test_a_hard_link_counts_once(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    os.link(path, watched.path("b"))
    assert watched.poll() == {"one": 1}
    os.link(path, watched.path("c"))

    assert watched.poll() == {"one": 1}


def test_a_file_moved_to_another_folder_keeps_its_position(watched: Watched) -> None:
    path = watched.write("x/a", b"one\n")
    watched.poll()
    watched.path("y").mkdir()
    path.rename(watched.path("y/a"))

    assert watched.poll() == {"one": 1}


def test_a_deleted_and_recreated_folder_is_followed(watched: Watched) -> None:
    watched.write("a", b"one\n")
    watched.poll()
    watched.path("a").unlink()
    watched.folder.rmdir()
    assert watched.poll() == {"one": 1}
    assert "gone" in watched.warned("")[0]
    watched.write("a", b"two\n")

    assert watched.poll() == {"one": 1, "two": 1}


def test_an_eight_day_old_file_counts_next_to_a_new_one(watched: Watched) -> None:
    new = watched.write("new", b"one\n")
    watched.poll()
    old = watched.write("old", b"two\n")
    eight_days_before = new.stat().st_mtime - 8 * 86400
    os.utime(old, (eight_days_before, eight_days_before))

    assert watched.poll() == {"one": 1, "two": 1}


def _restart_with(watched: Watched, change: str) -> None:
    """Restart with positions that differ from the file system, as after a reboot."""
    watched.close()
    with closing(sqlite3.connect(watched.target_folder.parent / "positions.db")) as database, database:
        database.execute(f"update position set {change}")
    watched.restart()


def _births(watched: Watched, inode: int) -> set[int]:
    return {position.birth_ns for position in watched.target.find(inode)}


def _with_inode(watched: Watched, inode: int, data: bytes) -> None:
    """Create a file with a freed inode, or skip the test if the file system does not reuse inodes."""
    for number in range(200):
        path = watched.write(f".attempt-{number}", data)
        if path.stat().st_ino == inode:
            path.rename(watched.path("a"))
            return
    pytest.skip("this file system does not reuse inodes")


def test_a_file_whose_time_of_birth_was_unknown_keeps_its_position(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(open_file, "birth_ns", lambda _: 0)
        watched.write("a", b"a\n")
        watched.poll()
    watched.append("a", b"b\n")
    watched.restart()

    assert watched.poll() == {"a": 1, "b": 1}


def test_the_times_of_a_file_just_changed_are_not_trusted(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    # A second change within the same tick of the clock would leave the same times.
    path = watched.write("a", b"one\n")
    watched.poll()
    (position,) = watched.target.find(path.stat().st_ino)
    assert position.ctime_ns == 0
    monkeypatch.setattr(open_file, "TICK_NS", -1)
    monkeypatch.setattr(open_file, "COARSE_TICK_NS", -1)

    assert watched.poll() == {"one": 1}
    (position,) = watched.target.find(path.stat().st_ino)
    assert position.ctime_ns == path.stat().st_ctime_ns
