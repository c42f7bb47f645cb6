"""Notice that another producer has published the same files: the machine was renamed, or two read the same files.

A producer knows its own files, under whatever name, by its positions. Those of a producer with another name are in
another position topic, so without this all lines would silently be published again.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kafka import KafkaAdminClient

from producer.common.errors import UsageError, WordCountError
from producer.content.fingerprint import END_BYTES, Fingerprint
from producer.kafka import admin, position_topic
from producer.kafka.address import KafkaEndpoint
from producer.kafka.admin import Topic
from producer.kafka.calls import Call
from producer.kafka.topic_options import TopicOptions
from producer.positions.memory import MemoryPositions
from producer.positions.position import Position

#: The most offsets that are read of all other producers together; the last ones of each, with the files it read last.
_OFFSETS = 200_000
_READ_SECONDS = 30.0


class OtherProducers:
    """The files that other producers to a topic have published.

    They are asked for when a producer that is new to the topic publishes its first file, and once more when that is
    committed: another new producer may have begun at the same moment.

    Args:
        endpoint: the brokers.
        settings: kafka-python's settings of the connections.
        topic: the topic of the lines.
        options: the name of this producer.
        say: shows a message to the user.
    """

    def __init__(
        self,
        endpoint: KafkaEndpoint,
        settings: Mapping[str, Any],
        topic: Topic,
        options: TopicOptions,
        say: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._topic = topic
        self._options = options
        self._say = say
        self._by_name: dict[str, MemoryPositions] | None = None
        self._first: list[Position] = []  #: what is published first
        self._reported: set[str] = set()

    def check(self, positions: Iterable[Position]) -> None:
        """Warn if another producer has published one of the files that are about to be published.

        Raises:
            UsageError: this producer was given no name, and the other one has published the very same file.
        """
        for position in positions:
            if not position.extent:
                continue
            if self._by_name is None:
                self._by_name = self._read()
                self._first = [position]
            self._check(position, self._by_name, may_refuse=not self._options.is_named)

    def check_again(self) -> None:
        """Warn if another producer has published the first file meanwhile; to be called after a chunk is committed."""
        for position in self._first:
            self._by_name = self._read()
            self._check(position, self._by_name, may_refuse=False)
        self._first = []

    def _check(self, position: Position, by_name: Mapping[str, MemoryPositions], *, may_refuse: bool) -> None:
        for name, known in by_name.items():
            if name not in self._reported and (former := _find(known, position)) is not None:
                self._report(name, position, is_refused=may_refuse and former.inode == position.inode)

    def _report(self, name: str, position: Position, *, is_refused: bool) -> None:
        if is_refused:
            raise UsageError(
                f"{position.path} was published to {self._topic.name} by the producer {name!r}; give --name {name} to"
                f" continue it, or --name {self._options.name} to publish its lines again"
            )
        self._say(
            f"warning: {position.path} was published to {self._topic.name} by the producer {name!r} too, so its lines"
            f" are there twice; --name {name} would continue that producer"
        )
        self._reported.add(name)  # once is enough

    def _read(self) -> dict[str, MemoryPositions]:
        """Return the positions of the other producers, by their names."""
        read: dict[str, MemoryPositions] = {}

        def work() -> None:
            most = max(1, _OFFSETS // len(names))
            found = position_topic.read_all(self._endpoint, self._settings, list(names), most)
            for topic, (positions, mark) in found.items():
                if mark.topic == self._topic.id:  # else its lines were in an earlier topic of this name
                    read[names[topic]] = positions

        try:
            names = admin.ask(self._endpoint, self._settings, self._names)
            call = Call(work, self._settings)
            if names and not call.start().wait_for(_READ_SECONDS):
                raise call.failure(self._endpoint)
        except WordCountError as error:
            self._say(
                f"warning: whether another producer has published the same files to {self._topic.name} is not known:"
                f" {error}"
            )
            return {}
        return read

    def _names(self, cluster: KafkaAdminClient) -> dict[str, str]:
        """Return the names of the other producers by their position topics."""
        names = {topic: position_topic.producer_of(topic, self._topic.name) for topic in cluster.list_topics()}
        return {topic: name for topic, name in names.items() if name not in {None, self._options.name}}


def _find(known: MemoryPositions, position: Position) -> Position | None:
    """Return the position of another producer that belongs to the content of the same file; None if there is none."""
    at_path = [one for one in known.relatives(position.path) if isinstance(one, Position) and one.path == position.path]
    for former in [*known.find(position.inode), *at_path]:
        if former.extent and _begins_with(position.path, former):
            return former
    return None


def _begins_with(path: str, former: Position) -> bool:
    """Tell whether a file begins with the content that a position was reached in."""
    size = min(END_BYTES, former.extent)
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size < former.extent:
                return False
            head = file.read(size)
            file.seek(former.extent - size)
            return Fingerprint(head, file.read(size)).digest() == former.fingerprint
    except OSError:
        return False
