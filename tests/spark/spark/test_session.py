import os

import pytest
from pyspark.sql import SparkSession

from streaming.spark.settings import LOCAL_SETTINGS, SETTINGS

_NOT_OURS = {"spark.master", "spark.driver.memory"}  # the tests set their own


@pytest.mark.parametrize("key", sorted((SETTINGS.keys() | LOCAL_SETTINGS.keys()) - _NOT_OURS))
def test_the_settings_are_those_in_effect(spark: SparkSession, key: str) -> None:
    assert spark.conf.get(key) == {**SETTINGS, **LOCAL_SETTINGS}[key]


def test_the_memory_asked_for_is_what_java_has(spark: SparkSession) -> None:
    memory = spark.sparkContext._jvm.java.lang.Runtime.getRuntime().maxMemory()

    assert 0.9 * (1 << 30) < memory <= 1 << 30


def test_java_can_say_any_file_name(spark: SparkSession) -> None:
    assert spark.sparkContext._jvm.java.lang.System.getProperty("sun.jnu.encoding") == "UTF-8"


def test_what_connects_to_the_jvm_is_not_left_in_the_environment(spark: SparkSession) -> None:
    assert spark.version.startswith("4.2.")
    assert not {"PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"} & os.environ.keys()
