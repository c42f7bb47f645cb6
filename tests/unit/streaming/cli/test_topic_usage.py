"""What ``wordcount stream`` refuses about topics, before it asks a broker."""

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused

_TO_TOPIC = ["--output", "kafka://localhost:1/b"]
_REAL_TIME = [*_TO_TOPIC, "--trigger", "realtime"]
_AUTO = [*_TO_TOPIC, "--trigger", "auto"]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["kafka://localhost/lines"], ["'localhost' is not HOST:PORT"]),
        (["kafka://localhost:1/a", "--from", "now"], ["--from 'now' is not one of", "'earliest', 'latest'"]),
        (["kafka://localhost:1/a,a"], ["named twice"]),
        (["kafka://localhost:1/a", "--depth", "2"], ["--depth", "files"]),
        (["kafka://localhost:1/a", "--output", "kafka://localhost:1/b", "--format", "csv"], ["--format", "topic"]),
        (["kafka://localhost:1/a", "--max-per-batch", "0"], ["--max-per-batch '0'"]),
        (["kafka://localhost:1/a", "--jars", "missing.jar"], ["--jars", "missing.jar", "no such file"]),
        (["kafka://localhost:1/a", "--jars", __file__], ["--jars", "spark-sql-kafka-0-10"]),
        (["kafka://localhost:1/a", "--changes", "--output", "kafka://localhost:1/b"], ["--changes", "folder"]),
        (["kafka://localhost:1/a", "--trigger", "realtime:1s"], ["--trigger 'realtime:1s'", "realtime:5s or longer"]),
        (["kafka://localhost:1/a", "--trigger", "realtime:soon"], ["--trigger 'realtime:soon' is not a trigger"]),
        (["kafka://localhost:1/a", "--trigger", "realtime"], ["--trigger realtime writes to a topic"]),
        (["kafka://localhost:1/a", *_TO_TOPIC, "--trigger", "realtime"], ["--once", "has no end"]),
        (["kafka://localhost:1/a", "--trigger", "auto:1s"], ["--trigger 'auto:1s'", "auto:5s or longer"]),
        (["kafka://localhost:1/a", *_TO_TOPIC, "--trigger", "auto"], ["--once", "--trigger auto, which has no end"]),
    ],
)
def test_wrong_usage_of_topics(in_process: InProcess, arguments: list[str], parts: list[str]) -> None:
    assert_refused(in_process("stream", *arguments, "--once"), *parts)


@pytest.mark.parametrize(
    ("arguments", "variables", "parts"),
    [
        ([".", "--depth", "0"], {"WORDCOUNT_TRIGGER": "realtime"}, ["--depth '0'"]),
        ([".", "--changes"], {"WORDCOUNT_TRIGGER": "realtime"}, ["--changes is for saved counts"]),
        (
            ["kafka://localhost:1/a", *_REAL_TIME, "--kafka-config", "missing"],
            {"WORDCOUNT_WINDOW": "1m", "WORDCOUNT_ONCE": "1", "WORDCOUNT_STATE_STORE": "memory"},
            ["--kafka-config missing"],
        ),
        (
            ["kafka://localhost:1/a", *_TO_TOPIC, "--max-per-batch", "9", "--kafka-config", "missing"],
            {"WORDCOUNT_TRIGGER": "auto"},
            ["--kafka-config missing"],
        ),
    ],
)
def test_real_time_and_what_it_cannot_do_may_be_set_in_the_environment(
    in_process: InProcess,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variables: dict[str, str],
    parts: list[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert_refused(in_process("stream", *arguments), *parts)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["in", *_REAL_TIME], ["--trigger realtime is for topics", "the source is files", "--trigger 0s"]),
        (["-", *_REAL_TIME], ["--trigger realtime is for topics", "the source is standard input"]),
        (["kafka://localhost:1/a", "--output", "out", "--trigger", "realtime:30s"], ["writes to a topic"]),
        (["kafka://localhost:1/a", *_REAL_TIME, "--window", "1m"], ["--window cannot be combined"]),
        (["kafka://localhost:1/a", *_REAL_TIME, "--state-store", "memory"], ["--state-store 'memory'", "rocksdb"]),
        (["kafka://localhost:1/a", *_REAL_TIME, "--max-per-batch", "9"], ["--max-per-batch is for batches"]),
        (["in", *_AUTO], ["--trigger auto is for topics", "the source is files", "--trigger 0s"]),
        (["kafka://localhost:1/a", "--output", "out", "--trigger", "auto:30s"], ["--trigger auto writes to a topic"]),
        (["kafka://localhost:1/a", *_AUTO, "--window", "1m"], ["--window cannot be combined with --trigger auto"]),
        (["kafka://localhost:1/a", *_AUTO, "--state-store", "memory"], ["--state-store 'memory'", "--trigger auto"]),
        (["kafka://localhost:1/a", *_AUTO, "--master", "local-cluster[1,2,1024]"], ["this machine", "local-cluster"]),
    ],
)
def test_what_real_time_cannot_do(in_process: InProcess, arguments: list[str], parts: list[str]) -> None:
    assert_refused(in_process("stream", *arguments), *parts)
