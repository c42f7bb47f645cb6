"""Make topics, and read what they hold."""

from collections import Counter
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from tests.support.processes import wait_until


def make_topic(servers: str, name: str, partitions: int = 1, **configs: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    wanted = {"num_partitions": partitions, "configs": {key.replace("_", "."): value for key, value in configs.items()}}
    admin.create_topics({name: wanted}, wait_for_metadata=True)
    admin.close()


def committed(servers: str, topic: str) -> list[Any]:
    """Return the committed records of a topic, by partition and offset; none of one that does not exist yet."""
    consumer = KafkaConsumer(
        bootstrap_servers=servers, isolation_level="read_committed", enable_auto_commit=False,
        allow_auto_create_topics=False,
    )  # fmt: skip
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or [])]
        if not partitions:  # kafka-python refuses to seek in none
            return []
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records: list[Any] = []

        def read() -> bool:
            for found in consumer.poll(timeout_ms=100).values():
                records.extend(found)
            return all(consumer.position(partition) >= ends[partition] for partition in partitions)

        wait_until(read, f"the records of {topic}")
        return sorted(records, key=lambda record: (record.partition, record.offset))
    finally:
        consumer.close()


def transactions(servers: str) -> list[Any]:
    """Return what the broker knows of all transactions."""
    admin = KafkaAdminClient(bootstrap_servers=servers)
    try:
        ids = [one.transactional_id for listed in admin.list_transactions().values() for one in listed]
        return list(admin.describe_transactions(ids).values())
    finally:
        admin.close()


def last_offsets(servers: str, topic: str, isolation_level: str = "read_committed") -> int:
    """Return how many offsets the records of a topic take, over all partitions; only those committed by default."""
    consumer = KafkaConsumer(
        bootstrap_servers=servers, isolation_level=isolation_level, allow_auto_create_topics=False
    )  # fmt: skip
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or []]
        return sum(consumer.end_offsets(partitions).values())
    finally:
        consumer.close()


def lines_in(servers: str, topic: str) -> Counter[bytes]:
    """Return how often each line is in the committed records of a topic."""
    return Counter(line for record in committed(servers, topic) for line in record.value.split(b"\n"))


def table(servers: str, topic: str) -> dict[str, int]:
    """Return what a topic of counts holds after the rules of compaction: the last value of each key."""
    return {record.key.decode(): int(record.value) for record in committed(servers, topic)}


def in_transaction(servers: str, topic: str) -> bool:
    """Tell whether a transaction that wrote to a topic is open."""
    return last_offsets(servers, topic, "read_uncommitted") > last_offsets(servers, topic)
