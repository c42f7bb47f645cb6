"""How a stream ends: the batch at hand is finished first."""

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from producer.common.errors import WordCountError
from streaming.query import runner as pipeline
from streaming.query import supervisor as run_loops
from streaming.query.supervisor import RunningQuery

if TYPE_CHECKING:
    from streaming.state.folder import State

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


def running(query: Any, sink: Any, feed: Any = None) -> RunningQuery:
    nothing: Any = SimpleNamespace(write=lambda: None)
    return RunningQuery(query=query, sink=sink, feed=feed, watches=[], screen=None, snapshots=nothing, stopping=nothing)


def finish(checkpoint: Path, batch: int | None, after: int = 3, error: Exception | None = None) -> bool | None:
    commits = checkpoint / "commits"
    commits.mkdir()
    for earlier in range(batch or 0):
        (commits / str(earlier)).touch()
    query = Query(commits, batch or 0, after)
    sink = SimpleNamespace(batch=batch, error=error, left_out=None)
    run_loops._finish_batch(running(query, sink), cast("State", SimpleNamespace(checkpoint=checkpoint)), print)
    return query.committed_when_stopped


@pytest.mark.parametrize("batch", [0, 1, 10])
def test_the_batch_at_hand_is_committed_before_the_query_is_stopped(tmp_path: Path, batch: int) -> None:
    assert finish(tmp_path, batch) is True


def test_without_a_batch_at_hand_it_is_stopped_at_once(tmp_path: Path) -> None:
    assert finish(tmp_path, None) is False


def test_a_batch_that_does_not_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.query.supervisor._STOP_SECONDS", 0.05)

    assert finish(tmp_path, 1, after=10**9) is False


class Fed:
    """A feed in whose spool something waits that a query counts once it was asked for a few times."""

    error = None
    waiting_bytes = 1234
    follower = SimpleNamespace(unfinished=list)

    def __init__(self, *, piped: bool, waits: int) -> None:
        self.piped, self._waits = piped, waits
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def remove_counted(self) -> None:
        self._waits -= 1

    def empty(self) -> bool:
        return self._waits <= 0


@pytest.mark.parametrize(
    ("piped", "waits", "started"), [(True, 5, 1), (True, 1, 0), (False, 5, 0)], ids=["pipe", "empty pipe", "files"]
)
def test_what_was_read_of_a_pipe_is_counted_and_files_are_read_again(
    tmp_path: Path, *, piped: bool, waits: int, started: int
) -> None:
    commits = tmp_path / "commits"
    commits.mkdir()
    fed, more = Fed(piped=piped, waits=waits), [Query(commits, 0, 10**9)]
    sink = SimpleNamespace(batch=None, error=None, left_out=None)
    state = cast("State", SimpleNamespace(checkpoint=tmp_path))

    run_loops.finish(running(Query(commits, 0, 10**9), sink, fed), state, print, more.pop)  # type: ignore[arg-type]

    assert fed.stopped
    assert len(more) == 1 - started
    assert fed.empty() == (waits == 1 or piped)


def test_what_was_read_of_a_pipe_and_is_not_counted_is_told() -> None:
    told: list[str] = []
    for piped, waits, temporary in ((True, 5, False), (True, 5, True), (True, 1, True), (False, 5, True)):
        pipeline._end_feed(Fed(piped=piped, waits=waits), told.append, temporary=temporary)  # type: ignore[arg-type]

    assert told == [
        "1,234 bytes that were read of standard input wait in the state to be counted",
        "1,234 bytes that were read of standard input are lost with the temporary state",
    ]


def test_what_went_wrong_in_the_last_batch_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        finish(tmp_path, 1, error=OSError(28, "No space left on device"))


def test_a_query_that_ended_without_a_reason_is_an_error() -> None:
    ended = SimpleNamespace(isActive=False, exception=lambda: None)
    well = SimpleNamespace(error=None)

    with pytest.raises(WordCountError, match="Spark ended the query"):
        running(ended, well, well).check()
