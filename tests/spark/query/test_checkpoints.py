"""The checkpoints of real time, shown as if they were batches."""

from typing import TYPE_CHECKING

import pytest

from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.query.watching import earlier
from streaming.query.watching.earlier import Checkpoints
from streaming.serving import frames

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_each_shows_what_was_counted_since_the_one_before(spark: "SparkSession") -> None:
    before = CountedBefore({"a": 5}, words=5, distinct=1)
    shared = SharedCounts(Counts(before, now=0))
    checkpoints = Checkpoints(shared, before)
    for counts, words in (([("a", 5), ("b", 2)], 2), ([("a", 9), ("b", 2)], 6)):
        checkpoints.take(spark.createDataFrame(counts, "word string, count long"))
        with shared.read() as read:
            assert read.top.rows == sorted(counts, key=lambda row: -row[1])
            assert (read.words, read.distinct) == (words, 2)
            assert read.trends.counts == dict(counts)


def test_of_more_words_than_are_known_the_others_may_be_counted(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier, "KNOWN_WORDS", 2)
    shared = SharedCounts(Counts(CountedBefore(), now=0))
    checkpoints = Checkpoints(shared, CountedBefore())
    for counts in ([("a", 1)], [("a", 1), ("b", 2), ("c", 3)]):
        checkpoints.take(spark.createDataFrame(counts, "word string, count long"))
    with shared.read() as read:
        assert (read.trends.counts, read.distinct) == ({"b": 2, "c": 3}, 3)
        assert frames.word(read, "d", 1)["may_be_counted"]
