"""What is said of a JVM that does not start, or that ends, with a script in place of Java."""

from pathlib import Path

import pytest

from streaming.errors import OUT_OF_MEMORY, OUT_OF_THREADS, JavaError
from streaming.spark.java import Java
from streaming.spark.session import Jvm
from streaming.spark.settings import settings


def started(folder: Path, script: str) -> Jvm:
    """Return a JVM that is this script."""
    java = folder / "java"
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    return Jvm(Java(java, "17", "PATH"), settings(None, []), debug=False, options=[])


def ended(folder: Path, script: str) -> Jvm:
    """Return a JVM that is this script, which has ended."""
    jvm = started(folder, script)
    jvm.process.wait()
    return jvm


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "echo Picked up JAVA_TOOL_OPTIONS: -Dx=y >&2; echo no such thing >&2; exit 1",
            "did not start Spark: no such thing",
        ),
        ("echo Picked up JAVA_TOOL_OPTIONS: -Dx=y >&2; exit 7", "did not start Spark: it ended with status 7"),
    ],
)
def test_a_start_that_fails_has_its_reason(tmp_path: Path, script: str, message: str) -> None:
    jvm = ended(tmp_path, script)
    with pytest.raises(JavaError, match=message):
        jvm.session()
    jvm.close()


def test_a_jvm_that_the_system_kills_may_have_had_no_memory(tmp_path: Path) -> None:
    jvm = ended(tmp_path, "kill -9 $$")
    assert "by signal 9, as where the machine or the container has no memory left; run" in str(
        jvm.explained(ConnectionError())
    )
    jvm.close()


def test_a_start_that_takes_too_long_is_no_failure_of_java(tmp_path: Path) -> None:
    jvm = started(tmp_path, "echo no such thing >&2; read line")
    with pytest.raises(JavaError, match="it is not ready after 0 s; give this machine or container more processor"):
        jvm.wait_for_connection(0)
    jvm.close()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("OutOfMemoryError: Java heap space", OUT_OF_MEMORY),
        ("OutOfMemoryError: unable to create native thread: possibly out of memory", OUT_OF_THREADS),
    ],
)
def test_a_lack_of_memory_is_not_a_lack_of_threads(tmp_path: Path, said: str, message: str) -> None:
    jvm = ended(tmp_path, f"echo 'Terminating due to java.lang.{said}'; exit 3")

    assert str(jvm.explained(ConnectionError())) == message
    jvm.close()
