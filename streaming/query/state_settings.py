"""The settings of Spark that a state keeps: its store, and how many partitions the counts are in."""

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from producer.common.errors import UsageError, WordCountError
from producer.common.signals import StopSignal
from streaming.query.options import SparkOptions, StreamOptions
from streaming.query.supervisor import Say
from streaming.spark.settings import (
    PARTITIONS,
    STATE_STORES,
    STORE,
    real_time_settings,
    store_settings,
)
from streaming.state.folder import State
from streaming.state.manifest import partitions_text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: How long to wait for the first executor; and for others, after one has come, if it is not known how many will.
_FIRST_SECONDS, _NEXT_SECONDS = 120.0, 5.0
_POLL_SECONDS = 0.1
_LOCAL_CLUSTER = re.compile(r"local-cluster\[ *(\d+) *, *(\d+) *, *\d+ *\]")


def settings_for(options: StreamOptions, spark: SparkOptions, state: State) -> dict[str, str]:
    """Return the settings of Spark for a stream: those of its state where the user has given no others.

    Args:
        options: the options of the stream.
        spark: what the user has given, or what a new state gets.
        state: the state folder, locked by this process.

    Raises:
        UsageError: the state has a store that real time cannot use.
    """
    chosen = dict(spark.settings)
    store = state.store or chosen[STORE]
    if options.real_time and store != STATE_STORES["rocksdb"]:
        name = next((name for name, provider in STATE_STORES.items() if provider == store), store)
        raise UsageError(
            f"the state in {state.folder} was made with the state store {name!r}, and --trigger realtime needs rocksdb;"
            " give another --checkpoint to count from the start, or --trigger 0s to go on with this one"
        )
    chosen = {**store_settings(store), **chosen, STORE: store}
    if state.partitions is not None:
        chosen[PARTITIONS] = str(state.partitions)
    topics = options.source.topics
    return real_time_settings(chosen, topics.partitions) if options.real_time and topics is not None else chosen


def decide_partitions(spark: "SparkSession", options: StreamOptions, state: State, stop: StopSignal, say: Say) -> bool:
    """Give a new state on a cluster as many partitions as there are cores to count, unless the user has said how many.

    Args:
        spark: the session of the stream.
        options: the options of the stream.
        state: its state folder.
        stop: tells that the stream is to stop; nothing is decided then.
        say: shows a message to the user.

    Returns:
        Whether the number is decided.

    Raises:
        WordCountError: the cluster gives no executor.
    """
    if state.partitions is not None:
        return True
    cores = _cluster_cores(spark, stop)
    if stop:
        return False
    topics = options.source.topics
    reading = topics.partitions if options.real_time and topics is not None else 0  # tasks that run all the time, too
    number = max(1, cores - reading)
    state.note_partitions(number)
    spark.conf.set(PARTITIONS, str(number))
    plural = "" if cores == 1 else "s"
    tasks = f", {reading} of them to read" if reading else ""
    say(
        f"the cluster has {cores} core{plural}{tasks}, so the state has {partitions_text(number)}; --partitions N sets"
        " another number at the first start"
    )
    return True


def _cluster_cores(spark: "SparkSession", stop: StopSignal) -> int:
    """Wait for the executors, and return how many cores they have.

    It waits for as many as the settings promise, else until no other executor has come for a while.
    """
    promised = promised_cores(dict(spark.sparkContext.getConf().getAll()))
    cores, changed = 0, time.monotonic()
    while not stop and (promised is None or cores < promised):
        now = _cores(spark)
        if now != cores:
            cores, changed = now, time.monotonic()
        waited = time.monotonic() - changed
        if cores and waited > _NEXT_SECONDS:
            break
        if waited > _FIRST_SECONDS:
            raise WordCountError(
                f"the cluster has given no executor in {_FIRST_SECONDS:g} s; check that its workers have the cores and"
                " the memory that each executor asks for"
            )
        stop.wait(_POLL_SECONDS)
    return cores


def _cores(spark: "SparkSession") -> int:
    status = spark.sparkContext._jsc.sc().statusStore()  # noqa: SLF001  # pyspark has no other way
    executors = status.executorList(True)
    found = [executors.apply(index) for index in range(executors.size())]
    return sum(executor.totalCores() for executor in found if executor.id() != "driver")


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
