"""Ask the brokers what they hold of partitions, and whether that is what was counted."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from producer.common.errors import WordCountError
from producer.kafka import admin
from producer.kafka.failures import RefusedError
from streaming.kafka.compaction import cleanup_policies
from streaming.kafka.losses import Counted, Held, Loss, Partition, find_losses
from streaming.kafka.topics import KafkaTopics

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

T = TypeVar("T")

#: How long a batch waits for an answer over the open connection, and for brokers that are away.
_EPOCH_MILLISECONDS = 5000
_PATIENCE_SECONDS = 120.0
#: The latest time of a record that Spark can hold: it counts microseconds, in 64 bits.
_MOST_MILLISECONDS = (1 << 63) // 1000


def losses_and_policies(
    topics: KafkaTopics, counted: Mapping[Partition, Counted], recreated: Collection[str] = ()
) -> tuple[list[Loss], dict[str, str | None]]:
    """Return what topics have lost of what was counted or was to be counted, and the cleanup policy of each.

    Args:
        topics: the topics as they are now.
        counted: how far each partition is counted; if nothing is, nothing is lost.
        recreated: those of the topics that are not those that were counted.

    Raises:
        WordCountError: the brokers do not answer, or refuse the client.
    """

    def question(client: "KafkaAdminClient") -> tuple[list[Loss], dict[str, str | None]]:
        losses = _lost(client, topics.endpoint.topics, counted, recreated) if counted else []
        return losses, cleanup_policies(client, topics)

    return admin.ask(topics.endpoint, topics.client.settings, question)


def _lost(
    client: "KafkaAdminClient", topics: Iterable[str], counted: Mapping[Partition, Counted], recreated: Collection[str]
) -> list[Loss]:
    held = _held(client, topics)
    epochs = {
        partition: was.epoch
        for partition, was in counted.items()
        if partition in held and was.epoch is not None and was.epoch != held[partition].epoch
    }
    return find_losses(counted, held, _epoch_ends(client, epochs), frozenset(recreated))


def unreadable_end(topics: KafkaTopics, partition: Partition, start: int, end: int) -> int:
    """Return the offset after the records with a time that Spark cannot hold, from the first one on.

    Args:
        topics: the topics.
        partition: the partition of the records.
        start: the offset of the first one.
        end: the offset to look at no further.
    """
    from kafka import KafkaConsumer, TopicPartition  # noqa: PLC0415  # as below

    consumer = KafkaConsumer(
        bootstrap_servers=list(topics.endpoint.servers),
        enable_auto_commit=False,
        isolation_level="read_committed",
        **topics.client.settings,
    )
    try:
        consumer.assign([TopicPartition(*partition)])
        consumer.seek(TopicPartition(*partition), start)
        known = start + 1
        while known < end:
            records = consumer.poll(timeout_ms=_EPOCH_MILLISECONDS).get(TopicPartition(*partition), [])
            for record in records:
                if abs(record.timestamp) <= _MOST_MILLISECONDS:
                    return known
                known = record.offset + 1
            if not records:
                return known  # what follows is no record: the end of a transaction
        return min(known, end)
    finally:
        consumer.close()


class EpochReader:
    """Reads the ids of topics, and the ends and the leader epochs of partitions, over connections that stay open.

    Args:
        topics: the topics of the partitions.
    """

    def __init__(self, topics: KafkaTopics) -> None:
        self._topics = topics
        self._client: KafkaAdminClient | None = None

    def read(self, partitions: Iterable[Partition]) -> dict[Partition, Held]:
        """Return what the brokers hold of partitions now.

        Raises:
            WordCountError: the brokers have not answered for two minutes, or refuse the client.
        """
        return self._ask(lambda client: _ends(client, partitions))

    def ids(self) -> dict[str, str]:
        """Return the ids of the topics that exist now.

        Raises:
            WordCountError: as ``read``.
        """

        def question(client: "KafkaAdminClient") -> dict[str, str]:
            described = client.describe_topics(list(self._topics.endpoint.topics))
            return {topic["name"]: admin.topic_id(topic) for topic in described if topic["error_code"] == 0}

        return self._ask(question)

    def _ask(self, question: Callable[["KafkaAdminClient"], T]) -> T:
        from kafka import KafkaAdminClient  # noqa: PLC0415  # takes 0.2 s, which a stream of a folder does not need

        try:
            if self._client is None:
                settings = {**self._topics.client.settings, "request_timeout_ms": _EPOCH_MILLISECONDS}
                servers = list(self._topics.endpoint.servers)
                self._client = KafkaAdminClient(
                    bootstrap_servers=servers, bootstrap_timeout_ms=_EPOCH_MILLISECONDS, **settings
                )
            return question(self._client)
        except Exception:  # noqa: BLE001  # kafka-python has many, as when the brokers have restarted meanwhile
            self.close()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return admin.ask(self._topics.endpoint, self._topics.client.settings, question)
            except RefusedError:
                raise
            except WordCountError:
                if time.monotonic() > deadline:
                    raise

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            with contextlib.suppress(Exception):  # they may be broken
                self._client.close()
            self._client = None


def _held(client: "KafkaAdminClient", topics: Iterable[str]) -> dict[Partition, Held]:
    from kafka import TopicPartition  # noqa: PLC0415  # as above
    from kafka.protocol.consumer import OffsetSpec  # noqa: PLC0415

    partitions = [
        Partition(topic["name"], partition["partition_index"])
        for topic in client.describe_topics(list(topics))
        for partition in topic["partitions"]
    ]
    starts = client.list_partition_offsets({TopicPartition(*each): OffsetSpec.EARLIEST for each in partitions})
    ends = _ends(client, partitions)
    return {each: ends[each]._replace(start=starts[TopicPartition(*each)].offset) for each in partitions}


def _ends(client: "KafkaAdminClient", partitions: Iterable[Partition]) -> dict[Partition, Held]:
    """Return the ends and the epochs of partitions; where they start is not asked."""
    from kafka import TopicPartition  # noqa: PLC0415  # as above
    from kafka.protocol.consumer import OffsetSpec  # noqa: PLC0415

    found = client.list_partition_offsets({TopicPartition(*each): OffsetSpec.LATEST for each in partitions})
    return {Partition(*each): Held(0, end.offset, end.leader_epoch) for each, end in found.items()}


def _epoch_ends(client: "KafkaAdminClient", epochs: Mapping[Partition, int]) -> dict[Partition, int | None]:
    """Return where each epoch ends, by the log of the partition's leader; None if that has no such epoch."""
    found: dict[Partition, int | None] = {}
    for leader, partitions in _by_leader(client, epochs).items():
        answer = client._manager.run(_ask_leader, client, leader, partitions)  # noqa: SLF001  # no public call asks
        for topic in answer.topics:
            for each in topic.partitions:
                if each.error_code == 0:
                    found[Partition(topic.topic, each.partition)] = each.end_offset if each.end_offset >= 0 else None
    return found


async def _ask_leader(client: "KafkaAdminClient", leader: int, epochs: Mapping[Partition, int]) -> Any:
    from kafka.protocol.consumer import OffsetForLeaderEpochRequest  # noqa: PLC0415  # as above

    of_topic = OffsetForLeaderEpochRequest.OffsetForLeaderTopic
    of_partition = of_topic.OffsetForLeaderPartition
    topics = [
        of_topic(
            topic=name,
            partitions=[
                of_partition(partition=each.number, current_leader_epoch=-1, leader_epoch=epoch)
                for each, epoch in epochs.items()
                if each.topic == name
            ],
        )
        for name in sorted({each.topic for each in epochs})
    ]
    request = OffsetForLeaderEpochRequest(replica_id=-1, topics=topics)
    return await client._manager.send(request, node_id=leader)  # noqa: SLF001  # as above


def _by_leader(client: "KafkaAdminClient", epochs: Mapping[Partition, int]) -> dict[int, dict[Partition, int]]:
    found: dict[int, dict[Partition, int]] = {}
    for topic in client.describe_topics(sorted({each.topic for each in epochs})) if epochs else []:
        for partition in topic["partitions"]:
            each = Partition(topic["name"], partition["partition_index"])
            if each in epochs:
                found.setdefault(partition["leader_id"], {})[each] = epochs[each]
    return found
