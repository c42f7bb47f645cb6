"""Start Spark in a JVM of its own.

The JVM is started directly and not by pyspark's shell scripts. That saves a second JVM and two shells (0.7 s of 7 s),
lets Spark start while Python continues, works with a Java runtime that lacks the incubator module that the scripts ask
for, and lets the JVM hold the lock on the state for as long as it runs.
"""

import contextlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from javaproperties import dumps
from py4j.protocol import Py4JError, Py4JJavaError
from pyspark import SparkContext
from pyspark.sql import SparkSession

from producer.common.errors import WordCountError
from producer.common.progress import waiting
from streaming.errors import JavaError, one_line
from streaming.spark import class_archive
from streaming.spark.environment import (
    check_loopback,
    check_open_files,
    check_yarn_configuration,
    configuration_folders,
    forget_other_sparks,
    java_environment,
    unknown_account,
    working_folder,
)
from streaming.spark.install import jars_folder, spark_home
from streaming.spark.java import Java, end_reason, killed_without_threads, start_failure
from streaming.spark.settings import QUICK_COMPILER, YARN, is_cluster, is_local, jvm_options
from streaming.spark.temp_folder import lock_descriptors

_QUIET_LOG = "rootLogger.level = off\nrootLogger.appenderRef.n.ref = n\nappender.n.type = Null\nappender.n.name = n\n"
_DEBUG_LOG = (
    "rootLogger.level = warn\nrootLogger.appenderRef.e.ref = e\nappender.e.type = Console\nappender.e.name = e\n"
    "appender.e.target = SYSTEM_ERR\nappender.e.layout.type = PatternLayout\n"
    "appender.e.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex\n"
)
_START_SECONDS = 120.0
_CLOSE_SECONDS = 15.0
#: How long a JVM that no longer answers may take to end, so that its exit status explains the error.
_END_SECONDS = 1.0
_MOST_WRITTEN = 1 << 20  # bytes of what the JVM writes that are read for a reason


class Jvm:
    """A JVM with Spark in it. It starts while the caller continues, and ends with this process, even after a kill.

    Args:
        java: the Java to run it on.
        chosen: Spark's settings, as ``settings`` returns them.
        debug: let Spark's log and Java's warnings through to standard error.
        keep_open: file descriptors that the JVM keeps open while it runs.
        jars: what the session needs besides Spark.
        options: further options of the JVM; by default those that use the class archive.

    Raises:
        JavaError: pyspark is not installed.
        UsageError: there is no loopback, or the limit of open files is too low.
    """

    def __init__(
        self,
        java: Java,
        chosen: Mapping[str, str],
        *,
        debug: bool,
        keep_open: Sequence[int] = (),
        jars: Sequence[Path] = (),
        options: Sequence[str] | None = None,
    ) -> None:
        home = spark_home()
        check_loopback()
        check_open_files()
        if chosen["spark.master"] == YARN:
            check_yarn_configuration(os.environ)
        self._debug = debug
        self._session: SparkSession | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="wordcount-jvm-"))
        self._connection = self._folder / "connection"
        self._errors = (self._folder / "stderr").open("w+b")
        more_options = class_archive.use(java) if options is None else options
        command = [str(java.executable), *jvm_options(chosen, self._log_file(), more_options)]
        command += ["-cp", _class_path(chosen, jars), "org.apache.spark.deploy.SparkSubmit"]
        at_start, self._later = _parted(_with_jars(chosen, jars))
        command += ["--properties-file", str(self._properties_file(at_start)), "pyspark-shell"]
        environment = java_environment(os.environ, local=is_local(chosen))
        environment.update(SPARK_HOME=str(home), _PYSPARK_DRIVER_CONN_INFO_PATH=str(self._connection))
        environment["SPARK_SCALA_VERSION"] = "2.13"  # else local-cluster looks for the folders that Spark is built in
        forget_other_sparks(os.environ)
        output = sys.stderr.fileno() if debug else self._errors.fileno()  # stdout is for results
        # The JVM ends when its standard input closes. In a session of its own no Ctrl-C reaches it:
        # this process ends it.
        self.process = subprocess.Popen(  # noqa: S603  # the user's own Java
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=working_folder(),
            start_new_session=True,
            pass_fds=[*keep_open, *lock_descriptors()],
        )

    def _log_file(self) -> Path:
        file = self._folder / "log4j2.properties"
        file.write_text(_DEBUG_LOG if self._debug else _QUIET_LOG, "utf-8")
        return file

    def _properties_file(self, chosen: Mapping[str, str]) -> Path:
        """Write the settings, which may include passwords.

        Only the owner can read the file; the command line can be read by everyone on the machine.
        """
        file = self._folder / "spark.properties"
        file.touch(0o600)
        file.write_text(dumps(dict(chosen), timestamp=None), "utf-8")
        return file

    def session(self) -> SparkSession:
        """Wait for Spark and return its session.

        Raises:
            JavaError: the JVM did not start; the message has what it wrote.
        """
        if self._session is None:
            with waiting("starting Spark"), killed_without_threads(self.process, self._written):
                self._session = self._connect()
        return self._session

    def _connect(self) -> SparkSession:
        port, secret = self.wait_for_connection()
        os.environ["PYSPARK_GATEWAY_PORT"] = str(port)
        os.environ["PYSPARK_GATEWAY_SECRET"] = secret
        try:
            _log_in()
            session = SparkSession.builder.config(map=self._later).getOrCreate()
        finally:
            del os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"]
        shutil.rmtree(self._folder)  # Java has read all of it; however this ends, no password is left in a file
        if not self._debug:
            # It prints a traceback when the JVM is gone, for which there is a message of our own.
            server = session.sparkContext._accumulatorServer  # noqa: SLF001  # pyspark has no other way
            setattr(server, "handle_error", lambda *_: None)  # noqa: B010  # the type checker forbids the plain way
        return session

    def wait_for_connection(self, patience: float = _START_SECONDS) -> tuple[int, str]:
        """Wait at most ``patience`` seconds until Spark says how to reach it, and return the port and the secret."""
        deadline = time.monotonic() + patience
        while not self._connection.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise JavaError(f"Java did not start Spark: {self._start_failure(patience)}")
            time.sleep(0.01)
        with self._connection.open("rb") as file:
            port, size = struct.unpack("!ii", file.read(8))
            return port, file.read(size).decode("utf-8")

    def _start_failure(self, patience: float) -> str:
        if (status := self.process.poll()) is None:  # what it has written so far is not why
            return f"it is not ready after {patience:g} s; give this machine or container more processor time"
        reason = start_failure(self._written(), os.environ)
        return reason or f"it ended with status {status}; --debug shows what it says"

    def _written(self) -> str:
        """Return what the JVM has written to its standard streams."""
        return os.pread(self._errors.fileno(), _MOST_WRITTEN, 0).decode("utf-8", "replace")

    def close(self, patience: float = _CLOSE_SECONDS) -> str:
        """End Spark and its JVM, and return what the JVM has written; after ``patience`` seconds it is killed."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        written = self._written()
        self._errors.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        return written

    def explained(self, error: Exception) -> WordCountError:
        """Return an error as a one-line error. It asks Java for the cause, so call it while the JVM still runs."""
        if isinstance(error, WordCountError):
            return error
        if self._debug:
            traceback.print_exception(error)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a broken connection is noticed before the JVM has ended
            self.process.wait(timeout=_END_SECONDS if isinstance(error, (Py4JError, ConnectionError)) else 0)
        return WordCountError(self._end_reason() or one_line(error))

    def _end_reason(self) -> str | None:
        """Return why the JVM has ended, or None while it runs."""
        status = self.process.poll()
        return None if status is None else end_reason(status, self._written())


def quick_options(java: Java) -> list[str]:
    """Return the options of a JVM for short work: compiling well would take longer than it saves."""
    return [QUICK_COMPILER, *class_archive.use(java)]


def _class_path(chosen: Mapping[str, str], jars: Sequence[Path]) -> str:
    first = filter(None, [chosen.get("spark.driver.extraClassPath")])
    # Hadoop's configuration is last, as where Spark's own launcher puts it. Anywhere else it makes the class archive
    # useless; and no jar has a file of the same name.
    last = configuration_folders(os.environ)
    return ":".join([*first, str(jars_folder() / "*"), *map(str, jars), *last])


def _log_in() -> None:
    """Log in to Hadoop under a name of our own if the system has no name for this account; else Hadoop asks the system.

    Kerberos may have logged in already.
    """
    name = unknown_account()
    if name is None:
        return
    SparkContext._ensure_initialized()  # noqa: SLF001  # connects to the JVM; pyspark has no other way
    jvm: Any = SparkContext._jvm  # noqa: SLF001
    users = jvm.org.apache.hadoop.security.UserGroupInformation
    try:
        users.getLoginUser()
    except Py4JJavaError:
        users.setLoginUser(users.createRemoteUser(name))


def _parted(chosen: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the settings for the start of Spark, and those for the session: jars can be fetched only after a login."""
    later = {key: value for key, value in chosen.items() if key == "spark.jars" and unknown_account() is not None}
    return {key: value for key, value in chosen.items() if key not in later}, later


def _with_jars(chosen: Mapping[str, str], jars: Sequence[Path]) -> Mapping[str, str]:
    """Return the settings with the jars, which executors fetch from this process."""
    if not jars or not is_cluster(chosen):
        return chosen
    return {**chosen, "spark.jars": ",".join([*map(str, jars), *filter(None, [chosen.get("spark.jars")])])}
