"""Ends a transaction that a broker has left open, though it is committed: readers of committed records wait for it.

A broker that is killed between a commit and its markers sends the markers when it starts again. At that moment it may
not know yet that it leads the partitions. It then takes them for deleted, and the commit for done: Kafka 4.4 logs that
"these partitions are likely deleted already and hence can be skipped".
"""

from collections.abc import Mapping

from kafka import KafkaProducer, TopicPartition


def end_hanging(producer: KafkaProducer, partitions: Mapping[str, int]) -> None:
    """Commit a transaction without records: its markers end what the same producer has left open in the partitions.

    Args:
        producer: the producer, whose last transaction is committed.
        partitions: how many partitions the topics have that may wait for it.

    Raises:
        KafkaError: the brokers refuse it.
    """
    producer.begin_transaction()
    manager = producer._transaction_manager  # noqa: SLF001  # otherwise only a record adds a partition
    for topic, count in partitions.items():
        for number in range(count):
            manager.maybe_add_partition_to_transaction(TopicPartition(topic, number))
    producer.commit_transaction()
