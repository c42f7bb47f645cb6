"""The checkpoints of real time, shown as if they were batches."""

from typing import TYPE_CHECKING

from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.query.watching.earlier import Checkpoints

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_counts_grow_and_are_taken_back_after_a_loss(spark: "SparkSession") -> None:
    before = CountedBefore({"a": 5}, words=5, distinct=1)
    shared = SharedCounts(Counts(before, now=0))
    checkpoints = Checkpoints(shared, before)
    for counts, words in (([("a", 5), ("b", 2)], 2), ([("a", 9), ("b", 2)], 6), ([("a", 8), ("b", 1)], 4)):
        checkpoints.take(spark.createDataFrame(counts, "word string, count long"))
        with shared.read() as read:
            assert read.top.rows == sorted(counts, key=lambda row: -row[1])
            assert (read.words, read.distinct) == (words, 2)
            assert read.trends.counts == dict(counts)
