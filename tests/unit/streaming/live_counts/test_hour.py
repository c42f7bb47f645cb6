"""An hour, minute by minute."""

import pytest

from streaming.live_counts import hour as hour_module
from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.hour import PARTS, Hour
from streaming.live_counts.trends import Trends
from streaming.spark.metrics import BatchTotals, PreviousBatch

NOW = 6000.0  # the beginning of a minute


def test_minutes_of_more_than_an_hour_ago_are_forgotten() -> None:
    hour = Hour()
    for minute in range(200):
        hour.add({"a": minute}, NOW + 60 * minute)
    assert hour.sums("a", NOW + 60 * 199) == list(range(140, 200))
    assert hour.sums("a", NOW + 60 * 300) == [0] * PARTS
    assert len(hour._parts) <= PARTS + 1


def test_a_finished_minute_keeps_the_names_that_came_most_often_and_those_that_are_to_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hour_module, "PART_NAMES", 1)
    hour = Hour()
    hour.add({"a": 3, "b": 2, "c": 1}, NOW)
    hour.add({"a": 1}, NOW + 60, keep=["c", "none"])
    assert [hour.sums(name, NOW + 60)[-2] for name in "abc"] == [3, 0, 1]


def test_the_hour_of_a_word_adds_up_to_what_came() -> None:
    trends = Trends({}, is_complete=True, keeps_hour=True)
    for second in range(0, 180, 3):
        trends.update([("a", second + 3)], NOW + second)
    assert trends.hour("a", NOW + 179)[-4:] == [0, 60, 60, 60]
    assert trends.hour("a", NOW + 185)[-4:] == [60, 60, 60, 0], "the last bucket is of the minute before"
    assert Trends({}, is_complete=True).hour("a", NOW) == []


def test_lines_and_words_of_each_minute_and_how_long_batches_took() -> None:
    counts = Counts(CountedBefore(), NOW, keeps_hour=True)
    counts.update([("a", 5)], BatchTotals(2, 5, 1), PreviousBatch(), NOW)
    counts.update([("a", 8)], BatchTotals(1, 3, 1), PreviousBatch(0.2), NOW + 60)
    assert [part[-3:] for part in counts.hour(NOW + 61)] == [[0, 2, 1], [0, 5, 3]]
    assert (counts.durations.number, counts.durations.seconds, counts.durations.up_to[0.25]) == (1, 0.2, 1)
