"""A chunk and its positions are published in one step, wherever a crash interrupts it."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from producer.common.errors import WordCountError
from producer.positions.position import Position, PositionUpdate
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget


class CrashError(BaseException):
    """The process ends here; nothing that runs on an ordinary error may run."""


@dataclass
class Disk:
    """A target directory and its positions, opened again and again."""

    root: Path
    opened: list[PositionStore]

    @property
    def chunks(self) -> Path:
        return self.root / "chunks"

    def positions(self) -> PositionStore:
        self.opened.append(PositionStore(self.root / "positions.db"))
        return self.opened[-1]

    def target(self) -> DirectoryTarget:
        return DirectoryTarget(self.chunks, self.positions())

    def content(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.chunks.glob("chunk-*"))]

    def temporaries(self) -> list[str]:
        return [name for name in os.listdir(self.chunks) if name.startswith(".")]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path, [])
    disk.chunks.mkdir()
    yield disk
    for positions in disk.opened:
        positions.close()


def at(position: int) -> Position:
    return Position(
        device=1, inode=2, path="a", position=position, extent=position, fingerprint=b"", size=position, ctime_ns=0,
        birth_ns=0, complete=True,
    )  # fmt: skip


def go_on(disk: Disk, lines: list[bytes]) -> None:
    """Do as a follower does: publish, one by one, the lines after the position."""
    with closing(disk.target()) as target:
        (known,) = target.find(2) or [None]
        for number in range(known.position if known else 0, len(lines)):
            target.publish([lines[number]], PositionUpdate((at(number + 1),)))
        target.flush()


def publish(target: DirectoryTarget, data: bytes, *positions: Position) -> None:
    target.publish([data], PositionUpdate(positions))
    target.flush()


_STEPS = {
    "before the chunk is written": (Path, "open", 2),
    "before the chunk is durable": (os, "fsync", 3),
    "before its name is durable": (os, "fsync", 4),
    "before the positions are committed": (PositionStore, "commit", 2),
    "after the positions are committed": (Path, "rename", 2),
}


@pytest.mark.parametrize("step", _STEPS.values(), ids=_STEPS)
@pytest.mark.parametrize("error", [CrashError(), KeyboardInterrupt(), OSError(errno.EIO, "failing disk")], ids=repr)
def test_each_line_arrives_once_whatever_step_is_interrupted(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, step: tuple[object, str, int], error: BaseException
) -> None:
    lines = [b"one\n", b"two\n", b"three\n"]
    with monkeypatch.context() as patch:
        fail_at(patch, *step, error)
        with pytest.raises(type(error)):
            go_on(disk, lines)

    go_on(disk, lines)

    assert disk.content() == lines
    assert disk.temporaries() == []


def fail_at(patch: pytest.MonkeyPatch, owner: object, name: str, call: int, error: BaseException) -> None:
    """Let the ``call``-th call of a function raise, and every one after it: the process is gone."""
    real = getattr(owner, name)
    calls = 0

    def counted(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls >= call:
            raise error
        return real(*arguments, **options)

    patch.setattr(owner, name, counted)


def test_an_interrupt_right_after_the_commit_loses_nothing(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = PositionStore.commit

    def interrupted(*arguments) -> None:
        commit(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PositionStore, "commit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            go_on(disk, [b"one\n"])
    go_on(disk, [b"one\n", b"two\n"])

    assert disk.content() == [b"one\n", b"two\n"]


def test_publish_does_not_wait_for_the_disk(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: answers.wait(10))
    with closing(disk.target()) as target:
        target.publish([b"one\n"], PositionUpdate((at(1),)))
        assert disk.content() == target.find(2) == []
        answers.set()
        target.flush()

        assert disk.content() == [b"one\n"]
        assert target.find(2) == [at(1)]


def test_a_committed_chunk_is_renamed_at_the_next_start(disk: Disk) -> None:
    positions = disk.positions()
    (disk.chunks / ".chunk-x.txt.tmp").write_bytes(b"somebody else's\n")
    name = positions.chunk_name(1)
    (disk.chunks / f".{name}.tmp").write_bytes(b"one\n")
    positions.commit(PositionUpdate((at(1),)), (1, name))

    disk.target()

    assert disk.content() == [b"one\n"]
    assert disk.temporaries() == [".chunk-x.txt.tmp"]


def test_an_uncommitted_chunk_is_removed_at_the_next_start(disk: Disk) -> None:
    positions = disk.positions()
    (disk.chunks / f".{positions.chunk_name(1)}.tmp").write_bytes(b"one\n")

    disk.target()

    assert disk.content() == []
    assert disk.temporaries() == []


def test_a_chunk_that_a_reader_removed_does_not_come_back(disk: Disk) -> None:
    go_on(disk, [b"one\n"])
    next(disk.chunks.glob("chunk-*")).unlink()
    go_on(disk, [b"one\n", b"two\n"])

    assert disk.content() == [b"two\n"]


def test_a_target_goes_on_after_a_full_disk(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    target = disk.target()
    with monkeypatch.context() as patch:
        fail_at(patch, os, "fsync", 1, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OSError, match="No space"):
            publish(target, b"one\n", at(1))
    assert disk.temporaries() == []
    publish(target, b"one\n", at(1))

    assert disk.content() == [b"one\n"]


def test_a_failed_rename_is_tried_again_by_the_same_target(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    target = disk.target()
    with monkeypatch.context() as patch:
        fail_at(patch, Path, "rename", 1, OSError(errno.EIO, "Input/output error"))
        with pytest.raises(OSError, match="Input/output"):
            publish(target, b"one\n", at(1))
    publish(target, b"two\n", at(2))
    disk.target()

    assert disk.content() == [b"one\n", b"two\n"]


def test_nothing_is_published_if_the_positions_cannot_be_written(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    target = disk.target()
    with monkeypatch.context() as patch:
        fail_at(patch, PositionStore, "commit", 1, WordCountError("full"))
        with pytest.raises(WordCountError, match="full"):
            publish(target, b"one\n", at(1))

    assert disk.temporaries() == disk.content() == []
    assert target.find(2) == []


def test_two_producers_give_their_chunks_different_names(tmp_path: Path) -> None:
    for number in range(2):
        positions = PositionStore(tmp_path / f"positions-{number}.db")
        publish(DirectoryTarget(tmp_path, positions), b"one\n")
        positions.close()

    assert len(list(tmp_path.glob("chunk-*"))) == 2


def test_logical_time_is_the_number_of_the_chunk_across_restarts(disk: Disk) -> None:
    for _ in range(2):
        target = DirectoryTarget(disk.chunks, disk.positions(), logical_time=True)
        publish(target, b"one\n")
        publish(target, b"one\n")

    assert [path.stat().st_mtime for path in sorted(disk.chunks.glob("chunk-*"))] == [1, 2, 3, 4]
