"""A checkpoint that is damaged as by a power cut: it is mended, or the file is named; never are counts wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.reference import count, parsed_file
from tests.support.refusals import assert_refused
from tests.support.warm import run_warm


def empty(file: Path) -> None:
    file.write_bytes(b"")


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x04
    file.write_bytes(data)


@pytest.fixture
def counted(tmp_path: Path) -> Callable[[bytes], object]:
    """Return a function that adds a file with a line to a folder, and counts until all is counted."""
    (tmp_path / "in").mkdir()

    def add(line: bytes) -> object:
        (tmp_path / "in" / f"{len(list((tmp_path / 'in').iterdir()))}.txt").write_bytes(line)
        return run_warm("stream", tmp_path / "in", "--once", "--output", tmp_path / "out")

    for line in (b"one\n", b"two\n"):
        assert add(line).returncode == 0  # type: ignore[attr-defined]
    return add


@pytest.mark.parametrize(("name", "damage"), [("commits/1", empty), ("commits/1", flip), ("metadata", empty)])
def test_a_damaged_file_that_is_mended(
    counted: Callable[[bytes], object], tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "out" / "state" / "checkpoint" / name)

    assert counted(b"one two\n").returncode == 0  # type: ignore[attr-defined]

    assert parsed_file(tmp_path / "out" / "counts.txt") == count(b"one", b"two", b"one two")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("state/0/0/2.delta", empty),
        ("offsets/1", flip),
        ("offsets/0", empty),
        ("sources/0/1", empty),
        ("state", shutil.rmtree),
        ("", shutil.rmtree),
    ],
)
def test_a_damaged_file_that_is_refused_by_its_name(
    counted: Callable[[bytes], object], tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "out" / "state" / "checkpoint" / name)

    result = counted(b"one\n")

    assert_refused(result, name, "restore the state folder", status=result.returncode)  # type: ignore[arg-type, attr-defined]
