import doctest

from pyspark.sql import SparkSession

from streaming import words


def test_the_examples_in_the_docstrings(spark: SparkSession) -> None:
    result = doctest.testmod(words, extraglobs={"spark": spark})

    assert result.attempted >= 6
    assert result.failed == 0
