"""The producer: each line in the topic once, whatever happens to it or to the broker."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from producer.follower import Follower, FollowerOptions
from producer.kafka import transaction
from producer.kafka.address import kafka_endpoint
from producer.kafka.calls import RefusedError
from producer.kafka.client_config import Client
from producer.kafka.topic_options import TopicOptions
from producer.targets.kafka import KafkaTarget
from tests.support.broker import Broker
from tests.support.processes import PATIENCE, command, run, wait_until
from tests.support.rotating import WAYS, rotate
from tests.support.topics import committed, in_transaction, last_offsets, lines_in, make_topic

FAILED, WRONG = 1, 2


def produce(broker: Broker, topic: str, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return run(*arguments, "--to", f"kafka://{broker.servers}/{topic}", name="wordcount-producer", **options)  # type: ignore[arg-type]


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


def numbered(path: Path, count: int) -> Counter[bytes]:
    """Write lines, each another, and return how often each is to arrive."""
    lines = [b"line %d of %s" % (number, path.name.encode()) for number in range(count)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return Counter(lines)


@pytest.mark.both_brokers
def test_a_line_is_a_record(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"to be\r\n\nor not to be")
    assert produce(broker, topic, tmp_path / "a.txt").returncode == 0
    assert [record.value for record in committed(broker.servers, topic)] == [b"to be", b"", b"or not to be"]


def test_what_was_handed_on_is_not_again(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 100)
    for _ in range(2):
        assert produce(broker, topic, tmp_path / "a.txt").returncode == 0
    expected += numbered(tmp_path / "b.txt", 100)
    with (tmp_path / "a.txt").open("ab") as file:
        file.write(b"more\n")
    assert produce(broker, topic, tmp_path).returncode == 0
    assert lines_in(broker.servers, topic) == expected + Counter([b"more"])


@pytest.mark.parametrize("partitions", [1, 3, 12])
def test_lines_are_spread_over_the_partitions_of_a_topic_that_is_made(
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
    (tmp_path / "a.txt").write_bytes(b"before\n" + b"x" * 2_000_000 + b"\nafter\n")
    result = produce(broker, topic, tmp_path / "a.txt", "--lines-per-record", packed)
    assert result.returncode == FAILED
    assert result.stderr.count("\n") == 1
    for part in (f"{tmp_path}/a.txt: the line at byte 7 has 2,000,000 bytes", "max.message.bytes"):
        assert part in result.stderr
    (tmp_path / "client.properties").write_text("max.request.size=10000000\n")
    again = produce(broker, topic, tmp_path / "a.txt", "--kafka-config", tmp_path / "client.properties")
    assert again.stderr == result.stderr
    assert lines_in(broker.servers, topic) == {}
    raised = f"{topic}-raised"
    make_topic(broker.servers, raised, max_message_bytes="3000000")
    assert produce(broker, raised, tmp_path / "a.txt", "--lines-per-record", packed).returncode == 0
    assert lines_in(broker.servers, raised) == {b"before": 1, b"x" * 2_000_000: 1, b"after": 1}


@pytest.mark.parametrize("packed", ["1", "50"])
def test_killed_at_ten_random_moments(broker: Broker, topic: str, tmp_path: Path, packed: str) -> None:
    expected = numbered(tmp_path / "a.txt", 40_000) + numbered(tmp_path / "b.txt", 40_000)
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    arguments = [command("wordcount-producer"), tmp_path, "--to", f"kafka://{broker.servers}/{topic}"]
    arguments += ["--rate", "20000", "--lines-per-record", packed, "--partitions", "3"]
    for _ in range(10):
        with subprocess.Popen(arguments, stderr=subprocess.PIPE) as producer:
            time.sleep(chance.uniform(0.4, 1.5))
            producer.kill()
            _, messages = producer.communicate(timeout=PATIENCE)
            assert producer.returncode in {-signal.SIGKILL, 0}, messages
    result = produce(broker, topic, tmp_path, "--lines-per-record", packed)
    assert result.returncode == 0, result.stderr
    assert lines_in(broker.servers, topic) == expected


@pytest.mark.both_brokers
def test_the_broker_stopped_and_started_again(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 60_000)
    with producing(broker, topic, tmp_path / "a.txt", "--rate", "10000", after=1000) as producer:
        broker.stop()
        assert producer.stderr is not None
        assert "does not answer" in producer.stderr.readline()
        broker.start()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert (producer.returncode, messages) == (0, f"wordcount-producer: {broker.servers} answers again\n")
    assert lines_in(broker.servers, topic) == expected


def test_a_broker_that_hangs_and_goes_on(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 60_000)
    with producing(broker, topic, tmp_path / "a.txt", "--rate", "20000", after=1000) as producer:
        broker.pause()
        assert producer.stderr is not None
        assert "does not answer (no answer)" in producer.stderr.readline()
        broker.resume()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert (producer.returncode, messages) == (0, f"wordcount-producer: {broker.servers} answers again\n")
    assert lines_in(broker.servers, topic) == expected


def test_the_broker_away_for_longer_than_a_request_waits(broker: Broker, topic: str, tmp_path: Path) -> None:
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
def test_the_broker_killed_in_the_middle_of_a_transaction(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 300_000)

    def held_within_a_transaction() -> bool:
        producer.send_signal(signal.SIGSTOP)
        if in_transaction(broker.servers, topic):
            return True
        producer.send_signal(signal.SIGCONT)
        return False

    # Not the default of a minute: a broker that was killed reads all its logs again.
    with producing(broker, topic, tmp_path / "a.txt", "--patience", "2m", after=0) as producer:
        wait_until(held_within_a_transaction, "a transaction")
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
    waits, ends = messages.splitlines()
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


def test_who_comes_last_takes_over_from_one_at_full_speed(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 300_000)
    with producing(broker, topic, tmp_path / "a.txt", after=1) as first:
        second = produce(broker, topic, tmp_path / "a.txt")
        _, messages = first.communicate(timeout=PATIENCE)
    assert (second.returncode, second.stderr) == (0, "")
    assert first.returncode == FAILED
    assert "another producer with the name" in messages
    assert "Traceback" not in messages
    assert lines_in(broker.servers, topic) == expected


def test_a_twin_that_takes_over_while_the_connection_is_made_again(
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


def test_a_commit_whose_answer_is_lost(
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
    assert next(commits) == 3
    assert lines_in(broker.servers, topic) == expected


@contextmanager
def target(broker: Broker, topic: str) -> Iterator[KafkaTarget]:
    options = TopicOptions(
        name="n", lines_per_record=1, partitions=None, replication=None, patience=PATIENCE, kafka_config=None
    )
    endpoint = kafka_endpoint(f"kafka://{broker.servers}/{topic}")
    with closing(KafkaTarget.open(endpoint, Client({}, {}, {}), options, print)) as target:
        yield target


def test_what_the_brokers_refuse_is_told_at_once(broker: Broker, topic: str, tmp_path: Path) -> None:
    numbered(tmp_path / "a.txt", 10)
    make_topic(broker.servers, topic, cleanup_policy="compact")  # takes no record without a key
    result = produce(broker, topic, tmp_path / "a.txt", "--patience", "1h")
    assert (result.returncode, result.stderr.count("\n")) == (FAILED, 1)
    assert "InvalidRecord" in result.stderr


def test_a_million_empty_lines(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\n" * 200_000)
    result = produce(broker, topic, tmp_path / "a.txt", "--patience", "20s")
    assert (result.returncode, result.stderr) == (0, "")
    assert lines_in(broker.servers, topic) == {b"": 200_000}


def test_an_account_that_is_not_compacted_is_refused(broker: Broker, topic: str, tmp_path: Path) -> None:
    numbered(tmp_path / "a.txt", 10)
    make_topic(broker.servers, topic)
    make_topic(broker.servers, f"wordcount.{topic}.n")
    result = produce(broker, topic, tmp_path / "a.txt", "--name", "n")
    assert result.returncode == FAILED
    assert "cleanup.policy=compact" in result.stderr


def test_more_copies_than_there_are_brokers(broker: Broker, topic: str, tmp_path: Path) -> None:
    numbered(tmp_path / "a.txt", 10)
    result = produce(broker, topic, tmp_path / "a.txt", "--replication", "3")
    assert (result.returncode, result.stderr.count("\n")) == (FAILED, 1)
    assert f"the topic {topic} is missing" in result.stderr


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


def test_names_with_dots_have_accounts_of_their_own(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    for name, end in (("b.c", ""), ("c", ".b")):
        assert produce(broker, f"{topic}{end}", tmp_path / "a.txt", "--name", name).returncode == 0
        assert lines_in(broker.servers, f"{topic}{end}") == expected


def test_a_topic_made_anew_is_told(broker: Broker, topic: str, tmp_path: Path) -> None:
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


def test_what_was_read_of_a_pipe_is_safe_or_told(broker: Broker, topic: str) -> None:
    make_topic(broker.servers, topic, max_message_bytes="1000")
    target = f"kafka://{broker.servers}/{topic}"
    result = run("-", "--to", target, name="wordcount-producer", stdin=b"a\nb\n" + b"x" * 2000 + b"\nc\n")
    assert result.returncode == FAILED
    assert "2 lines of standard input are safe" in result.stderr
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


def test_two_producers_of_different_names(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 100)
    for name in ("one", "two"):
        assert produce(broker, topic, tmp_path / "a.txt", "--name", name).returncode == 0
    assert lines_in(broker.servers, topic) == expected + expected
