"""The executors of a cluster: wait for them, and count their cores."""

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from producer.common.errors import WordCountError
from producer.common.signals import StopSignal
from streaming.spark.metrics import listed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: How long to wait for the first executor; and for others, after one has come, if it is not known how many will.
_FIRST_SECONDS, NEXT_SECONDS = 120.0, 5.0
_POLL_SECONDS = 0.1
_LOCAL_CLUSTER = re.compile(r"local-cluster\[ *(\d+) *, *(\d+) *, *\d+ *\]")


def cluster_cores(spark: "SparkSession", stop: StopSignal) -> int:
    """Wait for the executors, and return how many cores they have.

    It waits for as many as the settings promise, else until no other executor has come for a while.

    Args:
        spark: the session.
        stop: tells that the stream is to stop; then the cores so far are returned.

    Raises:
        WordCountError: the cluster gives no executor.
    """
    promised = promised_cores(dict(spark.sparkContext.getConf().getAll()))
    cores, changed = 0, time.monotonic()
    while not stop and (promised is None or cores < promised):
        now = cores_of(spark)
        if now != cores:
            cores, changed = now, time.monotonic()
        waited = time.monotonic() - changed
        if cores and waited > (NEXT_SECONDS if promised is None else _FIRST_SECONDS):
            break
        if waited > _FIRST_SECONDS:
            raise WordCountError(
                f"the cluster has given no executor in {_FIRST_SECONDS:g} s; check that its workers have the cores and"
                " the memory that each executor asks for"
            )
        stop.wait(_POLL_SECONDS)
    return cores


def cores_of(spark: "SparkSession") -> int:
    """Return how many cores the executors of a cluster have now."""
    status = spark.sparkContext._jsc.sc().statusStore()  # noqa: SLF001  # pyspark has no other way
    return sum(each.totalCores() for each in listed(status.executorList(True)) if each.id() != "driver")


def promised_cores(chosen: Mapping[str, str]) -> int | None:
    """Return how many cores the executors will have; None if only the cluster knows.

    >>> promised_cores({"spark.master": "local-cluster[2,3,1024]"})
    6
    >>> promised_cores({"spark.master": "yarn", "spark.executor.instances": "4", "spark.executor.cores": "2"})
    8
    """
    if master := _LOCAL_CLUSTER.fullmatch(chosen["spark.master"]):
        return int(master[1]) * int(master[2])
    if chosen["spark.master"].startswith("spark:"):
        most = chosen.get("spark.cores.max", "")  # the workers may have fewer
        return int(most) if most.isdigit() else None
    executors, cores = chosen.get("spark.executor.instances", ""), chosen.get("spark.executor.cores", "1")
    return int(executors) * int(cores) if executors.isdigit() and cores.isdigit() else None
