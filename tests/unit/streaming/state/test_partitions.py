"""A state keeps its number of partitions and its store; ``repartition`` refuses what it cannot do."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from producer.common.lock import lock
from streaming.counting.rules import WordRule
from streaming.errors import StateError
from streaming.spark.settings import PARTITIONS, STATE_STORES, STORE, settings
from streaming.state.folder import State, open_state
from streaming.state.manifest import Manifest
from streaming.state.partitions import repartition
from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused
from tests.unit.streaming.state.test_mending import write


def manifest(conf: Sequence[str] = (), master: str | None = None, given: Sequence[str] = (PARTITIONS,)) -> Manifest:
    chosen = settings(master, conf, "rocksdb")
    return Manifest.for_stream("kafka://a/lines", chosen, WordRule(), topic_ids={"lines": "1"}, given=given)


def begin(folder: Path, made: Manifest) -> None:
    with open_state(folder, made) as state:
        state.begin()


def write_batches(checkpoint: Path, partitions: Sequence[int], committed: int) -> None:
    """Write batches that have the counts in so many partitions each, of which some are committed."""
    write(checkpoint / "metadata", b'{"id":"1"}')
    stores = [{"storeName": "default", "numColsPrefixKey": 0, "numPartitions": partitions[0]}]
    write(checkpoint / "state/0/_metadata/metadata", b"v1\n" + json.dumps({"stateStoreInfo": stores}).encode())
    write(checkpoint / "state/0/0/_metadata/schema", b"\x00\x02v2")
    for batch, number in enumerate(partitions):
        is_moved = batch > 0 and number != partitions[batch - 1]
        notes = json.dumps({"batchWatermarkMs": 0, "conf": {PARTITIONS: str(number)}})
        end = sum(one == before for one, before in zip(partitions[1 : batch + 1], partitions, strict=False))
        write(checkpoint / f"offsets/{batch}", f'v1\n{notes}\n{{"lines":{{"0":{end}}}}}'.encode())
        ids = [[f"{batch}a-{partition}"] for partition in range(number)]
        for partition, (id_,) in enumerate(ids):
            ending = "zip" if is_moved else "changelog"
            write(checkpoint / f"state/0/{partition}/{batch + 1}_{id_}.{ending}", b"\x01" * 600)
        if batch < committed:
            commit = json.dumps({"nextBatchWatermarkMs": 0, "stateUniqueIds": {"0": ids}})
            write(checkpoint / f"commits/{batch}", f"v2\n{commit}".encode())


def entry(folder: Path, name: str = "shuffle partitions") -> str | None:
    found: str | None = json.loads((folder / "manifest.json").read_text("utf-8")).get(name)
    return found


def test_a_state_keeps_its_number_unless_another_is_given(tmp_path: Path) -> None:
    begin(tmp_path, manifest([f"{PARTITIONS}=3"]))
    write_batches(tmp_path / "checkpoint", [3], committed=1)

    with open_state(tmp_path, manifest(given=[])) as state:
        assert (state.partitions, state.store) == (3, STATE_STORES["rocksdb"])
    with (
        pytest.raises(StateError, match=rf"has 3 partitions, not 1; .* 'wordcount repartition {tmp_path} 1'"),
        open_state(tmp_path, manifest()),
    ):
        pass


def test_a_state_without_a_batch_takes_the_number_that_is_given(tmp_path: Path) -> None:
    cluster = "spark://a:7077"
    begin(tmp_path, manifest(master=cluster, given=[]))
    assert entry(tmp_path) is None

    for conf, master, given, number in (
        ([], None, [], 1),
        ([f"{PARTITIONS}=8"], cluster, [PARTITIONS], 8),
        ([], cluster, [], 8),
    ):
        with open_state(tmp_path, manifest(conf, master, given)) as state:
            assert state.partitions == number


def test_a_state_in_memory_cannot_be_repartitioned_so_that_is_not_advised(tmp_path: Path) -> None:
    for number in ("1", "2"):
        made = Manifest.for_stream("/a", settings(None, [f"{PARTITIONS}={number}"]), WordRule())
        if number == "1":
            begin(tmp_path, made)
            write(tmp_path / "checkpoint/offsets/0", b'v1\n{"batchWatermarkMs":0,"conf":{}}\n-')
    with pytest.raises(StateError, match="has 1 partition, not 2;") as caught, open_state(tmp_path, made):
        pass

    assert "repartition" not in str(caught.value)
    assert "or give another --output or --checkpoint" in str(caught.value)


def test_a_state_keeps_its_store_unless_another_is_given(tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    in_memory = settings(None, [])

    def other(given: Sequence[str]) -> Manifest:
        return Manifest.for_stream("kafka://a/lines", in_memory, WordRule(), topic_ids={"lines": "1"}, given=given)

    with open_state(tmp_path, other([])) as state:
        assert state.store == STATE_STORES["rocksdb"]
    with pytest.raises(StateError, match="state store 'rocksdb', not 'memory'"), open_state(tmp_path, other([STORE])):
        pass


def test_on_a_cluster_the_number_is_decided_later(tmp_path: Path) -> None:
    with open_state(tmp_path, manifest(master="spark://a:7077", given=[])) as state:
        state.begin()
        assert state.partitions is None
        state.note_partitions(5)
    with open_state(tmp_path, manifest(master="spark://a:7077", given=[])) as state:
        assert state.partitions == 5


@pytest.mark.parametrize(
    ("partitions", "committed", "number"),
    [([1, 1, 4], 3, 4), ([1, 1, 4], 2, 1), ([4, 4, 1], 3, 1), ([4, 4, 1], 2, 4), ([2], 0, 2), ([1, 4, 4], 2, 4)],
)
def test_the_number_is_that_of_the_checkpoint(
    tmp_path: Path, partitions: Sequence[int], committed: int, number: int
) -> None:
    begin(tmp_path, manifest([f"{PARTITIONS}=7"]))
    write_batches(tmp_path / "checkpoint", partitions, committed)

    with open_state(tmp_path, manifest(given=[])) as state:
        assert state.partitions == number
    assert entry(tmp_path) == str(number)


def test_a_repartition_that_was_killed_is_undone(tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    checkpoint = tmp_path / "checkpoint"
    write_batches(checkpoint, [1, 1, 3], committed=2)

    with open_state(tmp_path, manifest(given=[])):
        pass

    assert sorted(os.listdir(checkpoint / "offsets")) == [".0.crc", ".1.crc", "0", "1"]
    assert list(checkpoint.glob("state/0/*/3_*")) == []


def test_an_unfinished_batch_keeps_what_it_is_to_read(tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    write_batches(tmp_path / "checkpoint", [1, 3, 3], committed=2)

    with open_state(tmp_path, manifest(given=[])):
        pass

    assert (tmp_path / "checkpoint/offsets/2").exists()


@pytest.mark.parametrize("folder", ["0", "1", "2"])
def test_counts_that_are_damaged_after_a_repartition_are_undone(tmp_path: Path, folder: str) -> None:
    begin(tmp_path, manifest())
    write_batches(tmp_path / "checkpoint", [1, 1, 3], committed=3)
    (file,) = (tmp_path / "checkpoint/state/0" / folder).glob("3_*.zip")
    file.write_bytes(b"")

    with open_state(tmp_path, manifest(given=[])) as state:
        assert state.partitions == 1
    assert not (tmp_path / "checkpoint/offsets/2").exists()


@pytest.mark.parametrize("partitions", [[1, 1, 3], [3, 3, 1]])
def test_a_damaged_commit_of_a_repartition_is_written_anew(tmp_path: Path, partitions: Sequence[int]) -> None:
    begin(tmp_path, manifest())
    write_batches(tmp_path / "checkpoint", partitions, committed=3)
    commit = tmp_path / "checkpoint/commits/2"
    whole = json.loads(commit.read_text("utf-8").split("\n")[1])
    commit.write_bytes(b"")

    with open_state(tmp_path, manifest(given=[])) as state:
        assert state.partitions == partitions[-1]
    assert json.loads(commit.read_text("utf-8").split("\n")[1]) == whole


@pytest.fixture
def refused(in_process: InProcess, tmp_path: Path) -> Callable[..., None]:
    """Check that ``repartition`` refuses the state in the temporary folder."""

    def check(*parts: str, number: str = "2", status: int = 2) -> None:
        before = sorted(tmp_path.rglob("*"))
        assert_refused(in_process("repartition", tmp_path, number), *parts, status=status)
        assert sorted(tmp_path.rglob("*")) == before

    return check


def test_a_number_below_one_is_refused(refused: Callable[..., None]) -> None:
    refused("'0' is not a whole number from 1", number="0")


def test_a_folder_without_a_state_is_refused(refused: Callable[..., None]) -> None:
    refused("holds no state")


def test_a_state_in_memory_is_refused(refused: Callable[..., None], tmp_path: Path) -> None:
    begin(tmp_path, Manifest.for_stream("/a", settings(None, []), WordRule()))
    refused("Spark repartitions no other", "--state-store rocksdb, which converts a state in memory")


def test_a_state_without_a_batch_is_refused(refused: Callable[..., None], tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    refused("nothing is counted there yet", "repartition it after the first batch", status=1)


def test_a_batch_that_is_not_finished_is_refused(refused: Callable[..., None], tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    write_batches(tmp_path / "checkpoint", [1, 1, 1], committed=2)
    for file in (tmp_path / "checkpoint/state/0/0").glob("*3_*"):
        file.unlink()  # any start removes it
    refused("the last batch is not finished", "run the stream again", status=1)


def test_a_state_that_a_stream_uses_is_refused(refused: Callable[..., None], tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    with lock(tmp_path / "lock", "it"):
        refused("is in use by process", status=1)


def test_a_state_that_has_the_number_stays_as_it_is(tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    write_batches(tmp_path / "checkpoint", [1, 1, 3], committed=3)
    said: list[str] = []

    repartition(str(tmp_path), 3, [], said.append, debug=False)

    assert said == [f"the state in {tmp_path} has 3 partitions already"]


def opened(folder: Path) -> State:
    with open_state(folder, manifest(given=[])) as state:
        return state


def test_what_was_noted_of_topics_is_noted_of_the_repartition(tmp_path: Path) -> None:
    begin(tmp_path, manifest())
    write_batches(tmp_path / "checkpoint", [1, 1, 3], committed=3)
    notes = {"1": [["lines", 0, 4, 9]], "2": []}
    (tmp_path / "topics.json").write_text(json.dumps({"format": 1, "batches": notes}))

    opened(tmp_path)

    assert json.loads((tmp_path / "topics.json").read_text("utf-8"))["batches"]["2"] == notes["1"]
