"""When a snapshot is written, and of which batch, without Spark."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.sinks import snapshots
from streaming.sinks.snapshots import Snapshots

Commit = Callable[[int], None]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(snapshots, "time", clock)
    return clock


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return which batch is saved in which file; the file is created."""
    saved = []

    def save(counts: Any, target: Path, format_name: str) -> None:  # noqa: ARG001
        saved.append(f"{counts} in {target.name}")
        target.touch()

    monkeypatch.setattr(snapshots, "counts_of", lambda _spark, _checkpoint, batch: f"batch {batch}")
    monkeypatch.setattr(snapshots, "save", save)
    return saved


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    (tmp_path / "checkpoint" / "commits").mkdir(parents=True)
    return lambda batch: (tmp_path / "checkpoint" / "commits" / str(batch)).touch()


def made(folder: Path, *, format_name: str = "text", windowed: bool = False) -> Snapshots:
    spark: Any = SimpleNamespace(createDataFrame=lambda rows, schema: f"{rows} of {schema}")
    return Snapshots(spark, folder / "checkpoint", folder, format_name, 10.0, windowed=windowed)


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize(
    ("windowed", "columns"),
    [
        (False, "word string, count long"),
        (True, "window_start timestamp, window_end timestamp, word string, count long"),
    ],
)
def test_before_the_first_batch_a_snapshot_has_columns_and_no_rows(
    tmp_path: Path, saved: list[str], *, windowed: bool, columns: str
) -> None:
    written = made(tmp_path, windowed=windowed)

    assert str(written.counts()) == f"[] of {columns}"
    written.write()
    written.write()
    assert saved == [f"[] of {columns} in counts.txt"]


def test_a_batch_is_written_once_unless_its_file_is_removed(tmp_path: Path, saved: list[str], commit: Commit) -> None:
    written = made(tmp_path)
    for batch in (0, 9, 10):
        commit(batch)
        written.write()
        written.write()
    (tmp_path / "counts.txt").unlink()
    written.write()

    assert saved == [f"batch {batch} in counts.txt" for batch in (0, 9, 10, 10)]


def test_a_snapshot_is_written_when_it_is_due_and_there_is_a_batch(
    tmp_path: Path, saved: list[str], commit: Commit, clock: Clock
) -> None:
    written = made(tmp_path)
    clock.now += 10
    written.write_if_due()
    assert saved == [], "there is no batch"
    for batch in range(2):
        commit(batch)
        clock.now += 9
        written.write_if_due()
        assert len(saved) == batch, "it is not due"
        clock.now += 1
        written.write_if_due()
        assert saved[batch:] == [f"batch {batch} in counts.txt"]


def test_the_first_snapshot_replaces_those_in_other_formats(tmp_path: Path, saved: list[str], commit: Commit) -> None:
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


def test_without_a_folder_nothing_is_written(tmp_path: Path, saved: list[str], commit: Commit) -> None:
    commit(0)
    spark: Any = None
    Snapshots(spark, tmp_path / "checkpoint", None, "text", 0.0).write()

    assert saved == []


@pytest.mark.parametrize(
    ("format_name", "top", "printed", "shown"),
    [("text", None, "from the file\n", []), ("text", 3, "", ["batch 3"]), ("json", None, "", ["batch 3"])],
)
def test_all_counts_are_printed_from_the_snapshot_if_it_is_text(
    tmp_path: Path,
    saved: list[str],
    commit: Commit,
    capfdbinary: pytest.CaptureFixture[bytes],
    format_name: str,
    top: int | None,
    printed: str,
    shown: list[str],
) -> None:
    commit(3)
    written = made(tmp_path, format_name=format_name)
    written.write()
    (tmp_path / "counts.txt").write_text("from the file\n", "utf-8")
    frames: list[object] = []
    written.show(lambda counts, _: frames.append(counts), top)
    assert (capfdbinary.readouterr().out.decode(), frames, len(saved)) == (printed, shown, 1)


def test_a_last_snapshot_that_takes_long_is_reported_to_who_waits_for_it(
    tmp_path: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(3)
    said: list[str] = []
    is_said = threading.Event()

    def save(_counts: Any, target: Path, _format_name: str) -> None:
        assert is_said.wait(30)
        target.touch()

    monkeypatch.setattr(snapshots, "counts_of", lambda *_: "counts")
    monkeypatch.setattr(snapshots, "save", save)
    monkeypatch.setattr(snapshots, "LONG_SECONDS", 0.0)
    made(tmp_path).write_last(lambda message: (said.append(message), is_said.set()))
    assert said == [
        "writing the last snapshot; stop again to leave it out: no count is lost, and the next run writes it"
    ]


def test_a_last_snapshot_is_not_reported_if_it_is_quick_or_nobody_waits(
    tmp_path: Path, saved: list[str], commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(3)
    said: list[str] = []
    made(tmp_path).write_last(said.append)
    monkeypatch.setattr(snapshots, "LONG_SECONDS", 0.0)
    made(tmp_path).write_last(None)
    assert (said, len(saved)) == ([], 2)
