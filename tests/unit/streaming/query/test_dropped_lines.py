"""When a stream tells of what its windows leave out, without a stream."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.counting.rules import LineTime, Windows
from streaming.query.dropped_lines import DroppedLines


class Query:
    """A query whose batches have left out what it is given, as Spark tells it."""

    def __init__(self) -> None:
        self.last: Any = None
        self._jsq = SimpleNamespace(lastProgress=lambda: self.last)

    def end(self, batch: int, late: Sequence[int] = (0,), untimed: int = 0, example: str | None = None) -> None:
        observed = SimpleNamespace(getLong=lambda _: untimed, getString=lambda _: example)
        self.last = SimpleNamespace(
            batchId=lambda: batch,
            stateOperators=lambda: [SimpleNamespace(numRowsDroppedByWatermark=lambda rows=rows: rows) for rows in late],
            observedMetrics=lambda: {"untimed": observed},
        )


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def left_out(told: list[str]) -> DroppedLines:
    return DroppedLines(Windows(60, 60, LineTime("iso")), told.append)


def numbers(told: Sequence[str]) -> list[tuple[str, int]]:
    """Return of which kind each message is, and how many it tells of."""
    found = []
    for message in told:
        number = re.search(r"(?<=counted: )[\d,]+", message)
        assert number is not None
        found.append(("late" if "came after" in message else "untimed", int(number[0].replace(",", ""))))
    return found


@pytest.mark.parametrize("kind", ["late", "untimed"])
def test_it_is_told_at_first_when_it_has_doubled_and_at_the_end(
    left_out: DroppedLines, told: list[str], kind: str
) -> None:
    query = Query()
    for batch in range(11):
        query.end(batch, **{"late": {"late": [1]}, "untimed": {"untimed": 1, "example": "x"}}[kind])  # type: ignore[arg-type]
        left_out.look(query)  # type: ignore[arg-type]
    assert numbers(told) == [(kind, number) for number in (1, 2, 4, 8)]
    for _ in range(2):
        left_out.tell()

    assert numbers(told)[4:] == [(kind, 11)]


def test_batches_that_leave_out_nothing_tell_nothing(left_out: DroppedLines, told: list[str]) -> None:
    query = Query()
    left_out.look(query)  # type: ignore[arg-type]  # before the first batch
    query.end(0, late=[3])
    left_out.look(query)  # type: ignore[arg-type]
    for batch in range(1, 9):
        query.end(batch)
        left_out.look(query)  # type: ignore[arg-type]
    left_out.tell()

    assert numbers(told) == [("late", 3)]


def test_each_kind_is_told_for_itself(left_out: DroppedLines, told: list[str]) -> None:
    query = Query()
    query.end(0, late=[10], untimed=1, example="x")
    left_out.look(query)  # type: ignore[arg-type]
    query.end(1, late=[1], untimed=1, example="x")
    left_out.look(query)  # type: ignore[arg-type]

    assert numbers(told) == [("untimed", 1), ("late", 10), ("untimed", 2)]


def test_all_operators_of_a_batch_count_and_each_batch_once(left_out: DroppedLines, told: list[str]) -> None:
    query = Query()
    query.end(7, late=[1, 2])
    assert not left_out.has_seen(query, 8)  # type: ignore[arg-type]
    assert left_out.has_seen(query, 7)  # type: ignore[arg-type]
    left_out.tell()

    assert numbers(told) == [("late", 3)]


def test_the_example_is_a_new_line(left_out: DroppedLines, told: list[str]) -> None:
    query = Query()
    for batch, line in enumerate(["first", "second", None]):
        query.end(batch, untimed=int(line is not None), example=line)
        left_out.look(query)  # type: ignore[arg-type]

    assert [message.rpartition("as ")[2] for message in told] == ["'first'", "'second'"]
