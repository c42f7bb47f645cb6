"""The peers that are Java programs: their libraries are fetched once, and they are compiled for each row."""

import os
import shutil
import subprocess

from benchmarks.processes import PEERS, Bench
from streaming.spark.environment import make_cache_folder
from streaming.spark.java import find_java
from streaming.spark.maven import fetch

_COMPILE_SECONDS = 120
_NO_LOG = "org.slf4j:slf4j-nop:1.7.36"
#: What each program needs from Maven Central. SteadyWords needs Kafka's client alone, which Kafka Streams brings along.
_STREAMS = ("org.apache.kafka:kafka-streams:4.4.0", _NO_LOG)
_LIBRARIES = {
    "SteadyWords": ("kafka-streams-4.4.0", _STREAMS),
    "KafkaStreamsCount": ("kafka-streams-4.4.0", _STREAMS),
    "FlinkCount": (
        "flink-2.2.0",
        (
            "org.apache.flink:flink-streaming-java:2.2.0",
            "org.apache.flink:flink-clients:2.2.0",
            "org.apache.flink:flink-connector-base:2.2.0",
            "org.apache.flink:flink-connector-kafka:5.0.0-2.2",
            _NO_LOG,
        ),
    ),
}


def has_compiler() -> bool:
    """Return whether there is a Java compiler."""
    return _compiler() is not None


def java_peer(bench: Bench, name: str) -> list[str]:
    """Compile a program of ``peers/`` unless that was done, and return the command line that it starts with.

    Raises:
        RuntimeError: there is no compiler, or it refuses the program.
        WordCountError: the libraries cannot be fetched.
    """
    folder, coordinates = _LIBRARIES[name]
    java = find_java(os.environ)
    jars = [str(jar) for jar in fetch(java, coordinates, make_cache_folder() / folder)]
    classes = bench.folder / "classes"
    if not (classes / f"{name}.class").exists():
        compiler = _compiler()
        if compiler is None:
            raise RuntimeError("javac is not on the PATH; install a JDK to measure the peers that are Java programs")
        result = subprocess.run(
            [compiler, "-Xlint:all", "-d", str(classes), "-cp", ":".join(jars), str(PEERS / f"{name}.java")],
            capture_output=True,
            text=True,
            timeout=_COMPILE_SECONDS,
            check=False,
        )
        if result.returncode != 0:
            raise RuntimeError(f"javac refuses {name}.java: {result.stderr}")
    return [str(java.executable), "-cp", ":".join([str(classes), *jars]), name]


def _compiler() -> str | None:
    return shutil.which("javac")
