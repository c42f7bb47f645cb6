"""What ``wordcount stream`` refuses about topics, before it asks a broker."""

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


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
    ],
)
def test_wrong_usage_of_topics(in_process: InProcess, arguments: list[str], parts: list[str]) -> None:
    assert_refused(in_process("stream", *arguments, "--once"), *parts)
