import os
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from streaming.java import find_java
from streaming.session import Jvm, settings


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The one session of these tests, started as the commands start theirs."""
    jvm = Jvm(find_java(os.environ), settings("local[2]", ["spark.driver.memory=1g"]), debug=False)
    session = jvm.session()
    yield session
    session.stop()
    jvm.close()
