"""When windows of arrival have ended, and when a backlog lets windows close."""

import os
from pathlib import Path

import pytest

from streaming.counting.rules import Windows
from streaming.windows import closing
from streaming.windows.closing import ArrivalClock, BacklogGate


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def time_ns(self) -> int:
        return int(self.now * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(6000.0)
    monkeypatch.setattr(closing, "time", clock)
    return clock


def test_a_window_ends_once_and_only_while_one_may_be_open(clock: Clock) -> None:
    arrivals = ArrivalClock(Windows(60, 60))
    ended = []
    for seconds in range(0, 300, 20):
        clock.now = 6000.0 + seconds
        if arrivals.has_window_ended():
            ended.append(seconds)

    assert ended == [0, 60, 120], "at the start those of an earlier run, and at last one more for a slide"


def test_lateness_moves_the_end(clock: Clock) -> None:
    arrivals = ArrivalClock(Windows(60, 60, late=5))
    arrivals.has_window_ended()
    for now, has_ended in ((6004.9, False), (6005.0, True), (6064.0, False), (6065.0, True)):
        clock.now = now
        assert arrivals.has_window_ended() == has_ended, now


def test_a_window_ends_though_the_process_was_suspended_past_its_end(clock: Clock) -> None:
    arrivals = ArrivalClock(Windows(60, 60))
    arrivals.has_window_ended()
    clock.now += 10_000

    assert arrivals.has_window_ended()
    clock.now += 60
    assert not arrivals.has_window_ended()


def test_a_line_keeps_windows_open(clock: Clock) -> None:
    arrivals = ArrivalClock(Windows(60, 60))
    arrivals.has_window_ended()
    clock.now += 10_000
    arrivals.has_window_ended()
    arrivals.note_line()
    clock.now += 60

    assert arrivals.has_window_ended()


def test_a_gate_opens_once_when_no_chunk_of_the_backlog_waits(tmp_path: Path, clock: Clock) -> None:  # noqa: ARG001
    folder = tmp_path / "released"
    gate = BacklogGate(folder)
    gate.open_if_counted(list)
    assert os.listdir(folder) == [], "the backlog is not read yet"
    gate.backlog = frozenset({"a", "b"})
    gate.open_if_counted(lambda: ["b", "c"])
    assert os.listdir(folder) == []
    for _ in range(2):
        gate.open_if_counted(lambda: ["c"])

    assert len(os.listdir(folder)) == 1
    BacklogGate(folder)
    assert os.listdir(folder) == [], "the next run has a backlog of its own"


def test_a_gate_lists_the_chunks_only_once_the_backlog_is_known(tmp_path: Path) -> None:
    """The feeder's thread may put the last chunk of the backlog into the spool between the two."""
    gate = BacklogGate(tmp_path / "released")

    def list_before_the_last_chunk_comes() -> list[str]:
        gate.backlog = frozenset({"a"})
        return []

    gate.open_if_counted(list_before_the_last_chunk_comes)

    assert os.listdir(tmp_path / "released") == []
