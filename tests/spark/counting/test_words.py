"""Spark counts as plain Python does, whatever the bytes, in a batch and in a stream."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming import count_words, split_words
from tests.spark.conftest import set_for_a_while
from tests.support.golden import GOLDEN, Golden
from tests.support.reference import count

_BYTES = [
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"  ",
    b"a",
    b"b",
    "한".encode(),
    b"\xe2\x82",
    b"\xf0\x9f",
    b"\xff",
    b"\xc0",
    b"\x00",
]


def counted(counts: DataFrame) -> dict[str, int]:
    return {row["word"]: row["count"] for row in counts.collect()}


@pytest.fixture
def tiny_splits(spark: SparkSession) -> Iterator[None]:
    """Let Spark split files every few bytes, as it splits large ones every 128 MB."""
    with set_for_a_while(spark, {"spark.sql.files.maxPartitionBytes": "7", "spark.sql.files.openCostInBytes": "1"}):
        yield


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_golden_table(spark: SparkSession, tmp_path: Path, golden: Golden) -> None:
    (tmp_path / "a.txt").write_bytes(golden.data)

    assert counted(spark.read.text(str(tmp_path / "a.txt")).transform(count_words)) == golden.counts


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_count_as_python_decodes_them(spark: SparkSession, tmp_path: Path, seed: int) -> None:
    data = random.Random(seed).randbytes(20_000)
    (tmp_path / "a.txt").write_bytes(data)

    assert counted(spark.read.text(str(tmp_path)).transform(count_words)) == count(data)


@pytest.mark.parametrize("seed", range(4))
def test_files_split_at_any_byte_count_the_same(
    spark: SparkSession,
    tmp_path: Path,
    tiny_splits: None,  # noqa: ARG001
    seed: int,
) -> None:
    data = b"".join(random.Random(seed).choices(_BYTES, k=1200))
    (tmp_path / "a.txt").write_bytes(data)
    lines = spark.read.text(str(tmp_path))

    assert lines.rdd.getNumPartitions() > 50
    assert counted(lines.transform(count_words)) == count(data)


def test_null_is_not_a_line(spark: SparkSession) -> None:
    lines = spark.createDataFrame([(None,), ("a",), ("",)], "value string")

    assert counted(count_words(lines)) == {"a": 1}


def test_any_column_can_hold_the_lines(spark: SparkSession) -> None:
    lines = spark.createDataFrame([("x y", "a b"), ("z", "a")], "value string, text string")

    assert counted(lines.transform(count_words, "text")) == {"a": 2, "b": 1}


def test_the_columns_are_those_of_the_docstring(spark: SparkSession) -> None:
    lines = spark.createDataFrame([("a b",)], "value string")

    assert split_words(lines).columns == ["word"]
    assert [(field.name, field.dataType.simpleString()) for field in count_words(lines).schema] == [
        ("word", "string"),
        ("count", "bigint"),
    ]


def test_no_row_passes_through_python(spark: SparkSession) -> None:
    lines = spark.createDataFrame([("a b",)], "value string").select(F.upper("value").alias("value"))
    plan = count_words(lines)._jdf.queryExecution().executedPlan().toString()

    assert "Generate" in plan
    assert "Python" not in plan


def test_a_stream_in_another_program(spark: SparkSession, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    lines = spark.readStream.text(str(source))
    query = (
        lines.transform(count_words)
        .writeStream.outputMode("complete")
        .format("memory")
        .queryName("another_program")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .start()
    )
    try:
        (source / "a.txt").write_bytes(b"to be\n")
        query.processAllAvailable()
        (source / "b.txt").write_bytes(b"or not to be \xff\n")
        query.processAllAvailable()

        assert counted(spark.table("another_program")) == {"to": 2, "be": 2, "or": 1, "not": 1, "\ufffd": 1}
    finally:
        query.stop()
        spark.catalog.dropTempView("another_program")
