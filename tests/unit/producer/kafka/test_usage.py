"""What ``wordcount-producer`` refuses about topics."""

import socket
from pathlib import Path

import pytest

from producer.common.errors import hide
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
        (["--to", f"kafka://localhost:9092/{'a' * 240}"], ["249 characters", "give a shorter --name or topic"]),
        (["--to", "kafka://localhost:9092/a", "--name", "a b"], ["--name", "'a b'"]),
        (["--to", "kafka://localhost:9092/a", "--patience", "long"], ["--patience", "long"]),
    ],
)
def test_wrong_usage_of_topics(in_process: InProcess, tmp_path: Path, arguments: list[str], parts: list[str]) -> None:
    (tmp_path / "a.txt").touch()
    result = in_process("a.txt", *arguments, name="wordcount-producer", cwd=tmp_path)
    assert_refused(result, *parts)
    assert "secret" not in result.stderr


def test_a_container_is_asked_for_a_name(
    in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").touch()
    monkeypatch.setattr(socket, "gethostname", lambda: "4f1c2a9b8e7d")
    result = in_process("a.txt", "--to", "kafka://localhost:1/a", name="wordcount-producer", cwd=tmp_path)
    assert_refused(result, "--name is missing", "4f1c2a9b8e7d", "give --name NAME")


def test_a_short_password_masks_none_of_our_own_words(in_process: InProcess, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "client.properties").write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
        'sasl.jaas.config=org.example.Module required username="me" password="a";\n'
    )
    arguments = ["a.txt", "--to", "kafka://localhost:1/lines", "--kafka-config", "client.properties"]
    result = in_process(*arguments, name="wordcount-producer", cwd=tmp_path)
    hide([])
    assert_refused(result, "no Kafka broker answers at localhost:1 (nothing listens there)", status=1)
