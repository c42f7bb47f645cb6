"""The stream when it, its broker or its topic fails: nothing is lost, or one line says what is."""

import signal
import time
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from tests.support.broker_settings import Broker
from tests.support.in_process import InProcess
from tests.support.kafka_commands import counted, delete_topic, publish, recreate_topic, send
from tests.support.processes import PATIENCE, Stream, wait_until
from tests.support.reference import count
from tests.support.refusals import assert_refused
from tests.support.rounds import chance, rounds
from tests.support.topics import make_topic, table
from tests.support.warm import WarmStream

FAILED = 1


def test_a_stream_killed_at_random_moments(broker: Broker, topic: str, tmp_path: Path) -> None:
    luck = chance()
    lines = [b"line %d of many" % (number % 997) for number in range(50_000)]
    (tmp_path / "a.txt").write_bytes(b"\n".join(lines) + b"\n")
    make_topic(broker.servers, topic, 3)
    publish(broker, topic, tmp_path / "a.txt", "--lines-per-record", "10")
    arguments = ["--output", tmp_path / "out", "--trigger", "0s", "--max-per-batch", "100"]
    for _ in range(rounds(3)):
        with Stream(f"kafka://{broker.servers}/{topic}", *arguments) as stream:
            wait_until(lambda stream=stream: stream.counts != {}, "the first batch")
            time.sleep(luck.uniform(0, 0.6))
            stream.kill()
    assert counted(broker, topic, *arguments) == count(*lines)


def test_a_stream_survives_a_restart_of_the_broker(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    with WarmStream(f"kafka://{broker.servers}/{topic}", "--output", tmp_path / "out", "--trigger", "0s") as stream:
        stream.wait_for(one=1)
        broker.kill()
        broker.start()
        send(broker, topic, [b"one two"])
        stream.wait_for(one=2, two=1)
        assert stream.stop() == 0


def test_an_output_topic_whose_broker_hangs_for_a_while(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one\n")
    make_topic(broker.servers, topic, cleanup_policy="compact")
    output = ["--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state"]
    with Stream(tmp_path / "in", *output, "--trigger", "0s") as stream:
        wait_until(lambda: table(broker.servers, topic) == {"one": 1}, "the count")
        broker.pause()
        (tmp_path / "in" / "b.txt").write_bytes(b"one two\n")
        stream.wait_for_message(f"no Kafka broker answers at {broker.servers} (no answer)", "waiting for it")
        stream.process.send_signal(signal.SIGTERM)
        stream.wait_for_message("stopping once the batch at hand is written")
        broker.resume()
        assert stream.process.wait(timeout=PATIENCE) == 0
        assert table(broker.servers, topic) == {"one": 2, "two": 1}
    with Stream(tmp_path / "in", *output, "--trigger", "0s") as stream:
        (tmp_path / "in" / "c.txt").write_bytes(b"two\n")
        wait_until(lambda: table(broker.servers, topic) == {"one": 2, "two": 2}, "the counts")
        assert stream.stop() == 0


def ended(stream: Stream, *parts: str, status: int = FAILED) -> None:
    """Wait for a stream to fail with one line that says this."""
    assert stream.process.wait(timeout=PATIENCE) == status, stream.messages
    stream._join()
    assert len(stream.messages) <= 2
    for part in parts:
        assert part in stream.messages[-1]
    assert not any("Traceback" in message or "\tat " in message for message in stream.messages)


def test_records_deleted_before_they_were_counted(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"counted"])
    assert counted(broker, topic, "--output", tmp_path / "out") == {"counted": 1}
    send(broker, topic, [b"lost"])
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_records({TopicPartition(topic, 0): 2})
    admin.close()
    send(broker, topic, [b"kept"])
    assert first_offset(broker, topic) == 2
    with WarmStream(f"kafka://{broker.servers}/{topic}", "--output", tmp_path / "out", "--once") as stream:
        ended(stream, topic, "the brokers deleted records")


def first_offset(broker: Broker, topic: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=broker.servers)
    try:
        return int(consumer.beginning_offsets([TopicPartition(topic, 0)])[TopicPartition(topic, 0)])
    finally:
        consumer.close()


def test_a_topic_recreated_between_two_runs(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    assert counted(broker, topic, "--output", tmp_path / "out") == {"one": 1}
    recreate_topic(broker, topic)
    send(broker, topic, [b"two"] * 3)
    with WarmStream(f"kafka://{broker.servers}/{topic}", "--output", tmp_path / "out", "--once") as stream:
        ended(stream, topic, "recreated", status=FAILED)


@pytest.mark.parametrize("again", [False, True], ids=["deleted", "recreated"])
def test_a_topic_deleted_while_it_is_counted(broker: Broker, topic: str, *, again: bool) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    with WarmStream(f"kafka://{broker.servers}/{topic}") as stream:
        stream.wait_for(one=1)
        if again:
            recreate_topic(broker, topic)
            send(broker, topic, [b"two"] * 3)
        else:
            delete_topic(broker, topic)
        ended(stream, topic, "deleted")


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("kafka://{servers}/no-such-topic", ["{servers} has no topic no-such-topic", "create it"]),
        ("kafka://localhost:1/lines", ["no Kafka broker answers at localhost:1", "nothing listens there"]),
        ("kafka://nowhere.invalid:9092/lines", ["nowhere.invalid:9092", "its name is not known"]),
    ],
)
def test_what_cannot_be_counted_is_refused(
    in_process: InProcess, broker: Broker, source: str, parts: list[str]
) -> None:
    result = in_process("stream", source.format(servers=broker.servers), "--once")
    assert_refused(result, *(part.format(servers=broker.servers) for part in parts), status=FAILED)
