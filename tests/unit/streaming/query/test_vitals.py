"""What is measured of a stream, on a real state folder."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streaming.counting.rules import ONE_SPACE
from streaming.losses.waiting import Looked
from streaming.query.watching import vitals
from streaming.query.watching.vitals import VitalsGauge
from streaming.serving.health import problem
from streaming.serving.status import Status
from streaming.spark.settings import settings
from streaming.state.folder import State, open_state
from streaming.state.manifest import Manifest
from tests.support.made_checkpoint import write_log


class _Stream:
    """A stream that is measured every ten seconds, by a clock that the test sets."""

    def __init__(self, state: State, patch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        patch.setattr(vitals, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.status = Status("app.log", state="running", patience=60.0)
        self.state = state
        self.losses = SimpleNamespace(behind={("lines", 0): 5}, looked=Looked())
        self.gauge = VitalsGauge(self.status, state, lambda: (1, 2), None, None)

    def log(self, kind: str, batch: int) -> None:
        write_log(self.state.checkpoint / kind, str(batch), ["{}"])

    def waits(self) -> float | None:
        """Return for how long something has waited."""
        self.now += 10
        self.gauge.poll([], None)
        measured = self.status.vitals
        assert measured is not None
        return None if measured.waiting_since is None else self.now - measured.waiting_since

    def look(self, *, has_waiting: bool) -> None:
        self.gauge.losses = cast("Any", self.losses)
        self.losses.looked = Looked(self.now + 5, has_waiting)


@pytest.fixture
def stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Stream]:
    with ExitStack() as stack:
        manifest = Manifest.for_stream("source", settings(None, []), ONE_SPACE)
        state = stack.enter_context(open_state(tmp_path / "state", manifest))
        state.begin()
        yield _Stream(state, monkeypatch)


def test_a_batch_that_is_not_committed_waits(stream: _Stream) -> None:
    assert stream.waits() is None
    stream.log("offsets", 0)
    assert [stream.waits() for _ in range(8)] == [0, 10, 20, 30, 40, 50, 60, 70]
    assert problem(stream.status, stream.now) == "nothing was committed for 70 s, though there is something to count"
    stream.log("commits", 0)
    assert stream.waits() is None
    assert problem(stream.status, stream.now) is None


def test_records_wait_though_no_batch_is_planned_until_a_commit(stream: _Stream) -> None:
    stream.log("offsets", 0)
    stream.log("commits", 0)
    stream.waits()
    stream.look(has_waiting=True)
    assert [stream.waits() for _ in range(7)] == [5, 15, 25, 35, 45, 55, 65]
    assert "nothing was committed" in (problem(stream.status, stream.now) or "")
    stream.log("offsets", 1)
    stream.log("commits", 1)
    assert stream.waits() is None, "the last look was before the commit"
    stream.look(has_waiting=True)
    assert stream.waits() == 5
    stream.look(has_waiting=False)
    assert stream.waits() is None


def test_what_is_measured_is_noted(stream: _Stream) -> None:
    stream.look(has_waiting=False)
    stream.gauge.restarts += 1
    stream.waits()
    measured = stream.status.vitals
    assert measured is not None
    assert (measured.restarts, measured.heap_bytes, measured.heap_limit) == (1, 1, 2)
    assert measured.records_behind == {("lines", 0): 5}
    assert measured.state_bytes == vitals.folder_size(stream.state.folder) > 0
