"""What a topic loses is told with partition and offsets; the stream stops, or goes on with its counts if asked to."""

from pathlib import Path

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import Broker
from tests.support.cut_log import cut_log
from tests.support.kafka_commands import recreate_topic, send
from tests.support.reference import parsed
from tests.support.refusals import assert_refused
from tests.support.topics import make_topic
from tests.support.warm import WarmStream, run_warm

FAILED = 1
GOES_ON = ("--after-loss", "continue")


class Counting:
    """Runs ``stream --once`` on one topic and one state."""

    def __init__(self, broker: Broker, topic: str, output: Path) -> None:
        self._arguments = ["stream", f"kafka://{broker.servers}/{topic}", "--once", "--output", output]

    def counts(self, *arguments: str, told: tuple[str, ...] = ()) -> dict[str, int]:
        """Return the counts, and check what is told on standard error."""
        result = run_warm(*self._arguments, *arguments)
        assert result.returncode == 0, result.stderr
        assert (result.stderr != "") == (told != ())
        for part in told:
            assert part in result.stderr
        return parsed(result.stdout.splitlines())

    def is_refused(self, *parts: str) -> None:
        """Check that the stream fails with one line."""
        assert_refused(run_warm(*self._arguments), *parts, "--after-loss continue", status=FAILED)


def test_a_partition_that_lost_its_end(own_broker: ProcessBroker, topic: str, tmp_path: Path) -> None:
    make_topic(own_broker.servers, topic)
    counting = Counting(own_broker, topic, tmp_path / "out")
    send(own_broker, topic, [b"kept"] * 60)
    send(own_broker, topic, [b"gone"] * 40)
    assert counting.counts() == {"kept": 60, "gone": 40}
    own_broker.stop()
    cut_log(own_broker.data, topic, 60)
    own_broker.start()
    send(own_broker, topic, [b"new"] * 60)

    counting.is_refused(f"partition 0 of the topic {topic} lost its end", "40 offsets, from 60 to 99")
    told = (f"partition 0 of the topic {topic} lost its end", "goes on at offset 60")
    assert counting.counts(*GOES_ON, told=told) == {"kept": 60, "gone": 40, "new": 60}
    assert counting.counts() == {"kept": 60, "gone": 40, "new": 60}


def test_records_deleted_before_they_were_counted_and_then_the_topic_recreated(
    broker: Broker, topic: str, tmp_path: Path
) -> None:
    make_topic(broker.servers, topic)
    counting = Counting(broker, topic, tmp_path / "out")
    send(broker, topic, [b"old"])
    assert counting.counts() == {"old": 1}
    send(broker, topic, [b"lost", b"lost", b"kept"])
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_records({TopicPartition(topic, 0): 3})
    admin.close()

    counting.is_refused(f"partition 0 of the topic {topic}", "2 offsets, from 1 to 2")
    assert counting.counts(*GOES_ON, told=("2 offsets, from 1 to 2", "at offset 3")) == {"old": 1, "kept": 1}

    recreate_topic(broker, topic)
    send(broker, topic, [b"new"] * 2)
    counting.is_refused("deleted and recreated")
    assert counting.counts(*GOES_ON, told=("beyond offset 4", "at offset 0")) == {"old": 1, "kept": 1, "new": 2}
    assert counting.counts() == {"old": 1, "kept": 1, "new": 2}


def test_a_topic_recreated_while_it_is_counted(broker: Broker, topic: str) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"old"])
    with WarmStream(f"kafka://{broker.servers}/{topic}", "--trigger", "0s", *GOES_ON) as stream:
        stream.wait_for(old=1)
        recreate_topic(broker, topic)
        send(broker, topic, [b"new"] * 3)
        stream.wait_for(new=3)
        stream.wait_for_message("recreated", "goes on at offset 0")
        assert stream.stop() == 0


def test_a_partition_that_loses_its_end_while_it_is_counted(own_broker: ProcessBroker, topic: str) -> None:
    make_topic(own_broker.servers, topic)
    send(own_broker, topic, [b"kept"] * 60)
    with WarmStream(f"kafka://{own_broker.servers}/{topic}", "--trigger", "0s", *GOES_ON) as stream:
        stream.wait_for(kept=60)
        send(own_broker, topic, [b"gone"] * 40)
        stream.wait_for(gone=40)
        own_broker.stop()
        cut_log(own_broker.data, topic, 60)
        own_broker.start()
        send(own_broker, topic, [b"new"] * 60)
        stream.wait_for(new=60)
        stream.wait_for_message("lost its end", "goes on at offset 60")
        assert stream.stop() == 0
        assert stream.counts == {"kept": 60, "gone": 40, "new": 60}


def test_a_compacted_topic(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, cleanup_policy="compact")
    producer = KafkaProducer(bootstrap_servers=broker.servers)
    producer.send(topic, b"one", key=b"key").get(10)
    producer.close()
    counting = Counting(broker, topic, tmp_path / "out")

    counting.is_refused(f"the topic {topic} is compacted (cleanup.policy=compact)")
    assert counting.counts(*GOES_ON, told=("is compacted",)) == {"one": 1}


def test_records_whose_time_spark_cannot_hold(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, message_timestamp_after_max_ms=str((1 << 63) - 1))
    producer = KafkaProducer(bootstrap_servers=broker.servers)
    for word, time in (
        (b"before", None),
        (b"bad", 1_795_877_802 * 10**9),
        (b"bad", 1_795_877_803 * 10**9),
        (b"after", None),
    ):
        producer.send(topic, word, timestamp_ms=time).get(10)
    producer.close()
    counting = Counting(broker, topic, tmp_path / "out")

    counting.is_refused(f"the record at offset 1 of partition 0 of the topic {topic} has the time 1795877802000000000")
    told = (f"the time of a record of partition 0 of the topic {topic}", "2 offsets, from 1 to 2")
    assert counting.counts(*GOES_ON, told=told) == {"before": 1, "after": 1}


def test_a_transaction_that_stays_open(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    counting = Counting(broker, topic, tmp_path / "out")
    send(broker, topic, [b"before"])
    writer = KafkaProducer(bootstrap_servers=broker.servers, transactional_id=topic)
    writer.init_transactions()
    writer.begin_transaction()
    writer.send(topic, b"open").get(10)
    send(broker, topic, [b"after"])

    told = (f"a transaction is open in partition 0 of the topic {topic} (2 offsets, from 1 to 2)",)
    assert counting.counts(told=told) == {"before": 1}
    writer.commit_transaction()
    writer.close()
    assert counting.counts() == {"before": 1, "open": 1, "after": 1}
