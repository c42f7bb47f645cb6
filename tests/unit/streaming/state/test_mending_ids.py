"""Mending a state of RocksDB, in which each version of the counts has an id that its commit names."""

import json
from pathlib import Path

import pytest

from streaming.state.mending import find_mending
from tests.unit.streaming.state.test_mending import BATCHES, DAMAGES, make, write

_OTHER = "00000000-ffff"  # the id of an attempt that was not committed


def version(number: int, id_: str | None = None) -> str:
    return f"state/0/0/{number}_{id_ or f'{number}a-b'}.changelog"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Return the checkpoint of three committed batches of a topic."""
    make(tmp_path, topic=True, unfinished=False)
    for batch in range(BATCHES):
        (tmp_path / f"state/0/0/{batch + 1}.delta").unlink()
        write(tmp_path / version(batch + 1), b"\x01" * 600)
        commit = {"nextBatchWatermarkMs": 0, "stateUniqueIds": {"0": [[f"{batch + 1}a-b"]]}}
        write(tmp_path / "commits" / str(batch), f"v2\n{json.dumps(commit)}".encode())
    return tmp_path


def test_a_whole_state_stays_as_it_is(checkpoint: Path) -> None:
    mending = find_mending(checkpoint, is_file_source=False)

    assert (mending.committed, mending.removed, mending.written) == (2, [], {})


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_version_is_undone_though_another_attempt_is_whole(checkpoint: Path, how: str) -> None:
    write(checkpoint / version(3, _OTHER), b"\x01" * 600)
    DAMAGES[how](checkpoint / version(3))
    mending = find_mending(checkpoint, is_file_source=False)
    mending.carry_out()

    assert (mending.committed, mending.broken) == (1, checkpoint / version(3))
    assert list((checkpoint / "state/0/0").glob("3_*")) == []


def test_what_a_batch_has_written_that_was_not_committed_need_not_be_whole(checkpoint: Path) -> None:
    write(checkpoint / version(3, _OTHER), b"")

    assert find_mending(checkpoint, is_file_source=False).committed == 2


@pytest.mark.parametrize("how", ["empty", "cut", "flipped"])
def test_a_damaged_commit_is_written_anew_with_the_id(checkpoint: Path, how: str) -> None:
    DAMAGES[how](checkpoint / "commits/2")
    find_mending(checkpoint, is_file_source=False).carry_out()

    text = (checkpoint / "commits/2").read_text("utf-8")
    assert text == 'v2\n{"nextBatchWatermarkMs":2000,"stateUniqueIds":{"0":[["3a-b"]]}}'


def test_a_damaged_commit_is_undone_if_two_attempts_could_be_meant(checkpoint: Path) -> None:
    write(checkpoint / version(3, _OTHER), b"\x01" * 600)
    DAMAGES["cut"](checkpoint / "commits/2")
    mending = find_mending(checkpoint, is_file_source=False)

    assert (mending.committed, mending.written) == (1, {})
