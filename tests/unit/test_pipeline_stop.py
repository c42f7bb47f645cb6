"""How a stream ends: the batch at hand is finished first."""

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from producer.errors import WordCountError
from streaming import pipeline

if TYPE_CHECKING:
    from streaming.state import State

pytestmark = pytest.mark.usefixtures("bounded")


class Query:
    """A query that commits the batch at hand when it has been asked a few times whether it is active."""

    def __init__(self, commits: Path, batch: int, after: int) -> None:
        self._commits, self._batch, self._polls = commits, batch, after
        self.committed_when_stopped: bool | None = None

    @property
    def isActive(self) -> bool:  # noqa: N802  # as Spark calls it
        self._polls -= 1
        if self._polls == 0:
            (self._commits / str(self._batch)).touch()
        return True

    def stop(self) -> None:
        self.committed_when_stopped = (self._commits / str(self._batch)).exists()


def finish(checkpoint: Path, batch: int | None, after: int = 3, error: Exception | None = None) -> bool | None:
    commits = checkpoint / "commits"
    commits.mkdir()
    for earlier in range(batch or 0):
        (commits / str(earlier)).touch()
    query = Query(commits, batch or 0, after)
    sink = SimpleNamespace(batch=batch, error=error, left_out=None)
    running = pipeline._Running(query, sink, None, [], None, None)  # type: ignore[arg-type]
    pipeline._finish_batch(running, cast("State", SimpleNamespace(checkpoint=checkpoint)), print)
    return query.committed_when_stopped


@pytest.mark.parametrize("batch", [0, 1, 10])
def test_the_batch_at_hand_is_committed_before_the_query_is_stopped(tmp_path: Path, batch: int) -> None:
    assert finish(tmp_path, batch) is True


def test_without_a_batch_at_hand_it_is_stopped_at_once(tmp_path: Path) -> None:
    assert finish(tmp_path, None) is False


def test_a_batch_that_does_not_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_STOP_SECONDS", 0.05)

    assert finish(tmp_path, 1, after=10**9) is False


def test_what_went_wrong_in_the_last_batch_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        finish(tmp_path, 1, error=OSError(28, "No space left on device"))


def test_a_query_that_ended_without_a_reason_is_an_error() -> None:
    ended = SimpleNamespace(isActive=False, exception=lambda: None)
    well = SimpleNamespace(error=None)
    running = pipeline._Running(ended, well, well, [], None, None)  # type: ignore[arg-type]

    with pytest.raises(WordCountError, match="Spark ended the query"):
        running.check()
