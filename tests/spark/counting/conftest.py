"""Sessions with a time zone of their own, and small DataFrames of lines."""

from collections.abc import Iterator

import pytest
from pyspark.sql import DataFrame, SparkSession

from streaming.counting.windows import with_times_as_text
from streaming.counting.words import most_frequent_first
from streaming.spark.settings import TIME_ZONE
from tests.spark.conftest import set_for_a_while


@pytest.fixture
def zoned(spark: SparkSession) -> Iterator[SparkSession]:
    """A session whose time zone a test may set."""
    with set_for_a_while(spark, {TIME_ZONE: str(spark.conf.get(TIME_ZONE))}):
        yield spark


@pytest.fixture
def seoul(zoned: SparkSession) -> SparkSession:
    """A session in a time zone that is not this machine's: nine hours ahead of UTC."""
    zoned.conf.set(TIME_ZONE, "Asia/Seoul")
    return zoned


def lines_of(spark: SparkSession, *lines: str) -> DataFrame:
    return spark.createDataFrame([(line,) for line in lines], "value string").coalesce(1)


def rows(counts: DataFrame) -> list[tuple[str, str, str, int]]:
    return [tuple(row) for row in most_frequent_first(with_times_as_text(counts)).collect()]  # type: ignore[misc]
