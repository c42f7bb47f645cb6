"""The position topic of a producer to Kafka: how far each file was published, in a compacted topic of its own."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import chain
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from producer.common.errors import WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.positions.memory import MemoryPositions
from producer.positions.position import Position

_BYTES = [field.name for field in fields(Position) if field.type is bytes]  # JSON has none
_FORMER_NAMES = {"copy": "copy_pending", "beside": "next_to_log"}  # of fields, which records may still have
_MARK = b"transaction"  # the key of the mark of the last transaction that was committed


class Mark(NamedTuple):
    """What each transaction leaves in the position topic."""

    topic: str  #: the id of the topic of the lines: if it is recreated, it has lost them
    session: str  #: which process committed the transaction
    number: int  #: the transaction's number in that process


NO_MARK = Mark("", "", 0)  #: of a position topic without a transaction


def position_topic_name(topic: str, name: str) -> str:
    """Return the name of a producer's position topic, another for each topic and producer's name.

    Both may contain dots, so the dots of the producer's name are escaped.

    >>> position_topic_name("lines", "host-1.example.org")
    'wordcount.lines.host-1_-example_-org'
    """
    return f"wordcount.{topic}.{name.replace('_', '__').replace('.', '_-')}"


def lost_lines_message(topic: str, what: str) -> str:
    """Return the message that a topic has lost the lines published to it, as it was deleted, or recreated."""
    return (
        f"the topic {topic} was {what} since lines were published to it;"
        " give another --name to publish all of them again"
    )


def records(positions: Iterable[Position], mark: Mark) -> list[tuple[bytes, bytes]]:
    """Return the records, key and value, that store positions and a mark."""
    return [*map(_as_record, positions), (_MARK, " ".join(map(str, mark)).encode())]


def read(endpoint: KafkaEndpoint, settings: Mapping[str, Any], topic: str) -> tuple[MemoryPositions, Mark]:
    """Return the committed positions, and the mark of the last transaction.

    Raises:
        WordCountError: the topic has a record of another program.
    """
    positions = MemoryPositions()
    mark = NO_MARK
    consumer = KafkaConsumer(
        bootstrap_servers=list(endpoint.servers),
        isolation_level="read_committed",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        **settings,
    )
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        # No other producer writes here, and init_transactions has ended what was open: this is all there is.
        end = consumer.end_offsets([partition])[partition]
        while consumer.position(partition) < end:
            for record in chain.from_iterable(consumer.poll(timeout_ms=200).values()):
                if record.key == _MARK:
                    id_, session, number = record.value.decode().split(" ")
                    mark = Mark(id_, session, int(number))
                    continue
                positions.add(_as_position(record.key, record.value))
    finally:
        consumer.close()
    return positions, mark


def _as_record(position: Position) -> tuple[bytes, bytes]:
    value = {field.name: getattr(position, field.name) for field in fields(Position)}
    value |= {name: b64encode(value[name]).decode("ascii") for name in _BYTES}
    return f"{position.device}:{position.inode}".encode(), json.dumps(value).encode()


def _as_position(key: bytes, value: bytes) -> Position:
    try:
        values = {_FORMER_NAMES.get(name, name): content for name, content in json.loads(value).items()}
        return Position(**values | {name: b64decode(values[name]) for name in _BYTES})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WordCountError(
            f"the position {key!r} cannot be read ({error}); was it written by another program?"
        ) from error
