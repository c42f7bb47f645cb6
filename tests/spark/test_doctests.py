import doctest
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

from streaming.counting import windows, words
from streaming.sources import files as sources


@pytest.mark.parametrize(
    ("module", "examples"), [(words, 8), (sources, 3), (windows, 6)], ids=["words", "sources", "windows"]
)
def test_the_examples_in_the_docstrings(spark: SparkSession, module: ModuleType, examples: int) -> None:
    result = doctest.testmod(module, extraglobs={"spark": spark})

    assert result.attempted >= examples
    assert result.failed == 0
