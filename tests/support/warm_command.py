"""``wordcount`` as its console script runs it, but in a warm JVM that ``tests.support.warm`` started before.

Only the class ``Jvm`` is another one. Each command has a Spark of its own in that JVM, with its own settings.
"""

import os
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING

from streaming.spark import session as spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class RunningProcess:
    """Stands for the JVM's process, which is not this process's child."""

    def poll(self) -> int | None:
        """Return no exit status: it runs."""
        return None

    def wait(self, timeout: float) -> int:
        """Raise, as ``subprocess.Popen.wait`` does of a process that goes on."""
        raise subprocess.TimeoutExpired("java", timeout)


class WarmJvm(spark_session.Jvm):
    """Connects to a JVM that runs already; what only a JVM's own start can set stays as it is there."""

    def __init__(self, java: object, chosen: Mapping[str, str], *, debug: bool = False, **_: object) -> None:  # noqa: ARG002
        self.process = RunningProcess()
        self._chosen = chosen
        self._debug = debug
        self._session: SparkSession | None = None

    def _connect(self) -> "SparkSession":
        from pyspark.sql import SparkSession  # noqa: PLC0415

        session = SparkSession.builder.config(map=dict(self._chosen)).getOrCreate()
        server = session.sparkContext._accumulatorServer
        server.handle_error = lambda *_: None
        return session

    def _written(self) -> str:
        """Return nothing: what that JVM writes is not known here."""
        return ""

    def close(self, patience: float = 0) -> str:  # noqa: ARG002
        """End this command's Spark, so that the next command can start its own.

        A query is ended first: without its Spark it would still write the offsets of its next batch, where the JVM of
        a command of its own is gone.
        """
        if self._session is not None:
            for query in self._session.streams.active:
                query.stop()
            self._session.stop()
            self._session = None
        return self._written()


if __name__ == "__main__":
    assert "PYSPARK_GATEWAY_PORT" in os.environ
    spark_session.Jvm = WarmJvm
    from streaming.__main__ import main

    main()
