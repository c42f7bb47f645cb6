"""Commands in a JVM that is warm, for results that do not depend on how a process starts and ends.

On a busy machine the first command in a JVM, with the start of Java, of Spark and of the first query, took 15 s, and
those after it 2.8 to 4.1 s. It is a process of its own all the same, with its own arguments, environment, standard
streams, signals and exit status, and with a Spark of its own; see ``tests.support.warm_command``.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from streaming.kafka.connector import connector
from streaming.spark.java import find_java
from streaming.spark.session import Jvm
from streaming.spark.settings import settings
from tests.support.processes import Stream, run

_SCRIPT = Path(__file__).with_name("warm_command.py")
_PROGRAM = ("-P", str(_SCRIPT))


class WarmJvms:
    """The JVMs of a test session, each lent to one command after another; a new one starts when all are lent."""

    def __init__(self) -> None:
        self._idle: dict[bool, list[Jvm]] = {False: [], True: []}

    def lend(self, *, kafka: bool) -> Jvm:
        """Return a JVM that no command uses, if need be one with Spark's connector to Kafka."""
        if self._idle[kafka]:
            return self._idle[kafka].pop()
        java, chosen = find_java(os.environ), settings(None, [])
        return Jvm(java, chosen, debug=False, jars=connector(java, None, chosen, print) if kafka else [])

    def give_back(self, jvm: Jvm, status: int | None, *, kafka: bool) -> None:
        """Take a JVM back; after a command that did not end by itself nobody knows what it still does."""
        if status is None or not 0 <= status < 128:
            jvm.close()
        else:
            self._idle[kafka].append(jvm)

    def close(self) -> None:
        """End those that are not lent."""
        for jvms in self._idle.values():
            while jvms:
                jvms.pop().close()


JVMS = WarmJvms()


def run_warm(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``wordcount`` to its end, as ``run`` does."""
    kafka = _uses_kafka(arguments)
    jvm = JVMS.lend(kafka=kafka)
    status = None
    try:
        result = run(*_PROGRAM, *arguments, name="python", env={**_address(jvm), **(env or {})}, stdin=stdin, cwd=cwd)
        status = result.returncode
    finally:
        JVMS.give_back(jvm, status, kafka=kafka)
    return result


@contextmanager
def warm_shell(folder: Path, *, kafka: bool = False) -> Iterator[dict[str, str]]:
    """Lend a JVM to the command lines of a shell, which run one after the other.

    Args:
        folder: where the command ``wordcount`` that uses the JVM is made.
        kafka: whether command lines read or write topics.

    Yields:
        The environment of the shell, in which ``wordcount`` is that command.
    """
    script = folder / "wordcount"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, *_PROGRAM])} "$@"\n')
    script.chmod(0o755)
    jvm = JVMS.lend(kafka=kafka)
    status = None
    try:
        path = f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        yield {**os.environ, **_address(jvm), "PATH": path}
        status = 0
    finally:
        JVMS.give_back(jvm, status, kafka=kafka)


class WarmStream(Stream):
    """A running ``wordcount stream`` that the test stops in order."""

    def __init__(self, *arguments: str | Path, env: Mapping[str, str] | None = None, stdin: int = subprocess.DEVNULL):
        self._kafka = _uses_kafka(arguments)
        self._jvm = JVMS.lend(kafka=self._kafka)
        environment = {**_address(self._jvm), **(env or {})}
        super().__init__(*arguments, program=(sys.executable, *_PROGRAM), env=environment, stdin=stdin)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        JVMS.give_back(self._jvm, self.process.returncode, kafka=self._kafka)


def _address(jvm: Jvm) -> dict[str, str]:
    """Return the environment variables by which pyspark finds a JVM."""
    port, secret = jvm.wait_for_connection()
    return {"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}


def _uses_kafka(arguments: tuple[str | Path, ...]) -> bool:
    return any(str(argument).startswith("kafka://") for argument in arguments)
