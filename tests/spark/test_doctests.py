import doctest
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

from streaming.counting import windows, words
from streaming.sources import topics


@pytest.mark.parametrize(
    ("module", "examples"), [(words, 7), (topics, 2), (windows, 5)], ids=["words", "topics", "windows"]
)
def test_the_examples_in_the_docstrings(spark: SparkSession, module: ModuleType, examples: int) -> None:
    result = doctest.testmod(module, extraglobs={"spark": spark})

    assert result.attempted >= examples
    assert result.failed == 0
