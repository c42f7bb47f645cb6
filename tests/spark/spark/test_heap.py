"""How full Java's memory is, from Java itself."""

from pyspark.sql import SparkSession

from streaming.spark.metrics import HeapWatch, heap_use, heap_watch
from streaming.spark.settings import STATE_STORES, STORE
from tests.spark.conftest import set_for_a_while

_KEPT = 100 << 20  # bytes; the tests' Java has some 683 MB for objects that live long


def test_what_is_kept_counts_after_a_collection(spark: SparkSession) -> None:
    java, share = spark.sparkContext._jvm, heap_use(spark)
    java.System.gc()
    before = share()
    assert 0.01 < before < 0.7
    kept = spark.sparkContext._gateway.new_array(java.long, _KEPT // 8)
    java.System.gc()
    assert 0.1 < share() - before < 0.17  # some MB that earlier tests have left may go meanwhile
    del kept


def test_counts_in_memory_are_watched_and_those_in_rocksdb_are_not(spark: SparkSession) -> None:
    assert isinstance(heap_watch(spark, print), HeapWatch)
    with set_for_a_while(spark, {STORE: STATE_STORES["rocksdb"]}):
        assert heap_watch(spark, print) is None
