"""What a stream says at its start, when it was told to stop, or when a folder of it is gone."""

import os
from pathlib import Path
from typing import Any

import pytest

from producer.common.errors import UsageError
from streaming import stream_job
from streaming.query.options import SparkOptions, StreamOptions
from streaming.query.runner import Outcome
from streaming.sources.files import Files
from streaming.spark.java import find_java
from streaming.spark.settings import settings
from streaming.state.location import remove_remains
from streaming.stream_job import find_removed, run_stream, stop_message


@pytest.mark.parametrize(
    ("once", "outcome", "text"),
    [
        (False, Outcome(0, True), "stopped; everything counted is printed or saved; the same command continues from s"),
        (True, Outcome(0, True), "stopped; not everything is counted; the same command continues from s"),
        (True, Outcome(0, True, has_counted_all=True), "stopped; everything is counted, but not printed; the same"),
        (False, Outcome(0, True, counts_again=True), "stopped; what came after the last checkpoint is counted again;"),
    ],
)
def test_it_says_what_is_counted(*, once: bool, outcome: Outcome, text: str) -> None:
    options = StreamOptions(
        Files((".",), from_end=False, encoding=None, exclude=()), None, "text", 1.0, once, None, 10.0, False, 2.0, None,
        state_folder=Path("s"),
    )  # fmt: skip

    assert stop_message(options, Path("s"), outcome).startswith(text)


def test_a_folder_that_was_removed_explains_all_else(tmp_path: Path) -> None:
    state, output = tmp_path / "state", tmp_path / "out"
    for folder in (state, output / "changes"):
        folder.mkdir(parents=True)
    (state / "manifest.json").write_text("{}")
    options = StreamOptions(
        Files((".",)), output, "text", 1.0, once=False, top=None, snapshot_interval=10.0, changes=True, settle=2.0,
        depth=None, state_folder=state,
    )  # fmt: skip
    assert find_removed(options, state) is None
    (output / "changes").rmdir()
    assert f"{output}/changes was removed" in str(find_removed(options, state))
    output.rmdir()
    assert f"{output} was removed while the stream ran; run the same" in str(find_removed(options, state))
    (state / "manifest.json").unlink()
    assert f"the state in {state} was removed while the stream ran; run" in str(find_removed(options, state))


def test_what_spark_makes_anew_of_a_removed_state_is_removed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "checkpoint" / "offsets").mkdir(parents=True)
    (state / "manifest.json").write_text("{}")
    remove_remains(state)
    assert (state / "checkpoint" / "offsets").exists()
    (state / "manifest.json").unlink()
    remove_remains(state)
    assert not state.exists()


class _RefusingJvm:
    """Spark that does not take an option."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def session(self) -> None:
        raise UsageError("refused")

    def explained(self, error: Exception) -> Exception:
        return error

    def close(self) -> None:
        pass


def test_nothing_is_said_before_spark_has_taken_all_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_job, "Jvm", _RefusingJvm)
    (tmp_path / "in").mkdir()
    options = StreamOptions(
        Files((str(tmp_path / "in"),)), None, "text", 1.0, once=False, top=None, snapshot_interval=10.0, changes=False,
        settle=2.0, depth=None,
    )  # fmt: skip
    said: list[str] = []

    with pytest.raises(UsageError, match="refused"):
        run_stream(options, SparkOptions(find_java(os.environ), settings(None, []), [], debug=False), said.append)
    assert said == []
