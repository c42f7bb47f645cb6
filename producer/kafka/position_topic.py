"""The position topic of a producer to Kafka: how far each file was published, in a compacted topic of its own."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import chain
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from producer.common.errors import WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.kafka.failures import RefusedError, lacking
from producer.positions.memory import MemoryPositions
from producer.positions.position import Forgotten, HistoryEntry, Key, LostContent, Position, PositionUpdate, Record

#: How the keys of records begin; a position's key begins with its device.
_KINDS: dict[bytes, type[Record]] = {b"lost": LostContent, b"history": HistoryEntry}
_FORMER_HISTORY_DEVICE = -1000
_ESCAPED = re.compile("_([-_])")  # see position_topic_name
_MARK = b"transaction"  # the key of the mark of the last transaction that was committed


class Mark(NamedTuple):
    """What each transaction leaves in the position topic."""

    topic: str  #: the id of the topic of the lines: if it is recreated, it has lost them
    session: str  #: which process committed the transaction
    number: int  #: the transaction's number in that process


NO_MARK = Mark("", "", 0)  #: of a position topic without a transaction


def position_topic_name(topic: str, name: str) -> str:
    """Return the name of a producer's position topic, which no other topic and producer share.

    Both names may contain dots, so those of the producer's name are escaped.

    >>> position_topic_name("lines", "host-1.example.org")
    'wordcount.lines.host-1_-example_-org'
    """
    return f"wordcount.{topic}.{name.replace('_', '__').replace('.', '_-')}"


def lost_lines_message(topic: str, what: str) -> str:
    """Return the message that a topic has lost the lines published to it, because it was deleted or recreated."""
    return (
        f"the topic {topic} was {what} since lines were published to it;"
        " give another --name to publish all of them again"
    )


def records(update: PositionUpdate, mark: Mark) -> list[tuple[bytes, bytes | None]]:
    """Return the Kafka records, key and value, that store an update and a mark."""
    return [*map(encoded, update.records), (_MARK, " ".join(map(str, mark)).encode())]


def producer_of(position_topic: str, topic: str) -> str | None:
    """Return the name of the producer to a topic that a position topic belongs to; None if it belongs to none.

    >>> producer_of(position_topic_name("lines", "host-1.example.org"), "lines")
    'host-1.example.org'
    >>> producer_of("wordcount.lines.of.host", "lines")
    """
    name = position_topic.removeprefix(f"wordcount.{topic}.")
    if name == position_topic or "." in name:
        return None
    return _ESCAPED.sub(lambda match: "." if match[1] == "-" else "_", name)


def find_too_large(update: PositionUpdate, limit: int) -> str | None:
    """Return the path or name in the first record of an update that has more than ``limit`` bytes; None without one."""
    for record in update.records:
        key, value = encoded(record)
        if not isinstance(record, Forgotten) and len(key) + len(value or b"") > limit:
            return record.value if isinstance(record, HistoryEntry) else record.path
    return None


def read(endpoint: KafkaEndpoint, settings: Mapping[str, Any], topic: str) -> tuple[MemoryPositions, Mark]:
    """Return the committed positions, and the mark of the last transaction.

    Raises:
        RefusedError: this user may not read the topic.
        WordCountError: the topic has a record of another program.
    """
    return read_all(endpoint, settings, [topic])[topic]


def read_all(
    endpoint: KafkaEndpoint, settings: Mapping[str, Any], topics: Sequence[str], most: int | None = None
) -> dict[str, tuple[MemoryPositions, Mark]]:
    """Return what ``read`` returns, for each of several position topics.

    Args:
        endpoint: the brokers.
        settings: kafka-python's settings of the connections.
        topics: the position topics.
        most: read only this many of the last offsets of each; None reads all.

    Raises:
        RefusedError: this user may not read one of the topics.
        WordCountError: a topic has a record of another program.
    """
    found = {topic: (MemoryPositions(), NO_MARK) for topic in topics}
    consumer = KafkaConsumer(
        bootstrap_servers=list(endpoint.servers),
        isolation_level="read_committed",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        **settings,
    )
    try:
        partitions = [TopicPartition(topic, 0) for topic in topics]
        consumer.assign(partitions)
        # No producer of this name writes any more, and init_transactions has ended what was open: this is all there is.
        ends, starts = consumer.end_offsets(partitions), consumer.beginning_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, max(starts[partition], 0 if most is None else ends[partition] - most))
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for record in chain.from_iterable(consumer.poll(timeout_ms=200).values()):
                positions, _ = found[record.topic]
                if record.key == _MARK:
                    id_, session, number = record.value.decode().split(" ")
                    found[record.topic] = positions, Mark(id_, session, int(number))
                else:
                    positions.add(decoded(record.key, record.value))
    except TopicAuthorizationFailedError as error:
        raise RefusedError(f"Kafka at {endpoint.address}: {lacking(error, 'READ', ', '.join(topics))}") from error
    finally:
        consumer.close()
    return found


def encoded(record: Record) -> tuple[bytes, bytes | None]:
    """Return the key and the value of a Kafka record. One without a value lets Kafka remove what has its key."""
    key = ":".join(map(str, record.key)).encode()
    if isinstance(record, Forgotten):
        return key, None
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    values |= {name: b64encode(value).decode("ascii") for name, value in values.items() if isinstance(value, bytes)}
    return key, json.dumps(values).encode()


def decoded(key: bytes | None, value: bytes | None) -> Record:
    """Return the record that a Kafka record holds.

    Raises:
        WordCountError: another program wrote it.
    """
    kind = _KINDS.get((key or b"").partition(b":")[0], Position)
    try:
        if value is None:
            return Forgotten(_key(key or b""))
        values = json.loads(value)
        kept = {field.name for field in fields(kind) if field.type is bytes and field.name in values}
        values |= {name: b64decode(values[name]) for name in kept}
        is_former = kind is Position and "copy_pending" not in values
        return _from_former(values) if is_former else kind(**values)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WordCountError(
            f"the position {key!r} cannot be read ({error}); was it written by another program?"
        ) from error


def _key(key: bytes) -> Key:
    """Return the key of the record that a Kafka record with this key holds."""
    first, *others = key.decode("ascii").split(":")
    return (first if key.partition(b":")[0] in _KINDS else int(first)), *map(int, others)


def _from_former(values: dict[str, Any]) -> Record:
    """Return a record of a former format, in which all records were positions.

    A lost content had a device from -1 to -8, and a history entry had device -1000. The oldest of these formats had
    no ``beside``, or no ``copy`` either.
    """
    values |= {"copy_pending": values.pop("copy", False), "next_to_log": values.pop("beside", False)}
    position = Position(**values)
    if position.device == _FORMER_HISTORY_DEVICE:
        return HistoryEntry(name_hash=position.inode, value=position.path, time_ns=position.ctime_ns)
    if position.device < 0:
        return LostContent.from_position(position, -1 - position.device, position.ctime_ns)
    return position
