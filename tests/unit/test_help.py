"""``--help`` of each command names its options, its arguments and an example."""

import os
import re
import sys
from collections.abc import Sequence

import pytest

from tests.support.in_process import InProcess

_READING = ("--top", "--depth", "--max-line", "--output", "--format", "--master", "--conf", "--debug", "WORDCOUNT_TOP")
_WORDS = (
    "--split", "--regex", "--match", "--not-match", "--normalize", "--lowercase", "--min-length", "--stop-words",
    "whitespace", "WORDCOUNT_MIN_LENGTH",
)  # fmt: skip
_WATCHING = (
    "--checkpoint", "--trigger", "--once", "--snapshot-interval", "--changes", "--settle", "--state-store",
    "--partitions", "WORDCOUNT_SNAPSHOT_INTERVAL", "500ms",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arguments", "parts"),
    [
        (
            "wordcount",
            [],
            ["batch", "stream", "top", "get", "export", "repartition", "demo", "prepare", "--version", "environment"],
        ),
        ("wordcount", ["batch"], [*_READING, *_WORDS, "INPUT", ".gz", "globs"]),
        ("wordcount", ["stream"], [*_READING, *_WORDS, *_WATCHING, "SOURCE"]),
        ("wordcount", ["top"], ["DIR", "-n", "--output", "--checkpoint", "--debug"]),
        ("wordcount", ["get"], ["DIR", "WORD", "--debug"]),
        ("wordcount", ["export"], ["DIR", "--format", "parquet", "WORDCOUNT_FORMAT", "--debug"]),
        ("wordcount", ["repartition"], ["DIR", "N", "rocksdb", "--debug"]),
        ("wordcount", ["demo"], ["15 seconds", "--debug"]),
        ("wordcount", ["prepare"], ["archive", "--debug"]),
        (
            "wordcount-producer",
            [],
            ["INPUT", "--to", "--rate", "--depth", "--settle", "--max-line", "--version", "WORDCOUNT_RATE"],
        ),
    ],
)
def test_help_is_complete(in_process: InProcess, name: str, arguments: Sequence[str], parts: Sequence[str]) -> None:
    result = in_process(*arguments, "--help", name=name, env={"COLUMNS": "80"})
    assert (result.returncode, result.stderr) == (0, "")
    for part in [*parts, "Example", f"{name} {' '.join(arguments)}".strip()]:
        assert part in result.stdout
    assert not re.search(r"[a-z,]\.\.\.\n", result.stdout)  # no line about a command is cut short
    assert sys.executable not in result.stdout
    assert os.getcwd() not in result.stdout
