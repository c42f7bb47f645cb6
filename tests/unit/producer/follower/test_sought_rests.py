"""Logs that are followed by their names and rotated to somewhere else: the rest counts, or is reported."""

import gzip
import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack, rotate

_NAMES = ["app__2026-11-28_00-00-00.log", "app_001.log", "old/app-28.log", "archive/2026/11/@400000005f5e1000.s"]

pytestmark = pytest.mark.usefixtures("unlimited_searches")


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("inputs", [["app.log"], ["app*.log"]], ids=str)
def test_the_rest_of_a_log_is_found_under_any_name_next_to_it_and_below(
    log: Watched, again: Callable[[], None], name: str, way: str, inputs: list[str]
) -> None:
    log.restart(inputs=inputs)
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    again()
    rotate(log, name, way)
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3)
    again()
    log.append("app.log", numbered(4))
    for _ in range(3):
        log.poll()
    assert log.counts == once(1, 2, 3, 4)
    assert log.warnings == []


def test_a_stop_just_after_a_log_was_truncated(log: Watched) -> None:
    """The run that noticed it has had no time to search; the next one does it, and no later one does it again."""
    log.restart(inputs=["app.log"])
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "former app")
    log.poll()
    assert log.counts == once(1)
    for _ in range(2):
        log.restart()
        log.poll()
        log.poll()
        assert log.counts == once(1, 2)


@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("options", [{}, {"rotated_names": ["*.former*"]}], ids=str)
def test_the_rest_of_a_log_is_found_in_an_archive(log: Watched, way: str, options: dict[str, Any]) -> None:
    archive = log.path("../archive")
    archive.mkdir()
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    rotate(log, "../archive/app.former", way)
    log.restart(archives=[str(archive)], **options)
    log.poll()
    log.poll()

    assert log.poll() == once(1, 2, 3)
    assert log.warnings == []


def test_a_file_that_only_begins_alike_is_not_taken_for_the_rest(log: Watched) -> None:
    log.write("app.log", b"started\n" + numbered(1))
    log.poll()
    log.close()
    log.path("app.log").unlink()
    log.write("other.txt", b"started\n" + numbered(4))
    log.write("packed.gz", gzip.compress(b"started\n" + numbered(4)))
    log.write("app.log", b"started\n")
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1) | {"started": 2}
    assert len(log.warned("app.log")) == 1


def test_a_stream_that_ends_waits_for_the_search(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    rotate(log, "old/x", "copy")
    log.restart(once=True)
    polls = 0
    while not log.follower.caught_up():
        log.poll()
        polls += 1
        assert polls < 10

    assert log.counts == once(1, 2, 3)


def test_a_copy_in_the_making_is_read_to_its_end(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    whole = log.path("app.log").read_bytes()
    log.path("old").mkdir()
    log.write("old/x", whole[:7])
    os.truncate(log.path("app.log"), 0)
    log.poll()
    log.poll()
    log.append("old/x", whole[7:])

    assert log.poll() == once(1, 2)
    shutil.rmtree(log.path("old"))
    assert log.poll() == once(1, 2)


@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("name", ["app__2026-11-2{}.log", "app_00{}.log", "old/2026-1{}/app.log", "old/@4000000{}a.s"])
def test_a_log_that_is_rotated_several_times_at_once_counts_once(
    log: Watched, again: Callable[[], None], way: str, name: str
) -> None:
    existing = log.path(name.format(0))
    existing.parent.mkdir(parents=True, exist_ok=True)
    existing.write_bytes(numbered(9))
    os.utime(existing, (1, 1))
    log.write("app.log", numbered(1))
    log.write("app.log.of.others", numbered(8))
    log.poll()
    log.append("app.log", numbered(2))
    again()
    for number in range(1, 4):
        to = name.format(number)
        log.path(to).parent.mkdir(parents=True, exist_ok=True)
        (copytruncate if "copy" in way else move)(log, "app.log", to)
        os.utime(log.path(to), (1_000_000_000 + number, 1_000_000_000 + number))
        if "pack" in way:
            pack(log, to)
        log.append("app.log", numbered(2 + number))
    for _ in range(3):
        log.poll()

    assert log.counts == once(*range(1, 6))
    log.restart()
    assert log.poll() == once(*range(1, 6))
    assert log.warnings == []


@pytest.mark.parametrize("written_after_the_copy", [b"", numbered(3)], ids=["nothing", "a line"])
def test_the_rest_of_a_log_that_is_truncated_and_then_renamed_between_two_polls_is_found(
    log: Watched, again: Callable[[], None], written_after_the_copy: bytes
) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.path("old").mkdir()
    again()
    copytruncate(log, "app.log", "old/former")
    log.append("app.log", written_after_the_copy)
    move(log, "app.log", "app.log.1")
    log.write("app.log", numbered(4))
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 4, *([3] if written_after_the_copy else []))
    assert log.warnings == []


@pytest.mark.parametrize("ways", [("app.log.1", "old/app.log-20261128"), ("old/app.log.2", "old/app.log-20261128.gz")])
def test_what_is_rotated_to_usual_names_in_another_folder_is_found(log: Watched, ways: tuple[str, str]) -> None:
    log.write("app.log", numbered(1))
    log.path("old").mkdir()
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    for number, name in enumerate(ways):
        move(log, "app.log", name.removesuffix(".gz"))
        if name.endswith(".gz"):
            pack(log, name.removesuffix(".gz"))
        log.write("app.log", numbered(3 + number))
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3, 4)
    assert log.warnings == []


def test_a_symlink_that_is_repointed_several_times_leads_to_all_files_in_between(
    log: Watched, again: Callable[[], None]
) -> None:
    log.restart(inputs=["current.log"])
    log.write("app.0.log", numbered(9))
    os.utime(log.path("app.0.log"), (1, 1))
    log.write("app.1.log", numbered(1))
    log.path("current.log").symlink_to("app.1.log")
    log.poll()
    again()
    for number in range(2, 5):
        log.write(f"app.{number}.log", numbered(number))
        log.path("current.log").unlink()
        log.path("current.log").symlink_to(f"app.{number}.log")
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3, 4)
    assert log.warnings == []


def test_a_file_that_reuses_the_inode_of_a_log_is_no_copy_of_it(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.close()
    log.path("old").mkdir()
    move(log, "app.log", "old/app_1.log")
    pack(log, "old/app_1.log")
    log.write("app.log", numbered(2))
    log.restart()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2)
    assert log.warnings == []


def test_a_log_that_was_moved_and_is_being_compressed_counts_once(log: Watched, again: Callable[[], None]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    again()
    move(log, "app.log", "former 1")
    log.write("former 1.gz", gzip.compress(numbered(1, 2)))
    log.write("app.log", numbered(3))
    for _ in range(3):
        log.poll()
    log.path("former 1").unlink()
    for _ in range(3):
        log.poll()

    assert log.counts == once(1, 2, 3)
    again()
    assert log.poll() == once(1, 2, 3)
