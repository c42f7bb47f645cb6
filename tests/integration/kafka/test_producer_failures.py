"""The producer when it, its broker or its connection fails, or another takes over: each line is in the topic once."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from producer.follower import Follower, FollowerOptions
from producer.kafka import transaction
from producer.kafka.address import kafka_endpoint
from producer.kafka.client_config import Client
from producer.kafka.failures import RefusedError
from producer.kafka.topic_options import TopicOptions
from producer.targets.kafka import KafkaTarget
from tests.support.broker_settings import Broker
from tests.support.kafka_commands import numbered, produce, recreate_topic
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.rounds import chance, rounds
from tests.support.topics import in_transaction, last_offsets, lines_in, make_topic

FAILED, WRONG = 1, 2


@contextmanager
def producing(
    broker: Broker, topic: str, source: Path, *options: str | Path, after: int
) -> Iterator["subprocess.Popen[str]"]:
    """Start a producer for the block, to a topic that is made, and wait until some ``after`` records are there."""
    make_topic(broker.servers, topic)
    arguments = [command("wordcount-producer"), source, "--to", f"kafka://{broker.servers}/{topic}", *options]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as producer:
        wait_until(lambda: last_offsets(broker.servers, topic) > after, "the first lines")
        yield producer


@pytest.mark.parametrize("packed", ["1", "50"])
def test_a_producer_killed_at_random_moments(broker: Broker, topic: str, tmp_path: Path, packed: str) -> None:
    expected = numbered(tmp_path / "a.txt", 40_000) + numbered(tmp_path / "b.txt", 40_000)
    luck = chance()
    arguments = [command("wordcount-producer"), tmp_path, "--to", f"kafka://{broker.servers}/{topic}"]
    arguments += ["--rate", "20000", "--lines-per-record", packed, "--partitions", "3"]
    for _ in range(rounds(10)):
        with subprocess.Popen(arguments, stderr=subprocess.PIPE) as producer:
            time.sleep(luck.uniform(0.4, 1.5))
            producer.kill()
            _, messages = producer.communicate(timeout=PATIENCE)
            assert producer.returncode in {-signal.SIGKILL, 0}, messages
    result = produce(broker, topic, tmp_path, "--lines-per-record", packed)
    assert result.returncode == 0, result.stderr
    assert lines_in(broker.servers, topic) == expected


@pytest.mark.both_brokers
def test_a_producer_survives_a_restart_of_the_broker(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 60_000)
    with producing(broker, topic, tmp_path / "a.txt", "--rate", "10000", after=1000) as producer:
        broker.stop()
        assert producer.stderr is not None
        assert "does not answer" in producer.stderr.readline()
        broker.start()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert (producer.returncode, messages) == (0, f"wordcount-producer: {broker.servers} answers again\n")
    assert lines_in(broker.servers, topic) == expected


def test_a_topic_recreated_while_lines_are_published(broker: Broker, topic: str, tmp_path: Path) -> None:
    numbered(tmp_path / "a.txt", 8_000)
    with producing(broker, topic, tmp_path / "a.txt", "--rate", "2000", after=1000) as producer:
        recreate_topic(broker, topic)
        _, messages = producer.communicate(timeout=PATIENCE)
    assert producer.returncode == FAILED, messages
    lost = f"wordcount-producer: the topic {topic} was deleted and recreated since lines were published to it; give"
    assert messages.splitlines()[-1].startswith(lost)
    assert "safe" not in messages


def test_a_broker_that_hangs_for_a_while(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 60_000)
    with producing(broker, topic, tmp_path / "a.txt", "--rate", "20000", after=1000) as producer:
        broker.pause()
        assert producer.stderr is not None
        assert "does not answer (no answer)" in producer.stderr.readline()
        broker.resume()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert (producer.returncode, messages) == (0, f"wordcount-producer: {broker.servers} answers again\n")
    assert lines_in(broker.servers, topic) == expected


def test_a_broker_away_for_longer_than_the_request_timeout(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 30_000)
    (tmp_path / "client.properties").write_text("request.timeout.ms=3000\n")
    options = ["--kafka-config", tmp_path / "client.properties", "--rate", "5000", "--patience", "2m"]
    with producing(broker, topic, tmp_path / "a.txt", *options, after=1000) as producer:
        broker.kill()
        assert producer.stderr is not None
        assert "does not answer" in producer.stderr.readline()
        time.sleep(12)  # what is tested is that time passes
        broker.start()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert (producer.returncode, messages) == (0, f"wordcount-producer: {broker.servers} answers again\n")
    assert lines_in(broker.servers, topic) == expected


@pytest.mark.both_brokers
def test_a_broker_killed_in_the_middle_of_a_transaction(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 300_000)

    def paused_within_a_transaction() -> bool:
        producer.send_signal(signal.SIGSTOP)
        if in_transaction(broker.servers, topic):
            return True
        producer.send_signal(signal.SIGCONT)
        return False

    # Not the default of a minute: a broker that was killed reads all its logs again.
    with producing(broker, topic, tmp_path / "a.txt", "--patience", "2m", after=0) as producer:
        wait_until(paused_within_a_transaction, "a transaction")
        broker.kill()
        producer.send_signal(signal.SIGCONT)
        broker.start()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert producer.returncode == 0, messages
    assert lines_in(broker.servers, topic) == expected


def test_a_broker_that_stays_away(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 60_000)
    options = ["--rate", "10000", "--patience", "5s"]
    with producing(broker, topic, tmp_path / "a.txt", *options, after=1000) as producer:
        broker.kill()
        _, messages = producer.communicate(timeout=PATIENCE)
    broker.start()
    *_, waits, ends = messages.splitlines()  # before them, it may say that it cannot look for other producers
    assert "waiting for it, at most 5 s" in waits
    assert producer.returncode == FAILED
    assert f"no Kafka broker answers at {broker.servers}" in ends
    safe = int(ends.partition("all is safe up to line ")[2].partition(" ")[0].replace(",", ""))
    # A broker that was killed completes what it had acknowledged; the last commit may have arrived.
    wait_until(lambda: lines_in(broker.servers, topic).total() in {safe, safe + 1000}, "the lines that are safe")
    assert produce(broker, topic, tmp_path / "a.txt").returncode == 0
    assert lines_in(broker.servers, topic) == expected


def test_a_second_producer_of_the_same_name_takes_over(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 20_000)
    with producing(broker, topic, tmp_path / "a.txt", "--rate", "2000", after=0) as first:
        second = produce(broker, topic, tmp_path / "a.txt")
        _, messages = first.communicate(timeout=PATIENCE)
    assert second.returncode == 0, second.stderr
    assert first.returncode == FAILED
    assert "another producer with the name" in messages
    assert "--name" in messages
    assert lines_in(broker.servers, topic) == expected


def test_a_second_producer_takes_over_from_one_at_full_speed(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 300_000)
    with producing(broker, topic, tmp_path / "a.txt", after=1) as first:
        second = produce(broker, topic, tmp_path / "a.txt")
        _, messages = first.communicate(timeout=PATIENCE)
    assert (second.returncode, second.stderr) == (0, "")
    assert first.returncode == FAILED
    assert "another producer with the name" in messages
    assert "Traceback" not in messages
    assert lines_in(broker.servers, topic) == expected


def test_a_producer_that_takes_over_during_a_reconnect(
    broker: Broker, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = numbered(tmp_path / "a.txt", 1000)
    connections, transactions = count(1), count(1)

    class Interrupted(KafkaProducer):
        """Its second transaction fails, and while it connects again a twin takes over."""

        def __init__(self, **settings: object) -> None:
            if next(connections) == 2:
                assert produce(broker, topic, tmp_path / "a.txt", "--name", "n").returncode == 0
            super().__init__(**settings)

        def begin_transaction(self) -> None:
            if next(transactions) == 2:
                raise KafkaError("the broker was away for a moment")
            super().begin_transaction()

    monkeypatch.setattr(transaction, "KafkaProducer", Interrupted)
    with target(broker, topic) as first, pytest.raises(RefusedError, match="has taken over"):
        Follower([str(tmp_path / "a.txt")], first, FollowerOptions(settle=0), warn=print).poll()
    assert next(connections) == 3
    assert lines_in(broker.servers, topic) == expected


def test_a_commit_whose_response_is_lost(
    broker: Broker, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = numbered(tmp_path / "a.txt", 1000)
    commits = count(1)

    class Unheard(KafkaProducer):
        """The answer to its second commit is lost."""

        def commit_transaction(self) -> None:
            super().commit_transaction()
            if next(commits) == 2:
                raise KafkaTimeoutError("no answer")

    monkeypatch.setattr(transaction, "KafkaProducer", Unheard)
    with target(broker, topic) as first:
        Follower([str(tmp_path / "a.txt")], first, FollowerOptions(settle=0), warn=print).poll()
    assert next(commits) == 4, "one more, that ends what a broker may have left open"
    assert lines_in(broker.servers, topic) == expected


@contextmanager
def target(broker: Broker, topic: str) -> Iterator[KafkaTarget]:
    options = TopicOptions(
        name="n", lines_per_record=1, partitions=None, replication=None, patience=PATIENCE, kafka_config=None
    )
    endpoint = kafka_endpoint(f"kafka://{broker.servers}/{topic}")
    with closing(KafkaTarget.open(endpoint, Client({}, {}, {}), options, print)) as target:
        yield target
