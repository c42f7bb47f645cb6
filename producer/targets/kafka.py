"""A Kafka topic as the target: each line appears in it once, whatever is killed in between."""

from collections.abc import Callable, Sequence
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaProducer

from producer import lines
from producer.common.errors import LineTooLongError
from producer.kafka import admin
from producer.kafka.address import KafkaEndpoint
from producer.kafka.client_config import Client
from producer.kafka.failures import RefusedError
from producer.kafka.position_topic import lost_lines_message, position_topic_name
from producer.kafka.topic_options import TopicOptions
from producer.kafka.transaction import Transactions
from producer.positions.position import HistoryEntry, LostContent, Position, PositionUpdate

#: The most bytes of one transaction, all of which wait in memory to be acknowledged. Fewer for single lines, as each
#: record costs kafka-python time and memory, however short it is.
_SINGLE_BYTES = 1 << 20
_PACKED_BYTES = 16 << 20
#: The most records of one transaction: a million short lines would fit its bytes and outlast a broker's patience.
_RECORDS = 20_000
#: The size of a record batch in bytes; the default of 16 kB makes a request of every few hundred lines.
_BATCH_BYTES = 512 << 10
_LINGER_MS = 5
#: How often kafka-python asks for the coordinator of a new name. That takes 0.05 s, with the default of 100 ms 0.2 s.
_BACKOFF_MS = 20
#: The most bytes that a record takes in addition to its value.
_OVERHEAD_BYTES = 128
_BOOTSTRAP_MS = 10_000
#: A broker gives up a transaction that stays open for longer than the patience and this.
_TRANSACTION_MARGIN_MS = 30_000
_LONGEST_TRANSACTION_MS = 900_000  # the brokers' own limit, by default


class KafkaTarget:
    """Publishes chunks as the records of a topic, each together with its positions.

    Delivery guarantee: exactly once, for consumers with ``isolation.level=read_committed``. The lines and the positions
    are records of one transaction. The positions have a compacted topic of their own, ``wordcount.TOPIC.NAME``.

    Args:
        transactions: publishes records and positions.
        lines_per_record: how many lines a record holds, with a line feed between them.
        record_limit: the most bytes of a record's value.
    """

    def __init__(self, transactions: Transactions, lines_per_record: int, record_limit: int) -> None:
        self.chunk_bytes = _SINGLE_BYTES if lines_per_record == 1 else _PACKED_BYTES
        self.chunk_lines: int | None = _RECORDS * lines_per_record
        self._transactions = transactions
        self._lines_per_record = lines_per_record
        self._record_limit = record_limit

    @classmethod
    def open(cls, endpoint: KafkaEndpoint, client: Client, options: TopicOptions, say: Callable[[str], None]) -> Self:
        """Return a topic as the target. The topic and its position topic are created if they are missing.

        Args:
            endpoint: the brokers and the topic.
            client: how to reach the brokers.
            options: what was asked for the topic.
            say: shows a message to the user.

        Raises:
            WordCountError: the brokers do not answer, or refuse the client.
        """
        topic, batch_limit = _prepare(endpoint, client, options)
        settings = _producer_settings(endpoint, client, options, batch_limit)
        transactions = Transactions(endpoint, client, settings, topic, options, say)
        transactions.take_over()
        return cls(
            transactions, options.lines_per_record, min(batch_limit, settings["max_request_size"]) - _OVERHEAD_BYTES
        )

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""
        return self._transactions.positions.find(inode)

    def lost_contents(self, inode: int) -> list[LostContent]:
        """Return the contents that the files with this inode had and lost."""
        return self._transactions.positions.lost_contents(inode)

    def relatives(self, path: str) -> list[Position | LostContent]:
        """Return what is known of the files whose names belong to the same log; see ``producer.log_names``."""
        return self._transactions.positions.relatives(path)

    def alike(self, heads: Sequence[bytes]) -> list[Position | LostContent]:
        """Return some of the contents that begin with one of these ``heads``, at most ``MOST_ALIKE`` of each kind."""
        return self._transactions.positions.alike(heads)

    def history(self, name_hash: int) -> HistoryEntry | None:
        """Return what is remembered under a name, None if nothing is."""
        return self._transactions.positions.history(name_hash)

    def publish(self, data: Sequence[bytes], update: PositionUpdate) -> bool:
        """Publish ``data``, parts of whole lines, as records of the topic, together with the update.

        The transaction goes on while the next chunk is read.

        Returns:
            False: the chunk is not safe yet.

        Raises:
            LineTooLongError: a line is larger than the topic takes; nothing of this chunk was published.
            WordCountError: as ``flush`` raises it, of the chunk before.
        """
        records = list(lines.records(b"".join(data), self._lines_per_record, self._record_limit))
        self.flush()
        if (size := next((len(record) for record in records if len(record) > self._record_limit), None)) is not None:
            raise LineTooLongError(size, self._record_limit)
        self._transactions.begin(records, update)
        return False

    def flush(self) -> None:
        """Wait until what was published is committed.

        Raises:
            WordCountError: the brokers refuse the chunk, or do not answer. Either nothing of it was published or all
                of it, which the next start finds out.
        """
        self._transactions.wait()

    def close(self) -> None:
        """Close the connections. An open transaction is left to the next start."""
        self._transactions.close()


def _prepare(endpoint: KafkaEndpoint, client: Client, options: TopicOptions) -> tuple[admin.Topic, int]:
    """Create what is missing of the topic and its position topic; return the topic, and the bytes its batches may have.

    Raises:
        RefusedError: the topic was deleted, or its position topic is not compacted.
        WordCountError: the brokers do not answer, refuse the client, or cannot create a topic.
    """
    (name,) = endpoint.topics
    position_topic = position_topic_name(name, options.name)
    replication = options.replication

    def ask(cluster: KafkaAdminClient) -> tuple[admin.Topic, int]:
        if admin.exists(cluster, endpoint, position_topic) and not admin.exists(cluster, endpoint, name):
            raise RefusedError(lost_lines_message(name, "deleted"))
        topic = admin.ensure(cluster, endpoint, name, partitions=options.partitions, replication=replication)
        compacted = {"cleanup.policy": "compact"}
        admin.ensure(cluster, endpoint, position_topic, partitions=1, replication=replication, configs=compacted)
        if not admin.is_compacted(cluster, position_topic):
            raise RefusedError(
                f"the topic {position_topic} is not compacted, so the positions in it would be lost with time;"
                " set cleanup.policy=compact"
            )
        return topic, admin.record_limit(cluster, name)

    return admin.ask(endpoint, client.settings, ask)


def _producer_settings(
    endpoint: KafkaEndpoint, client: Client, options: TopicOptions, batch_limit: int
) -> dict[str, Any]:
    """Return the settings of ``KafkaProducer``; ``batch_limit`` is how many bytes a record batch may have."""
    patience_ms = round(options.patience * 1000)
    defaults = {
        "batch_size": min(_BATCH_BYTES, batch_limit // 2),
        "linger_ms": _LINGER_MS,
        "max_request_size": batch_limit,
        "retry_backoff_ms": _BACKOFF_MS,
        "request_timeout_ms": KafkaProducer.DEFAULT_CONFIG["request_timeout_ms"],
    }
    fixed = {
        "bootstrap_servers": list(endpoint.servers),
        "transactional_id": position_topic_name(endpoint.topics[0], options.name),
        "allow_auto_create_topics": False,
        "bootstrap_timeout_ms": min(patience_ms, _BOOTSTRAP_MS),
        "max_block_ms": patience_ms,
        "transaction_timeout_ms": min(patience_ms + _TRANSACTION_MARGIN_MS, _LONGEST_TRANSACTION_MS),
    }
    settings = {**defaults, **client.producer_settings, **fixed}
    settings["delivery_timeout_ms"] = max(patience_ms, settings["linger_ms"] + settings["request_timeout_ms"])
    return settings
