import os

import pytest
from pyspark.sql import SparkSession

from streaming.spark.settings import LOCAL_SETTINGS, SETTINGS

_SET_BY_TESTS = {"spark.master", "spark.driver.memory"}


@pytest.mark.parametrize("key", sorted((SETTINGS.keys() | LOCAL_SETTINGS.keys()) - _SET_BY_TESTS))
def test_each_setting_takes_effect(spark: SparkSession, key: str) -> None:
    assert spark.conf.get(key) == {**SETTINGS, **LOCAL_SETTINGS}[key]


def test_java_has_the_memory_that_was_asked_for(spark: SparkSession) -> None:
    memory = spark.sparkContext._jvm.java.lang.Runtime.getRuntime().maxMemory()

    assert 0.9 * (1 << 30) < memory <= 1 << 30


def test_java_can_open_any_file_name(spark: SparkSession) -> None:
    assert spark.sparkContext._jvm.java.lang.System.getProperty("sun.jnu.encoding") == "UTF-8"


def test_the_secret_of_the_jvm_is_not_left_in_the_environment(spark: SparkSession) -> None:
    assert spark.version.startswith("4.3.")
    assert not {"PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"} & os.environ.keys()
