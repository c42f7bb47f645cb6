"""Folders that turn read-only or vanish, and too few file handles: one line, the right status, and it goes on after.

The statuses are those of docs/troubleshooting.md: 2 where nothing was started, 1 where the same command goes on.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.processes import PATIENCE, command, run, wait_until
from tests.support.reference import count, parsed_file
from tests.support.refusals import FAILED, assert_refused
from tests.support.warm import WarmStream, run_warm

#: Makes a folder read-only, in a mount namespace of the command alone. The arguments are the folder and the command.
_READ_ONLY = ["unshare", "--mount", "--map-root-user", "sh", "-ec"]
_MOUNT = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def read_only(folder: Path) -> list[str]:
    return [*_READ_ONLY, _MOUNT, "sh", str(folder)]


def limited(files: int) -> list[str]:
    return ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one\n")
    return tmp_path / "in"


@pytest.mark.parametrize("option", ["--output", "--checkpoint"])
def test_a_state_that_is_read_only(folder: Path, tmp_path: Path, option: str) -> None:
    arguments = ("stream", folder, option, tmp_path / "kept", "--once")
    assert run_warm(*arguments).stdout == "one: 1\n"
    (folder / "b.txt").write_bytes(b"one\n")
    result = run(*arguments, prefix=read_only(tmp_path / "kept"))
    assert_refused(result, f"{option} {tmp_path}/kept cannot be written to: Read-only file system", "give a folder")
    assert run_warm(*arguments).stdout == "one: 2\n"


def test_a_target_that_is_read_only(folder: Path, tmp_path: Path) -> None:
    arguments = (folder, "--to", tmp_path / "to")
    assert run(*arguments, name="wordcount-producer").returncode == 0
    (folder / "b.txt").write_bytes(b"two\n")
    result = run(*arguments, name="wordcount-producer", prefix=read_only(tmp_path / "to"))
    assert_refused(result, f"--to {tmp_path}/to cannot be written to: Read-only file system", "give a folder")
    assert run(*arguments, name="wordcount-producer").returncode == 0
    assert published(tmp_path / "to") == {"one": 1, "two": 1}


def published(folder: Path) -> dict[str, int]:
    return count(*(chunk.read_bytes() for chunk in sorted(folder.glob("chunk-*"))))


@pytest.mark.parametrize(
    ("removed", "options"),
    [
        ("out", ["--output", "out"]),
        ("out/state", ["--output", "out"]),
        ("out", ["--output", "out", "--checkpoint", "state"]),
        ("out/changes", ["--output", "out", "--changes"]),
        ("state", ["--checkpoint", "state"]),
        ("state", ["--checkpoint", "state", "--state-store", "rocksdb"]),
    ],
)
def test_a_folder_that_vanishes_while_a_stream_runs(
    folder: Path, tmp_path: Path, removed: str, options: Sequence[str]
) -> None:
    paths = [option if option.startswith("--") or option == "rocksdb" else str(tmp_path / option) for option in options]
    interval = ["--snapshot-interval", "300ms"] if "--output" in options else []
    arguments = [folder, *paths, *interval, "--trigger", "0s"]
    with WarmStream(*arguments) as stream:
        stream.wait_for(one=1)
        # In one step: Spark may write to it while it is removed file by file.
        (tmp_path / removed).rename(tmp_path / "gone")
        shutil.rmtree(tmp_path / "gone")
        (folder / "b.txt").write_bytes(b"one two\n")
        status = stream.process.wait(timeout=PATIENCE)
    messages = [message for message in stream.messages if "the state is temporary" not in message]
    assert (status, len(messages)) == (FAILED, 1), stream.messages
    assert f"{tmp_path / removed}" in messages[0]
    assert "run the same command again" in messages[0]
    result = run_warm("stream", *arguments, "--once")
    assert (result.returncode, result.stdout, result.stderr) == (0, "one: 2\ntwo: 1\n", "")
    if "--output" in options:
        assert parsed_file(tmp_path / "out" / "counts.txt") == {"one": 2, "two": 1}


def test_a_target_that_vanishes_while_a_producer_follows(folder: Path, tmp_path: Path) -> None:
    arguments = (folder, "--to", tmp_path / "to", "--follow")
    whole = [command("wordcount-producer"), *map(str, arguments)]
    with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as producer:
        try:
            wait_until(lambda: published(tmp_path / "to") == {"one": 1}, "the first file")
            shutil.rmtree(tmp_path / "to")
            (folder / "b.txt").write_bytes(b"one two\n")
            output, errors = producer.communicate(timeout=PATIENCE)
        finally:
            producer.kill()
    assert_refused(CompletedProcess(whole, producer.returncode, output, errors), f"{tmp_path}/to", status=FAILED)
    assert run(*arguments[:-1], name="wordcount-producer").returncode == 0
    assert published(tmp_path / "to") == {"one": 2, "two": 1}


@pytest.mark.parametrize("files", [64, 256])
def test_too_few_file_handles_for_java(folder: Path, tmp_path: Path, files: int) -> None:
    arguments = ("stream", folder, "--output", tmp_path / "out", "--once")
    result = run(*arguments, prefix=limited(files))
    assert_refused(result, f"ulimit -Hn is {files}", "raise it to 1024")
    assert run_warm(*arguments).stdout == "one: 1\n"


@pytest.mark.parametrize("files", [20, 64, 256])
@pytest.mark.parametrize("is_log", [True, False], ids=["logs", "folder"])
def test_few_file_handles_for_a_producer(tmp_path: Path, files: int, *, is_log: bool) -> None:
    """It reads more files than it may open, one after the other."""
    (tmp_path / "in").mkdir()
    for number in range(300):
        (tmp_path / "in" / f"{number}.log").write_bytes(b"word%d\n" % number)
    source = f"{tmp_path}/in/*.log" if is_log else tmp_path / "in"
    arguments = (source, "--to", tmp_path / "to")
    result = run(*arguments, name="wordcount-producer", prefix=limited(files))
    if result.returncode:
        assert_refused(result, "Too many open files; raise ulimit -n", "nothing is lost", status=FAILED)
        assert run(*arguments, name="wordcount-producer").returncode == 0
    assert published(tmp_path / "to") == {f"word{number}": 1 for number in range(300)}
