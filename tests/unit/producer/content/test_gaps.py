"""What nobody has written yet, and when the lines behind it count all the same."""

import os
from pathlib import Path

import pytest

from producer.content import gaps
from producer.content.gaps import Circumstances, Gap, is_passed

_NOTHING_MOVES = {"size": 9000, "settle": 2.0, "unchanged": 20.0}


@pytest.mark.parametrize(
    ("gap", "known", "passed"),
    [
        # Nothing is behind the gap.
        (Gap(0, 9000), {"is_log": True, "was_cut": True, "has_grown": True}, False),
        (Gap(10, 9000, has_hole=True), {"unchanged": 1e9}, False),
        # Written NULs.
        (Gap(10, 8000), {}, True),
        (Gap(10, 8000), {"unchanged": 19.0}, False),
        (Gap(10, 8000), {"unchanged": 0.0, "has_nuls": True}, True),
        (Gap(0, 8000), {}, True),
        # A hole at the start.
        (Gap(0, 8000, has_hole=True, is_last_hole=False), {}, False),
        (Gap(0, 8000, has_hole=True), {}, True),
        (Gap(0, 8000, has_hole=True), {"unchanged": 19.0}, False),
        (Gap(0, 8000, has_hole=True, is_last_hole=False), {"has_grown": True}, True),
        (Gap(0, 8000, has_hole=True, is_last_hole=False), {"is_log": True}, True),
        (Gap(0, 8000, has_hole=True, is_last_hole=False), {"was_cut": True}, True),
        (Gap(0, 8000, has_hole=True), {"was_cut": True, "is_log": True, "unchanged": 2.0}, True),
        (Gap(0, 8000, has_hole=True), {"was_cut": True, "is_log": True, "unchanged": 1.0}, False),
        # A hole in the middle.
        (Gap(10, 8000, has_hole=True), {"unchanged": 1e9}, False),
        (Gap(10, 8000, has_hole=True), {"unchanged": 1e9, "is_log": True}, False),
        (Gap(10, 8000, has_hole=True), {"was_cut": True, "is_log": True}, False),
        (Gap(10, 8000, has_hole=True), {"has_grown": True, "is_log": True}, True),
        (Gap(10, 8000, has_hole=True), {"has_grown": True}, False),
        (Gap(10, 8000, has_hole=True), {"has_grown": True, "unchanged": 200.0}, True),
        (Gap(10, 8000, has_hole=True, is_last_hole=False), {"has_grown": True, "unchanged": 1e9}, False),
    ],
)
def test_when_a_gap_is_passed(gap: Gap, known: dict[str, float], *, passed: bool) -> None:
    assert is_passed(gap, Circumstances(**{**_NOTHING_MOVES, **known})) is passed  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_bytes(b"one\n")
    return path


def measured(path: Path, start: int) -> Gap:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return gaps.measure(descriptor, start)
    finally:
        os.close(descriptor)


def test_a_hole_is_measured_up_to_the_next_byte(file: Path) -> None:
    with file.open("r+b") as writer:
        writer.seek(100_001)
        writer.write(b"two\n")
        writer.seek(300_000)
        writer.write(b"three\n")

    assert measured(file, 4) == Gap(4, 100_001, has_hole=True, is_last_hole=False)
    assert measured(file, 100_005) == Gap(100_005, 300_000, has_hole=True)


def test_what_is_allocated_and_not_written_is_a_hole(file: Path) -> None:
    with file.open("r+b") as writer:
        os.posix_fallocate(writer.fileno(), 0, 1 << 16)
        os.pwrite(writer.fileno(), b"two\n", (1 << 16) - 4)

    assert measured(file, 4) == Gap(4, (1 << 16) - 4, has_hole=True)


@pytest.mark.parametrize("size", [100, 3 << 20])
def test_written_nuls_are_no_hole(file: Path, size: int) -> None:
    file.write_bytes(b"one\n" + bytes(size) + b"two\n")

    assert measured(file, 4) == Gap(4, size + 4)


def test_a_gap_at_the_end_ends_with_the_file(file: Path) -> None:
    os.truncate(file, 1 << 40)

    assert measured(file, 4) == Gap(4, 1 << 40, has_hole=True)


@pytest.mark.parametrize("error", [OSError(22, "Invalid argument"), OSError(95, "Not supported")])
def test_a_file_system_without_holes_shows_them_by_its_blocks(
    file: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    with file.open("r+b") as writer:
        writer.seek(1 << 20)
        writer.write(b"two\n")

    def refuse(*_: int) -> int:
        raise error

    monkeypatch.setattr(os, "lseek", refuse)

    assert measured(file, 4) == Gap(4, 1 << 20, has_hole=True)
