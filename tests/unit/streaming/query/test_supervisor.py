"""How a stream ends: the batch at hand is finished first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from producer.common.errors import WordCountError
from streaming.query import supervisor
from streaming.query.spool import end_feeder
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


def running(query: Any, writer: Any, feeder: Any = None) -> RunningQuery:
    nothing: Any = SimpleNamespace(write_last=lambda _: None)
    return RunningQuery(query, writer, feeder, watches=[], screen=None, snapshots=nothing, stop_signal=nothing)


def finish(checkpoint: Path, batch: int | None, after: int = 3, error: Exception | None = None) -> bool | None:
    commits = checkpoint / "commits"
    commits.mkdir()
    for earlier in range(batch or 0):
        (commits / str(earlier)).touch()
    query = Query(commits, batch or 0, after)
    writer = SimpleNamespace(batch=batch, error=error, dropped=None)
    supervisor.finish_batch(running(query, writer), cast("State", SimpleNamespace(checkpoint=checkpoint)), print)
    return query.committed_when_stopped


@pytest.mark.parametrize("batch", [0, 1, 10])
def test_the_batch_at_hand_is_committed_before_the_query_is_stopped(tmp_path: Path, batch: int) -> None:
    assert finish(tmp_path, batch) is True


def test_a_query_without_a_batch_is_stopped_at_once(tmp_path: Path) -> None:
    assert finish(tmp_path, None) is False


def test_a_batch_that_does_not_end_in_time_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.05)

    assert finish(tmp_path, 1, after=10**9) is False


@pytest.mark.parametrize(("is_stopping", "said"), [(True, "stopping once"), (False, "counting goes on in real time")])
def test_only_a_stop_is_called_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_stopping: bool, said: str
) -> None:
    monkeypatch.setattr(supervisor, "LONG_STOP_SECONDS", 0.0)
    (tmp_path / "commits").mkdir()
    stream = running(Query(tmp_path / "commits", 0, 3), SimpleNamespace(batch=0, error=None, dropped=None))
    stream = replace(stream, stop_signal=cast("Any", is_stopping))
    supervisor.finish_batch(stream, cast("State", SimpleNamespace(checkpoint=tmp_path)), print)
    assert capsys.readouterr().out.startswith(said)


class Feeder:
    """A feeder in whose spool something waits that a query counts once it was asked for a few times."""

    error = None
    waiting_bytes = 1234
    follower = SimpleNamespace(unfinished_message=lambda: None)

    def __init__(self, *, piped: bool, waits: int) -> None:
        self.is_piped, self._waits = piped, waits
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def remove_counted(self) -> None:
        self._waits -= 1

    @property
    def is_empty(self) -> bool:
        return self._waits <= 0


@pytest.mark.parametrize(
    ("piped", "waits", "started"), [(True, 5, 1), (True, 1, 0), (False, 5, 0)], ids=["pipe", "empty pipe", "files"]
)
def test_what_was_read_of_a_pipe_is_counted_and_files_are_left_to_the_next_run(
    tmp_path: Path, *, piped: bool, waits: int, started: int
) -> None:
    commits = tmp_path / "commits"
    commits.mkdir()
    feeder, more = Feeder(piped=piped, waits=waits), [Query(commits, 0, 10**9)]
    writer = SimpleNamespace(batch=None, error=None, dropped=None)
    state = cast("State", SimpleNamespace(checkpoint=tmp_path))

    supervisor.finish(running(Query(commits, 0, 10**9), writer, feeder), state, print, more.pop)  # type: ignore[arg-type]

    assert feeder.stopped
    assert len(more) == 1 - started
    assert feeder.is_empty == (waits == 1 or piped)


def test_what_was_read_of_a_pipe_and_is_not_counted_is_reported() -> None:
    messages: list[str] = []
    for piped, waits, temporary in ((True, 5, False), (True, 5, True), (True, 1, True), (False, 5, True)):
        end_feeder(Feeder(piped=piped, waits=waits), messages.append, temporary=temporary)  # type: ignore[arg-type]

    assert messages == [
        "1,234 bytes that were read of standard input wait in the state to be counted",
        "1,234 bytes that were read of standard input are lost with the temporary state",
    ]


def test_an_error_of_the_last_batch_is_raised(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        finish(tmp_path, 1, error=OSError(28, "No space left on device"))


def test_a_query_that_ended_without_a_reason_is_an_error() -> None:
    ended = SimpleNamespace(isActive=False, exception=lambda: None)
    well = SimpleNamespace(error=None)

    with pytest.raises(WordCountError, match="Spark ended the query"):
        running(ended, well, well).check()


def test_the_progress_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that ends takes what it has read with it, and the chunks of its batch are removed later."""
    shown: list[tuple[int, int]] = []
    steps = iter([(100, 0), (100, 60), (100, 100), (100, 0), (100, 0), (0, 0)])  # bytes that wait, and that were read

    class Feeder:
        error = None
        has_ended = True
        follower = SimpleNamespace(bytes_found=100, bytes_done=100)
        waiting_bytes, read = next(steps)

        @property
        def is_empty(self) -> bool:
            return self.waiting_bytes == 0

        def remove_counted(self) -> None:
            self.waiting_bytes, self.read = next(steps)

        def release_windows(self) -> None:
            pass

    @contextmanager
    def bytes_progress(_: str) -> Iterator[Callable[[int, int], None]]:
        yield lambda done, found: shown.append((done, found))

    class NoSignal:
        def __bool__(self) -> bool:
            return False

        def wait(self, _: float) -> None:
            pass

    monkeypatch.setattr(supervisor, "bytes_progress", bytes_progress)
    feeder: Any = Feeder()
    nothing: Any = SimpleNamespace(error=None, dropped=None, write_if_due=lambda: None, isActive=True)
    no_signal: Any = NoSignal()
    stream = RunningQuery(nothing, nothing, feeder, [], None, nothing, no_signal)

    supervisor.count_all(stream, lambda: feeder.read)

    assert shown == [(60, 100), (100, 100), (100, 100), (100, 100), (100, 100)]
