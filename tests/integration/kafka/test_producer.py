"""The producer: each line of files and pipes is in the topic once."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from tests.support.broker_settings import Broker
from tests.support.kafka_commands import numbered, produce
from tests.support.processes import PATIENCE, command, run, wait_until
from tests.support.reference import count
from tests.support.rotating import WAYS, rotate
from tests.support.topics import committed, lines_in, make_topic

FAILED, WRONG = 1, 2


@pytest.mark.both_brokers
def test_a_line_is_a_record(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"to be\r\n\nor not to be")
    assert produce(broker, topic, tmp_path / "a.txt").returncode == 0
    assert [record.value for record in committed(broker.servers, topic)] == [b"to be", b"", b"or not to be"]


def test_published_lines_are_not_published_again(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 100)
    for _ in range(2):
        assert produce(broker, topic, tmp_path / "a.txt").returncode == 0
    expected += numbered(tmp_path / "b.txt", 100)
    with (tmp_path / "a.txt").open("ab") as file:
        file.write(b"more\n")
    assert produce(broker, topic, tmp_path).returncode == 0
    assert lines_in(broker.servers, topic) == expected + Counter([b"more"])


@pytest.mark.parametrize("partitions", [1, 3, 12])
def test_lines_are_spread_over_the_partitions_of_a_created_topic(
    broker: Broker, topic: str, tmp_path: Path, partitions: int
) -> None:
    expected = numbered(tmp_path / "a.txt", 1200)
    result = produce(broker, topic, tmp_path / "a.txt", "--partitions", str(partitions))
    assert result.returncode == 0, result.stderr
    by_partition = Counter(record.partition for record in committed(broker.servers, topic))
    assert by_partition == dict.fromkeys(range(partitions), 1200 // partitions)
    assert lines_in(broker.servers, topic) == expected


def test_packed_records(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 2500)
    produce(broker, topic, tmp_path / "a.txt", "--lines-per-record", "1000")
    assert [record.value.count(b"\n") + 1 for record in committed(broker.servers, topic)] == [1000, 1000, 500]
    assert lines_in(broker.servers, topic) == expected


def test_standard_input(broker: Broker, topic: str) -> None:
    result = produce(broker, topic, "-", stdin=b"one\ntwo")
    assert result.returncode == 0, result.stderr
    assert lines_in(broker.servers, topic) == {b"one": 1, b"two": 1}


def test_a_line_of_900_kb(broker: Broker, topic: str, tmp_path: Path) -> None:
    line = b"x" * 900_000
    (tmp_path / "a.txt").write_bytes(b"before\n" + line + b"\nafter\n")
    for packed in ("1", "1000"):
        result = produce(broker, f"{topic}-{packed}", tmp_path / "a.txt", "--lines-per-record", packed)
        assert result.returncode == 0, result.stderr
        assert lines_in(broker.servers, f"{topic}-{packed}") == {b"before": 1, line: 1, b"after": 1}


@pytest.mark.parametrize("packed", ["1", "1000"])
def test_a_line_larger_than_the_topic_takes(broker: Broker, topic: str, tmp_path: Path, packed: str) -> None:
    word = b"x" * 2_000_000
    (tmp_path / "a.txt").write_bytes(b"before\n" + b"one " * 500_000 + word + b" two\nafter\n")
    result = produce(broker, topic, tmp_path / "a.txt", "--lines-per-record", packed)
    assert result.returncode == 0
    reason = (
        "a word or line of 2,000,001 bytes from byte 2,000,007 on is longer than --max-line, or than the topic takes,"
    )
    assert result.stderr == f"wordcount-producer: warning: {tmp_path}/a.txt: {reason} and is left out\n"
    words = count(*((line + b"\n") * times for line, times in lines_in(broker.servers, topic).items()))
    assert words == {"before": 1, "one": 500_000, "two": 1, "after": 1}
    raised = f"{topic}-raised"
    make_topic(broker.servers, raised, max_message_bytes="3000000")
    result = produce(broker, raised, tmp_path / "a.txt", "--lines-per-record", packed, "--max-line", "2MiB")
    assert (result.returncode, result.stderr) == (0, "")
    assert word + b" two" in lines_in(broker.servers, raised)


def test_a_record_that_the_broker_refuses_is_reported_at_once(broker: Broker, topic: str, tmp_path: Path) -> None:
    numbered(tmp_path / "a.txt", 10)
    make_topic(broker.servers, topic, cleanup_policy="compact")  # takes no record without a key
    result = produce(broker, topic, tmp_path / "a.txt", "--patience", "1h")
    assert (result.returncode, result.stderr.count("\n")) == (FAILED, 1)
    assert "InvalidRecord" in result.stderr


def test_200_000_empty_lines(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\n" * 200_000)
    result = produce(broker, topic, tmp_path / "a.txt", "--patience", "20s")
    assert (result.returncode, result.stderr) == (0, "")
    assert lines_in(broker.servers, topic) == {b"": 200_000}


@pytest.mark.parametrize("policy", ["delete", "compact,delete"])
def test_a_position_topic_that_loses_positions_is_refused(
    broker: Broker, topic: str, tmp_path: Path, policy: str
) -> None:
    numbered(tmp_path / "a.txt", 10)
    make_topic(broker.servers, topic)
    make_topic(broker.servers, f"wordcount.{topic}.n", cleanup_policy=policy)
    result = produce(broker, topic, tmp_path / "a.txt", "--name", "n")
    assert result.returncode == FAILED
    assert f"has cleanup.policy={policy}" in result.stderr
    assert "set cleanup.policy=compact" in result.stderr


def test_more_replicas_than_brokers(broker: Broker, topic: str, tmp_path: Path) -> None:
    numbered(tmp_path / "a.txt", 10)
    result = produce(broker, topic, tmp_path / "a.txt", "--replication", "3")
    assert (result.returncode, result.stderr.count("\n")) == (FAILED, 1)
    assert f"the topic {topic} is missing" in result.stderr


def test_names_with_dots_have_position_topics_of_their_own(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    for name, end in (("b.c", ""), ("c", ".b")):
        assert produce(broker, f"{topic}{end}", tmp_path / "a.txt", "--name", name).returncode == 0
        assert lines_in(broker.servers, f"{topic}{end}") == expected


def test_two_producers_of_different_names(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 100)
    for name in ("one", "two"):
        assert produce(broker, topic, tmp_path / "a.txt", "--name", name).returncode == 0
    assert lines_in(broker.servers, topic) == expected + expected


def test_a_log_is_followed_through_rotations_and_restarts(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    path = tmp_path / "var" / "app.log"
    expected = numbered(path, 100)
    make_topic(broker.servers, topic)
    for number, way in enumerate(WAYS):
        expected += Counter([b"before %d" % number, b"after %d" % number])
        with following(broker, topic, path) as producer:
            wait_until(
                lambda count=100 + 2 * number: lines_in(broker.servers, topic).total() >= count, "the lines so far"
            )
            with path.open("ab") as log:
                log.write(b"before %d\n" % number)
            rotate(path, way)
            with path.open("ab") as log:
                log.write(b"after %d\n" % number)
            producer.kill()
    with following(broker, topic, path) as producer:
        wait_until(lambda: lines_in(broker.servers, topic).total() >= expected.total(), "all lines")
        producer.send_signal(signal.SIGTERM)
        assert producer.wait(timeout=PATIENCE) == 0
    assert lines_in(broker.servers, topic) == expected


@contextmanager
def following(broker: Broker, topic: str, path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    arguments = [command("wordcount-producer"), path, "--follow", "--to", f"kafka://{broker.servers}/{topic}"]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as producer:
        try:
            yield producer
        finally:
            producer.kill()


def test_a_recreated_topic_is_reported(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    assert produce(broker, topic, tmp_path / "a.txt").returncode == 0
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_topics([topic])
    admin.close()
    gone = produce(broker, topic, tmp_path / "a.txt")
    assert (gone.returncode, gone.stderr.count("\n")) == (FAILED, 1), gone.stderr
    assert f"the topic {topic} was deleted since" in gone.stderr
    make_topic(broker.servers, topic)
    again = produce(broker, topic, tmp_path / "a.txt")
    assert (again.returncode, again.stderr.count("\n")) == (FAILED, 1), again.stderr
    assert f"the topic {topic} was deleted and recreated" in again.stderr
    assert produce(broker, topic, tmp_path / "a.txt", "--name", "another").returncode == 0
    assert lines_in(broker.servers, topic) == expected


def test_lines_read_from_a_pipe_are_published_or_reported(broker: Broker, topic: str) -> None:
    make_topic(broker.servers, topic, max_message_bytes="1000")
    target = f"kafka://{broker.servers}/{topic}"
    result = run("-", "--to", target, name="wordcount-producer", stdin=b"a\n" + b"x" * 2000 + b"\nb\n")
    assert (result.returncode, result.stderr.count("\n")) == (0, 1)
    assert "standard input: a word or line of 2,001 bytes from byte 2 on is longer than --max-line" in result.stderr
    arguments = [command("wordcount-producer"), "-", "--to", target]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as producer:
        assert producer.stdin is not None
        assert producer.stderr is not None
        producer.stdin.write(b"c\n")
        wait_until(lambda: lines_in(broker.servers, topic).total() == 3, "the line")
        producer.send_signal(signal.SIGTERM)
        assert b"everything read of standard input is published" in producer.stderr.read()
        assert producer.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
    assert lines_in(broker.servers, topic) == {b"a": 1, b"b": 1, b"c": 1}
