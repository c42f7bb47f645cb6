"""The counts of a batch, as they come from Spark to Python."""

import pytest
from pyspark.sql import SparkSession

from streaming.query.batch_writer import collect_most_frequent_first


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("partitions", [1, 3])
def test_collects_the_most_frequent_first_however_many_are_expected(
    spark: SparkSession, *, partitions: int, many: bool
) -> None:
    rows = [("b", 2), ("\U0001f600", 2), ("\uffee", 2), ("", 7), ("a", 2), ("ten", 10), ("long", 2**40)]
    counts = spark.createDataFrame(rows, "word string, count long").repartition(partitions)

    collected = collect_most_frequent_first(counts, many=many)

    assert collected == [
        ("long", 2**40), ("ten", 10), ("", 7), ("a", 2), ("b", 2), ("\uffee", 2), ("\U0001f600", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("many", [False, True])
def test_collects_nothing_from_a_batch_that_changed_nothing(spark: SparkSession, *, many: bool) -> None:
    counts = spark.createDataFrame([], "word string, count long")

    assert collect_most_frequent_first(counts, many=many) == []
