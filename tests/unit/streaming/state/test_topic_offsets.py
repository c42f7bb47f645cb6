"""Spark's offsets of topics, and the leader epochs that are noted next to them."""

from pathlib import Path

import pytest

from streaming.errors import StateError
from streaming.kafka.losses import Counted, Held, Loss, LossKind, Partition
from streaming.state import topic_offsets
from tests.support.made_checkpoint import write_log

LINES, OTHER = Partition("lines", 0), Partition("lines", 1)
SETTINGS = '{"batchWatermarkMs":0,"conf":{}}'


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A state folder whose checkpoint has two batches of a topic; the second is not committed."""
    checkpoint = tmp_path / "checkpoint"
    first = write_log(checkpoint / "sources" / "0", "0", ['{"lines":{"0":3,"1":0}}'])
    first.write_bytes(b"\x00" + first.read_bytes())  # as Spark begins this file
    write_log(checkpoint / "offsets", "0", [SETTINGS, '{"lines":{"0":60,"1":4}}'])
    write_log(checkpoint / "offsets", "1", [SETTINGS, '{"lines":{"0":100,"1":9}}'])
    write_log(checkpoint / "commits", "0", ['{"nextBatchWatermarkMs":0}'])
    return tmp_path


def test_what_is_counted_is_what_the_last_committed_batch_read(made: Path) -> None:
    assert topic_offsets.counted_offsets(made / "checkpoint") == {LINES: 60, OTHER: 4}


def test_before_the_first_commit_it_is_where_the_first_batch_begins(made: Path) -> None:
    (made / "checkpoint" / "commits" / "0").unlink()

    assert topic_offsets.counted_offsets(made / "checkpoint") == {LINES: 3, OTHER: 0}


def test_before_the_first_batch_nothing_is_decided(tmp_path: Path) -> None:
    assert topic_offsets.counted_offsets(tmp_path / "checkpoint") == {}
    assert topic_offsets.counted(tmp_path, tmp_path / "checkpoint") == {}


def test_an_epoch_is_that_of_the_batch_that_is_committed(made: Path) -> None:
    topic_offsets.note(made, 0, {LINES: Held(0, 60, 2), OTHER: Held(0, 5, 3)})
    topic_offsets.note(made, 1, {LINES: Held(0, 120, 7)})

    assert topic_offsets.counted(made, made / "checkpoint") == {LINES: Counted(60, 2, 60), OTHER: Counted(4, 3, 5)}


def test_a_batch_without_a_note_has_no_epoch(made: Path) -> None:
    topic_offsets.note(made, 1, {LINES: Held(0, 120, 7)})

    assert topic_offsets.counted(made, made / "checkpoint") == {LINES: Counted(60), OTHER: Counted(4)}


def test_a_note_of_the_last_committed_batch_that_is_missing_is_named(made: Path) -> None:
    checkpoint = made / "checkpoint"
    assert topic_offsets.missing_note(made, checkpoint) == made / "topics.json"

    topic_offsets.note(made, 0, {LINES: Held(0, 60, 2)})
    assert topic_offsets.missing_note(made, checkpoint) is None

    (made / "topics.json").unlink()
    (checkpoint / "commits" / "0").unlink()
    assert topic_offsets.missing_note(made, checkpoint) is None


def test_only_the_last_notes_are_kept(made: Path) -> None:
    for batch in range(12):
        topic_offsets.note(made, batch, {LINES: Held(0, batch, 0)})

    assert [f'"{batch}":' in (made / "topics.json").read_text("utf-8") for batch in (8, 9, 10, 11)] == [
        False, True, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("committed", [True, False])
def test_the_next_batch_begins_where_a_loss_resumes(made: Path, *, committed: bool) -> None:
    checkpoint = made / "checkpoint"
    if not committed:
        (checkpoint / "commits" / "0").unlink()
    new = Partition("lines", 2)

    topic_offsets.resume_at(
        checkpoint,
        [
            Loss(LINES, LossKind.CUT, 20, 60, 20),
            Loss(OTHER, LossKind.RECREATED, 4, 4, -1),
            Loss(new, LossKind.DELETED, 0, 5, 5),
        ],
    )

    assert topic_offsets.counted_offsets(checkpoint) == {LINES: 20, new: 5}
    changed = checkpoint / ("offsets/0" if committed else "sources/0/0")
    assert not changed.with_name(".0.crc").exists()
    assert changed.read_bytes().startswith(b'v1\n{"batch' if committed else b"\x00v1\n")


def test_a_batch_can_end_before_an_offset(made: Path) -> None:
    topic_offsets.end_batch_before(made / "checkpoint", 1, LINES, 77)

    assert topic_offsets.batch_offsets(made / "checkpoint", 1) == {LINES: 77, OTHER: 9}


@pytest.mark.parametrize(
    "text", ["", "v1", "v1\n{}\n", "v1\n{}\n[]", 'v1\n{}\n{"lines":3}', 'v1\n{}\n{"lines":{"0":"x"}}']
)
def test_damaged_offsets_are_refused_with_their_path(made: Path, text: str) -> None:
    (made / "checkpoint" / "offsets" / "0").write_text(text, "utf-8")

    with pytest.raises(StateError, match="offsets/0 is damaged"):
        topic_offsets.counted_offsets(made / "checkpoint")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"batches": 3}'])
def test_damaged_notes_are_refused_with_their_path(made: Path, text: str) -> None:
    (made / "topics.json").write_text(text, "utf-8")

    with pytest.raises(StateError, match=r"topics\.json is damaged"):
        topic_offsets.counted(made, made / "checkpoint")
