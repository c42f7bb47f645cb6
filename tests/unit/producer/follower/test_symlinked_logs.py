"""Logs that are followed through symlinks."""

from collections.abc import Callable

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def test_a_repointed_symlink_leads_to_the_next_log(log: Watched, again: Callable[[], None]) -> None:
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


@pytest.mark.parametrize("link", ["current.log", "a.log", "zz.log"])
@pytest.mark.parametrize("inputs", [["*.log"], [""], ["*.log", ""]], ids=str)
def test_a_log_and_a_symlink_to_it_count_once(
    log: Watched, again: Callable[[], None], inputs: list[str], link: str
) -> None:
    log.restart(inputs=inputs)
    log.path(link).symlink_to(log.write("app.log", numbered(1)))
    assert log.poll() == once(1)
    log.append("app.log", numbered(2))
    copytruncate(log, "app.log", "app.log.1")
    assert log.poll() == once(1, 2)
    log.append("app.log", numbered(3))
    move(log, "app.log", "app.log.2")
    pack(log, "app.log.2")
    if inputs != [""]:  # the initial files of a folder all count
        again()
    assert log.poll() == once(1, 2, 3)


@pytest.mark.parametrize("rotate", ["rename", "copytruncate", "pack", "date"])
def test_a_log_behind_a_symlink_is_followed_through_its_rotation(
    log: Watched, again: Callable[[], None], rotate: str
) -> None:
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
def test_a_symlink_repointed_between_two_runs_is_followed(log: Watched, name: str) -> None:
    log.restart(inputs=["current.log"])
    log.path("current.log").symlink_to(log.write(name % 22, numbered(1)))
    later = log.write(name % 23, numbered(3))
    assert log.poll() == once(1)
    log.append(name % 22, numbered(2))
    log.path("current.log").unlink()
    log.path("current.log").symlink_to(later)
    log.restart()
    assert log.poll() == once(1, 2, 3)
    log.append(name % 22, numbered(4))  # the writer does not know of the change yet
    log.restart()
    log.append(name % 23, numbered(5))
    assert log.poll() == once(1, 2, 3, 4, 5)


@pytest.mark.parametrize("inputs", [["current.log"], ["*.log"], ["current.log", "far/*.log"]], ids=str)
def test_only_appended_lines_count_from_the_end_through_a_symlink(
    log: Watched, again: Callable[[], None], inputs: list[str]
) -> None:
    log.path("current.log").symlink_to(log.write("far/app.log", numbered(1)))
    log.write("far/app.log.1", numbered(0))
    log.restart(inputs=inputs, from_end=True)
    assert log.poll() == {}
    log.append("far/app.log", numbered(2))
    again()
    copytruncate(log, "far/app.log", "far/app.log.2")
    assert log.poll() == once(2)


def test_a_symlink_to_the_latest_dated_log_is_followed(log: Watched, again: Callable[[], None]) -> None:
    for day in (21, 22):
        log.write(f"app-2026-11-{day}.log", numbered(0))
    log.path("app.log").symlink_to(log.write("app-2026-11-23.log", b"line-1\nli"))
    assert log.poll() == once(1)
    again()
    assert log.poll() == once(1)
    log.append("app-2026-11-22.log", numbered(2))  # appended to a skipped file
    log.append("app-2026-11-23.log", b"ne-3\n")
    assert log.poll() == once(1, 2, 3)
    log.path("app.log").unlink()
    log.path("app.log").symlink_to(log.write("app-2026-11-24.log", numbered(4)))
    again()
    assert log.poll() == once(1, 2, 3, 4)


def test_a_pattern_may_match_a_symlink_to_a_dated_log(log: Watched) -> None:
    log.restart(inputs=["*.log"])
    log.path("app.log").symlink_to(log.write("app-2026-11-22.log", b"started\nhal"))
    assert log.poll() == {"started": 1}
    log.append("app-2026-11-22.log", b"f\n")
    log.write("app-2026-11-23.log", b"started\n")
    assert log.poll() == {"started": 2, "half": 1}


def test_a_repointed_symlink_to_a_folder_is_followed(log: Watched, again: Callable[[], None]) -> None:
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
