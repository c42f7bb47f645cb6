"""What ``wordcount-producer`` refuses about topics."""

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--to", "kafka://localhost/lines"], ["'localhost'", "HOST:PORT"]),
        (["--to", "kafka://localhost:9092/"], ["is not a topic name"]),
        (["--to", "kafka://localhost:9092/a,b"], ["one topic"]),
        (["--to", "kafka://me:secret@localhost:9092/a"], ["no password", "--kafka-config"]),
        (["--to", "kafka://localhost:9092/a", "--kafka-config", "missing"], ["missing", "client.properties"]),
        (["--to", "kafka://localhost:9092/a", "--lines-per-record", "0"], ["--lines-per-record", "'0'"]),
        (["--to", "in", "--partitions", "3"], ["--partitions", "topics", "leave it out"]),
        (["--to", "kafka://localhost:9092/a", "--partitions", "2147483648"], ["--partitions", "2147483648"]),
        (["--to", "kafka:/localhost:9092/a"], ["kafka:/localhost:9092/a", "kafka://HOST:PORT/TOPIC"]),
        (["--to", "Kafka://me:secret@localhost:9092/a"], ["no password"]),
        (["--to", "kafka://me:sec/ret@localhost:9092/a"], ["no password"]),
        (["--to", "kafka://localhost:9092/__consumer_offsets"], ["__consumer_offsets", "Kafka's own"]),
        (["--to", "kafka://localhost:9092/a", "--patience", "0s"], ["--patience", "no time"]),
        (["--to", "kafka://localhost:9092/a", "--name", ""], ["--name ''"]),
        (["--to", "kafka://localhost:9092/a", "--name", "a b"], ["--name", "'a b'"]),
        (["--to", "kafka://localhost:9092/a", "--patience", "long"], ["--patience", "long"]),
    ],
)
def test_wrong_usage_of_topics(in_process: InProcess, tmp_path: Path, arguments: list[str], parts: list[str]) -> None:
    (tmp_path / "a.txt").touch()
    result = in_process("a.txt", *arguments, name="wordcount-producer", cwd=tmp_path)
    assert_refused(result, *parts)
    assert "secret" not in result.stderr
