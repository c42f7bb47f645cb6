"""Every setting of Spark and every option of its JVM, each with its reason and, where measured, its effect.

Measured on two cores with batches of a few lines and one shuffle partition, unless it says otherwise.
"""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from producer.common.errors import UsageError
from streaming.spark.environment import account_options

#: Options of each JVM that runs tasks: the one that is started here, and those that Spark starts on a cluster.
TASK_OPTIONS = (
    # Java's regular expressions recurse once for each round of a repetition that can backtrack. On one line,
    # "((?:[^"\\]|\\.)*)" gets as far as 1,600 characters with 1 MB, the default, 29,000 with 16 MB, and 250,000
    # with this. A stack uses only the pages that it has touched: Java takes 600 MB in all with 1 MB and with this, and
    # starts in 8.3 s with either. It reserves 8.3 GB of addresses instead of 4.7.
    "-Xss64m",
    "-Duser.language=en",  # a Turkish machine would lower I to another letter than i
    "-XX:+ExitOnOutOfMemoryError",  # Spark would go on with threads missing
)

#: Options of the JVM that is started here, besides ``TASK_OPTIONS``.
JVM_OPTIONS = (
    "-XX:+IgnoreUnrecognizedVMOptions",  # one list for Java 17 to 25
    # One thread collects garbage: the start is 0.3 s shorter than with G1, and the batches of a stream are short.
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",  # writes a file to /tmp, which crashes Java when the disk is full
    "-Djdk.reflect.useDirectMethodHandle=false",  # Spark's own launcher sets this and the next
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Djava.awt.headless=true",
)

#: Compile quickly rather than well. A command chooses it for short work.
QUICK_COMPILER = "-XX:TieredStopAtLevel=1"

#: The packages of Java that Spark reaches into, as its launcher opens them
#: (``org.apache.spark.launcher.JavaModuleOptions``).
OPENED_PACKAGES = (
    "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.lang.reflect", "java.base/java.io",
    "java.base/java.net", "java.base/java.nio", "java.base/java.util", "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.ref", "java.base/sun.nio.ch",
    "java.base/sun.nio.cs", "java.base/sun.security.action", "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)  # fmt: skip

SETTINGS: Mapping[str, str] = {
    "spark.app.name": "wordcount",
    "spark.master": "local[*]",
    # The web page shows what is counted, on a port open to the network. It also takes 0.4 s of the start.
    "spark.ui.enabled": "false",
    # Enough for a vocabulary of some millions of words; --state-store rocksdb takes more.
    "spark.driver.memory": "2g",
    # 200 partitions, the default, take 8.2 s a batch; 4 take 300 ms, 2 238 ms, 1 185 ms. The state keeps the number.
    "spark.sql.shuffle.partitions": "1",
    # It re-plans each batch after its shuffle: 3.5 s against 3.0 s for 220 MB. Streaming switches it off anyway.
    "spark.sql.adaptive.enabled": "false",
    # On a local disk, the default starts some 30 processes a batch to set permissions: 402 ms a batch against 180 ms.
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
    ),
    # Counts do not depend on a clock, so a batch without lines has nothing to do; WINDOW_SETTINGS has the exception.
    "spark.sql.streaming.noDataMicroBatches.enabled": "false",
    # More than 32 files start a Spark job only to list them: 121 s against 46 s for 20,000 files.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000000000",
    # The cost, in bytes, that Spark assumes for opening a file when it packs files into tasks. On a local disk, 20,000
    # files of 11 kB are then read by a few tasks instead of 600.
    "spark.sql.files.openCostInBytes": "65536",
    # Spark keeps a progress report of 2 kB for each of this many batches; only the last one is read.
    "spark.sql.streaming.numRecentProgressUpdates": "2",
    # How long the query waits before it polls the source again, where it polls without pause (--trigger 0s):
    # 10 ms, the default, adds as much to the time from a line to its count.
    "spark.sql.streaming.pollingDelay": "5ms",
    # No table is ever created, so there is no catalogue to open.
    "spark.sql.catalogImplementation": "in-memory",
    # By default, Spark ends its JVM with status 50 and without a word when a pattern overflows the stack. With 0 the
    # batch fails, and the error is shown. The JVM still ends when it runs out of memory (ExitOnOutOfMemoryError).
    "spark.executor.killOnFatalError.depth": "0",
    # Goes before what spark.executor.extraJavaOptions adds; only a cluster's executors are JVMs of their own.
    "spark.executor.defaultJavaOptions": " ".join(TASK_OPTIONS),
    # How often a running task reports how much it has read, for the progress on the terminal; the default is 10 s.
    "spark.executor.heartbeatInterval": "500ms",
}

#: Only for the store rocksdb.
ROCKSDB_SETTINGS: Mapping[str, str] = {
    # A batch writes what changed, not the whole table (23 MB against 247 MB for 1 M words).
    "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    # Each version of the counts has an id, so that a batch that is run again cannot take a file of the first try for
    # its own. Real-time mode demands it. The state keeps the number.
    "spark.sql.streaming.stateStore.checkpointFormatVersion": "2",
}

#: Only for a state of RocksDB that was made without the ids, or one in memory: Spark does not find that out by itself.
WITHOUT_IDS: Mapping[str, str] = {"spark.sql.streaming.stateStore.checkpointFormatVersion": "1"}
#: Only to convert a state: a snapshot is a version of the counts, whatever its number, and changes name those before.
ONLY_SNAPSHOTS: Mapping[str, str] = {"spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "false"}

#: Only for --trigger realtime.
REAL_TIME_SETTINGS: Mapping[str, str] = {
    # How long a word waits for others on its way from the split to the count; by default 50 ms. With this, the median
    # from record to count is 3 to 8 ms (benchmarks, row wordcount-online).
    "spark.shuffle.streaming.networkBufferMaxWaitTimeMs": "1",
}

#: Only where neither a live view nor a page shows how many distinct words there are; in real time the page counts them.
UNWATCHED_SETTINGS: Mapping[str, str] = {
    # RocksDB looks each word up twice to count the new ones: 10 M of them take 119 s instead of 77. In real time, at
    # 20,000 words a second on two slow cores, the median was 165 ms instead of 70.
    "spark.sql.streaming.stateStore.rocksdb.trackTotalNumberOfRows": "false",
}

#: Only where Spark runs on this machine alone: no port listens on anything but loopback.
LOCAL_SETTINGS: Mapping[str, str] = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}

#: The master that is not an address: Hadoop's configuration has that.
YARN = "yarn"

#: Only on YARN.
YARN_SETTINGS: Mapping[str, str] = {
    # How long YARN may be away, at the start too, before the command ends and says so; the default is 15 minutes.
    "spark.hadoop.yarn.resourcemanager.connect.max-wait.ms": "120000",
}

#: Only where there are windows: a batch without lines closes those that have ended.
WINDOW_SETTINGS: Mapping[str, str] = {"spark.sql.streaming.noDataMicroBatches.enabled": "true"}

#: The zone of times that name none, and of the times that are shown.
TIME_ZONE = "spark.sql.session.timeZone"
#: The settings that a state keeps from its first start on: how many partitions it has, and its store.
PARTITIONS = "spark.sql.shuffle.partitions"
STORE = "spark.sql.streaming.stateStore.providerClass"
_MOST_PARTITIONS = 2**31 - 1  # a Java int

StateStore = Literal["memory", "rocksdb"]
STATE_STORES: Mapping[StateStore, str] = {
    "memory": "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
    "rocksdb": "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
}

_MASTER = re.compile(r"local(\[(\d+|\*)(, *\d+)?\])?$|local-cluster\[|spark://.|k8s://.|yarn$")
_LOCAL_MASTER = re.compile(r"local(?:\[(\d+|\*)(, *\d+)?\])?")


def settings(
    master: str | None, conf: Sequence[str], state_store: StateStore = "memory", partitions: int | None = None
) -> dict[str, str]:
    """Return the settings of a session: the ones above, then what the user asked for.

    Args:
        master: Spark's master; None takes the one of ``conf``, or all cores of this machine.
        conf: entries ``KEY=VALUE``; the last entry of a key counts.
        state_store: where the counts are kept.
        partitions: the number of partitions; None takes the one of ``conf``, or 1.

    Raises:
        UsageError: an entry of ``conf`` is not ``KEY=VALUE`` or no number where one is due, or the master is unknown.

    >>> settings(None, ["spark.sql.shuffle.partitions=4"])["spark.sql.shuffle.partitions"]
    '4'
    """
    chosen = {**SETTINGS, STORE: STATE_STORES[state_store]}
    for entry in conf:
        key, equals, value = entry.partition("=")
        if not equals or not key.startswith("spark."):
            raise UsageError(f"--conf {entry!r} is no setting of Spark; write spark.KEY=VALUE")
        chosen[key] = value
    if master is not None:
        chosen["spark.master"] = master
    if partitions is not None:
        chosen[PARTITIONS] = str(partitions)
    if not _MASTER.match(chosen["spark.master"]):
        raise UsageError(
            f"--master {chosen['spark.master']!r} is unknown; write local[N], spark://HOST:7077, yarn or k8s://…"
        )
    number = chosen[PARTITIONS]
    if re.fullmatch("[0-9]{1,10}", number) is None or not 1 <= int(number) <= _MOST_PARTITIONS:
        raise UsageError(f"--conf '{PARTITIONS}={number}' is no number of partitions; give a whole number from 1 on")
    chosen[PARTITIONS] = str(int(number))
    of_master = LOCAL_SETTINGS if is_local(chosen) else YARN_SETTINGS if chosen["spark.master"] == YARN else {}
    return {**of_master, **store_settings(chosen[STORE]), **chosen}


def given_settings(conf: Sequence[str], state_store: StateStore | None, partitions: int | None) -> frozenset[str]:
    """Return those of the settings that a state keeps that the user has given; the parameters are as in ``settings``.

    >>> given_settings(["spark.sql.shuffle.partitions=4"], None, None)
    frozenset({'spark.sql.shuffle.partitions'})
    """
    options = {STORE: state_store, PARTITIONS: partitions}
    given = {entry.partition("=")[0] for entry in conf}
    return frozenset(key for key, value in options.items() if value is not None or key in given)


def store_settings(provider: str) -> dict[str, str]:
    """Return the settings of a state store, which is named by its class."""
    return {**(ROCKSDB_SETTINGS if provider == STATE_STORES["rocksdb"] else {}), STORE: provider}


def real_time_settings(chosen: Mapping[str, str], partitions: int) -> dict[str, str]:
    """Return the settings of a session for real time: for tasks that run all the time, and one that reads the state.

    Args:
        chosen: the settings, as ``settings`` returns them.
        partitions: how many partitions are read, each by a task of its own.

    >>> real_time_settings(settings("local[2]", [], "rocksdb"), 3)["spark.master"]
    'local[5]'
    """
    chosen = {**REAL_TIME_SETTINGS, **chosen}
    if master := _LOCAL_MASTER.fullmatch(chosen["spark.master"]):
        cores = (os.cpu_count() or 1) if master[1] == "*" else int(master[1] or 1)
        tasks = partitions + int(chosen[PARTITIONS]) + 1
        chosen["spark.master"] = f"local[{max(cores, tasks)}{master[2] or ''}]"
    return chosen


def is_local(chosen: Mapping[str, str]) -> bool:
    """Return whether these settings let Spark run on this machine alone, in one JVM or in several."""
    return chosen["spark.master"].startswith("local")


def is_cluster(chosen: Mapping[str, str]) -> bool:
    """Return whether tasks run in JVMs of their own, on this machine (``local-cluster``) or on others."""
    return _LOCAL_MASTER.fullmatch(chosen["spark.master"]) is None


def jvm_options(chosen: Mapping[str, str], log: Path, more_options: Sequence[str]) -> list[str]:
    """Return the options of the JVM that is started here.

    Args:
        chosen: Spark's settings.
        log: log4j's configuration.
        more_options: further options.
    """
    return [
        f"-Xmx{chosen['spark.driver.memory']}",
        f"-Djava.io.tmpdir={tempfile.gettempdir()}",
        *account_options(),
        *JVM_OPTIONS,
        *TASK_OPTIONS,
        *more_options,
        f"-Dlog4j2.configurationFile={log.as_uri()}",
        *(f"--add-opens={package}=ALL-UNNAMED" for package in OPENED_PACKAGES),
        *chosen.get("spark.driver.extraJavaOptions", "").split(),
    ]
