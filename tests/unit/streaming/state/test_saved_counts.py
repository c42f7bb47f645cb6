"""Which state is asked for counts, and how, without Spark."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from producer.common.errors import UsageError, WordCountError
from streaming.state import saved_counts as asking
from streaming.state.folder import in_output, note_place
from streaming.state.saved_counts import counts_in
from tests.support.made_checkpoint import make

_TOLD = "Java is not started here"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """Return the settings of each session that is asked for; it ends there."""
    asked: list[Mapping[str, str]] = []

    def jvm(_java: Any, chosen: Mapping[str, str], **_: Any) -> None:
        asked.append(chosen)
        raise WordCountError(_TOLD)

    monkeypatch.setattr(asking, "Jvm", jvm)
    monkeypatch.setattr(asking, "find_java", lambda _: None)
    return asked


def made(folder: Path, **manifest: str) -> Path:
    """Make a state folder with one batch."""
    make(folder / "checkpoint", {}, [0], committed=1)
    (folder / "manifest.json").write_text(json.dumps({"format": 1, **manifest}))
    return folder


def ask(folder: Path) -> None:
    with counts_in(str(folder), print, debug=False):
        pass


@pytest.mark.parametrize("manifest", [{}, {"state store": "rocksdb"}, {"state store": "com.example.Provider"}])
def test_any_state_store_is_read(tmp_path: Path, asked: list[Mapping[str, str]], manifest: dict[str, str]) -> None:
    with pytest.raises(WordCountError, match=_TOLD):
        ask(made(tmp_path, **manifest))

    assert len(asked) == 1


def test_times_are_shown_in_the_zone_of_the_stream(tmp_path: Path, asked: list[Mapping[str, str]]) -> None:
    with pytest.raises(WordCountError, match=_TOLD):
        ask(made(tmp_path, **{"time zone": "Asia/Seoul"}))

    assert asked[0]["spark.sql.session.timeZone"] == "Asia/Seoul"


def test_an_output_folder_leads_to_the_state_of_its_last_run(tmp_path: Path) -> None:
    output, state = tmp_path / "out", tmp_path / "상태"
    made(in_output(output))
    assert asking._state_in(str(output)) == in_output(output)
    note_place(output, made(state))
    assert asking._state_in(str(output)) == state
    assert asking._state_in(str(state)) == state
    note_place(output, in_output(output))

    assert asking._state_in(str(output)) == in_output(output)
    assert [path.name for path in output.iterdir()] == ["state"]


def test_a_state_that_was_moved_is_told_where_it_was(tmp_path: Path) -> None:
    output, state = tmp_path / "out", tmp_path / "state"
    output.mkdir()
    note_place(output, made(state))
    state.rename(tmp_path / "moved")

    with pytest.raises(UsageError, match=f"out: its state was kept in {state}, where none is now; give the folder"):
        asking._state_in(str(output))
