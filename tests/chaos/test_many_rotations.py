"""What is kept of a log does not grow with its rotations: ``make chaos ROUNDS=10000 ONLY=rotations``."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.many_rotations import ManyRotations
from tests.support.rounds import rounds

_FEW, _MANY = 1000, rounds(2000)
_MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where no file has the inode of a former one; on a disk if there is none."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else tmp_path) as name:
        yield Path(name)


def test_rotations_leave_what_a_thousand_of_them_leave(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rotations = ManyRotations(folder, ["rename", "copytruncate", "pack", "dated"], monkeypatch)
    rotations.rotate(_FEW)
    few = rotations.kept()
    rotations.rotate(_MANY - _FEW)
    many = rotations.kept()
    rotations.log.close()

    assert rotations.published == _MANY
    assert rotations.log.warnings == []
    assert many.rows <= 1.2 * few.rows
    assert many.disk <= 1.2 * few.disk
    assert many.blocks <= 1.05 * few.blocks  # those of the interpreter are among them
