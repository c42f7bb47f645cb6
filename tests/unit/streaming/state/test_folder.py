import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from producer.common.errors import LockedError
from producer.positions.position import PositionUpdate
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget
from streaming.counting.rules import WordRule
from streaming.errors import StateError
from streaming.spark.settings import settings
from streaming.state.folder import State, open_state
from streaming.state.manifest import Manifest
from tests.support.made_checkpoint import entry, make

Open = Callable[..., State]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open the state folder as a run does, after the run before has ended."""
    last = ExitStack()

    def begin(source: str = "/source", *conf: str, folder: str = "state", split: str = "space") -> State:
        last.close()
        manifest = Manifest.for_stream(source, settings(None, conf), WordRule(split=split))
        state = last.enter_context(open_state(tmp_path / folder, manifest))
        state.begin()
        return state

    with last:
        yield begin


def publish(state: State, chunks: int) -> None:
    """Put chunks into the spool, as the follower does."""
    positions = PositionStore(state.positions)
    target = DirectoryTarget(state.spool, positions)
    for _ in range(chunks):
        target.publish([b"one\n"], PositionUpdate())
        target.flush()
    positions.close()


def chunks(state: State) -> list[Path]:
    return sorted(state.spool.glob("chunk-*"))


def test_a_new_folder_is_created_with_its_parents(opened: Open) -> None:
    state = opened(folder="a/b/state")

    assert not state.resumed
    assert state.spool.is_dir()


def test_the_same_options_resume_the_state(opened: Open) -> None:
    opened()

    assert opened().resumed


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "thesis.txt").touch()

    with pytest.raises(StateError, match=r"is not empty and holds no state; give --checkpoint a new or an empty"):
        opened()

    assert os.listdir(tmp_path / "state") == ["thesis.txt"]


def test_a_start_cut_off_before_the_manifest_does_not_block_the_next(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "lock").touch()
    (tmp_path / "state" / ".manifest.tmp").write_text("{", "utf-8")

    assert not opened().resumed


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"source": "/other"}, ["source '/source', not '/other'"]),
        ({"split": "words"}, ["words '--split space', not '--split words'"]),
    ],
    ids=["source", "rule"],
)
def test_a_state_with_another_option_is_refused_with_both_values(
    opened: Open, change: dict[str, str], parts: list[str]
) -> None:
    opened()

    with pytest.raises(StateError) as caught:
        opened(**change)

    assert all(part in str(caught.value) for part in [*parts, "--checkpoint", "continue with the former"])
    assert "\n" not in str(caught.value)


def test_a_newer_version_is_refused(opened: Open) -> None:
    manifest = opened().folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "format": 2}), "utf-8")

    with pytest.raises(StateError, match="has state format 2, which a newer version has written; this version knows 1"):
        opened()


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"{}", b"\xff", b'{"format": "x"}', b'{"format": null}'])
def test_a_damaged_manifest_is_refused_with_its_path(opened: Open, damaged: bytes) -> None:
    (opened().folder / "manifest.json").write_bytes(damaged)

    with pytest.raises(StateError, match=r"state/manifest\.json cannot be read"):
        opened()


def test_a_second_process_is_refused_with_the_id_of_the_first(opened: Open, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from streaming.counting.rules import WordRule; from streaming.spark.settings import settings\n"
        "from streaming.state.folder import open_state; from streaming.state.manifest import Manifest\n"
        "with open_state(Path(sys.argv[1]), Manifest.for_stream('/source', settings(None, []), WordRule())) as state:\n"
        "    state.begin(); print(1, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "state")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        with pytest.raises(LockedError, match=f"state is in use by process {process.pid};"):
            opened()
        process.communicate(timeout=20)

    assert opened().resumed


def test_missing_positions_are_refused(opened: Open) -> None:
    state = opened()
    make(state.checkpoint, {"0": [entry(state.spool / "chunk-1", 0)]}, offsets=[0], committed=1)

    with pytest.raises(StateError, match=r"positions\.db is missing"):
        opened()


def test_a_missing_chunk_that_is_not_counted_is_refused(opened: Open) -> None:
    state = opened()
    publish(state, 2)
    first, second = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)], "1": [entry(second, 1)]}, offsets=[0, 1], committed=1)
    first.unlink()
    assert opened().resumed
    second.unlink()

    with pytest.raises(StateError, match=f"{second.name} is missing, and its lines are not counted yet"):
        opened()


def test_a_moved_state_folder_is_refused_with_its_former_place(opened: Open, tmp_path: Path) -> None:
    state = opened()
    publish(state, 1)
    make(state.checkpoint, {"0": [entry(chunks(state)[0], 0)]}, offsets=[0], committed=0)
    (tmp_path / "state").rename(tmp_path / "moved")

    with pytest.raises(StateError, match=f"if the state folder was moved, move it back to {tmp_path}/state,"):
        opened(folder="moved")


def test_a_moved_state_folder_resumes_if_nothing_waits(opened: Open, tmp_path: Path) -> None:
    state = opened()
    publish(state, 1)
    make(state.checkpoint, {"0": [entry(chunks(state)[0], 0)]}, offsets=[0], committed=1)
    (tmp_path / "state").rename(tmp_path / "moved")

    assert opened(folder="moved").resumed


def test_missing_counts_are_refused(opened: Open) -> None:
    state = opened()
    publish(state, 3)
    for chunk in chunks(state):
        chunk.unlink()  # counted, and then the checkpoint that held the counts was removed

    with pytest.raises(StateError):
        opened()


def test_a_chunk_that_is_missing_before_spark_saw_it_is_refused(opened: Open) -> None:
    state = opened()
    publish(state, 3)
    first, second, _ = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)]}, offsets=[0], committed=1)
    second.unlink()

    with pytest.raises(StateError, match=second.name):
        opened()


def test_a_start_cut_off_before_the_first_batch_resumes(opened: Open) -> None:
    publish(opened(), 3)

    assert opened().resumed


def test_positions_older_than_the_checkpoint_are_refused(opened: Open) -> None:
    state = opened()
    publish(state, 1)
    former = state.positions.read_bytes()
    publish(state, 2)
    listed = {str(number): [entry(chunk, number)] for number, chunk in enumerate(chunks(state))}
    make(state.checkpoint, listed, offsets=[0, 1, 2], committed=3)
    state.positions.write_bytes(former)

    with pytest.raises(StateError, match=r"positions\.db is older than the checkpoint"):
        opened()


def test_the_manifest_of_an_earlier_version_is_read_and_written_as_it_was(opened: Open) -> None:
    manifest = opened().folder / "manifest.json"

    assert manifest.read_text("utf-8") == (
        '{\n  "format": 1,\n  "source": "/source",\n  "words": "--split space",\n  "windows": "none",\n'
        '  "shuffle partitions": "1",\n  "state store": "memory"\n}'
    )
