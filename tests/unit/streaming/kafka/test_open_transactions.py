"""A transaction that stays open holds up a partition: that is told once, and not of those that end soon."""

from streaming.kafka.losses import Partition
from streaming.kafka.open_transactions import OpenTransactions

LINES = Partition("lines", 0)


def test_one_that_stays_open_is_told_once() -> None:
    said: list[str] = []
    open_ = OpenTransactions(said.append)
    for _ in range(3):
        open_.look({LINES: range(2, 5)}, patience=0)
    assert len(said) == 1
    assert "partition 0 of the topic lines (3 offsets, from 2 to 4)" in said[0]


def test_one_that_has_not_been_open_for_long_is_not_told() -> None:
    said: list[str] = []
    open_ = OpenTransactions(said.append)
    for first in range(5):  # each look sees another one
        open_.look({LINES: range(first, 9)}, patience=0)
    open_.look({})
    open_.look({LINES: range(4, 9)}, patience=0)
    open_.look({LINES: range(4, 9)})
    assert said == []


def test_many_partitions_are_one_message() -> None:
    said: list[str] = []
    open_ = OpenTransactions(said.append)
    for _ in range(2):
        open_.look({Partition("lines", number): range(1) for number in range(50)}, patience=0)
    assert len(said) == 1
    assert "and 47 more partitions" in said[0]
