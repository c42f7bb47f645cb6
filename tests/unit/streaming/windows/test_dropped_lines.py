"""When a stream reports what its windows have dropped, without a stream."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.counting.rules import LineTime, Windows
from streaming.windows.dropped_lines import DroppedLines


class Query:
    """A query whose batches have dropped what a test says."""

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
def messages() -> list[str]:
    return []


@pytest.fixture
def dropped(messages: list[str]) -> DroppedLines:
    return DroppedLines(Windows(60, 60, LineTime("iso")), messages.append)


def numbers(messages: Sequence[str]) -> list[tuple[str, int]]:
    """Return the kind of each message, and the number in it."""
    found = []
    for message in messages:
        number = re.match(r"warning: ([\d,]+) ", message)
        assert number is not None
        found.append(("late" if " late " in message else "untimed", int(number[1].replace(",", ""))))
    return found


@pytest.mark.parametrize("kind", ["late", "untimed"])
def test_the_first_each_doubling_and_the_end_are_reported(
    dropped: DroppedLines, messages: list[str], kind: str
) -> None:
    query = Query()
    for batch in range(11):
        query.end(batch, **{"late": {"late": [1]}, "untimed": {"untimed": 1, "example": "x"}}[kind])  # type: ignore[arg-type]
        dropped.poll(query)  # type: ignore[arg-type]
    assert numbers(messages) == [(kind, number) for number in (1, 2, 4, 8)]
    for _ in range(2):
        dropped.report()

    assert numbers(messages)[4:] == [(kind, 11)]


def test_batches_that_drop_nothing_report_nothing(dropped: DroppedLines, messages: list[str]) -> None:
    query = Query()
    dropped.poll(query)  # type: ignore[arg-type]  # before the first batch
    query.end(0, late=[3])
    dropped.poll(query)  # type: ignore[arg-type]
    for batch in range(1, 9):
        query.end(batch)
        dropped.poll(query)  # type: ignore[arg-type]
    dropped.report()

    assert numbers(messages) == [("late", 3)]


def test_each_kind_is_reported_for_itself(dropped: DroppedLines, messages: list[str]) -> None:
    query = Query()
    query.end(0, late=[10], untimed=1, example="x")
    dropped.poll(query)  # type: ignore[arg-type]
    query.end(1, late=[1], untimed=1, example="x")
    dropped.poll(query)  # type: ignore[arg-type]

    assert numbers(messages) == [("untimed", 1), ("late", 10), ("untimed", 2)]


def test_all_operators_of_a_batch_count_and_each_batch_once(dropped: DroppedLines, messages: list[str]) -> None:
    query = Query()
    query.end(7, late=[1, 2])
    assert not dropped.has_seen(query, 8)  # type: ignore[arg-type]
    assert dropped.has_seen(query, 7)  # type: ignore[arg-type]
    dropped.report()

    assert numbers(messages) == [("late", 3)]


def test_the_example_is_the_newest_line(dropped: DroppedLines, messages: list[str]) -> None:
    query = Query()
    for batch, line in enumerate(["first", "second", None]):
        query.end(batch, untimed=int(line is not None), example=line)
        dropped.poll(query)  # type: ignore[arg-type]

    assert [message.rpartition("as in ")[2] for message in messages] == ["'first'", "'second'"]
