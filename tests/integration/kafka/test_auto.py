"""Counting in real time while that keeps up and in batches while it does not, on one state and in one process."""

import random
from collections import Counter
from contextlib import closing
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streaming.state.topic_offsets import counted_offsets
from tests.integration.kafka.test_realtime import arguments
from tests.support.broker_settings import Broker
from tests.support.processes import Stream, wait_until
from tests.support.reference import count
from tests.support.topics import make_topic

WORDS = [f"word{number}" for number in range(200)]
BATCHES, REAL_TIME = "counting goes on in batches", "counting goes on in real time"
#: Real time turns to batches only if it is late for some time, and is not judged while it is new; and back likewise.
PATIENCE = 300.0
#: Records of so many words, packed, cost little to send beside what they cost to count.
LINE = " ".join(random.Random(1).choices(WORDS, k=2000)).encode()
#: Records that are sent at once, and the seconds before the next ones: with many, 400,000 words a second. On two cores,
#: real time counts 50,000 to 120,000.
MANY, FEW, PAUSE = 600, 1, 3.0


class Sender:
    """Sends records, as few or as many as are asked for, and counts the words."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self.sent: Counter[str] = Counter()
        self.records = 0
        self._broker, self._topic = broker, topic

    def send(self, records: int) -> None:
        with closing(KafkaProducer(bootstrap_servers=self._broker.servers, compression_type="gzip")) as producer:
            for _ in range(records):
                producer.send(self._topic, LINE, partition=0)
            producer.flush()
        self.sent += Counter({word: records * number for word, number in count(LINE).items()})
        self.records += records

    def send_until(self, stream: Stream, message: str, records: int) -> None:
        """Send so many records at a time, and each time a tenth more, until the stream says something."""
        growing = float(records)

        def is_said() -> bool:
            nonlocal growing
            self.send(int(growing))
            growing *= 1.1 if records > FEW else 1.0
            assert stream.process.poll() is None, stream.messages
            return any(message in line for line in stream.messages)

        wait_until(is_said, message, PATIENCE, pause=PAUSE)


def last_counts(broker: Broker, topic: str) -> dict[str, int]:
    """Return the last count of each word: there are millions, but each line has all words."""
    consumer = KafkaConsumer(bootstrap_servers=broker.servers, enable_auto_commit=False)
    partition, counts = TopicPartition(f"{topic}-counts", 0), dict[str, int]()
    consumer.assign([partition])
    (end,) = consumer.end_offsets([partition]).values()
    consumer.seek(partition, max(0, end - 20_000))
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=1000, max_records=10_000).values():
            counts.update((record.key.decode(), int(record.value)) for record in records)
    consumer.close()
    return counts


def wait_until_counted(broker: Broker, topic: str, checkpoint: Path, sender: Sender) -> None:
    """Wait until a checkpoint has all records, and compare the counts in the output topic."""
    for records in (0, FEW):  # in the end, there is a count of each word among the last ones
        sender.send(records)
        wait_until(
            lambda: sum(counted_offsets(checkpoint).values()) == sender.records, "a checkpoint with all", PATIENCE
        )
    assert last_counts(broker, topic) == sender.sent


def test_a_burst_is_counted_in_batches_and_what_follows_in_real_time(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    make_topic(broker.servers, topic)
    sender = Sender(broker, topic)
    with Stream(*arguments(broker, topic, tmp_path, "auto:10s")) as stream:
        sender.send_until(stream, BATCHES, MANY)
        sender.send_until(stream, REAL_TIME, FEW)
        sender.send(FEW)
        wait_until_counted(broker, topic, tmp_path / "state" / "checkpoint", sender)
        turns = [line.rpartition("; ")[2] for line in stream.messages if "counting goes on" in line]
        assert turns == [BATCHES, REAL_TIME]
        assert stream.stop() == 0
        assert "what came after the last checkpoint is counted again" in stream.messages[-1]


def test_it_is_killed_in_both_modes(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    sender = Sender(broker, topic)
    started = arguments(broker, topic, tmp_path, "auto:10s")
    with Stream(*started) as stream:
        sender.send(FEW)
        wait_until_counted(broker, topic, tmp_path / "state" / "checkpoint", sender)
        sender.send(MANY)
        stream.kill()  # in real time
    with Stream(*started, "--max-per-batch", str(MANY)) as stream:
        sender.send_until(stream, BATCHES, MANY)
        stream.kill()  # in one of many batches
    with Stream(*started) as stream:
        sender.send(FEW)
        wait_until_counted(broker, topic, tmp_path / "state" / "checkpoint", sender)
        assert stream.stop() == 0
