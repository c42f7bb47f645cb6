"""Files that are changed after their lines were counted: that is reported, as the counts hold the former content."""

import gzip
import os
import time
from pathlib import Path
from typing import Any

import pytest

from producer.content import gaps
from producer.reading import content_check, plain_reader
from tests.support.reference import count
from tests.support.watched import Watched
from tests.support.watched_logs import numbered, once

_LINES = numbered(*range(1000))
_CHANGED = f"changed before byte {len(_LINES):,} after its lines were counted; the counts hold the former content"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_check, "CHECK_SHARE", float("inf"))


@pytest.fixture
def counted(watched: Watched) -> Path:
    watched.restart()  # with that share
    path = watched.write("a", _LINES)
    os.utime(path, (1e9, 1e9))
    watched.poll()
    return path


def change(path: Path, offset: int = 5000) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"x")


def polled(watched: Watched, times: int = 3) -> dict[str, int]:
    for _ in range(times):
        watched.poll()
        watched.follower._checks._next = 0.0
    return watched.counts


def test_a_change_in_the_middle_is_reported_once(watched: Watched, counted: Path) -> None:
    change(counted)

    assert polled(watched) == once(*range(1000))
    assert watched.warned("a") == [_CHANGED]
    watched.restart()
    polled(watched)
    assert watched.warned("a") == [_CHANGED]


def test_a_change_while_nothing_runs_is_reported(watched: Watched, counted: Path) -> None:
    watched.close()
    change(counted)
    watched.restart()
    polled(watched)

    assert watched.warned("a") == [_CHANGED]


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_change_before_lines_are_appended_is_reported(watched: Watched, counted: Path, *, is_stopped: bool) -> None:
    if is_stopped:
        watched.close()
    change(counted)
    with counted.open("ab") as file:
        file.write(numbered(1000))
    if is_stopped:
        watched.restart()

    assert polled(watched) == once(*range(1001))
    assert watched.warned("a") == [_CHANGED]


def test_a_file_is_checked_a_part_at_a_time(watched: Watched, counted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_check, "SLICE_BYTES", 1000)
    change(counted)
    polled(watched, 5)
    assert watched.warned("a") == []

    polled(watched, 10)

    assert watched.warned("a") == [_CHANGED]


def test_a_file_is_checked_once_it_rests(watched: Watched, counted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.restart(settle=3600)
    polled(watched)
    change(counted)
    polled(watched)
    assert watched.warned("a") == []
    later = time.monotonic() + 4000
    monkeypatch.setattr(time, "monotonic", lambda: later)

    polled(watched)

    assert watched.warned("a") == [_CHANGED]


def test_a_file_that_is_only_touched_or_renamed_is_not_reported(watched: Watched, counted: Path) -> None:
    os.utime(counted, (2e9, 2e9))
    polled(watched)
    counted.rename(watched.path("b"))
    polled(watched)
    watched.restart()

    assert polled(watched) == once(*range(1000))
    assert watched.warnings == []


def test_with_once_a_changed_file_is_awaited_until_it_is_checked(
    watched: Watched, counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_reader, "VERIFIED_BYTES", 1000)
    watched.close()
    change(counted)
    watched.restart(once=True, follow_logs=True)
    watched.poll()
    assert not watched.follower.caught_up()
    watched.poll()

    assert watched.follower.caught_up()
    assert watched.warned("a") == [_CHANGED]


def test_what_is_written_before_a_download_ends_is_checked(watched: Watched) -> None:
    path = watched.write("a", _LINES[:5000])
    os.truncate(path, len(_LINES) + 9000)
    watched.poll()
    change(path, 2500)
    os.truncate(path, 5000)
    with path.open("ab") as file:
        file.write(_LINES[5000:])
    polled(watched)

    assert "changed before byte" in watched.warned("a")[-1]


def test_a_hole_that_was_passed_and_is_written_later_is_reported(watched: Watched) -> None:
    path = watched.write("a", b"")
    os.truncate(path, 1 << 16)
    with path.open("ab") as file:
        file.write(numbered(1))
    os.utime(path, (1e9, 1e9))
    assert watched.poll() == once(1)
    with path.open("r+b") as file:
        file.write(_LINES)

    assert polled(watched) == once(1)
    assert "changed before byte 65,543" in watched.warned("a")[-1]


@pytest.mark.parametrize("options", [{}, {"inputs": ["a"], "follow_logs": True}], ids=["folder", "log"])
def test_a_file_that_is_being_overwritten_counts_once_it_rests(
    watched: Watched, counted: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    watched.restart(settle=3600, **options)
    polled(watched)
    new = _LINES.replace(b"line", b"news")
    for start in range(0, len(new), 1000):
        with counted.open("r+b") as file:
            file.seek(start)
            file.write(new[start : start + 1000])
        assert polled(watched, 1) == once(*range(1000))
    later = time.monotonic() + 4000
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert polled(watched) == once(*range(1000)) | {f"news-{number}": 1 for number in range(1000)}


def overwrite(path: Path, new: bytes, start: int, end: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(new[start:end])


@pytest.mark.parametrize("options", [{}, {"inputs": ["a"], "follow_logs": True}], ids=["folder", "log"])
@pytest.mark.parametrize("more", [b"", b"end\n"], ids=["same size", "longer"])
def test_a_file_that_is_overwritten_with_pauses_counts_once_its_end_has_changed(
    watched: Watched, counted: Path, options: dict[str, Any], more: bytes
) -> None:
    watched.restart(**options)  # a file has settled at once
    polled(watched)
    new = _LINES.replace(b"line", b"news") + more
    for start in range(0, len(new), 1000):
        assert polled(watched) == once(*range(1000))
        overwrite(counted, new, start, start + 1000)

    assert polled(watched) == count(_LINES, new)
    assert watched.warnings == []


def test_a_file_that_is_overwritten_with_long_pauses_counts_again_with_a_warning(
    watched: Watched, counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite(counted, new := _LINES.replace(b"line", b"news"), 0, 2890)
    assert polled(watched) == once(*range(1000))
    later = time.monotonic() + gaps.PATIENCE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert polled(watched) == (both := count(_LINES, new[:2890] + _LINES[2890:]))
    reason = f"has other content at its start, and the former one before byte {len(_LINES):,}: all of it counts again"
    assert watched.warned("a") == [f"{reason}, also what is left of its former content"]
    overwrite(counted, new, 2890, len(new))
    assert polled(watched) == both + count(new)
    assert len(watched.warnings) == 1


@pytest.mark.parametrize("more", [b"", b"end\n"], ids=["same size", "longer"])
@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_change_in_a_compressed_file_is_reported(watched: Watched, *, more: bytes, is_stopped: bool) -> None:
    watched.restart()
    former, new = ([_LINES, numbered(*numbers), _LINES] for numbers in (range(1000), range(999, -1, -1)))
    path = watched.write("b.gz", packed(*former))
    size = path.stat().st_size
    polled(watched)
    if is_stopped:
        watched.close()
    path.write_bytes(packed(*new, *([more] if more else [])))
    if is_stopped:
        watched.restart()

    assert polled(watched) == count(*former, more)
    reason = f"changed before byte {size:,} after its lines were counted; the counts hold the former content"
    assert watched.warned("b.gz") == [reason]


def packed(*contents: bytes) -> bytes:
    return b"".join(gzip.compress(data, compresslevel=0, mtime=0) for data in contents)


def test_a_file_that_never_rests_is_not_awaited_for_ever(
    watched: Watched, counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.restart(settle=100)
    polled(watched)
    counted.write_bytes(_LINES.replace(b"line", b"news"))
    assert polled(watched) == once(*range(1000))
    later = time.monotonic() + max(gaps.PATIENCE_SECONDS, 1000)
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with counted.open("ab") as file:
        file.write(b"news-1000\n")

    assert polled(watched) == once(*range(1000)) | {f"news-{number}": 1 for number in range(1001)}
