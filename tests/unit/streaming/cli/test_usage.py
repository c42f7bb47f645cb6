"""What ``wordcount`` refuses before it starts Java."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working directory: it holds a folder ``in`` with one file, and a file ``file``."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"a\n")
    (tmp_path / "file").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["batch", "missing.txt"], ["missing.txt", "no such file", "give"]),
        (["batch", "missing-*.txt"], ["missing-*.txt", "give"]),
        (["batch"], ["INPUT", "--help"]),
        (["batch", "kafka://localhost:9092/lines"], ["kafka://localhost:9092/lines", "wordcount stream"]),
        (["stream", "missing", "--once"], ["missing", "no such file or folder", "give one"]),
        (["stream", "missing*.log", "--once"], ["missing*.log", "no such file or folder", "give one"]),
        (["batch", "in", "--output", "out", "--top", "3"], ["--top", "--output", "leave one of them out"]),
        (["stream", "missing/app.log"], ["missing/app.log", "no such file or folder", "give one"]),
        (["stream", "missing/"], ["missing/", "no such folder", "make it first"]),
        (["stream", "in", "-"], ["-: cannot be combined with other sources; give it alone"]),
        (
            ["stream", "in", "kafka://localhost:9092/lines"],
            ["kafka://localhost:9092/lines: cannot be combined"],
        ),
        (["stream", "/dev/null"], ["/dev/null", "neither a file nor a folder", "'-'"]),
        (["stream", "in", "--output", "file"], ["--output", "file", "is a file", "folder is needed"]),
        (["stream", "in", "--checkpoint", "file"], ["--checkpoint", "file", "is a file", "folder is needed"]),
        (["stream", "in", "--format", "xml"], ["--format 'xml' is not one of 'text', 'csv', 'json', 'parquet'"]),
        (["stream", "in", "--format", "txt"], ["--format 'txt' is not one of 'text', 'csv', 'json', 'parquet'"]),
        (["stream", "in", "--format", ""], ["--format '' is not one of"]),
        (["export", "in", "--format", "TEXT"], ["--format 'TEXT' is not one of"]),
        (["export", "in", "--format", "orc"], ["--format 'orc' is not one of"]),
        (["batch", "in", "--format", "xml"], ["--format 'xml' is not one of 'text', 'csv', 'json', 'parquet'"]),
        (["stream", "in", "--format", "csv"], ["--format", "--output DIR"]),
        (["stream", "in", "--trigger", "9999999999s"], ["--trigger", "9999999999s", "500ms"]),
        (["stream", "in", "--trigger", "soon"], ["--trigger 'soon'", "500ms", "auto, realtime:30s or auto:30s"]),
        (["stream", "in", "--settle", "-1s"], ["--settle", "-1s", "500ms"]),
        (["stream", "in", "--snapshot-interval", "5"], ["--snapshot-interval", "'5'", "500ms"]),
        (["batch", "in", "--top", "0"], ["--top '0' is not a whole number from 1 to 2147483647; give one"]),
        (["stream", "in", "--top", "many"], ["--top 'many' is not a whole number"]),
        (["stream", "in", "--depth", "0"], ["--depth '0' is not a whole number"]),
        (["stream", "in", "--from", "latest"], ["--from 'latest'", "start or end"]),
        (["stream", "in", "--kafka-config", "none"], ["--kafka-config", "topics", "leave it out"]),
        (["top", "in", "--format", "csv"], ["--format", "'wordcount export'", "leave it out"]),
        (["get", "in", "caf\udce9"], ["'caf\\udce9'", "UTF-8"]),
        (["stream", "in", "--changes"], ["--changes", "--output"]),
        (["stream", "in", "--output", "in"], ["--output in is the same as the source", "outside"]),
        (["stream", "in", "--output", "in/out"], ["--output in/out is inside the source", "outside"]),
        (["stream", "in", "--output", "."], ["--output . contains the source", "outside"]),
        (["stream", "in", "--checkpoint", "in/state"], ["--checkpoint in/state is inside the source", "outside"]),
        (["stream", "in", "--state-store", "disk"], ["--state-store 'disk' is not one of 'memory', 'rocksdb'"]),
        (["batch", "in", "--conf", "cores"], ["--conf", "cores", "spark.KEY=VALUE"]),
        (["batch", "in", "--master", "nowhere"], ["--master", "nowhere", "local[N]"]),
        (["batch", "in", "--tpo", "3"], ["--tpo", "--help"]),
        (["batch", "in", "--match", "a", "--match", "b"], ["--match is given more than once", "'A|B' finds either"]),
        (["count", "in"], ["count", "--help"]),
    ],
)
def test_wrong_usage(in_process: InProcess, folder: Path, arguments: Sequence[str], parts: Sequence[str]) -> None:
    assert_refused(in_process(*arguments, cwd=folder), *parts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["batch", "in", "--serve", "8080"],
            "--serve is an option of 'wordcount stream', not of 'wordcount batch'; leave it out",
        ),
        (
            ["prepare", "--depth=3"],
            "--depth is an option of 'wordcount batch', 'wordcount stream', not of 'wordcount prepare'; leave it out",
        ),
        (
            ["--once", "stream", "in"],
            "--once is an option of 'wordcount stream', not of 'wordcount'; give it after the command",
        ),
        (
            ["batch", "in", "--no-prepare"],
            "--no-prepare is an option of 'wordcount', not of 'wordcount batch'; give it before the command",
        ),
        (["batch", "in", "--late"], "Option '--late' requires an argument"),
        (["get", "in", "a", "--in-background"], "No such option: --in-background; see"),  # it is hidden
    ],
)
def test_an_option_of_another_command_names_the_command(
    in_process: InProcess, folder: Path, arguments: Sequence[str], message: str
) -> None:
    assert_refused(in_process(*arguments, cwd=folder), message)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("WORDCOUNT_TOP", "x", "--top (WORDCOUNT_TOP) 'x' is not a whole number"),
        ("WORDCOUNT_FORMAT", "xml", "--format (WORDCOUNT_FORMAT) 'xml' is not one of"),
    ],
)
def test_a_wrong_value_from_the_environment_names_the_variable(
    in_process: InProcess, folder: Path, variable: str, value: str, message: str
) -> None:
    assert_refused(in_process("batch", "in", cwd=folder, env={variable: value}), message)


def test_without_arguments_it_shows_its_help(in_process: InProcess) -> None:
    assert in_process().stdout == in_process("--help").stdout
