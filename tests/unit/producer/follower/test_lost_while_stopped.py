"""What is deleted or moved away while nothing runs, and may have lines that were not read, is reported once."""

import gzip
import os

import pytest

from producer.rotation import rotations
from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once


@pytest.fixture(autouse=True)
def _searches_are_not_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotations, "SEARCH_SHARE", float("inf"))


@pytest.mark.parametrize("inputs", [["app.log"], ["*.log"]], ids=str)
@pytest.mark.parametrize("is_recreated", [True, False])
def test_a_log_that_is_truncated_before_a_stop_and_renamed_after_it(
    watched: Watched, inputs: list[str], *, is_recreated: bool
) -> None:
    watched.restart(inputs=inputs, follow_logs=True)
    watched.write("app.log", numbered(1))
    watched.poll()
    watched.append("app.log", numbered(2))
    copytruncate(watched, "app.log", "former app")
    watched.append("app.log", numbered(3))
    watched.poll()
    watched.close()
    move(watched, "app.log", "later app")
    if is_recreated:
        watched.write("app.log", numbered(4))
    restart_twice(watched)

    assert watched.counts == once(1, 2, 3, *([4] if is_recreated else []))
    assert not [reason for _, reason in watched.warnings if "not found" in reason]


@pytest.mark.parametrize("polls", [1, 3])
def test_an_idle_log_truncated_before_a_start_that_is_killed(log: Watched, polls: int) -> None:
    log.write("app.log", numbered(1))
    os.utime(log.path("app.log"), (0, 0))
    log.poll()
    log.restart()
    log.append("app.log", numbered(2))
    os.truncate(log.path("app.log"), 0)
    for _ in range(polls):
        log.poll()
    log.abandon()
    restart_twice(log)

    assert [reason for reason in log.warned("app.log") if "was truncated, and the rest" in reason]


@pytest.mark.parametrize("link", ["a.log", "z.log"])
def test_an_idle_log_with_a_symlink_that_is_replaced(log: Watched, link: str) -> None:
    log.restart(inputs=["*.log"])
    log.write("web.log", numbered(1))
    os.utime(log.path("web.log"), (0, 0))
    log.path(link).symlink_to(log.path("web.log"))
    log.write("app.log", numbered(2))
    log.poll()
    log.close()
    log.path("web.log").unlink()
    log.write("web.log", numbered(3))
    restart_twice(log)

    assert [reason for reason in log.warned("web.log") if "not found" in reason]


def test_a_log_truncated_and_renamed_before_a_start_that_is_killed(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.close()
    os.truncate(log.path("app.log"), 0)
    move(log, "app.log", "app.log.1")
    log.restart()
    log.poll()
    log.abandon()
    log.write("app.log", b"")
    restart_twice(log)

    assert len([reason for reason in log.warned("app.log") if "was truncated, and the rest" in reason]) == 1


@pytest.mark.parametrize("settle", [0, 60])
def test_an_idle_log_truncated_while_it_is_followed_is_not_reported_later(log: Watched, settle: float) -> None:
    log.restart(settle=settle)
    log.write("app.log", numbered(1))
    os.utime(log.path("app.log"), (0, 0))
    log.poll()
    os.truncate(log.path("app.log"), 0)
    log.poll()
    log.restart(settle=0)
    restart_twice(log)

    assert not [reason for reason in log.warned("app.log") if "not found" in reason]


def test_a_rest_that_is_not_found_is_reported_once(log: Watched) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    os.truncate(log.path("app.log"), 0)
    log.poll()
    log.poll()
    restart_twice(log)

    assert len(log.warned("app.log")) == 1


def restart_twice(watched: Watched) -> None:
    for _ in range(2):
        watched.restart()
        for _ in range(3):
            watched.poll()


@pytest.mark.parametrize("name", ["app.log.3", "app.log.3.gz"])
def test_a_rotated_file_that_is_deleted_before_it_was_read(log: Watched, name: str) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    if name.endswith(".gz"):
        log.write("app.log.3.gz", gzip.compress(log.path("app.log").read_bytes()))
        log.path("app.log").unlink()
    else:
        move(log, "app.log", "app.log.3")
    log.write("app.log.1", numbered(4))
    log.write("app.log", numbered(5))
    restart_twice(log)

    assert log.counts == once(1, 2, 4, 5)
    (reason,) = log.warned("app.log.2")
    assert reason == (
        f"is missing, and {log.path(name)} is there: {log.path('app.log')} was rotated to both while nothing ran, and"
        " what the missing one held is not counted"
    )


@pytest.mark.parametrize("names", [["app.log.2", "app.log.1"], ["app.log.1", "app.log.2"], ["app.1.log", "app.2.log"]])
def test_nothing_is_reported_if_all_rotated_files_are_there(log: Watched, names: list[str]) -> None:
    log.write("app.log", numbered(1))
    log.poll()
    log.append("app.log", numbered(2))
    log.close()
    move(log, "app.log", names[0])
    log.write(names[1], numbered(3))
    log.write("app.log", numbered(4))
    restart_twice(log)

    assert log.counts == once(1, 2, 3, 4)
    assert log.warnings == []


def test_a_file_that_is_moved_out_of_a_folder(watched: Watched) -> None:
    watched.write("a", numbered(1))
    watched.write("b", numbered(2))
    watched.poll()
    watched.close()
    watched.append("a", numbered(3))
    watched.path("a").rename(watched.path("../a"))
    restart_twice(watched)
    watched.path("b").unlink()
    restart_twice(watched)

    end = "is gone since the run before: what was written to it after byte 7 is not counted"
    assert watched.warnings == [(str(watched.path(name)), end) for name in "ab"]


def test_several_files_that_are_gone_are_reported_in_one_line(watched: Watched) -> None:
    for name in "abc":
        watched.write(name, numbered(1))
    watched.poll()
    watched.close()
    for name in "abc":
        watched.path(name).unlink()
    restart_twice(watched)

    ((_, reason),) = watched.warnings
    assert reason.startswith("is gone since the run before, as are 2 more: ")


def test_a_file_that_was_renamed_packed_or_idle_for_long_is_not_reported(watched: Watched) -> None:
    for name in ("renamed", "packed", "idle"):
        watched.write(name, name.encode() + b"\n")
    os.utime(watched.path("idle"), (1_000_000_000, 1_000_000_000))
    watched.poll()
    watched.close()
    watched.path("renamed").rename(watched.path("other"))
    watched.write("packed.gz", gzip.compress(b"packed\nrest\n"))
    watched.path("packed").unlink()
    watched.path("idle").unlink()
    restart_twice(watched)

    assert watched.counts == {"renamed": 1, "packed": 1, "idle": 1, "rest": 1}
    assert watched.warnings == []


def test_a_log_of_a_glob_that_is_deleted_while_it_is_open(watched: Watched) -> None:
    watched.restart(inputs=["*.log"], follow_logs=True)
    watched.write("a.log", numbered(1))
    watched.poll()
    with watched.path("a.log").open("ab", buffering=0) as writer:
        watched.path("a.log").unlink()
        watched.poll()
        watched.close()
        writer.write(numbered(2))
    restart_twice(watched)

    (reason,) = watched.warned("a.log")
    assert "what was written after byte 7 may not be counted" in reason


def test_a_half_line_at_the_end_of_a_rotated_log(log: Watched) -> None:
    log.write("app.log", numbered(1) + b"ha")
    log.poll()
    move(log, "app.log", "app.log.1")
    log.write("app.log", b"lf\n")
    for _ in range(3):
        log.poll()

    assert log.counts == once(1) | {"ha": 1, "lf": 1}
    ((_, reason),) = log.warnings
    assert reason == (
        "the last line, up to byte 9, has no line end, and counts; if it goes on in the next file of this log, it"
        " counts as two lines"
    )


@pytest.mark.parametrize("unread", ["a", "b", None])
def test_a_symlinked_folder_that_is_repointed_is_reported_once(watched: Watched, unread: str | None) -> None:
    for name in ("monday", "tuesday"):
        watched.write(f"{name}/a", name.encode() + b"\n")
    watched.path("today").symlink_to("monday")
    watched.restart(inputs=["today"])
    watched.poll()
    watched.close()
    if unread is not None:
        watched.append(f"monday/{unread}", b"late\n")
    watched.path("today").unlink()
    watched.path("today").symlink_to("tuesday")
    restart_twice(watched)

    assert watched.counts == {"monday": 1, "tuesday": 1}
    what = f"where {watched.path(f'monday/{unread}')} has lines that are not counted; give both folders"
    reason = f"led to {watched.path('monday')} in the run before, {what}"
    assert watched.warnings == ([(str(watched.path("today")), reason)] if unread else [])
