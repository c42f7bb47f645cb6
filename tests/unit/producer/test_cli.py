"""The command ``wordcount-producer``."""

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

import producer
from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


def test_the_version_needs_no_installed_package(in_process: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def distribution(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    result = in_process("--version", name="wordcount-producer")

    assert (result.returncode, result.stdout) == (0, f"wordcount-producer {producer.__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "--depth", "1"], "--depth is for folders, and the input is standard input; leave it out"),
        (["-", "--settle", "1s"], "--settle is for files, and the input is a pipe; leave it out"),
        (["-", "--exclude", "a"], "--exclude is for folders, and the input is standard input; leave it out"),
        (
            ["a.txt", "--follow", "--exclude", "a"],
            "--exclude is for folders and globs, and no input is one; leave it out",
        ),
        (["a.txt", "--safe-links"], "--safe-links is for folders, and no input is one; leave it out"),
        (["a.txt", "--depth", "1"], "--depth is for folders, and no input is one; leave it out"),
        (["in", "--encoding", "nothing"], "--encoding 'nothing' is no encoding; give one such as cp949"),
        (["in", "--encoding", "cp037"], "--encoding 'cp037' ends lines in another way than text files do"),
        (["in", "--encoding", "hex"], "--encoding 'hex' is no encoding"),
        (["out/a.txt"], "out/a.txt: no such file or folder: there is no folder out; give one that exists"),
        (["out/a.txt", "--follow"], "out/a.txt: no such file or folder: there is no folder out; give one that exists"),
        (["in", "--from", "end"], "--from is for --follow; add that, or leave it out"),
        (["in", "--lines-per-record", "2"], "--lines-per-record is for topics; leave it out"),
        (["in", "--partitions", "2"], "--partitions is for topics; leave it out"),
        (["in", "--replication", "2"], "--replication is for topics; leave it out"),
        (["in", "--name", "a"], "--name is for topics; leave it out"),
        (["in", "--patience", "1s"], "--patience is for topics; leave it out"),
        (["in", "--kafka-config", "a"], "--kafka-config is for topics; leave it out"),
        (["-", "--follow"], "-: is read to its end without --follow; leave that out"),
    ],
)
def test_an_option_that_does_not_apply_is_refused(
    in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.txt").write_bytes(b"a\n")
    with open("/dev/null", encoding="utf-8") as nothing:  # not a regular file, like a pipe
        monkeypatch.setattr(sys, "stdin", nothing)
        result = in_process(*arguments, "--to", "to", name="wordcount-producer", cwd=tmp_path)

    assert_refused(result, message)


_ENVIRONMENT = {
    "WORDCOUNT_DEPTH": "1",
    "WORDCOUNT_SETTLE": "1s",
    "WORDCOUNT_EXCLUDE": "a",
    "WORDCOUNT_FROM": "end",
    "WORDCOUNT_LINES_PER_RECORD": "2",
    "WORDCOUNT_PARTITIONS": "2",
    "WORDCOUNT_REPLICATION": "2",
    "WORDCOUNT_NAME": "a",
    "WORDCOUNT_PATIENCE": "1s",
    "WORDCOUNT_KAFKA_CONFIG": "missing",
}


def test_the_environment_may_have_what_does_not_apply(
    in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.write(write, b"one\n")
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        result = in_process("-", "--to", "to", name="wordcount-producer", cwd=tmp_path, env=_ENVIRONMENT)

    assert (result.returncode, result.stderr) == (0, "")
    (chunk,) = (tmp_path / "to").glob("chunk-*")
    assert chunk.read_bytes() == b"one\n"
