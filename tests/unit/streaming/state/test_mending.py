"""Each kind of file in a checkpoint, damaged in each way: the last batch is undone, or the file is named."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from streaming.errors import StateError
from streaming.state.checkpoint_files import is_whole
from streaming.state.mending import find_mending

BATCHES = 3
_BLOCK = 512
_REFUSED = "refused"


def write(file: Path, data: bytes) -> None:
    """Write a file as Hadoop does, with a file of checksums next to it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    blocks = [data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK)]
    sums = b"".join(zlib.crc32(block).to_bytes(4, "big") for block in blocks)
    file.with_name(f".{file.name}.crc").write_bytes(b"crc\x00" + _BLOCK.to_bytes(4, "big") + sums)


def make(checkpoint: Path, *, topic: bool, unfinished: bool) -> Path:
    """Make the checkpoint of three committed batches, and of one that is not committed if that is wanted."""
    write(checkpoint / "metadata", b'{"id":"1"}')
    state = checkpoint / "state" / "0"
    stores = [{"storeName": "default", "numColsPrefixKey": 0, "numPartitions": 1}]
    write(state / "_metadata" / "metadata", b"v1\n" + json.dumps({"stateStoreInfo": stores}).encode())
    write(state / "0" / "_metadata" / "schema", b"\x00\x02v2")
    if topic:
        write(checkpoint / "sources" / "0" / "0", b'\x00v1\n{"lines":{"0":0}}')
    for batch in range(BATCHES + unfinished):
        offset = f'{{"lines":{{"0":{batch + 1}}}}}' if topic else f'{{"logOffset":{batch}}}'
        write(checkpoint / "offsets" / str(batch), f'v1\n{{"batchWatermarkMs":{batch * 1000}}}\n{offset}'.encode())
        write(state / "0" / f"{batch + 1}.delta", b"\x01" * 600)
        if not topic:
            write(checkpoint / "sources" / "0" / str(batch), b'v1\n{"path":"file:///a","batchId":%d}' % batch)
        if batch < BATCHES:
            write(checkpoint / "commits" / str(batch), b'v1\n{"nextBatchWatermarkMs":0}')
    return checkpoint


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x04
    file.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-3]),
    "flipped": flip,
    "missing": Path.unlink,
}
#: Each kind of file, and the last committed batch that is left when it is empty, cut, flipped, and missing.
COMMITTED = {
    "offsets/2": (1, 1, 1, 1),
    "offsets/1": (_REFUSED, _REFUSED, _REFUSED, _REFUSED),
    "offsets/0": (2, 2, 2, 2),
    "commits/2": (2, 2, 2, 1),
    "commits/1": (2, 2, 2, 2),
    "metadata": (2, 2, 2, 2),
    "state/0/0/3.delta": (1, 1, 1, 1),
    "state/0/0/2.delta": (0, 0, 0, 0),
    "state/0/_metadata/metadata": (_REFUSED, _REFUSED, _REFUSED, _REFUSED),
    "state/0/0/_metadata/schema": (_REFUSED, _REFUSED, _REFUSED, _REFUSED),
}
OF_FILES = {"sources/0/2": (_REFUSED, _REFUSED, _REFUSED, _REFUSED)}
OF_TOPICS = {"sources/0/0": (2, 2, 2, 2)}
UNFINISHED = {
    "offsets/3": (2, 2, 2, 2),
    "offsets/2": (1, 1, 1, 1),
    "commits/2": (2, 2, 2, 1),
    "state/0/0/4.delta": (2, 2, 2, 2),
    "state/0/0/3.delta": (1, 1, 1, 1),
}


def cases(table: dict[str, tuple[object, ...]]) -> list[tuple[str, str, object]]:
    return [(name, how, left) for name, lefts in table.items() for how, left in zip(DAMAGES, lefts, strict=True)]


def check(checkpoint: Path, name: str, how: str, left: object, *, is_file_source: bool) -> None:
    DAMAGES[how](checkpoint / name)
    if left == _REFUSED:
        with pytest.raises(StateError, match=f"{name} is (damaged|missing); restore the state folder"):
            find_mending(checkpoint, is_file_source=is_file_source)
        return
    find_mending(checkpoint, is_file_source=is_file_source).carry_out()
    assert isinstance(left, int)
    again = find_mending(checkpoint, is_file_source=is_file_source)
    assert (again.committed, again.written) == (left, {})
    assert is_whole(checkpoint / "metadata")
    assert not (checkpoint / "state" / "0" / "0" / f"{left + 2}.delta").exists()
    assert is_whole(checkpoint / "state" / "0" / "0" / f"{left + 1}.delta")


@pytest.mark.parametrize(("name", "how", "left"), cases(COMMITTED | OF_FILES))
def test_a_damaged_file_of_a_folder(tmp_path: Path, name: str, how: str, left: object) -> None:
    check(make(tmp_path, topic=False, unfinished=False), name, how, left, is_file_source=True)


@pytest.mark.parametrize(("name", "how", "left"), cases(COMMITTED | OF_TOPICS))
def test_a_damaged_file_of_a_topic(tmp_path: Path, name: str, how: str, left: object) -> None:
    check(make(tmp_path, topic=True, unfinished=False), name, how, left, is_file_source=False)


@pytest.mark.parametrize(("name", "how", "left"), cases(UNFINISHED | {"sources/0/3": (2, 2, 2, 2)}))
def test_a_damaged_file_of_an_unfinished_batch(tmp_path: Path, name: str, how: str, left: object) -> None:
    check(make(tmp_path, topic=False, unfinished=True), name, how, left, is_file_source=True)


@pytest.mark.parametrize("unfinished", [True, False])
@pytest.mark.parametrize("how", DAMAGES)
def test_all_files_of_the_last_two_batches(tmp_path: Path, how: str, *, unfinished: bool) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=unfinished)
    for batch in range(1, BATCHES + unfinished):
        for name in (f"offsets/{batch}", f"commits/{batch}", f"state/0/0/{batch + 1}.delta"):
            if (checkpoint / name).exists():
                DAMAGES[how](checkpoint / name)

    find_mending(checkpoint, is_file_source=False).carry_out()

    for folder in ("offsets", "commits"):
        assert [file.name for file in (checkpoint / folder).glob("[0-9]*")] == ["0"]
    assert find_mending(checkpoint, is_file_source=False).committed == 0


def test_the_first_of_the_batches_that_are_undone_reads_the_same_again(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=True)
    for version in (2, 3):
        (checkpoint / "state" / "0" / "0" / f"{version}.delta").write_bytes(b"")

    find_mending(checkpoint, is_file_source=False).carry_out()

    assert sorted(file.name for file in (checkpoint / "offsets").glob("[0-9]*")) == ["0", "1"]
    assert [file.name for file in (checkpoint / "commits").glob("[0-9]*")] == ["0"]


@pytest.mark.parametrize("ending", ["snapshot", "zip"])
@pytest.mark.parametrize("how", ["empty", "cut", "flipped"])
def test_a_damaged_snapshot_is_removed_if_the_changes_are_whole(tmp_path: Path, how: str, ending: str) -> None:
    checkpoint = make(tmp_path, topic=False, unfinished=False)
    snapshots = [checkpoint / "state" / "0" / "0" / f"{version}.{ending}" for version in (1, 3)]
    for snapshot in snapshots:
        write(snapshot, b"\x02" * 600)
    DAMAGES[how](snapshots[1])

    mending = find_mending(checkpoint, is_file_source=True)
    assert (mending.committed, mending.broken) == (2, None)
    mending.carry_out()

    assert [snapshot.exists() for snapshot in snapshots] == [True, False]


def test_a_damaged_snapshot_without_the_changes_before_it_is_named(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=False, unfinished=False)
    for version in (1, 2, 3):
        (checkpoint / "state" / "0" / "0" / f"{version}.delta").unlink()
    write(checkpoint / "state" / "0" / "0" / "3.zip", b"")

    with pytest.raises(StateError, match=r"3\.zip is damaged"):
        find_mending(checkpoint, is_file_source=True)


def test_a_whole_checkpoint_stays_as_it_is(tmp_path: Path) -> None:
    mending = find_mending(make(tmp_path, topic=True, unfinished=False), is_file_source=False)

    assert (mending.committed, mending.removed, mending.written) == (2, [], {})


def test_an_unfinished_batch_keeps_what_it_is_to_read(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=True)
    find_mending(checkpoint, is_file_source=False).carry_out()

    assert is_whole(checkpoint / "offsets" / "3")


def test_a_commit_is_written_anew_with_the_watermark_of_its_batch(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=False)
    (checkpoint / "commits" / "2").write_bytes(b"")
    find_mending(checkpoint, is_file_source=False).carry_out()

    assert (checkpoint / "commits" / "2").read_text("utf-8") == 'v1\n{"nextBatchWatermarkMs":2000}'


def test_a_snapshot_takes_the_place_of_the_changes_before_it(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=False)
    store = checkpoint / "state" / "0" / "0"
    write(store / "2.snapshot", b"\x01" * 99)
    (store / "1.delta").unlink()

    assert find_mending(checkpoint, is_file_source=False).committed == 2


def test_a_file_without_checksums_is_read_as_spark_reads_it(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=True, unfinished=False)
    for file in checkpoint.rglob(".*.crc"):
        file.unlink()

    assert find_mending(checkpoint, is_file_source=False).removed == []


def test_a_compact_log_of_the_source_has_the_entries_of_before(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, topic=False, unfinished=False)
    log = checkpoint / "sources" / "0"
    write(log / "9.compact", (log / "2").read_bytes())
    (log / "2").unlink()

    assert find_mending(checkpoint, is_file_source=True).committed == 2
