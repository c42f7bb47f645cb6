"""What a conversion makes of the checkpoint that has counted the counts, without Spark."""

import json
import shutil
from pathlib import Path

import pytest

from streaming.spark.settings import PARTITIONS, STATE_STORES, STORE
from streaming.state.checkpoint_files import is_whole
from streaming.state.conversion.new_checkpoint import complete
from streaming.state.mending import find_mending
from tests.unit.streaming.state.test_mending import make, write

_CONF = {STORE: STATE_STORES["memory"], PARTITIONS: "1", "other": "kept"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return the checkpoint of three committed batches and one that is not, with the counts in memory."""
    checkpoint = make(tmp_path / "checkpoint", topic=False, unfinished=True)
    for file in (checkpoint / "offsets").glob("[0-9]*"):
        version, metadata, offset = file.read_text().split("\n")
        conf = json.dumps({**json.loads(metadata), "conf": _CONF}, separators=(",", ":"))
        write(file, f"{version}\n{conf}\n{offset}".encode())
    write(checkpoint / "commits" / "2", b'v1\n{"nextBatchWatermarkMs":2500}')
    return checkpoint


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Return the checkpoint of the query that has counted the counts."""
    checkpoint = tmp_path / "checkpoint-rocksdb"
    write(checkpoint / "metadata", b'{"id":"of that query"}')
    write(checkpoint / "rows" / "part-0.parquet", b"PAR1")
    write(checkpoint / "sources" / "0" / "0", b"v1")
    write(checkpoint / "offsets" / "0", b"v1\n{}\n{}")
    write(checkpoint / "commits" / "0", b'v2\n{"nextBatchWatermarkMs":0,"stateUniqueIds":{"0":[["a-1"]]}}')
    write(checkpoint / "state" / "0" / "_metadata" / "metadata", b"v1\n{}")
    write(checkpoint / "state" / "0" / "0" / "_metadata" / "schema", b"another")
    write(checkpoint / "state" / "0" / "0" / "1_a-1.zip", b"\x01" * 600)
    write(checkpoint / "state" / "0" / "0" / "1_a-1.zip.crc", b"{}")  # Spark's own
    write(checkpoint / "state" / "0" / "0" / "SSTs" / "000012-b.sst", b"\x02" * 600)
    return checkpoint


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, without Hadoop's checksums."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_the_counts_become_those_of_the_last_committed_batch(old: Path, new: Path) -> None:
    before = content(old)

    complete(old, new, 2)

    assert content(old) == before
    made = content(new)
    assert {name for name in made if name.startswith("state/0/0/")} == {
        "state/0/0/_metadata/schema", "state/0/0/3_a-1.zip", "state/0/0/3_a-1.zip.crc",
        "state/0/0/SSTs/000012-b.sst",
    }  # fmt: skip
    assert made["commits/2"] == b'v2\n{"nextBatchWatermarkMs":2500,"stateUniqueIds":{"0":[["a-1"]]}}'
    same = {name for name in before if name == "metadata" or name.startswith("sources/") or "_metadata/" in name}
    assert {name: made[name] for name in same} == {name: before[name] for name in same}
    assert sorted(name for name in made if name.startswith(("commits/", "offsets/", "rows/"))) == [
        "commits/2", "offsets/1", "offsets/2", "offsets/3",
    ]  # fmt: skip
    assert all(is_whole(new / name) for name in made)


def test_what_each_batch_reads_stays_and_its_store_changes(old: Path, new: Path) -> None:
    complete(old, new, 2)

    for batch in (1, 2, 3):
        before, after = ((folder / "offsets" / str(batch)).read_text() for folder in (old, new))
        assert after == before.replace(STATE_STORES["memory"], STATE_STORES["rocksdb"])
        assert after != before


def test_nothing_is_to_be_mended_then(old: Path, new: Path) -> None:
    complete(old, new, 2)

    mending = find_mending(new, is_file_source=True)

    assert (mending.last, mending.committed, mending.broken, mending.written) == (3, 2, None, {})
    assert [path for path in mending.removed if path.exists()] == []


@pytest.mark.parametrize("begun", [True, False])
def test_a_state_without_a_committed_batch_has_no_counts(old: Path, tmp_path: Path, *, begun: bool) -> None:
    shutil.rmtree(old / "commits")
    for batch in range(1 if begun else 0, 4):
        (old / "offsets" / str(batch)).unlink()
    new = tmp_path / "checkpoint-rocksdb"

    complete(old, new, None)

    made = content(new)
    assert {name for name in made if not name.startswith("sources/")} == {"metadata", *(["offsets/0"] * begun)}
    assert STATE_STORES["memory"].encode() not in made.get("offsets/0", b"")


def test_a_start_that_was_cut_off_before_its_query_has_nothing_to_convert(tmp_path: Path) -> None:
    complete(tmp_path / "checkpoint", tmp_path / "checkpoint-rocksdb", None)

    assert content(tmp_path / "checkpoint-rocksdb") == {}
