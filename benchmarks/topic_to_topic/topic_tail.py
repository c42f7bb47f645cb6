"""Read the topics of a measurement: the end of one while it is written, and all of one afterwards."""

import time
from collections.abc import Callable, Iterator
from typing import Self

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

_TAIL = 20_000  #: records; a commit of 5,000 words writes 10,000 at most
_POLL_SECONDS = 0.1
_SILENT_SECONDS = 60.0
_AT_ONCE = 10_000


class Tail:
    """The end of a topic of one partition. Only its last records are read, so that watching costs next to nothing."""

    def __init__(self, servers: str, topic: str) -> None:
        self._consumer = _consumer(servers)
        self._topic = topic
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._consumer.close()

    def wait(self, done: Callable[[bytes, int], bool], bound: float, check: Callable[[], None]) -> bool:
        """Wait until a record's word and count are what is waited for.

        Args:
            done: tells it of a word and its count.
            bound: the most seconds to wait.
            check: raises if there is no more to wait for.

        Returns:
            Whether it came in time.
        """
        deadline = time.monotonic() + bound
        while time.monotonic() < deadline:
            if any(done(message.key() or b"", int(message.value() or 0)) for message in self._new()):
                return True
            check()
            time.sleep(_POLL_SECONDS)
        return False

    def _new(self) -> list[Message]:
        end = end_of(self._consumer, self._topic)
        start = max(self._read, end - _TAIL)
        self._read = end
        return [message for batch in _batches(self._consumer, self._topic, start, end) for message in batch]


def records(servers: str, topic: str) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield the key, the value and the time in milliseconds of each record of a topic of one partition."""
    consumer = _consumer(servers)
    try:
        for batch in _batches(consumer, topic, 0, end_of(consumer, topic)):
            for message in batch:
                yield message.key() or b"", message.value() or b"", message.timestamp()[1]
    finally:
        consumer.close()


def end_of(consumer: Consumer, topic: str) -> int:
    """Return the offset after the last record of a topic of one partition."""
    return int(consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=_SILENT_SECONDS)[1])


def _consumer(servers: str) -> Consumer:
    return Consumer({"bootstrap.servers": servers, "group.id": "measure", "enable.auto.commit": False})


def _batches(consumer: Consumer, topic: str, start: int, end: int) -> Iterator[list[Message]]:
    """Yield the records from one offset to before another, in which there are no transactions, many at once."""
    if start >= end:
        return
    consumer.assign([TopicPartition(topic, 0, start)])
    while start < end:
        batch = consumer.consume(min(_AT_ONCE, end - start), timeout=_SILENT_SECONDS)
        if not batch:
            raise RuntimeError(f"the broker does not deliver the records of {topic}")
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
        start = (batch[-1].offset() or 0) + 1
        yield batch
