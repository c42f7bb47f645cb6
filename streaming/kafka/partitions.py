"""Ask the brokers what they hold of partitions, and whether that is what was counted."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import LeaderNotAvailableError, for_code
from kafka.protocol.consumer import IsolationLevel, OffsetForLeaderEpochRequest, OffsetSpec

from producer.common.errors import WordCountError
from producer.kafka import admin
from producer.kafka.failures import RefusedError
from streaming.kafka.losses import Counted, Findings, Held, Loss, Partition, find_losses
from streaming.kafka.topics import KafkaTopics, TopicChange, find_change

T = TypeVar("T")
Described = list[dict[str, Any]]  #: topics and their partitions, as the brokers describe them
Leaders = dict[int, list[Partition]]  #: the partitions that each broker leads

#: How long a batch waits for an answer over the open connection, and for brokers that are away.
_EPOCH_MILLISECONDS = 5000
_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.1
_NO_LEADER = -1
#: The latest time of a record that Spark can hold: it counts microseconds, in 64 bits.
_MOST_MILLISECONDS = (1 << 63) // 1000


def look(topics: KafkaTopics, counted: Mapping[Partition, Counted], recreated: Collection[str] = ()) -> Findings:
    """Ask the brokers what topics have lost, and what holds up their counts.

    Args:
        topics: the topics as they are now.
        counted: how far each partition is counted; if nothing is, nothing is lost.
        recreated: those of the topics that are not those that were counted.

    Raises:
        WordCountError: the brokers do not answer, or refuse the client.
    """

    def question(client: KafkaAdminClient) -> Findings:
        described = client.describe_topics(list(topics.endpoint.topics))
        # A partition without a leader is waited for once something of it is counted.
        held = _held(client, described) if counted or _are_led(described) else {}
        losses = _lost(client, described, held, counted, recreated)
        policies = {name: admin.cleanup_policy(client, name) for name in topics.endpoint.topics}
        return Findings(losses, policies, _waiting(client, described), held)

    return admin.ask(topics.endpoint, topics.client.settings, question)


def _lost(
    client: KafkaAdminClient,
    described: Described,
    held: Mapping[Partition, Held],
    counted: Mapping[Partition, Counted],
    recreated: Collection[str],
) -> list[Loss]:
    epochs = {
        partition: was.epoch
        for partition, was in counted.items()
        if partition in held and was.epoch is not None and was.epoch != held[partition].epoch
    }
    return find_losses(counted, held, _epoch_ends(client, described, epochs), frozenset(recreated))


def unreadable_end(topics: KafkaTopics, partition: Partition, start: int, end: int) -> int:
    """Return the offset after the records with a time that Spark cannot hold, from the first one on.

    Args:
        topics: the topics.
        partition: the partition of the records.
        start: the offset of the first one.
        end: the offset to look at no further.
    """
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
    """Reads the ends and the leader epochs of partitions, over connections that stay open.

    Args:
        topics: the topics of the partitions.
    """

    def __init__(self, topics: KafkaTopics) -> None:
        self._endpoint = topics.endpoint
        self._settings = {**topics.client.settings, "request_timeout_ms": _EPOCH_MILLISECONDS}
        self._client: KafkaAdminClient | None = None

    def read(self, partitions: Collection[Partition], ids: Mapping[str, str]) -> dict[Partition, Held]:
        """Return what the brokers hold of partitions now.

        Args:
            partitions: the partitions.
            ids: the ids of their topics.

        Raises:
            WordCountError: a topic was recreated, the brokers have not answered for two minutes, or they refuse the
                client.
        """

        def question(client: KafkaAdminClient) -> dict[Partition, Held] | TopicChange:
            described = client.describe_topics(list(self._endpoint.topics))
            current = {topic["name"]: admin.topic_id(topic) for topic in described if topic["error_code"] == 0}
            # A topic that seems to be missing is asked for again: a broker that has just started may not know it yet.
            if change := find_change(ids, {**ids, **current}):
                return change
            return _ends(client, _leaders(described, partitions))

        answer = self._ask(question)
        if isinstance(answer, TopicChange):
            raise answer.error()
        return answer

    def _ask(self, question: Callable[[KafkaAdminClient], T]) -> T:
        if self._client is not None:
            try:
                return question(self._client)
            except Exception:  # noqa: BLE001  # kafka-python has many, as when the brokers have restarted meanwhile
                self.close()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                self._client, answer = admin.ask_first(self._endpoint, self._settings, question)
            except RefusedError:
                raise
            except WordCountError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return answer

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            with contextlib.suppress(Exception):  # they may be broken
                self._client.close()
            self._client = None


def _are_led(described: Described) -> bool:
    return all(at["leader_id"] != _NO_LEADER for at in _partitions(described).values())


def _held(client: KafkaAdminClient, described: Described) -> dict[Partition, Held]:
    partitions = [TopicPartition(*each) for each in _partitions(described)]
    starts = client.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
    ends = client.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
    return {Partition(*each): Held(starts[each].offset, end.offset, end.leader_epoch) for each, end in ends.items()}


def _waiting(client: KafkaAdminClient, described: Described) -> dict[Partition, range]:
    led = [each for each, at in _partitions(described).items() if at["leader_id"] != _NO_LEADER]
    latest = {TopicPartition(*each): OffsetSpec.LATEST for each in led}
    ends = client.list_partition_offsets(latest)
    stable = client.list_partition_offsets(latest, isolation_level=IsolationLevel.READ_COMMITTED)
    waiting = {Partition(*each): range(at.offset, ends[each].offset) for each, at in stable.items()}
    return {each: offsets for each, offsets in waiting.items() if offsets}


def _ends(client: KafkaAdminClient, leaders: Leaders) -> dict[Partition, Held]:
    """Return the ends of what can be read of partitions, and their epochs; where they start is not asked.

    ``list_partition_offsets`` would ask for the leaders again, which costs each batch a request.
    """
    found: dict[Partition, Held] = {}
    for leader, partitions in leaders.items():
        latest = {TopicPartition(*each): OffsetSpec.LATEST for each in partitions}
        request = client._list_partition_offsets_request(latest, IsolationLevel.READ_COMMITTED)  # noqa: SLF001
        answer = client._manager.run(_send, client, leader, request)  # noqa: SLF001
        ends = client._list_partition_offsets_process_response(answer)  # noqa: SLF001
        found |= {Partition(*each): Held(0, end.offset, end.leader_epoch) for each, end in ends.items()}
    return found


def _epoch_ends(
    client: KafkaAdminClient, described: Described, epochs: Mapping[Partition, int]
) -> dict[Partition, int | None]:
    """Return where each epoch ends, by the log of the partition's leader; None if that has no such epoch."""
    of_topic = OffsetForLeaderEpochRequest.OffsetForLeaderTopic
    of_partition = of_topic.OffsetForLeaderPartition
    found: dict[Partition, int | None] = {}
    for leader, partitions in _leaders(described, epochs).items():
        topics = [
            of_topic(
                topic=name,
                partitions=[
                    of_partition(partition=each.number, current_leader_epoch=-1, leader_epoch=epochs[each])
                    for each in partitions
                    if each.topic == name
                ],
            )
            for name in sorted({each.topic for each in partitions})
        ]
        request = OffsetForLeaderEpochRequest(replica_id=-1, topics=topics)
        answer = client._manager.run(_send, client, leader, request)  # noqa: SLF001  # no public call asks
        for topic in answer.topics:
            for each in topic.partitions:
                if each.error_code != 0:
                    raise for_code(each.error_code)(topic.topic)
                found[Partition(topic.topic, each.partition)] = each.end_offset if each.end_offset >= 0 else None
    return found


async def _send(client: KafkaAdminClient, leader: int, request: Any) -> Any:
    return await client._manager.send(request, node_id=leader)  # noqa: SLF001  # as above


def _leaders(described: Described, partitions: Iterable[Partition]) -> Leaders:
    """Return which of the partitions each broker leads.

    Raises:
        LeaderNotAvailableError: a partition has no leader, or is not known yet.
    """
    leading = {each: at["leader_id"] for each, at in _partitions(described).items()}
    leaders: Leaders = {}
    for each in partitions:
        if leading.get(each, _NO_LEADER) == _NO_LEADER:
            raise LeaderNotAvailableError(str(each))
        leaders.setdefault(leading[each], []).append(each)
    return leaders


def _partitions(described: Described) -> dict[Partition, dict[str, Any]]:
    return {Partition(topic["name"], at["partition_index"]): at for topic in described for at in topic["partitions"]}
