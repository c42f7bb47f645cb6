"""Machines as they are: odd accounts, folders and variables. Each start of Java meets many of them at once."""

import os
from pathlib import Path
from subprocess import CompletedProcess

from streaming.spark.install import find_jar
from tests.support.processes import run
from tests.support.reference import parsed_file
from tests.support.refusals import FAILED, assert_refused

_ODD = "a b#%41\\c{d,e}*?[f]'\"한"
_OF_ANOTHER_SPARK = {
    "SPARK_REMOTE": "sc://no.such.host:15002",
    "SPARK_CONNECT_MODE_ENABLED": "1",
    "SPARK_API_MODE": "connect",
    "SPARK_HOME": "/nowhere",
    "SPARK_CONF_DIR": "/nowhere",
    "SPARK_LOCAL_DIRS": "/nowhere",
    "SPARK_LOCAL_IP": "192.0.2.1",
    "SPARK_LOCAL_HOSTNAME": "no.such.host",
    "SPARK_TESTING": "1",
    "PYSPARK_SUBMIT_ARGS": "--no-such-option",
    "PYSPARK_GATEWAY_PORT": "1",
    "PYSPARK_PIN_THREAD": "false",
    "MASTER": "spark://no.such.host:7077",
    "CONTAINER_ID": "container_1",
    "CLASSPATH": "/nowhere",
    "JAVA_TOOL_OPTIONS": "-Dof.another=program",
}
#: An account and a host that no name is known of, no home, a working folder that is gone, private files, and temporary
#: files on a file system that runs no programs. The arguments are the temporary folder and the command.
_BARE_MACHINE = """
mount -t tmpfs -o noexec,size=100m tmpfs "$1" && export TMPDIR="$1" && shift && hostname no-such-host
mkdir gone && cd gone && rmdir "$PWD" && umask 077 && unset HOME
exec unshare --user --map-user=12345 --map-group=12345 "$@"
"""


def _on_a_bare_machine(folder: Path) -> list[str]:
    (folder / "temporary").mkdir()
    namespaces = ["unshare", "--mount", "--uts", "--map-root-user"]
    return [*namespaces, "sh", "-ec", _BARE_MACHINE, "sh", str(folder / "temporary")]


def test_a_stream_next_to_another_spark_in_folders_of_any_name(tmp_path: Path) -> None:
    watched, output, temporary, hadoop = (tmp_path / f"{name} {_ODD}" for name in ("in", "out", "temporary", "hadoop"))
    for folder in (watched, temporary, hadoop):
        folder.mkdir()
    (hadoop / "core-site.xml").write_text(
        "<configuration><property><name>fs.defaultFS</name><value>hdfs://no.such.host:8020</value></property>"
        "</configuration>"
    )
    env = {**_OF_ANOTHER_SPARK, "TMPDIR": str(temporary), "HADOOP_CONF_DIR": str(hadoop), "LC_ALL": "C"}
    for number, total in enumerate(({"하나": 1}, {"하나": 2})):
        (watched / f"{number} {_ODD}").write_text("하나\n", "utf-8")
        result = run("stream", watched, "--output", output, "--once", "--changes", env=env)
        assert (result.returncode, result.stderr) == (0, "")
        assert parsed_file(output / "counts.txt") == total
    assert os.listdir(temporary) == []


def test_hadoop_s_configuration_is_read(tmp_path: Path) -> None:
    (tmp_path / "yarn-site.xml").touch()
    (tmp_path / "core-site.xml").write_text("<configuration><broken")
    (tmp_path / "a.txt").write_text("a\n")
    assert_refused(run("batch", tmp_path / "a.txt", env={"YARN_CONF_DIR": str(tmp_path)}), tmp_path / "core-site.xml")


def test_a_batch_on_a_bare_machine(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    jar = find_jar("ivy")  # any jar: that it is fetched is what needs an account
    arguments = ("batch", tmp_path / "a.txt", "--conf", f"spark.jars={jar}")
    result = run(*arguments, prefix=_on_a_bare_machine(tmp_path), cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "a: 1\n", "")


def test_a_pandas_that_pyspark_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    (tmp_path / "pandas").mkdir()
    (tmp_path / "pandas" / "__init__.py").write_text('__version__ = "3.0.0"\n')
    result = run("batch", tmp_path / "a.txt", env={"PYTHONPATH": str(tmp_path)})
    assert (result.returncode, result.stdout, result.stderr) == (0, "a: 1\n", "")


def test_a_temporary_folder_from_which_no_library_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    arguments = ("batch", tmp_path / "a.txt", "--output", tmp_path / "out", "--format", "parquet")
    result = run(*arguments, prefix=_on_a_bare_machine(tmp_path), cwd=tmp_path)
    assert_refused(result, "noexec", "set TMPDIR", status=FAILED)


def test_standard_streams_that_are_closed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")

    def run_closed(*arguments: str | Path, closed: str) -> CompletedProcess[str]:
        shell = ["sh", "-c", f'"$@" {closed}', "sh"]
        return run(*arguments, prefix=shell, name="wordcount-producer")

    result = run_closed(tmp_path / "a.txt", "--to", tmp_path / "to", closed="<&- >&- 2>&-")
    assert result.returncode == 0
    (chunk,) = (tmp_path / "to").glob("chunk-*")
    assert chunk.read_text() == "a\n"
    assert_refused(run_closed("--version", closed=">&-"), "Bad file descriptor", status=FAILED)
    assert_refused(run_closed("-", "--to", tmp_path / "to", closed="<&-"), "standard input is closed")


def test_a_java_that_its_own_options_keep_from_starting(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    result = run("batch", tmp_path / "a.txt", env={"JAVA_TOOL_OPTIONS": f"-javaagent:{tmp_path}/none.jar"})
    assert_refused(result, f"{tmp_path}/none.jar", "JAVA_TOOL_OPTIONS", "correct it")
    assert "Picked up" not in result.stderr


def test_a_machine_without_a_loopback(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    result = run("batch", tmp_path / "a.txt", prefix=["unshare", "--net", "--map-root-user"])
    assert_refused(result, "127.0.0.1", "bring the loopback interface up")
