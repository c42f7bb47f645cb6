"""Which states are converted, and how a state folder changes from one checkpoint to the other."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from streaming.counting.rules import WordRule
from streaming.errors import StateError
from streaming.spark.settings import PARTITIONS, STATE_STORES, STORE, StateStore, settings
from streaming.state.folder import State, open_state
from streaming.state.location import checkpoint_in
from streaming.state.manifest import Manifest, read_manifest


def opened(
    folder: Path, store: StateStore = "memory", *conf: str, given: Sequence[str] = (STORE,), begins: bool = False
) -> State:
    """Open a state as a run does, with a store that the user has given."""
    with open_state(folder, Manifest.for_stream("/in", settings(None, conf, store), WordRule(), given=given)) as state:
        if begins:
            state.begin()
        return state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a state in memory."""
    opened(tmp_path / "state", begins=True)
    (tmp_path / "state" / "checkpoint" / "sources").mkdir(parents=True)
    return tmp_path / "state"


def test_a_state_in_memory_is_converted_if_rocksdb_is_given(folder: Path) -> None:
    state = opened(folder, "rocksdb")

    assert (state.is_to_convert, state.store) == (True, STATE_STORES["rocksdb"])
    by_class = opened(folder, "memory", f"{STORE}={STATE_STORES['rocksdb']}")
    assert by_class.is_to_convert


def test_a_state_stays_in_memory_if_rocksdb_is_not_given(folder: Path) -> None:
    for state in (opened(folder), opened(folder, "rocksdb", given=[])):
        assert (state.is_to_convert, state.store) == (False, STATE_STORES["memory"])


def test_a_new_state_and_one_of_another_provider_are_not_converted(tmp_path: Path) -> None:
    assert not opened(tmp_path / "new", "rocksdb").is_to_convert
    own = f"{STORE}=org.example.Own"
    opened(tmp_path / "own", "memory", own, begins=True)
    with pytest.raises(StateError, match=r"state store 'org\.example\.Own', not 'rocksdb'; continue with the former"):
        opened(tmp_path / "own", "rocksdb")


def test_the_manifest_changes_the_store_and_the_checkpoint_in_one_step(folder: Path) -> None:
    state = opened(folder, "rocksdb")
    (state.converted / "sources").mkdir(parents=True)
    before = read_manifest(folder)

    state.go_on_in_rocksdb()

    assert read_manifest(folder) == {**before, "state store": "rocksdb", "checkpoint": "checkpoint-rocksdb"}
    assert (state.is_to_convert, state.store) == (False, STATE_STORES["rocksdb"])
    assert state.checkpoint == checkpoint_in(folder, read_manifest(folder)) == folder / "checkpoint-rocksdb"
    assert sorted(path.name for path in folder.glob("checkpoint*")) == ["checkpoint-rocksdb"]
    assert opened(folder, given=[]).checkpoint == state.checkpoint
    with pytest.raises(StateError, match="state store 'rocksdb', not 'memory'; continue with the former value"):
        opened(folder)


@pytest.mark.parametrize("is_done", [True, False])
def test_the_next_start_removes_what_a_kill_has_left(folder: Path, *, is_done: bool) -> None:
    (folder / "checkpoint-rocksdb" / "rows").mkdir(parents=True)
    if is_done:  # the manifest is written, the old checkpoint not removed yet
        entries = {**read_manifest(folder), "state store": "rocksdb", "checkpoint": "checkpoint-rocksdb"}
        (folder / "manifest.json").write_text(json.dumps({"format": 1, **entries}))

    state = opened(folder, given=[])

    assert [path.name for path in folder.glob("checkpoint*")] == [state.checkpoint.name]
    assert state.checkpoint.name == ("checkpoint-rocksdb" if is_done else "checkpoint")


def test_another_number_of_partitions_is_refused_with_the_way_to_it(folder: Path) -> None:
    for store, way in (("rocksdb", "repartition .* 4"), ("memory", "give another")):
        manifest = Manifest.for_stream("/in", settings(None, [f"{PARTITIONS}=4"], store), WordRule())
        with pytest.raises(StateError, match=f"1 partition, not 4; leave the number out to go on, or .*{way}"):
            manifest.check_partitions(folder)
