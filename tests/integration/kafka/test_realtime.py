"""Counting in real time, from topic to topic: right through stops and kills, and on one state with batches."""

import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from streaming.state.checkpoint import last_commit
from streaming.state.topic_offsets import counted_offsets
from tests.support.broker_settings import Broker
from tests.support.kafka_commands import send
from tests.support.processes import PATIENCE, Stream, run, wait_until
from tests.support.reference import count
from tests.support.rounds import chance, rounds
from tests.support.topics import make_topic, table

#: How often the stream is killed; 20 takes some six minutes.


def arguments(broker: Broker, topic: str, folder: Path, trigger: str = "realtime:5s") -> list[object]:
    to = f"kafka://{broker.servers}/{topic}-counts"
    return [f"kafka://{broker.servers}/{topic}", "--output", to, "--checkpoint", folder / "state", "--trigger", trigger]


def wait_for_counts(broker: Broker, topic: str, wanted: dict[str, int]) -> None:
    wait_until(lambda: table(broker.servers, f"{topic}-counts") == wanted, f"the counts {wanted}")


def wait_for_checkpoint(checkpoint: Path, records: int) -> None:
    """Wait until so many records are counted in the last checkpoint."""
    wait_until(lambda: sum(counted_offsets(checkpoint).values()) == records, f"a checkpoint after {records} records")


@pytest.mark.both_brokers
def test_it_counts_and_goes_on_after_a_stop(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, 2)
    send(broker, topic, [b"to be or", b"not to be"])
    with Stream(*arguments(broker, topic, tmp_path)) as stream:
        wait_for_counts(broker, topic, {"to": 2, "be": 2, "or": 1, "not": 1})
        wait_for_checkpoint(tmp_path / "state" / "checkpoint", 2)
        top = run("top", tmp_path / "state", "-n", "2")
        assert (top.returncode, top.stdout) == (0, "be: 2\nto: 2\n"), top.stderr
        assert "the counts after batch " in top.stderr
        assert stream.stop() == 0
        assert "stopped; what came after the last checkpoint is counted again" in stream.messages[-1]
    send(broker, topic, [b"to stream"])
    with Stream(*arguments(broker, topic, tmp_path)) as stream:
        wait_for_counts(broker, topic, {"to": 3, "be": 2, "or": 1, "not": 1, "stream": 1})
        assert stream.stop() == 0


def test_batches_and_real_time_take_turns_on_one_state(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    checkpoint = tmp_path / "state" / "checkpoint"
    for number, trigger in enumerate(("realtime:5s", "0s", "realtime:5s", "0s"), 1):
        send(broker, topic, [b"one two"])
        with Stream(*arguments(broker, topic, tmp_path, trigger), "--state-store", "rocksdb") as stream:
            wait_for_counts(broker, topic, {"one": number, "two": number})
            wait_for_checkpoint(checkpoint, number)
            assert stream.stop() == 0


def test_a_stop_before_the_first_checkpoint(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    for number, trigger in enumerate(("realtime:1m", "0s"), 1):
        send(broker, topic, [b"one"])
        with Stream(*arguments(broker, topic, tmp_path, trigger), "--state-store", "rocksdb") as stream:
            wait_for_counts(broker, topic, {"one": number})
            assert stream.stop() == 0


def test_a_first_batch_that_was_cut_off_is_counted_in_real_time(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    checkpoint = tmp_path / "state" / "checkpoint"
    send(broker, topic, [b"one"])
    with Stream(*arguments(broker, topic, tmp_path, "0s"), "--state-store", "rocksdb") as stream:
        wait_for_checkpoint(checkpoint, 1)
        stream.kill()
    for file in (checkpoint / "commits").iterdir():  # as a kill leaves it just before the commit
        file.unlink()
    send(broker, topic, [b"one"])
    with Stream(*arguments(broker, topic, tmp_path)) as stream:
        wait_for_checkpoint(checkpoint, 2)
        assert table(broker.servers, f"{topic}-counts") == {"one": 2}
        assert stream.stop() == 0


def test_a_later_batch_that_was_cut_off_is_counted_in_real_time(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    checkpoint = tmp_path / "state" / "checkpoint"
    with Stream(*arguments(broker, topic, tmp_path, "0s"), "--state-store", "rocksdb") as stream:
        for number in (1, 2):
            send(broker, topic, [b"one"])
            wait_for_checkpoint(checkpoint, number)
        stream.kill()
    (checkpoint / "commits" / str(last_commit(checkpoint))).unlink()  # as a kill leaves it just before the commit
    send(broker, topic, [b"one"])
    with Stream(*arguments(broker, topic, tmp_path)) as stream:
        wait_for_checkpoint(checkpoint, 3)
        assert table(broker.servers, f"{topic}-counts") == {"one": 3}
        assert stream.stop() == 0


def test_a_record_that_spark_cannot_read_is_named(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, message_timestamp_after_max_ms=str((1 << 63) - 1))
    send(broker, topic, [b"one"])
    with Stream(*arguments(broker, topic, tmp_path)) as stream:
        wait_for_counts(broker, topic, {"one": 1})
        producer = KafkaProducer(bootstrap_servers=broker.servers)
        producer.send(topic, b"bad", timestamp_ms=1_795_877_802 * 10**9).get(10)
        producer.close()
        assert stream.process.wait(timeout=PATIENCE) == 1
        stream.wait_for_message(f"the record at offset 1 of partition 0 of the topic {topic} has the time 17958778020")


def test_it_is_killed_at_random_moments(broker: Broker, topic: str, tmp_path: Path) -> None:
    luck = chance()
    make_topic(broker.servers, topic, 2)
    checkpoint = tmp_path / "state" / "checkpoint"
    sent: list[bytes] = []

    def send_more() -> None:
        lines = [b"line %d of many" % luck.randrange(100) for _ in range(50)]
        send(broker, topic, lines)
        sent.extend(lines)

    for _ in range(rounds(3)):
        before = last_commit(checkpoint)
        with Stream(*arguments(broker, topic, tmp_path)) as stream:
            started = time.monotonic()
            while last_commit(checkpoint) == before:
                assert time.monotonic() < started + PATIENCE
                send_more()
            deadline = time.monotonic() + luck.uniform(0, 6)  # the next checkpoint is 5 s away
            while time.monotonic() < deadline:
                send_more()
            assert stream.messages == []
            stream.kill()
    with Stream(*arguments(broker, topic, tmp_path)) as stream:
        send_more()
        wait_for_checkpoint(checkpoint, len(sent))
        assert table(broker.servers, f"{topic}-counts") == count(*sent)
        assert stream.stop() == 0
