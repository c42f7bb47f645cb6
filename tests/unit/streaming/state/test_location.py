"""Which state folder an output folder leads to."""

from pathlib import Path

import pytest

from producer.common.errors import UsageError
from streaming.state.location import default_location, find_state, note_location


def manifest_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").touch()
    return folder


def test_an_output_folder_leads_to_the_state_of_its_last_run(tmp_path: Path) -> None:
    output, state = tmp_path / "out", tmp_path / "상태"
    manifest_in(default_location(output))
    assert find_state(str(output)) == default_location(output)
    note_location(output, manifest_in(state))
    assert find_state(str(output)) == state
    assert find_state(str(state)) == state
    note_location(output, default_location(output))

    assert find_state(str(output)) == default_location(output)
    assert [path.name for path in output.iterdir()] == ["state"]


def test_a_moved_state_is_refused_with_its_former_folder(tmp_path: Path) -> None:
    output, state = tmp_path / "out", tmp_path / "state"
    output.mkdir()
    note_location(output, manifest_in(state))
    state.rename(tmp_path / "moved")

    with pytest.raises(UsageError, match=f"out: its state was in {state}, where there is none now; give the folder"):
        find_state(str(output))
