import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from producer.common.errors import LockedError, WordCountError
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget
from streaming.counting.rules import WordRule
from streaming.errors import StateError
from streaming.spark.session import settings
from streaming.state.folder import State
from tests.support.made_checkpoint import entry, make

Open = Callable[..., State]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open the state folder as a run does; the one before has ended."""
    last: list[State] = []

    def end() -> None:
        while last:
            last.pop().close()

    def open_state(
        source: str = "/source", *conf: str, store: str = "memory", folder: str = "state", split: str = "space"
    ) -> State:
        end()
        last.append(State(tmp_path / folder, source, settings(None, conf, store), WordRule(split=split)))
        last[-1].begin()
        return last[-1]

    yield open_state
    end()


def hand_on(state: State, chunks: int) -> None:
    """Put chunks into the spool, as the follower does."""
    positions = PositionStore(state.positions)
    target = DirectoryTarget(state.spool, positions)
    for _ in range(chunks):
        target.publish([b"one\n"], [])
        target.flush()
    positions.close()


def chunks(state: State) -> list[Path]:
    return sorted(state.spool.glob("chunk-*"))


def test_a_new_folder_is_made_with_all_above_it(opened: Open) -> None:
    state = opened(folder="a/b/state")

    assert not state.resumed
    assert state.spool.is_dir()


def test_the_same_again_goes_on(opened: Open) -> None:
    opened()

    assert opened().resumed


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "thesis.txt").touch()

    with pytest.raises(StateError, match=r"is no state folder and not empty; give --checkpoint an empty"):
        opened()

    assert os.listdir(tmp_path / "state") == ["thesis.txt"]


def test_a_start_cut_off_before_the_manifest_is_no_hindrance(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "lock").touch()
    (tmp_path / "state" / ".manifest.tmp").write_text("{", "utf-8")

    assert not opened().resumed


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"source": "/other"}, ["source '/source', not '/other'"]),
        ({"conf": "spark.sql.shuffle.partitions=4"}, ["shuffle partitions '1', not '4'"]),
        ({"store": "rocksdb"}, ["state store 'memory', not 'rocksdb'"]),
        ({"split": "words"}, ["words '--split space', not '--split words'"]),
    ],
    ids=["source", "partitions", "store", "rule"],
)
def test_counts_of_another_meaning_are_refused_with_both_values(
    opened: Open, change: dict[str, str], parts: list[str]
) -> None:
    opened()
    conf = [change["conf"]] if "conf" in change else []
    options = {name: change[name] for name in ("store", "split") if name in change}

    with pytest.raises(StateError) as caught:
        opened(change.get("source", "/source"), *conf, **options)

    assert all(part in str(caught.value) for part in [*parts, "--checkpoint", "go on with the former"])
    assert "\n" not in str(caught.value)


def test_a_newer_version_is_refused(opened: Open) -> None:
    manifest = opened().folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "format": 2}), "utf-8")

    with pytest.raises(StateError, match="has state format 2, made by a newer version; this one knows 1"):
        opened()


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"{}", b"\xff", b'{"format": "x"}', b'{"format": null}'])
def test_a_damaged_manifest_is_told_with_its_path(opened: Open, damaged: bytes) -> None:
    (opened().folder / "manifest.json").write_bytes(damaged)

    with pytest.raises(StateError, match=r"state/manifest\.json cannot be read"):
        opened()


def test_a_second_process_is_refused_and_told_who_holds_it(opened: Open, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from streaming.spark.session import settings; from streaming.state.folder import State\n"
        "state = State(Path(sys.argv[1]), '/source', settings(None, [])); state.begin()\n"
        "print(1, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "state")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        with pytest.raises(LockedError, match=f"state is in use by process {process.pid};"):
            opened()
        process.communicate(timeout=20)

    assert opened().resumed


def test_positions_that_are_missing_are_told(opened: Open) -> None:
    state = opened()
    make(state.checkpoint, {"0": [entry(state.spool / "chunk-1", 0)]}, offsets=[0], committed=1)

    with pytest.raises(StateError, match=r"positions\.db is missing"):
        opened()


def test_a_chunk_that_is_missing_and_not_counted_yet_is_told(opened: Open) -> None:
    state = opened()
    hand_on(state, 2)
    first, second = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)], "1": [entry(second, 1)]}, offsets=[0, 1], committed=1)
    first.unlink()
    assert opened().resumed
    second.unlink()

    with pytest.raises(StateError, match=f"{second.name} is missing, whose lines are not counted yet"):
        opened()


def test_a_state_folder_that_was_moved_is_told_where_it_was(opened: Open, tmp_path: Path) -> None:
    state = opened()
    hand_on(state, 1)
    make(state.checkpoint, {"0": [entry(chunks(state)[0], 0)]}, offsets=[0], committed=0)
    (tmp_path / "state").rename(tmp_path / "moved")

    with pytest.raises(StateError, match=f"if the state folder was moved, move it back to {tmp_path}/state,"):
        opened(folder="moved")


def test_a_state_folder_moved_with_nothing_waiting_goes_on(opened: Open, tmp_path: Path) -> None:
    state = opened()
    hand_on(state, 1)
    make(state.checkpoint, {"0": [entry(chunks(state)[0], 0)]}, offsets=[0], committed=1)
    (tmp_path / "state").rename(tmp_path / "moved")

    assert opened(folder="moved").resumed


def test_counts_that_are_missing_are_told(opened: Open) -> None:
    state = opened()
    hand_on(state, 3)
    for chunk in chunks(state):
        chunk.unlink()  # counted, and then the checkpoint that held the counts was removed

    with pytest.raises(StateError):
        opened()


def test_a_chunk_that_is_missing_before_spark_saw_it_is_told(opened: Open) -> None:
    state = opened()
    hand_on(state, 3)
    first, second, _ = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)]}, offsets=[0], committed=1)
    second.unlink()

    with pytest.raises(StateError, match=second.name):
        opened()


def test_a_start_cut_off_before_the_first_batch_goes_on(opened: Open) -> None:
    hand_on(opened(), 3)

    assert opened().resumed


def test_positions_older_than_the_checkpoint_are_told(opened: Open) -> None:
    state = opened()
    hand_on(state, 1)
    former = state.positions.read_bytes()
    hand_on(state, 2)
    listed = {str(number): [entry(chunk, number)] for number, chunk in enumerate(chunks(state))}
    make(state.checkpoint, listed, offsets=[0, 1, 2], committed=3)
    state.positions.write_bytes(former)

    with pytest.raises(StateError, match=r"positions\.db is older than the checkpoint"):
        opened()


def test_a_topic_made_anew_is_told(tmp_path: Path) -> None:
    chosen = settings(None, [])
    state = State(tmp_path, "kafka://cluster/lines", chosen, topic_ids={"lines": "1"})
    state.begin()
    state.close()
    State(tmp_path, "kafka://cluster/lines", chosen, topic_ids={"lines": "1"}).close()

    with pytest.raises(WordCountError, match="the topic lines was deleted and recreated"):
        State(tmp_path, "kafka://cluster/lines", chosen, topic_ids={"lines": "2"})
