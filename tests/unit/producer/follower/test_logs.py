"""Logs that are rotated while they are followed: each line once, however it is done."""

import gzip
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from producer.discovery import logs, open_logs
from producer.reading.open_file import OpenFile
from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def wait_for_the_clock_of(folder: Path) -> None:
    """Wait until what changes there has another time than what changed before."""
    probe = folder.parent / "probe"
    probe.touch()
    before = probe.stat().st_ctime_ns
    deadline = time.monotonic() + 5
    while probe.stat().st_ctime_ns == before:
        assert time.monotonic() < deadline
        probe.touch()


def test_a_log_that_is_not_there_yet(log: Watched) -> None:
    assert log.poll() == log.poll() == {}
    assert log.warnings == [(str(log.path("app.log")), "does not exist yet; waiting for it")]
    log.write("app.log", numbered(1))
    assert log.poll() == once(1)


@pytest.mark.parametrize("options", [{}, {"from_end": True}], ids=str)
def test_what_is_not_there_yet_and_comes_as_a_folder(
    log: Watched, again: Callable[[], None], options: dict[str, bool]
) -> None:
    log.restart(inputs=["app.log", "later"], **options)
    log.poll()
    log.write("later/a", numbered(1))
    log.write("later/b/c", numbered(2))
    log.write("app.log", numbered(3))
    log.poll()
    again()
    assert log.poll() == once(1, 2, 3)
    log.append("later/b/c", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)


def test_nothing_but_the_log_counts(log: Watched) -> None:
    for name in ("app.log", "app.log.1", "app.log.2.gz", "app.log-20261122", "other.log", "app.logs"):
        log.write(name, numbered(1) if name == "app.log" else numbered(2))
    assert log.poll() == once(1)
    log.restart()
    assert log.poll() == once(1)
    move(log, "app.log.1", "app.log.3")
    pack(log, "app.log.3")
    assert log.poll() == once(1)


def test_renamed_and_made_anew(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.1")
    again()
    log.append("app.log.1", numbered(3))
    log.write("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4)
    log.append("app.log", numbered(5))
    assert log.poll() == once(1, 2, 3, 4, 5)


def test_renamed_and_made_anew_twice_between_two_looks(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.2")
    log.write("app.log", numbered(3))
    move(log, "app.log", "app.log.1")
    log.write("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_copied_and_truncated(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    for number in range(2, 6):
        log.append("app.log", numbered(number))
        for older in range(4, 0, -1):
            if log.path(f"app.log.{older}").exists():
                move(log, f"app.log.{older}", f"app.log.{older + 1}")
        copytruncate(log, "app.log", "app.log.1")
        again()
        assert log.poll() == once(*range(1, number + 1))
    log.append("app.log", numbered(6))
    again()
    assert log.poll() == once(*range(1, 7))


def test_copied_and_truncated_twice_between_two_looks(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "app.log.1")
    move(log, "app.log.1", "app.log.2")
    log.append("app.log", numbered(3))
    copytruncate(log, "app.log", "app.log.1")
    log.append("app.log", numbered(4))
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_a_copy_that_is_still_being_made(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1, 2))
    log.poll()
    log.write("app.log.1", numbered(1))
    assert log.poll() == once(1, 2)
    log.append("app.log.1", numbered(2))
    again()
    log.append("app.log", numbered(3))
    log.append("app.log.1", numbered(3))
    log.append("app.log", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)
    os.truncate(log.path("app.log"), 0)
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_lines_that_came_between_the_copy_and_the_truncation(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2, 3))

    assert log.poll(after_scan=lambda: log.write("app.log.1", numbered(1, 2))) == once(1, 2, 3)
    os.truncate(log.path("app.log"), 0)
    log.append("app.log", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)


def test_copied_and_truncated_after_the_folder_was_listed(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.poll()

    def rotate() -> None:
        copytruncate(log, "app.log", "app.log.1")
        log.append("app.log", numbered(3))

    log.poll(after_scan=rotate)
    assert log.poll() == once(1, 2, 3)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst", ".xz"])
def test_packed_at_once(log: Watched, again: Callable[[], None], suffix: str) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1", suffix)
    log.write("app.log", numbered(3))
    again()
    assert log.poll() == once(1, 2, 3)
    move(log, f"app.log.1{suffix}", f"app.log.2{suffix}")
    again()
    assert log.poll() == once(1, 2, 3)
    assert log.warnings == log.follower.failures == []


def test_copied_truncated_and_packed_at_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "app.log-20261123")
    log.append("app.log", numbered(3))
    pack(log, "app.log-20261123")
    again()
    assert log.poll() == once(1, 2, 3)


def test_packed_before_its_last_lines_were_written(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    log.restart(settle=3600)
    log.write("app.log", numbered(1))
    log.poll()
    with log.path("app.log").open("ab") as writer:
        writer.write(numbered(2))
        writer.flush()
        move(log, "app.log", "app.log.1")
        pack(log, "app.log.1")
        log.write("app.log", numbered(4))
        writer.write(numbered(3))  # who writes has not been told
        writer.flush()
        assert log.poll() == once(1, 2, 3, 4)
    monkeypatch.setattr(time, "monotonic", lambda: 1e12)
    assert log.poll() == once(1, 2, 3, 4)


@pytest.mark.parametrize("reads", [1, 2])
def test_packed_before_its_last_lines_were_written_and_found_after_a_restart(log: Watched, reads: int) -> None:
    for number in range(reads):
        log.append("app.log", numbered(number))
        log.poll()
    with log.path("app.log").open("ab") as writer:
        move(log, "app.log", "app.log.1")
        log.restart(settle=3600)
        log.poll()
        pack(log, "app.log.1")
        log.write("app.log", numbered(9))
        for number in range(reads, 5):
            writer.write(numbered(number))
            writer.flush()
            log.poll()
    log.restart(settle=0)
    assert log.poll() == once(*range(5), 9)


def test_logs_of_the_same_lines(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"tick\n" * 3)
    log.poll()
    move(log, "app.log", "app.log.2")
    pack(log, "app.log.2")
    os.utime(log.path("app.log.2.gz"), (1, 1))
    log.write("app.log.1", b"tick\n" * 4)
    log.write("app.log", b"tick\n" * 5)
    again()
    assert log.poll() == {"tick": 12}


def test_the_same_inode_again(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    again()
    log.path("app.log").unlink()
    log.write("app.log", numbered(2))
    again()
    assert log.poll() == once(1, 2)


def test_a_symlink_moved_to_the_next_file(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["current.log"])
    first, second = log.write("a-1", numbered(1)), log.write("a-2", numbered(3))
    log.path("current.log").symlink_to(first)
    assert log.poll() == once(1)
    log.append("a-1", numbered(2))
    log.path("new").symlink_to(second)
    log.path("new").rename(log.path("current.log"))
    assert log.poll() == once(1, 2, 3)
    again()
    log.append("a-2", numbered(4))
    assert log.poll() == once(1, 2, 3, 4)


def test_a_log_deleted_while_it_is_written(log: Watched) -> None:
    with log.write("app.log", numbered(1)).open("ab") as writer:
        log.poll()
        log.path("app.log").unlink()
        assert log.poll() == once(1)
        writer.write(numbered(2))
        writer.flush()
        assert log.poll() == once(1, 2)


def test_a_log_that_lost_its_name_is_closed_when_nothing_comes_any_more(
    log: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_logs, "NAMELESS_SECONDS", 0)
    log.write("app.log", numbered(1))
    log.poll()
    log.path("app.log").unlink()
    for _ in range(3):
        log.poll()
    assert log.open_descriptors == []


@pytest.mark.parametrize("name", ["app.log", "*.log"])
def test_what_is_gone_of_a_log_is_forgotten(log: Watched, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(open_logs, "NAMELESS_SECONDS", 0)
    log.restart(inputs=[name])
    for number in range(5):
        log.write("app.log", numbered(number))
        log.poll()
        move(log, "app.log", "app.log.1")
    for _ in range(3):
        log.poll()
    assert log.follower.files == 1


def test_a_log_deleted_while_we_were_stopped_is_read_on(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with log.write("app.log", numbered(1)).open("ab") as writer:
        log.poll()
        now = time.monotonic()
        for hours in (1, 2):  # nothing is seen in between
            monkeypatch.setattr(open_logs.time, "monotonic", lambda hours=hours: now + hours * 3600)
            log.path("app.log").unlink(missing_ok=True)
            log.poll()
        writer.write(numbered(2))
        writer.flush()
        assert log.poll() == once(1, 2)


def test_a_line_written_in_two_halves_is_waited_for(log: Watched) -> None:
    log.write("app.log", b"one\nhal")
    assert log.poll() == log.poll() == {"one": 1}
    log.append("app.log", b"f\n")
    assert log.poll() == {"one": 1, "half": 1}


def test_half_a_line_of_a_rotated_log_counts(log: Watched) -> None:
    log.write("app.log", b"one\nhalf")
    assert log.poll() == {"one": 1}
    move(log, "app.log", "app.log.1")
    assert log.poll() == {"one": 1, "half": 1}


def test_a_pattern(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["*.log"])
    log.write("a.log", numbered(1))
    log.write("a.log.1", numbered(0))
    log.write("b.txt", numbered(0))
    assert log.poll() == once(1)
    log.write("b.log", numbered(2))
    assert log.poll() == once(1, 2)
    again()
    move(log, "b.log", "b.log.1")
    log.append("b.log.1", numbered(3))
    log.write("b.log", numbered(4))
    log.write(".c.log", numbered(5))
    assert log.poll() == once(1, 2, 3, 4)


def test_a_pattern_of_folders(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "GLOB_SECONDS", 0)
    monkeypatch.setattr(logs, "GLOB_SHARE", float("inf"))
    log.restart(inputs=["*/app.log"])
    log.write("a/app.log", numbered(1))
    assert log.poll() == once(1)
    log.write("b/app.log", numbered(2))
    assert log.poll() == once(1, 2)


def test_a_pattern_that_names_rotated_logs_too(log: Watched) -> None:
    log.restart(inputs=["app.log*"])
    log.write("app.log", numbered(3))
    log.write("app.log.1", numbered(2))
    log.write("app.log.2.gz", gzip.compress(numbered(1)))
    assert log.poll() == once(1, 2, 3)
    log.append("app.log", numbered(4))
    copytruncate(log, "app.log", "app.log.3")
    log.append("app.log", numbered(5))
    assert log.poll() == once(1, 2, 3, 4, 5)


@pytest.mark.parametrize("pattern", ["**", "in*/**"])
def test_a_pattern_of_all_files_below(log: Watched, pattern: str) -> None:
    log.restart(inputs=[pattern.replace("in*", f"../{log.folder.name[:-1]}*")])
    log.write("app.log", numbered(1))
    log.write("a/b/app.log", numbered(2))
    assert log.poll() == once(1, 2)


def test_logs_and_folders_together(log: Watched) -> None:
    log.path("other").mkdir()
    log.restart(inputs=["app.log", "*.log", "other"])
    log.write("app.log", numbered(1))
    log.write("b.log", numbered(2))
    log.write("other/c", numbered(3))
    assert log.poll() == once(1, 2, 3)


def test_from_the_end(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["*.log"], from_end=True)
    log.write("app.log", numbered(1) + b"line-")
    log.write("packed.log", gzip.compress(numbered(0)))
    assert log.poll() == {}
    again()
    log.append("app.log", b"2\n")
    log.write("new.log", numbered(3))
    assert log.poll() == once(2, 3)
    move(log, "app.log", "app.log.1")
    pack(log, "app.log.1")
    log.write("app.log", numbered(4))
    again()
    assert log.poll() == once(2, 3, 4)


def test_more_logs_than_are_kept_open(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_logs, "MOST_OPEN", 2)
    log.restart(inputs=["*.log"])
    for number in range(5):
        log.write(f"{number}.log", numbered(number))
    assert log.poll() == once(*range(5))
    log.append("4.log", numbered(5))
    assert log.poll() == once(*range(6))
    (reason,) = set(log.warned("*.log"))
    assert reason.startswith("only the 2 most recently changed logs are kept open")
    with log.path("1.log").open("ab") as writer:  # what changes last is kept open
        for text in (numbered(6), numbered(7)):
            writer.write(text)
            writer.flush()
            log.poll()
            log.path("1.log").unlink(missing_ok=True)
    assert log.poll() == once(*range(8))


@pytest.mark.parametrize("link", ["current.log", "a.log", "zz.log"])
@pytest.mark.parametrize("inputs", [["*.log"], [""], ["*.log", ""]], ids=str)
def test_a_symlink_beside_its_log(log: Watched, again: Callable[[], None], inputs: list[str], link: str) -> None:
    log.restart(inputs=inputs)
    log.path(link).symlink_to(log.write("app.log", numbered(1)))
    assert log.poll() == once(1)
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "app.log.1")
    assert log.poll() == once(1, 2)
    log.append("app.log", numbered(3))
    move(log, "app.log", "app.log.2")
    pack(log, "app.log.2")
    if inputs != [""]:  # what a folder has when it is first looked at counts as a batch would count it
        again()
    assert log.poll() == once(1, 2, 3)


@pytest.mark.parametrize("rotate", ["rename", "copytruncate", "pack", "date"])
def test_what_a_symlink_leads_to_is_rotated(log: Watched, again: Callable[[], None], rotate: str) -> None:
    log.restart(inputs=["current.log"])
    log.write("far/app.log.1", numbered(0))
    log.path("current.log").symlink_to(log.write("far/app.log", numbered(1)))
    assert log.poll() == once(1)
    log.append("far/app.log", numbered(2))
    if rotate == "copytruncate":
        copytruncate(log, "far/app.log", "far/app.log.2")
    else:
        move(log, "far/app.log", "far/app.log.2026-11-23_10-30" if rotate == "date" else "far/app.log.2")
        if rotate == "pack":
            pack(log, "far/app.log.2")
    log.write("far/app.log", numbered(3))
    pack(log, "far/app.log.1")
    again()
    assert log.poll() == once(1, 2, 3)


@pytest.mark.parametrize("name", ["far/app-2026-11-%d.log", "far/app.%d", "far%d/app.log"])
def test_a_symlink_moved_on_while_nobody_looks(log: Watched, name: str) -> None:
    log.restart(inputs=["current.log"])
    log.path("current.log").symlink_to(log.write(name % 22, numbered(1)))
    later = log.write(name % 23, numbered(3))
    assert log.poll() == once(1)
    log.append(name % 22, numbered(2))
    log.path("current.log").unlink()
    log.path("current.log").symlink_to(later)
    log.restart()
    assert log.poll() == once(1, 2, 3)
    log.append(name % 22, numbered(4))  # who writes has not been told
    log.restart()
    log.append(name % 23, numbered(5))
    assert log.poll() == once(1, 2, 3, 4, 5)


def test_a_first_look_that_is_cut_off(log: Watched) -> None:
    log.write("app.log", numbered(1))
    for number in range(1, 9):
        log.write(f"app.log.{number}", numbered(0))
        os.utime(log.path(f"app.log.{number}"), (2_000_000_000, 2_000_000_000))
    log.restart(should_stop=lambda: True)
    log.poll()
    log.restart(should_stop=lambda: False)
    assert log.poll() == once(1)


@pytest.mark.parametrize("rotate", ["copytruncate", "pack"])
@pytest.mark.parametrize("options", [{}, {"from_end": True}], ids=str)
def test_what_was_not_read_of_a_log_is_no_past_where_another_pattern_names_it(
    log: Watched, rotate: str, options: dict[str, bool]
) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    if rotate == "copytruncate":
        copytruncate(log, "app.log", "app.log.1")
    else:
        move(log, "app.log", "app.log.1")
        pack(log, "app.log.1")
    log.append("app.log", numbered(3))
    log.write("b.log.1", numbered(0))
    log.restart(inputs=["*.log"], **options)
    assert log.poll() == once(1, 2, 3)


def test_logs_of_dated_names(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["app-*.log"])
    log.write("app-2026-11-22.log", numbered(1) + b"li")
    assert log.poll() == once(1)
    with log.write("app-2026-11-23.log", b"").open("ab") as writer:
        log.poll()
        again()
        log.poll()
        log.append("app-2026-11-22.log", b"ne-2\n")
        log.path("app-2026-11-23.log").unlink()
        writer.write(numbered(3))
        writer.flush()
        assert log.poll() == once(1, 2, 3)


def test_dated_logs_that_begin_alike(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["app-*.log"])
    log.write("app-2026-11-22.log", b"started\n")
    log.poll()
    again()
    log.write("app-2026-11-23.log", b"started\n")
    assert log.poll() == {"started": 2}


def test_a_new_log_that_begins_as_one_that_was_deleted(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"started\n")
    log.poll()
    move(log, "app.log", "app.log.1")
    log.write("app.log", b"")
    log.poll()
    log.follower.close()  # who holds it keeps it from being gone
    log.path("app.log.1").unlink()
    again()
    log.poll()
    log.write("app.log.1", b"started\n")
    assert log.poll() == {"started": 2}


def test_a_log_that_is_packed_and_kept_is_not_read_at_every_look(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write("app.log", numbered(1) + b"half")
    log.poll()
    log.write("app.log.1.gz", gzip.compress(log.path("app.log").read_bytes()))
    log.poll()
    reads = []
    blocks = OpenFile.blocks
    monkeypatch.setattr(OpenFile, "blocks", lambda source: reads.append(source) or blocks(source))
    log.poll()
    assert reads == []
    log.append("app.log", b" of it\n")
    assert log.poll() == once(1) | {"half": 1, "of": 1, "it": 1}


@pytest.mark.parametrize("inputs", [["", "*.log"], ["*.log", ""]], ids=str)
def test_half_a_line_of_a_log_that_a_folder_has_too(log: Watched, inputs: list[str]) -> None:
    log.restart(inputs=inputs)
    log.write("app.log", b"one\nhal")
    assert log.poll() == {"one": 1}
    log.append("app.log", b"f\n")
    assert log.poll() == {"one": 1, "half": 1}


def test_what_is_gone_is_forgotten_in_each_place_by_itself(log: Watched) -> None:
    for name in ("a", "b"):
        log.write(f"{name}/broken.gz", b"\x1f\x8b broken")
    log.restart(inputs=["a", "b"])
    log.poll()
    assert len(log.follower.failures) == 2
    a, b = log.follower.inputs.folders
    for name, scanned, other, failures in (("a", a, b, ["b/broken.gz"]), ("b", b, a, [])):
        log.path(f"{name}/broken.gz").unlink()
        scanned.next_full_scan, other.next_full_scan = 0.0, float("inf")
        log.poll()
        assert log.follower.failures == [str(log.path(failure)) for failure in failures]


@pytest.mark.parametrize("inputs", [["current.log"], ["*.log"], ["current.log", "far/*.log"]], ids=str)
def test_from_the_end_through_a_symlink(log: Watched, again: Callable[[], None], inputs: list[str]) -> None:
    log.path("current.log").symlink_to(log.write("far/app.log", numbered(1)))
    log.write("far/app.log.1", numbered(0))
    log.restart(inputs=inputs, from_end=True)
    assert log.poll() == {}
    log.append("far/app.log", numbered(2))
    again()
    copytruncate(log, "far/app.log", "far/app.log.2")
    assert log.poll() == once(2)


def test_from_the_end_a_file_with_the_inode_of_one_that_was_followed(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.path("app.log").unlink()
    log.follower.close()
    log.write("b.log", numbered(2))
    log.restart(inputs=["*.log"], from_end=True)
    assert log.poll() == once(1)


def test_dated_logs_with_a_symlink_to_the_last(log: Watched, again: Callable[[], None]) -> None:
    for day in (21, 22):
        log.write(f"app-2026-11-{day}.log", numbered(0))
    log.path("app.log").symlink_to(log.write("app-2026-11-23.log", b"line-1\nli"))
    assert log.poll() == once(1)
    again()
    assert log.poll() == once(1)
    log.append("app-2026-11-22.log", numbered(2))  # what is written behind what is past
    log.append("app-2026-11-23.log", b"ne-3\n")
    assert log.poll() == once(1, 2, 3)
    log.path("app.log").unlink()
    log.path("app.log").symlink_to(log.write("app-2026-11-24.log", numbered(4)))
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_a_dated_log_that_a_symlink_of_the_pattern_leads_to(log: Watched) -> None:
    log.restart(inputs=["*.log"])
    log.path("app.log").symlink_to(log.write("app-2026-11-22.log", b"started\nhal"))
    assert log.poll() == {"started": 1}
    log.append("app-2026-11-22.log", b"f\n")
    log.write("app-2026-11-23.log", b"started\n")
    assert log.poll() == {"started": 2, "half": 1}


def test_packed_much_later_from_a_name_of_its_own(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    move(log, "app.log", "app.log4711.tmp")
    log.write("app.log", numbered(2))
    log.poll()
    again()
    log.poll()
    log.write("app-2026-11-22.log.gz", gzip.compress(log.path("app.log4711.tmp").read_bytes()))
    assert log.poll() == once(1, 2)


def test_copied_and_deleted_under_a_pattern_that_names_both(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["app.log*"])
    log.write("app.log", numbered(1))
    log.poll()
    shutil.copyfile(log.path("app.log"), log.path("app.log.old"))
    log.path("app.log").unlink()
    again()
    assert log.poll() == once(1)


def test_a_service_that_writes_the_same_each_time_it_starts(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", b"started\n")
    log.poll()
    for older in ("app.log.2", "app.log.1"):
        move(log, "app.log", older)
        log.write("app.log", b"started\n")
    again()
    assert log.poll() == {"started": 3}


def test_reports_of_the_same_begin_in_a_folder(watched: Watched) -> None:
    for month, data in ((10, b"none\n"), (11, b"none\n")):
        watched.write(f"report-2026-{month}.txt", data)
        watched.poll()
    assert watched.counts == {"none": 2}


def test_a_symlinked_folder_moved_on(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["current/app.log"])
    log.write("day-1/app.log", numbered(1))
    log.write("day-2/app.log", numbered(3))
    log.path("current").symlink_to(log.path("day-1"))
    assert log.poll() == once(1)
    log.append("day-1/app.log", numbered(2))
    log.path("current").unlink()
    log.path("current").symlink_to(log.path("day-2"))
    assert log.poll() == once(1, 2, 3)
    move(log, "day-2/app.log", "day-2/app.log.1")
    pack(log, "day-2/app.log.1")
    again()
    assert log.poll() == once(1, 2, 3)


@pytest.mark.parametrize("rotate", ["copytruncate", "pack"])
def test_a_folder_of_logs(watched: Watched, rotate: str) -> None:
    watched.write("app.log", numbered(1))
    watched.poll()
    watched.append("app.log", numbered(2))
    if rotate == "copytruncate":
        copytruncate(watched, "app.log", "app.log.1")
    else:
        move(watched, "app.log", "app.log.1")
        pack(watched, "app.log.1")
    watched.write("app.log", numbered(3))
    assert watched.poll() == once(1, 2, 3)


def test_what_is_in_a_folder_first_counts_as_a_batch_would(watched: Watched) -> None:
    for name in ("a.txt", "a.txt.1", "b.txt"):
        watched.write(name, numbered(1))
    watched.write("a.txt.gz", gzip.compress(numbered(1)))
    assert watched.poll() == {"line-1": 4}
    watched.write("b.txt.gz", gzip.compress(numbered(1)))
    assert watched.poll() == {"line-1": 5}
    watched.restart()
    assert watched.poll() == {"line-1": 5}


def test_a_restart_between_the_copy_and_the_truncation_in_a_folder(watched: Watched) -> None:
    watched.write("app.log", numbered(1))
    watched.poll()
    watched.restart()
    watched.poll()
    wait_for_the_clock_of(watched.folder)
    shutil.copyfile(watched.path("app.log"), watched.path("app.log.1"))
    watched.restart()
    assert watched.poll() == once(1)
    os.truncate(watched.path("app.log"), 0)
    assert watched.poll() == once(1)


def test_a_first_look_at_a_folder_that_is_cut_off(watched: Watched) -> None:
    watched.write("a.log", numbered(1))
    wait_for_the_clock_of(watched.folder)
    watched.write("a.log.1", numbered(1))
    watched.restart()
    publish, published = watched.target.publish, []

    def publish_once(*what: object) -> bool:
        if published:
            raise KeyboardInterrupt
        published.append(what)
        return publish(*what)  # type: ignore[arg-type]

    watched.target.chunk_bytes = 1
    watched.target.publish = publish_once  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        watched.poll()
    watched.restart()
    assert watched.counts == once(1)
    assert watched.poll() == {"line-1": 2}


def test_a_log_that_is_packed_and_kept(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.write("app.log.1.gz", gzip.compress(numbered(1)))
    assert log.poll() == once(1)
    log.restart(once=True)
    assert log.poll() == once(1)
    assert log.follower.caught_up()


def test_whatever_order_it_comes_in(tmp_path: Path, full_scans: None) -> None:  # noqa: ARG001
    """All ways to rotate, in random order, with and without restarts."""
    import random  # noqa: PLC0415

    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    log = Watched(tmp_path, inputs=["app.log"], follow_logs=True)
    written = Counter[str]()
    log.write("app.log", b"")
    log.poll()
    for step in range(400):
        what = chance.choice(["write", "write", "write", "look", "look", "restart", "rename", "copy", "pack"])
        if what == "write":
            log.append("app.log", numbered(step))
            written[f"line-{step}"] += 1
        elif what in {"look", "restart"}:
            (log.poll if what == "look" else log.restart)()
        else:
            for older in range(30, 0, -1):
                for suffix in ("", ".gz"):
                    if log.path(f"app.log.{older}{suffix}").exists():
                        move(log, f"app.log.{older}{suffix}", f"app.log.{older + 1}{suffix}")
            if what == "copy":
                copytruncate(log, "app.log", "app.log.1")
            else:
                move(log, "app.log", "app.log.1")
                log.write("app.log", b"")
                if what == "pack":
                    pack(log, "app.log.1")
    assert log.poll() == written
    log.close()
