"""What is left of a checkpoint before its first batch is committed: it is removed, so that Spark begins anew."""

from pathlib import Path

import pytest

from streaming.state import topic_offsets
from streaming.state.checkpoint_files import is_whole
from streaming.state.mending import find_mending, undo
from tests.unit.streaming.state.test_mending import DAMAGES, make, write


def test_a_store_that_no_batch_has_written_to_is_removed(tmp_path: Path) -> None:
    write(tmp_path / "state" / "0" / "0" / "_metadata" / "schema", b"\x00\x02v2")
    find_mending(tmp_path, is_file_source=False).carry_out()

    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("log", ["offsets", "commits"])
def test_a_file_that_a_kill_left_before_the_first_batch_is_removed(tmp_path: Path, log: str) -> None:
    write(tmp_path / log / ".0.3f1c.tmp", b"v1\n")
    find_mending(tmp_path, is_file_source=True).carry_out()

    assert not (tmp_path / log).exists()


@pytest.mark.parametrize("damaged", ["offsets/0", "sources/0/0"])
def test_nothing_of_a_first_batch_is_left_whose_logs_are_damaged(tmp_path: Path, damaged: str) -> None:
    checkpoint = make(tmp_path, topic=False, unfinished=False)
    for batch in (1, 2):
        for file in (f"offsets/{batch}", f"sources/0/{batch}", f"state/0/0/{batch + 1}.delta"):
            (checkpoint / file).unlink()
    for batch in range(3):
        (checkpoint / "commits" / str(batch)).unlink()
    write(checkpoint / "commits" / ".0.3f1c.tmp", b"v1\n")
    DAMAGES["cut"](checkpoint / damaged)

    find_mending(checkpoint, is_file_source=True).carry_out()

    assert not any((checkpoint / folder).exists() for folder in ("offsets", "commits", "state"))


@pytest.mark.parametrize("how", ["empty", "cut"])
def test_damaged_logs_without_a_batch(tmp_path: Path, how: str) -> None:
    for name in ("metadata", "sources/0/0"):
        write(tmp_path / name, b'{"id":"1"}')
        DAMAGES[how](tmp_path / name)
    find_mending(tmp_path, is_file_source=True).carry_out()

    assert is_whole(tmp_path / "metadata")
    assert not (tmp_path / "sources" / "0" / "0").exists()


@pytest.mark.parametrize("damaged", ["empty", "cut"])
def test_the_first_batch_is_undone_with_all_counts(tmp_path: Path, damaged: str) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=False)
    for batch in (1, 2):
        undo(checkpoint, batch)
        (checkpoint / "commits" / str(batch)).unlink()
    DAMAGES[damaged](checkpoint / "offsets" / "0")

    mending = find_mending(checkpoint, is_file_source=False)
    mending.carry_out()

    assert mending.forgets_all
    assert not (checkpoint / "state").exists()
    assert topic_offsets.counted_offsets(checkpoint) == {topic_offsets.Partition("lines", 0): 0}
