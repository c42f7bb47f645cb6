"""Start Spark: every setting stands here, with its reason.

The JVM is started directly rather than by pyspark's shell scripts: that saves a second JVM and two shells (0.7 s of
7 s), lets Spark start while Python goes on, works with a Java runtime that lacks the incubator module the scripts ask
for, and gives the JVM the lock on the state to hold as long as it lives.
"""

import contextlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from py4j.protocol import Py4JError

from producer.common.errors import UsageError, WordCountError
from producer.common.progress import waiting
from streaming.errors import OUT_OF_MEMORY, JavaError, one_line
from streaming.spark import class_archive as archive
from streaming.spark.java import Java, java_environment
from streaming.spark.temp_folder import lock_descriptors

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Of each JVM that runs tasks: the one that is started here, and on a cluster those that Spark starts.
_TASK_OPTIONS = (
    # Java's regular expressions go one call deeper for each round of a repetition that can give back. On one line,
    # "((?:[^"\\]|\\.)*)" comes as far as 1,600 characters with 1 MB, the default, 29,000 with 16 MB, and 250,000
    # with this. A stack takes the pages it has touched: Java has 600 MB in all with 1 MB and with this, and starts in
    # 8.3 s with either; of addresses it reserves 8.3 GB, not 4.7.
    "-Xss64m",
    "-Duser.language=en",  # the machine's may be Turkish, which lowers I to another letter than i
    "-XX:+ExitOnOutOfMemoryError",  # Spark would go on with threads missing
)

#: Measured on two cores with batches of a few lines, one shuffle partition, unless it says otherwise.
SETTINGS: Mapping[str, str] = {
    "spark.app.name": "wordcount",
    "spark.master": "local[*]",
    # A web page that shows what is counted, on a port open to the network: 0.4 s of the start, too.
    "spark.ui.enabled": "false",
    # Enough for a vocabulary of some millions of words; --state-store rocksdb for more.
    "spark.driver.memory": "2g",
    # 200 partitions, the default, cost 8.2 s a batch; 4 cost 300 ms, 2 238 ms, 1 185 ms. Frozen in the state.
    "spark.sql.shuffle.partitions": "1",
    # It re-plans each batch after its shuffle: 3.5 s against 3.0 s for 220 MB, and streaming switches it off anyway.
    "spark.sql.adaptive.enabled": "false",
    # The default starts some 30 processes a batch on a local disk to set permissions: 402 ms a batch against 180 ms.
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
    ),
    # Counts depend on no clock, so a batch without lines has nothing to do; WINDOW_SETTINGS has the exception.
    "spark.sql.streaming.noDataMicroBatches.enabled": "false",
    # More than 32 files start a Spark job just to list them: 121 s against 46 s for 20,000 files.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000000000",
    # What opening a file is reckoned to cost when files are packed into tasks; on a local disk 20,000 files of 11 kB
    # are then read by a few tasks and not by 600.
    "spark.sql.files.openCostInBytes": "65536",
    # A progress report of 2 kB a batch is kept for so many batches; nobody reads them.
    "spark.sql.streaming.numRecentProgressUpdates": "2",
    # For --state-store rocksdb: a batch writes what changed, not the whole table (23 MB against 247 MB for 1 M words).
    "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    # How long the query waits before it looks for new chunks again, where it does so without pause (--trigger 0s):
    # 10 ms, the default, adds as much to the time from a line to its count.
    "spark.sql.streaming.pollingDelay": "5ms",
    # No table is ever made, so there is no catalogue to open.
    "spark.sql.catalogImplementation": "in-memory",
    # By default Spark ends its JVM, with status 50 and not a word, where a pattern goes deeper than the stack. So it
    # fails the batch, and is told. Memory that has run out ends the JVM all the same (ExitOnOutOfMemoryError).
    "spark.executor.killOnFatalError.depth": "0",
    # Before what spark.executor.extraJavaOptions adds; only a cluster's executors are JVMs of their own.
    "spark.executor.defaultJavaOptions": " ".join(_TASK_OPTIONS),
    # How often a running task tells how much it has read, for the progress on the terminal; the default is 10 s.
    "spark.executor.heartbeatInterval": "500ms",
}

#: Only where Spark runs inside this machine: no port listens on anything but loopback.
LOCAL_SETTINGS: Mapping[str, str] = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}

#: Only where there are windows: those that have ended are closed by a batch without lines.
WINDOW_SETTINGS: Mapping[str, str] = {"spark.sql.streaming.noDataMicroBatches.enabled": "true"}
#: The zone of times that have none, and of those that are shown.
TIME_ZONE = "spark.sql.session.timeZone"

STATE_STORES: Mapping[str, str] = {
    "memory": "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
    "rocksdb": "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
}

_JVM_OPTIONS = (
    "-XX:+IgnoreUnrecognizedVMOptions",  # one list for Java 17 to 25
    # One thread collects: the start is 0.3 s shorter than with G1, and the batches of a stream are short.
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",  # no file in /tmp that a full disk turns into a crash
    "-Djdk.reflect.useDirectMethodHandle=false",  # this and the next as Spark's own launcher sets them
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Djava.awt.headless=true",
)
# What Spark reaches into, as its launcher opens it (org.apache.spark.launcher.JavaModuleOptions).
_OPENED = (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
    "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
    "sun.security.action", "sun.util.calendar",
)  # fmt: skip
_QUIET = "rootLogger.level = off\nrootLogger.appenderRef.n.ref = n\nappender.n.type = Null\nappender.n.name = n\n"
_LOUD = (
    "rootLogger.level = warn\nrootLogger.appenderRef.e.ref = e\nappender.e.type = Console\nappender.e.name = e\n"
    "appender.e.target = SYSTEM_ERR\nappender.e.layout.type = PatternLayout\n"
    "appender.e.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex\n"
)
_MASTER = re.compile(r"local(\[(\d+|\*)(, *\d+)?\])?$|local-cluster\[|spark://.|k8s://.|yarn$")
_START_SECONDS = 120.0
_END_SECONDS = 1.0
_CLOSE_SECONDS = 15.0
_OUT_OF_MEMORY_STATUS = 3  # of ExitOnOutOfMemoryError


def settings(master: str | None, conf: Sequence[str], state_store: str = "memory") -> dict[str, str]:
    """Return the settings of a session: ours, then what the user asked for.

    Raises:
        UsageError: an entry of ``conf`` is not ``KEY=VALUE``, or ``state_store`` is unknown.

    >>> settings(None, ["spark.sql.shuffle.partitions=4"])["spark.sql.shuffle.partitions"]
    '4'
    """
    if state_store not in STATE_STORES:
        raise UsageError(f"--state-store {state_store!r} is unknown; take one of {', '.join(STATE_STORES)}")
    chosen = {**SETTINGS, "spark.sql.streaming.stateStore.providerClass": STATE_STORES[state_store]}
    for entry in conf:
        key, equals, value = entry.partition("=")
        if not equals or not key.startswith("spark."):
            raise UsageError(f"--conf {entry!r} is no setting of Spark; write spark.KEY=VALUE")
        chosen[key] = value
    if master is not None:
        chosen["spark.master"] = master
    if not _MASTER.match(chosen["spark.master"]):
        raise UsageError(
            f"--master {chosen['spark.master']!r} is unknown; write local[N], spark://HOST:7077, yarn or k8s://…"
        )
    if chosen["spark.master"].startswith("local"):
        chosen = {**LOCAL_SETTINGS, **chosen}
    return chosen


class Jvm:
    """A JVM with Spark in it, starting while the caller goes on; it ends with this process, however that ends.

    Args:
        java: what to run it on.
        chosen: Spark's settings, as ``settings`` returns them.
        debug: let Spark's log and Java's warnings through to stderr.
        keep_open: file descriptors the JVM is to hold as long as it lives.
        short: there is little to do, so that compiling for speed would not pay.
        options: more options of the JVM.
        jars: what the session needs beside Spark.
    """

    def __init__(  # each is used
        self,
        java: Java,
        chosen: Mapping[str, str],
        *,
        debug: bool,
        keep_open: Sequence[int] = (),
        short: bool = False,
        options: Sequence[str] = (),
        jars: Sequence[Path] = (),
    ) -> None:
        spec = find_spec("pyspark")
        if spec is None or spec.origin is None:
            raise JavaError("the Python package pyspark is not installed; run 'pip install pyspark==4.2.0'")
        home = Path(spec.origin).parent
        local = chosen["spark.master"].startswith("local")
        if jars and not local:  # executors on other machines fetch them from here
            added = [*map(str, jars), *filter(None, [chosen.get("spark.jars")])]
            chosen = {**chosen, "spark.jars": ",".join(added)}
        self._folder = Path(tempfile.mkdtemp(prefix="wordcount-jvm-"))
        self._connection = self._folder / "connection"
        log = self._folder / "log4j2.properties"
        log.write_text(_LOUD if debug else _QUIET, "utf-8")
        # In a file that only its owner reads, and not on the command line, which everybody on the machine does.
        properties = self._folder / "spark.properties"
        properties.touch(0o600)
        properties.write_text("".join(f"{_escaped(k)}={_escaped(v)}\n" for k, v in chosen.items()), "utf-8")
        class_path = [str(home / "jars" / "*"), *map(str, jars)]
        if extra := chosen.get("spark.driver.extraClassPath"):
            class_path.insert(0, extra)
        command = [
            str(java.executable),
            f"-Xmx{chosen['spark.driver.memory']}",
            f"-Djava.io.tmpdir={tempfile.gettempdir()}",
            *_JVM_OPTIONS,
            *_TASK_OPTIONS,
            *(["-XX:TieredStopAtLevel=1"] if short else []),
            *(options or archive.use(java)),
            f"-Dlog4j2.configurationFile={log.as_uri()}",
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
            "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
            *chosen.get("spark.driver.extraJavaOptions", "").split(),
            *("-cp", ":".join(class_path), "org.apache.spark.deploy.SparkSubmit"),
            *("--properties-file", str(properties), "pyspark-shell"),
        ]
        environment = java_environment(os.environ, local=local)
        environment.update(SPARK_HOME=str(home), _PYSPARK_DRIVER_CONN_INFO_PATH=str(self._connection))
        self._debug = debug
        self._session: SparkSession | None = None
        self._errors = self._folder / "stderr"
        with self._errors.open("wb") as errors:
            output = sys.stderr.fileno() if debug else errors.fileno()  # stdout is for results
            # The JVM ends when its standard input does. A session of its own keeps Ctrl-C from it: it ends after us.
            self.process = subprocess.Popen(  # noqa: S603  # the user's own Java
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
                pass_fds=[*keep_open, *lock_descriptors()],
            )

    def session(self) -> "SparkSession":
        """Wait for Spark and return its session.

        Raises:
            JavaError: the JVM did not start; the message has its last words.
        """
        if self._session is None:
            with waiting("starting Spark"):
                self._session = self._connect()
        return self._session

    def _connect(self) -> "SparkSession":
        from pyspark.sql import SparkSession  # noqa: PLC0415  # 0.2 s, spent while the JVM starts

        deadline = time.monotonic() + _START_SECONDS
        while not self._connection.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise JavaError(f"Java did not start Spark: {self._last_words()}")
            time.sleep(0.01)
        with self._connection.open("rb") as file:
            (port,) = struct.unpack("!i", file.read(4))
            (size,) = struct.unpack("!i", file.read(4))
            secret = file.read(size).decode("utf-8")
        os.environ["PYSPARK_GATEWAY_PORT"] = str(port)
        os.environ["PYSPARK_GATEWAY_SECRET"] = secret
        try:
            session = SparkSession.builder.getOrCreate()
        finally:
            del os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"]
        shutil.rmtree(self._folder)  # all of it is read; however this ends, nothing is left, least of all a password
        if not self._debug:
            # It prints one, too, when the JVM is gone, which is told in a line of our own.
            server = session.sparkContext._accumulatorServer  # noqa: SLF001  # pyspark has no other way
            setattr(server, "handle_error", lambda *_: None)  # noqa: B010  # the type checker forbids the plain way
        return session

    def close(self, patience: float = _CLOSE_SECONDS) -> None:
        """End Spark and its JVM, and wait until they have ended, at most ``patience`` seconds."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def explained(self, error: Exception) -> WordCountError:
        """Return an error as one line; what Java knows of it is asked for here, as long as there is a JVM to ask."""
        if isinstance(error, WordCountError):
            return error
        if self._debug:
            traceback.print_exception(error)
        with contextlib.suppress(subprocess.TimeoutExpired):  # an error of the connection comes before the JVM's end
            self.process.wait(timeout=_END_SECONDS if isinstance(error, (Py4JError, ConnectionError)) else 0)
        return WordCountError(self._end_reason() or one_line(error))

    def _end_reason(self) -> str | None:
        """Return why the JVM has ended, None while it runs."""
        status = self.process.poll()
        if status is None:
            return None
        if status == _OUT_OF_MEMORY_STATUS:
            return OUT_OF_MEMORY
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return f"Java ended {how}; run the same command again: nothing is lost (--debug shows what Java says)"

    def _last_words(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").splitlines()
        plain = [line for line in lines if line.strip() and not line.startswith(("WARNING", "NOTE", "\tat"))]
        return plain[0] if plain else f"it ended with status {self.process.poll()}; --debug shows what it says"


def _escaped(text: str) -> str:
    r"""Return text as a Java properties file holds it.

    >>> print(_escaped("a b\\c"))
    a\ b\\c
    """
    lines = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return "".join(f"\\{char}" if char in " :=#!" else char for char in lines)
