"""Logs that are found by patterns, and together with folders."""

import gzip
from collections.abc import Callable

import pytest

from producer.discovery import logs, open_logs
from tests.support.watched import Watched
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def test_a_pattern_finds_new_logs(log: Watched, again: Callable[[], None]) -> None:
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


def test_a_pattern_of_folders_finds_logs_in_new_folders(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "GLOB_SECONDS", 0)
    monkeypatch.setattr(logs, "GLOB_SHARE", float("inf"))
    log.restart(inputs=["*/app.log"])
    log.write("a/app.log", numbered(1))
    assert log.poll() == once(1)
    log.write("b/app.log", numbered(2))
    assert log.poll() == once(1, 2)


def test_a_pattern_may_match_rotated_logs_too(log: Watched) -> None:
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
def test_a_pattern_may_match_all_files_below_a_folder(log: Watched, pattern: str) -> None:
    log.restart(inputs=[pattern.replace("in*", f"../{log.folder.name[:-1]}*")])
    log.write("app.log", numbered(1))
    log.write("a/b/app.log", numbered(2))
    assert log.poll() == once(1, 2)


def test_logs_patterns_and_folders_are_followed_together(log: Watched) -> None:
    log.path("other").mkdir()
    log.restart(inputs=["app.log", "*.log", "other"])
    log.write("app.log", numbered(1))
    log.write("b.log", numbered(2))
    log.write("other/c", numbered(3))
    assert log.poll() == once(1, 2, 3)


def test_the_most_recently_changed_logs_are_kept_open(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_logs, "MOST_OPEN", 2)
    log.restart(inputs=["*.log"])
    for number in range(5):
        log.write(f"{number}.log", numbered(number))
    assert log.poll() == once(*range(5))
    log.append("4.log", numbered(5))
    assert log.poll() == once(*range(6))
    (reason,) = set(log.warned("*.log"))
    assert reason.startswith("only the 2 most recently changed logs are kept open")
    with log.path("1.log").open("ab") as writer:  # the log that changed last is kept open
        for text in (numbered(6), numbered(7)):
            writer.write(text)
            writer.flush()
            log.poll()
            log.path("1.log").unlink(missing_ok=True)
    assert log.poll() == once(*range(8))


@pytest.mark.parametrize("rotate", ["copytruncate", "pack"])
@pytest.mark.parametrize("options", [{}, {"from_end": True}], ids=str)
def test_unread_lines_of_a_log_count_when_a_pattern_matches_it_later(
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


def test_a_deleted_dated_log_is_read_while_it_is_written(log: Watched, again: Callable[[], None]) -> None:
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


def test_dated_logs_that_begin_alike_all_count(log: Watched, again: Callable[[], None]) -> None:
    log.restart(inputs=["app-*.log"])
    log.write("app-2026-11-22.log", b"started\n")
    log.poll()
    again()
    log.write("app-2026-11-23.log", b"started\n")
    assert log.poll() == {"started": 2}


@pytest.mark.parametrize("inputs", [["", "*.log"], ["*.log", ""]], ids=str)
def test_an_unterminated_line_waits_if_a_folder_holds_the_log_too(log: Watched, inputs: list[str]) -> None:
    log.restart(inputs=inputs)
    log.write("app.log", b"one\nhal")
    assert log.poll() == {"one": 1}
    log.append("app.log", b"f\n")
    assert log.poll() == {"one": 1, "half": 1}


def test_each_folder_forgets_its_own_deleted_files(log: Watched) -> None:
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
