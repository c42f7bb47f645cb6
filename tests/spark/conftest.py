import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from pyspark.sql import SparkSession

from streaming.spark.java import find_java
from streaming.spark.session import Jvm
from streaming.spark.settings import settings


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The one session of these tests, started as the commands start theirs."""
    jvm = Jvm(find_java(os.environ), settings("local[2]", ["spark.driver.memory=1g"]), debug=False)
    session = jvm.session()
    yield session
    session.stop()
    jvm.close()


@contextmanager
def set_for_a_while(spark: SparkSession, changed: Mapping[str, str]) -> Iterator[SparkSession]:
    """Let settings of the one session be others while this is entered."""
    before = {key: str(spark.conf.get(key)) for key in changed}
    for key, value in changed.items():
        spark.conf.set(key, value)
    try:
        yield spark
    finally:
        for key, value in before.items():
            spark.conf.set(key, value)
