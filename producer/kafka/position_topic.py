"""The account of a producer to Kafka: how far each source was handed on, in a compacted topic of its own."""

import json
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import chain
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from producer.common.errors import WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.positions.position import Position

_BYTES = [field.name for field in fields(Position) if field.type is bytes]  # JSON has none
_FORMER_NAMES = {"copy": "copy_pending", "beside": "next_to_log"}  # of fields, which records may still have
_MARK = b"transaction"  # the key of what tells the last transaction that was committed


class Mark(NamedTuple):
    """What each transaction leaves: of which process, to which topic, and its number."""

    topic: str  #: its id, as one deleted and made anew has nothing of what was handed on
    session: str
    number: int


NONE = Mark("", "", 0)  #: of an account without a transaction


def account_topic(topic: str, name: str) -> str:
    """Return the topic in which a producer keeps its account, no two the same.

    Both may have dots, so that those of the name are written otherwise.

    >>> account_topic("lines", "host-1.example.org")
    'wordcount.lines.host-1_-example_-org'
    """
    return f"wordcount.{topic}.{name.replace('_', '__').replace('.', '_-')}"


def records(positions: Iterable[Position], mark: Mark) -> list[tuple[bytes, bytes]]:
    """Return the records, key and value, that move positions on."""
    return [*map(_as_record, positions), (_MARK, " ".join(map(str, mark)).encode())]


def read(
    endpoint: KafkaEndpoint, settings: Mapping[str, Any], topic: str
) -> tuple[dict[int, dict[int, Position]], Mark]:
    """Return the positions, by inode and device, and the mark of the last transaction.

    Raises:
        WordCountError: another program wrote there.
    """
    found: dict[int, dict[int, Position]] = defaultdict(dict)
    mark = NONE
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
        # Nobody else writes there, and init_transactions has ended what was open: this is all there is.
        end = consumer.end_offsets([partition])[partition]
        while consumer.position(partition) < end:
            for record in chain.from_iterable(consumer.poll(timeout_ms=200).values()):
                if record.key == _MARK:
                    id_, session, number = record.value.decode().split(" ")
                    mark = Mark(id_, session, int(number))
                    continue
                position = _as_position(record.key, record.value)
                found[position.inode][position.device] = position
    finally:
        consumer.close()
    return found, mark


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
