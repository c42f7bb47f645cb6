"""The settings of Spark that a state keeps: its store, and how many partitions the counts are in."""

from typing import TYPE_CHECKING

from producer.common.errors import UsageError
from producer.common.signals import StopSignal
from streaming.live_view.canvas import is_usable
from streaming.query.executors import cluster_cores
from streaming.query.options import SparkOptions, StreamOptions
from streaming.query.supervisor import Say
from streaming.spark.settings import (
    PARTITIONS,
    STATE_STORES,
    STORE,
    UNWATCHED_SETTINGS,
    real_time_settings,
    store_settings,
)
from streaming.state.folder import State
from streaming.state.manifest import partitions_text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
            f"the state in {state.folder} was made with the state store {name!r}, and real time needs rocksdb;"
            " give another --checkpoint to count from the start, or --trigger 0s to go on with this one"
            + (", with --state-store rocksdb to convert it" if name == "memory" else "")
        )
    chosen = {**store_settings(store), **chosen, STORE: store}
    if state.partitions is not None:
        chosen[PARTITIONS] = str(state.partitions)
    is_watched = options.fits_live_view and (is_usable() or options.serve is not None)
    if store == STATE_STORES["rocksdb"] and not is_watched:
        chosen = {**UNWATCHED_SETTINGS, **chosen}
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
    cores = cluster_cores(spark, stop)
    if stop:
        return False
    topics = options.source.topics
    reading = topics.partitions if options.real_time and topics is not None else 0  # tasks that run all the time, too
    reading += options.real_time and options.serve is not None  # another one reads the state for the page
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
