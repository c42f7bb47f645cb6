"""Each option is refused with a source or an output that it does not apply to, unless the environment has it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streaming import batch_job, stream_job
from streaming.query.options import SparkOptions, StreamOptions
from streaming.spark import session
from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused

_FILES, _STANDARD_INPUT, _REMOTE, _TOPIC = "in", "-", "s3a://logs/today", "kafka://localhost:1/lines"
_OUTPUT_TOPIC = "kafka://localhost:1/words"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory; it holds a folder ``in`` with one file."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"a\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (_STANDARD_INPUT, ["--from", "end"], "--from is for files and topics, and the source is standard input"),
        (_STANDARD_INPUT, ["--depth", "1"], "--depth is for files, and the source is standard input"),
        (_STANDARD_INPUT, ["--exclude", "a"], "--exclude is for files, and the source is standard input"),
        (_REMOTE, ["--exclude", "a"], "--exclude is for files, and the source is an address"),
        (_TOPIC, ["--exclude", "a"], "--exclude is for files, and the source is topics"),
        (_REMOTE, ["--encoding", "cp949"], "--encoding is for files of this machine, and the source is an address"),
        (_TOPIC, ["--encoding", "cp949"], "--encoding is for files of this machine, and the source is topics"),
        (_REMOTE, ["--max-line", "2MiB"], "--max-line is for files of this machine, and the source is an address"),
        (_TOPIC, ["--max-line", "2MiB"], "--max-line is for files of this machine, and the source is topics"),
        ("in/a.txt", ["--exclude", "a"], "--exclude is for folders and globs, and no input is one; leave it out"),
        ("in/a.txt", ["--safe-links"], "--safe-links is for folders, and no input is one; leave it out"),
        ("in/a.txt", ["--depth", "1"], "--depth is for folders, and no input is one; leave it out"),
        (_STANDARD_INPUT, ["--settle", "1s"], "--settle is for files, and the source is standard input"),
        (_STANDARD_INPUT, ["--max-per-batch", "1"], "--max-per-batch is for a source kafka://"),
        (_STANDARD_INPUT, ["--jars", "a.jar"], "--jars is for topics"),
        (_STANDARD_INPUT, ["--archive", "old"], "--archive is for files, and the source is standard input"),
        (_TOPIC, ["--rotated", "*.old"], "--rotated is for files, and the source is topics"),
        (_FILES, ["--archive", "old"], "--archive is for logs that are followed by their names"),
        (_FILES, ["--rotated", "*.old"], "--rotated is for logs that are followed by their names"),
        (_REMOTE, ["--from", "end"], "--from is for files and topics, and the source is an address"),
        (_REMOTE, ["--from", "latest"], "--from is for files and topics, and the source is an address"),
        (_REMOTE, ["--depth", "1"], "--depth is for files, and the source is an address"),
        (_REMOTE, ["--settle", "1s"], "--settle is for files, and the source is an address"),
        (_REMOTE, ["--max-per-batch", "1"], "--max-per-batch is for a source kafka://"),
        (_REMOTE, ["--kafka-config", "a"], "--kafka-config is for topics"),
        (_TOPIC, ["--from", "end"], "--from 'end' is not a place in topics; give earliest or latest"),
        (_TOPIC, ["--depth", "1"], "--depth is for files, and the source is topics"),
        (_TOPIC, ["--settle", "1s"], "--settle is for files, and the source is topics"),
        (_FILES, ["--from", "latest"], "--from 'latest' is not a place in files; give start or end"),
        (_FILES, ["--max-per-batch", "1"], "--max-per-batch is for a source kafka://"),
        (_FILES, ["--kafka-config", "a"], "--kafka-config is for topics"),
        (_FILES, ["--jars", "a.jar"], "--jars is for topics"),
        (_FILES, ["--max-per-batch", "1", "--output", _OUTPUT_TOPIC], "--max-per-batch is for a source kafka://"),
    ],
)
def test_an_option_of_another_source_is_refused(
    in_process: InProcess, folder: Path, source: str, options: list[str], message: str
) -> None:
    assert_refused(in_process("stream", source, *options, cwd=folder), message)


@pytest.mark.parametrize("option", [["--format", "csv"], ["--snapshot-interval", "1s"], ["--changes"]])
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ([], "is for saved counts; add --output DIR, or leave it out"),
        (["--output", _OUTPUT_TOPIC], "is for an output folder, and the counts go to a topic; leave it out"),
    ],
    ids=["no output", "a topic"],
)
def test_an_option_of_an_output_folder_is_refused_without_one(
    in_process: InProcess, folder: Path, option: list[str], output: list[str], message: str
) -> None:
    assert_refused(in_process("stream", "in", *option, *output, cwd=folder), f"{option[0]} {message}")


def test_a_topic_takes_no_format_not_even_the_default(in_process: InProcess, folder: Path) -> None:
    result = in_process("stream", "in", "--format", "text", "--output", _OUTPUT_TOPIC, cwd=folder)

    assert_refused(result, "--format is for an output folder, and the counts go to a topic; leave it out")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in", "--format", "csv"], "--format is for saved counts; add --output DIR"),
        (["in", "--slide", "1m"], "--slide is for windows of time; add --window 5m"),
        (["in", "--time-format", "iso"], "--time-format is for windows of time; add --window 5m"),
        (["in", "--time-zone", "UTC"], "--time-zone is for windows of time; add --window 5m"),
        (["in", "--late", "1m"], "--late is for a stream"),
        ([_REMOTE, "--depth", "1"], "--depth is for folders of this machine"),
        ([_REMOTE, "--encoding", "cp949"], "--encoding is for files of this machine"),
        ([_REMOTE, "--max-line", "2MiB"], "--max-line is for files of this machine"),
        (["-", "--exclude", "a"], "--exclude is for folders, and the input is standard input"),
    ],
)
def test_batch_refuses_what_does_not_apply(
    in_process: InProcess, folder: Path, arguments: list[str], message: str
) -> None:
    assert_refused(in_process("batch", *arguments, cwd=folder), message)


@pytest.mark.parametrize("option", ["--time-regex=a", "--late=1m", "--untimed=aside"])
def test_an_option_of_times_in_lines_is_refused_where_lines_count_by_arrival(
    in_process: InProcess, folder: Path, option: str
) -> None:
    result = in_process("stream", "in", "--window", "5m", option, cwd=folder)

    assert_refused(result, f"{option.partition('=')[0]} is for times in lines", "--time-format")


#: Every option that one of the sources or outputs refuses, as the environment has it.
_ENVIRONMENT = {
    "WORDCOUNT_FORMAT": "csv",
    "WORDCOUNT_SNAPSHOT_INTERVAL": "1s",
    "WORDCOUNT_CHANGES": "1",
    "WORDCOUNT_SETTLE": "1s",
    "WORDCOUNT_DEPTH": "1",
    "WORDCOUNT_ARCHIVE": "old",
    "WORDCOUNT_ROTATED": "*.old",
    "WORDCOUNT_SLIDE": "1m",
    "WORDCOUNT_TIME_FORMAT": "iso",
    "WORDCOUNT_TIME_REGEX": "a",
    "WORDCOUNT_TIME_ZONE": "UTC",
    "WORDCOUNT_LATE": "1m",
    "WORDCOUNT_UNTIMED": "aside",
    "WORDCOUNT_MAX_PER_BATCH": "1",
    "WORDCOUNT_KAFKA_CONFIG": "missing",
    "WORDCOUNT_JARS": "missing",
}


@pytest.mark.parametrize("source", [_FILES, _STANDARD_INPUT, _REMOTE])
def test_the_environment_may_have_what_does_not_apply(
    in_process: InProcess, folder: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    started: list[StreamOptions] = []

    def run_stream(options: StreamOptions, spark: SparkOptions, say: Any) -> int:  # noqa: ARG001  # as it is called
        started.append(options)
        return 0

    monkeypatch.setattr(stream_job, "run_stream", run_stream)
    more = {} if source == _FILES else {"WORDCOUNT_FROM": "end"}
    result = in_process("stream", source, env=_ENVIRONMENT | more, cwd=folder)

    assert (result.returncode, result.stderr) == (0, "")
    (options,) = started
    assert (options.windows, options.changes, options.output, options.topic) == (None, False, None, None)


def test_printed_counts_are_text_whatever_format_the_environment_has(
    in_process: InProcess, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    formats: list[str] = []
    monkeypatch.setattr(batch_job, "run", lambda _found, options, *_: formats.append(options.format_name))
    monkeypatch.setattr(session, "Jvm", lambda *_, **__: SimpleNamespace(close=lambda: None))
    in_process("batch", "in", env={"WORDCOUNT_FORMAT": "csv"}, cwd=folder)

    assert formats == ["text"]
