"""A Kafka topic as the target: each line appears in it once, whatever is killed in between."""

from collections.abc import Callable, Sequence
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaProducer

from producer import lines
from producer.kafka import admin
from producer.kafka.address import KafkaEndpoint
from producer.kafka.client_config import Client
from producer.kafka.failures import RefusedError
from producer.kafka.position_topic import find_too_large, lost_lines_message, position_topic_name
from producer.kafka.topic_options import TopicOptions
from producer.kafka.transaction import Transactions
from producer.positions.position import HistoryEntry, LostContent, Position, PositionUpdate
from producer.targets.other_producers import OtherProducers

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
        position_limit: the most bytes of a record of the position topic.
        others: the other producers; None if this one has published to the topic before.
    """

    def __init__(
        self,
        transactions: Transactions,
        lines_per_record: int,
        record_limit: int,
        position_limit: int,
        others: OtherProducers | None = None,
    ) -> None:
        self.chunk_bytes = _SINGLE_BYTES if lines_per_record == 1 else _PACKED_BYTES
        self.chunk_lines: int | None = _RECORDS * lines_per_record
        self.line_bytes: int | None = record_limit
        self._transactions = transactions
        self._lines_per_record = lines_per_record
        self._record_limit = record_limit
        self._position_limit = position_limit
        self._others = others

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
        topic, limits = _prepare(endpoint, client, options)
        if not topic.id:
            say(
                f"warning: {endpoint.address} gives topics no ids, as Kafka before 2.8; if {topic.name} is deleted and"
                " recreated, that is not noticed, and its lines are not published again"
            )
        settings = _producer_settings(endpoint, client, options, limits)
        transactions = Transactions(endpoint, client, settings, topic, options, say)
        transactions.take_over()
        is_new = len(transactions.positions) == 0
        lines_limit, position_limit = (min(limit, settings["max_request_size"]) - _OVERHEAD_BYTES for limit in limits)
        return cls(
            transactions,
            options.lines_per_record,
            lines_limit,
            position_limit,
            OtherProducers(endpoint, client.settings, topic, options, say) if is_new else None,
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

    def used_under(self, folder: str, span_ns: int) -> list[Position]:
        """Return the positions of the files in a folder that were in use when they were last seen."""
        return self._transactions.positions.used_under(folder, span_ns)

    def history(self, name_hash: int) -> HistoryEntry | None:
        """Return what is remembered under a name, None if nothing is."""
        return self._transactions.positions.history(name_hash)

    def publish(self, data: Sequence[bytes], update: PositionUpdate) -> bool:
        """Publish ``data``, parts of whole lines, as records of the topic, together with the update.

        The transaction goes on while the next chunk is read.

        Returns:
            False: the chunk is not safe yet.

        Raises:
            UsageError: another producer has published the same file; nothing of this chunk was published.
            WordCountError: as ``flush`` raises it, of the chunk before; or a position is larger than its topic takes.
        """
        records = list(lines.records(b"".join(data), self._lines_per_record, self._record_limit))
        self.flush()
        if (path := find_too_large(update, self._position_limit)) is not None:
            raise RefusedError(
                f"{path}: how far it is published takes more than the {self._position_limit:,} bytes that the position"
                " topic takes; raise max.message.bytes of that topic"
            )
        if self._others is not None:
            self._others.check(update.positions)
        self._transactions.begin(records, update)
        return False

    def flush(self) -> None:
        """Wait until what was published is committed.

        Raises:
            LostLinesError: the topic was deleted and recreated.
            WordCountError: the brokers refuse the chunk, or do not answer. Either nothing of it was published or all
                of it, which the next start finds out.
        """
        self._transactions.wait()
        self._transactions.check_topic()
        if self._others is not None:
            self._others.check_again()

    def check(self) -> None:
        """Check at the end that the topic still has all that was published.

        Raises:
            LostLinesError: it was deleted and recreated.
        """
        self._transactions.check_topic(0)

    def close(self) -> None:
        """Close the connections. An open transaction is left to the next start."""
        self._transactions.close()


def _prepare(endpoint: KafkaEndpoint, client: Client, options: TopicOptions) -> tuple[admin.Topic, tuple[int, int]]:
    """Create what is missing of the topic and its position topic.

    Returns:
        The topic, and the most bytes of a record batch of each of both.

    Raises:
        RefusedError: the topic was deleted, or its position topic is not compacted only.
        WordCountError: the brokers do not answer, refuse the client, or cannot create a topic.
    """
    (name,) = endpoint.topics
    position_topic = position_topic_name(name, options.name)
    replication = options.replication

    def ask(cluster: KafkaAdminClient) -> tuple[admin.Topic, tuple[int, int]]:
        if admin.exists(cluster, endpoint, position_topic) and not admin.exists(cluster, endpoint, name):
            raise RefusedError(lost_lines_message(name, "deleted"))
        topic = admin.ensure(cluster, endpoint, name, partitions=options.partitions, replication=replication)
        compacted = {"cleanup.policy": "compact"}
        admin.ensure(cluster, endpoint, position_topic, partitions=1, replication=replication, configs=compacted)
        for each in (name, position_topic):
            admin.check_format(cluster, endpoint, each)
        policy = admin.cleanup_policy(cluster, position_topic)
        if policy and policy != "compact":  # compact,delete deletes the last value of a key too
            raise RefusedError(
                f"the topic {position_topic} has cleanup.policy={policy}, so the positions in it would be lost with"
                " time; set cleanup.policy=compact"
            )
        return topic, (admin.record_limit(cluster, name), admin.record_limit(cluster, position_topic))

    return admin.ask(endpoint, client.settings, ask)


def _producer_settings(
    endpoint: KafkaEndpoint, client: Client, options: TopicOptions, limits: tuple[int, int]
) -> dict[str, Any]:
    """Return the settings of ``KafkaProducer``; ``limits`` are the most bytes of a record batch of each topic."""
    patience_ms = round(options.patience * 1000)
    defaults = {
        "batch_size": min(_BATCH_BYTES, min(limits) // 2),
        "linger_ms": _LINGER_MS,
        "max_request_size": max(limits),
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
