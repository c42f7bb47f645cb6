"""A Kafka topic as the target: lines appear in it each once, whatever is killed in between."""

import contextlib
import json
import threading
import time
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import cycle
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, ProducerFencedError

from producer import kafka_cluster, lines
from producer.endpoints import KafkaEndpoint
from producer.errors import LineTooLongError, WordCountError
from producer.positions import Position

#: What one transaction holds, in bytes, and with it what waits in memory to be acknowledged. A commit takes some 40 ms.
#: In kafka-python a record costs 1.5 kB of memory and 40 µs whatever it holds.
_SINGLE_BYTES = 1 << 20
_PACKED_BYTES = 16 << 20
#: Of a record batch, in bytes; the default of 16 kB makes a request of every few hundred lines: 0.6 of the throughput.
_BATCH_BYTES = 512 << 10
_LINGER_MS = 5
#: What a record takes beside its value, at most, in bytes.
_OVERHEAD_BYTES = 128
#: How long a broker may be silent before that is worth a message.
_SILENT_SECONDS = 2.0
#: A broker gives up a transaction that stays open for longer than this and the time it is waited for.
_TRANSACTION_MARGIN_MS = 30_000
_LONGEST_TRANSACTION_MS = 900_000  # the brokers' own limit, by default


class KafkaTarget:
    """Publishes chunks as the records of a topic, each together with the positions it moves on.

    Delivery guarantee: exactly once, for consumers with ``isolation.level=read_committed``. The lines and the positions
    are records of one transaction, the positions in a topic of their own, ``wordcount.TOPIC.NAME``, which is compacted.
    Whoever starts with the same name ends the transaction of an earlier one, and fences it: it can commit nothing more.

    Args:
        endpoint: the brokers and the topic.
        shared: settings of every connection, as ``client_properties.for_kafka_python`` returns them.
        tuned: the same for a producer.
        name: tells this producer from others that write to the topic.
        lines_per_record: how many lines are packed into a record, with a line feed between them.
        patience: seconds to wait for a broker that does not answer.
        say: shows a message to the person at the terminal.

    Raises:
        WordCountError: the brokers do not answer, or refuse us.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self,
        endpoint: KafkaEndpoint,
        shared: Mapping[str, Any],
        tuned: Mapping[str, Any],
        *,
        name: str,
        lines_per_record: int,
        patience: float,
        say: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        (self._topic,) = endpoint.topics
        self._positions_topic = f"wordcount.{self._topic}.{name}"
        self._name = name
        self._lines_per_record = lines_per_record
        self._patience = patience
        self._say = say
        self.chunk_bytes = _SINGLE_BYTES if lines_per_record == 1 else _PACKED_BYTES
        partitions = kafka_cluster.find(endpoint, shared).topics[self._topic].partitions
        limit = kafka_cluster.record_limit(endpoint, shared, self._topic)
        self._limit = int(tuned.get("max_request_size", limit)) - _OVERHEAD_BYTES
        positions = endpoint._replace(topics=(self._positions_topic,))
        if kafka_cluster.missing(positions, kafka_cluster.find(positions, shared)):
            kafka_cluster.make(
                positions, shared, self._positions_topic, partitions=1, configs={"cleanup.policy": "compact"}
            )
        milliseconds = round(patience * 1000)
        defaults = {"batch_size": min(_BATCH_BYTES, limit // 2), "linger_ms": _LINGER_MS, "max_request_size": limit}
        tuned = {**defaults, **tuned}
        self._partitions = cycle(range(partitions))
        self._shared = shared
        with kafka_cluster.Causes(shared):  # it reports to the log, where nobody listens otherwise
            self._producer = KafkaProducer(
                bootstrap_servers=list(endpoint.servers),
                transactional_id=self._positions_topic,
                allow_auto_create_topics=False,
                delivery_timeout_ms=max(milliseconds, tuned["linger_ms"] + tuned.get("request_timeout_ms", 30_000)),
                max_block_ms=milliseconds,
                transaction_timeout_ms=min(milliseconds + _TRANSACTION_MARGIN_MS, _LONGEST_TRANSACTION_MS),
                **tuned,
            )
        self._waited_for(self._producer.init_transactions)
        self._found = self._read_positions(shared)

    def find(self, inode: int) -> list[Position]:
        """Return how far the sources with this inode, on any device, have been handed on."""
        return list(self._found[inode].values()) if inode in self._found else []

    def publish(self, data: bytes, positions: Iterable[Position]) -> None:
        """Make ``data``, whole lines, records of the topic, and move ``positions`` on with them.

        Raises:
            LineTooLongError: a line is larger than the topic takes; nothing was moved.
            WordCountError: the brokers refuse it, or do not answer; nothing was moved, or all, which the next start
                finds out.
        """
        records = list(lines.records(data, self._lines_per_record, self._limit))
        if (size := max(map(len, records), default=0)) > self._limit:
            raise LineTooLongError(size, self._limit)
        moved = list(positions)
        self._waited_for(lambda: self._send(records, moved))
        for position in moved:
            self._found[position.inode][position.device] = position

    def close(self) -> None:
        """Close the connections; a transaction that is open is left to the next start."""
        with contextlib.suppress(KafkaError):
            self._producer.close(timeout=0)

    def _send(self, records: list[bytes], positions: list[Position]) -> None:
        self._producer.begin_transaction()
        sent = [
            self._producer.send(self._topic, record, partition=partition)
            for record, partition in zip(records, self._partitions, strict=False)
        ]
        for position in positions:
            key, value = _as_record(position)
            sent.append(self._producer.send(self._positions_topic, value, key=key, partition=0))
        self._producer.flush()  # which returns though batches failed
        for future in sent:
            if not future.succeeded():
                raise future.exception or KafkaError("a record was not acknowledged")
        self._producer.commit_transaction()

    def _read_positions(self, shared: Mapping[str, Any]) -> dict[int, dict[int, Position]]:
        found: dict[int, dict[int, Position]] = defaultdict(dict)

        def read() -> None:
            consumer = KafkaConsumer(
                bootstrap_servers=list(self._endpoint.servers),
                isolation_level="read_committed",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                **shared,
            )
            try:
                partition = TopicPartition(self._positions_topic, 0)
                consumer.assign([partition])
                consumer.seek_to_beginning(partition)
                # Nobody else writes there, and init_transactions has ended what was open: this is all there is.
                end = consumer.end_offsets([partition])[partition]
                while consumer.position(partition) < end:
                    for records in consumer.poll(timeout_ms=200).values():
                        for record in records:
                            position = _as_position(record.key, record.value)
                            found[position.inode][position.device] = position
            finally:
                consumer.close()

        self._waited_for(read)
        return found

    def _waited_for(self, action: Callable[[], None]) -> None:
        """Do something that asks the brokers, and wait for it as long as there is patience."""
        errors: list[BaseException] = []

        def work() -> None:
            try:
                action()
            except BaseException as error:  # noqa: BLE001  # raised below
                errors.append(error)

        with kafka_cluster.Causes(self._shared) as causes:
            worker = threading.Thread(target=work, name="kafka-producer", daemon=True)
            worker.start()
            started = time.monotonic()
            worker.join(_SILENT_SECONDS)
            if worker.is_alive():
                self._wait_longer(worker, started, causes)
        if worker.is_alive() or errors:
            raise self._told(errors[0] if errors else None, causes)

    def _wait_longer(self, worker: threading.Thread, started: float, causes: kafka_cluster.Causes) -> None:
        said = False
        while worker.is_alive() and causes.final is None and time.monotonic() - started < self._patience:
            if causes.heard and not said:
                said = True
                self._say(
                    f"{','.join(self._endpoint.servers)} does not answer ({causes.passing});"
                    f" waiting for it, at most {self._patience:g} s"
                )
            worker.join(0.1)

    def _told(self, error: BaseException | None, causes: kafka_cluster.Causes) -> BaseException:
        if isinstance(error, ProducerFencedError) or (error is not None and "Fenced" in type(error).__name__):
            return WordCountError(
                f"another producer with the name {self._name!r} has taken over {self._topic}; give each its own --name"
            )
        if error is not None and not isinstance(error, KafkaError):
            return error
        return kafka_cluster.told(error, self._endpoint, causes)


def _as_record(position: Position) -> tuple[bytes, bytes]:
    value = {
        "device": position.device, "inode": position.inode, "path": position.path, "position": position.position,
        "extent": position.extent, "fingerprint": b64encode(position.fingerprint).decode("ascii"),
        "size": position.size, "ctime_ns": position.ctime_ns, "birth_ns": position.birth_ns,
        "complete": position.complete,
    }  # fmt: skip
    return f"{position.device}:{position.inode}".encode(), json.dumps(value).encode()


def _as_position(key: bytes, value: bytes) -> Position:
    try:
        fields = json.loads(value)
        return Position(**fields | {"fingerprint": b64decode(fields["fingerprint"])})
    except (ValueError, TypeError, KeyError) as error:
        raise WordCountError(
            f"the position {key!r} cannot be read ({error}); was it written by another program?"
        ) from error
