"""A transaction that a broker has left open though it is committed."""

from pathlib import Path

from kafka import KafkaProducer, TopicPartition

from producer.kafka.hanging import end_hanging
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import make_certificates
from tests.support.processes import wait_until
from tests.support.topics import lines_in, make_topic

#: With this, a broker takes records of a transaction of which its coordinator does not know the partition: no commit
#: of that transaction writes a marker there.
_UNCHECKED = {"transaction.partition.verification.enable": "false"}


def test_it_is_ended_by_the_same_producer(tmp_path: Path) -> None:
    broker = ProcessBroker(tmp_path / "broker", make_certificates(tmp_path / "certificates"), settings=_UNCHECKED)
    broker.start()
    try:
        make_topic(broker.servers, "lines", 2)
        make_topic(broker.servers, "other")
        producer = KafkaProducer(bootstrap_servers=broker.servers, transactional_id="one")
        producer.init_transactions()
        producer.begin_transaction()
        producer.send("other", b"other", partition=0)
        producer._transaction_manager._partitions_in_transaction.add(TopicPartition("lines", 1))
        producer.send("lines", b"line", partition=1)
        producer.commit_transaction()
        assert lines_in(broker.servers, "other") == {b"other": 1}
        assert lines_in(broker.servers, "lines") == {}
        end_hanging(producer, {"other": 1, "lines": 2})
        wait_until(lambda: lines_in(broker.servers, "lines") == {b"line": 1}, "the line")
        producer.close()
    finally:
        broker.kill()
