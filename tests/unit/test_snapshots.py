"""When a snapshot is written, and of what, without Spark."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streaming import sinks, snapshots
from streaming.snapshots import Snapshots

Commit = Callable[[int], None]


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is saved: of which batch, and in which file; it is touched."""
    saved = []

    def save(counts: Any, target: Path, format_name: str) -> None:  # noqa: ARG001
        saved.append(f"{counts} in {target.name}")
        target.touch()

    monkeypatch.setattr(snapshots, "counts_of", lambda _spark, _checkpoint, batch: f"batch {batch}")
    monkeypatch.setattr(sinks, "save", save)
    return saved


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    (tmp_path / "checkpoint" / "commits").mkdir(parents=True)
    return lambda batch: (tmp_path / "checkpoint" / "commits" / str(batch)).touch()


def made(folder: Path, *, format_name: str = "text", windowed: bool = False) -> Snapshots:
    spark: Any = SimpleNamespace(createDataFrame=lambda rows, schema: f"{rows} of {schema}")
    return Snapshots(spark, folder / "checkpoint", folder, format_name, 10.0, windowed=windowed)


def test_the_first_one_takes_the_place_of_those_in_other_formats(
    tmp_path: Path, saved: list[str], commit: Commit
) -> None:
    for name in ("counts.txt", "counts.csv", "counts.parquet", "countless.csv"):
        (tmp_path / name).touch()
    written = made(tmp_path, format_name="csv")
    assert (tmp_path / "counts.txt").exists(), "nothing is written yet"
    written.write()
    assert sorted(path.name for path in tmp_path.glob("count*.*")) == ["countless.csv", "counts.csv"]
    (tmp_path / "counts.json").touch()  # as exported
    commit(0)
    written.write()

    assert (tmp_path / "counts.json").exists()
    assert len(saved) == 2
