import doctest
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

from streaming import sources, words


@pytest.mark.parametrize(("module", "examples"), [(words, 6), (sources, 3)], ids=["words", "sources"])
def test_the_examples_in_the_docstrings(spark: SparkSession, module: ModuleType, examples: int) -> None:
    result = doctest.testmod(module, extraglobs={"spark": spark})

    assert result.attempted >= examples
    assert result.failed == 0
