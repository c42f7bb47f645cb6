"""A Kafka topic as the target: lines appear in it each once, whatever is killed in between."""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from typing import NamedTuple

from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError

from producer import lines
from producer.common.errors import LineTooLongError, WordCountError
from producer.kafka import admin as kafka_cluster
from producer.kafka import position_topic as kafka_account
from producer.kafka.address import KafkaEndpoint
from producer.kafka.admin import Topic
from producer.kafka.calls import Call, Causes, RefusedError, told
from producer.kafka.client_config import Client
from producer.kafka.position_topic import Mark, account_topic
from producer.log_names import family
from producer.positions.position import Position

#: What one transaction holds, in bytes, and with it what waits in memory to be acknowledged: of single lines less, as a
#: record costs kafka-python time and memory whatever it holds.
_SINGLE_BYTES = 1 << 20
_PACKED_BYTES = 16 << 20
#: The same in records: of short lines a million would fit into its bytes, which take more time than a broker allows.
_RECORDS = 20_000
#: Of a record batch, in bytes; the default of 16 kB makes a request of every few hundred lines.
_BATCH_BYTES = 512 << 10
_LINGER_MS = 5
#: A new name is asked for again and again until its coordinator is there: 0.05 s, and 0.2 s by the default of 100 ms.
_BACKOFF_MS = 20
#: What a record takes beside its value, at most, in bytes.
_OVERHEAD_BYTES = 128
_BOOTSTRAP_MS = 10_000
_PAUSE_SECONDS = 0.5
#: So long after the last failure that its log tells, a producer that has not gone on is taken for stuck.
_STUCK_SECONDS = 10.0
#: How long a broker may be silent before that is worth a message.
_SILENT_SECONDS = 2.0
#: The same where nothing has failed, but no answer comes: a slow line may take some time for a transaction.
_LONG_SECONDS = 5.0
#: A broker gives up a transaction that stays open for longer than this and the time it is waited for.
_TRANSACTION_MARGIN_MS = 30_000
_LONGEST_TRANSACTION_MS = 900_000  # the brokers' own limit, by default


class _FencedError(WordCountError):
    """Another producer of the same name has begun, or one of our own that was left behind."""


class _Transaction(NamedTuple):
    """A transaction under way."""

    positions: list[Position]
    mark: Mark
    send: Callable[[], None]
    call: Call


class KafkaTarget:
    """Publishes chunks as the records of a topic, each together with the positions it moves on.

    Delivery guarantee: exactly once, for consumers with ``isolation.level=read_committed``. The lines and the positions
    are records of one transaction, the positions in a topic of their own, ``wordcount.TOPIC.NAME``, which is compacted.
    Whoever starts with the same name ends the transaction of an earlier one, and fences it: it can commit nothing more.

    Args:
        endpoint: the brokers and the topic, which is made if it is missing.
        client: how to reach them.
        name: tells this producer from others that write to the topic.
        partitions: of a topic that is made; None is the brokers' default.
        replication: of a topic that is made; None is the brokers' default.
        lines_per_record: how many lines are packed into a record, with a line feed between them.
        patience: seconds to wait for a broker that does not answer.
        say: shows a message to the person at the terminal.

    Raises:
        WordCountError: the brokers do not answer, or refuse us.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self,
        endpoint: KafkaEndpoint,
        client: Client,
        *,
        name: str,
        partitions: int | None,
        replication: int | None,
        lines_per_record: int,
        patience: float,
        say: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        (self._topic,) = endpoint.topics
        self._account_topic = account_topic(self._topic, name)
        self._name = name
        self._lines_per_record = lines_per_record
        self._patience = patience
        self._say = say
        self.chunk_bytes = _SINGLE_BYTES if lines_per_record == 1 else _PACKED_BYTES
        self.chunk_lines: int | None = _RECORDS * lines_per_record
        self._shared = client.settings

        def question(admin: KafkaAdminClient) -> tuple[Topic, int]:
            handed_on = kafka_cluster.exists(admin, endpoint, self._account_topic)
            if handed_on and not kafka_cluster.exists(admin, endpoint, self._topic):
                raise self._made_anew("deleted")
            topic = kafka_cluster.ensure(admin, endpoint, self._topic, partitions=partitions, replication=replication)
            compacted = {"cleanup.policy": "compact"}
            kafka_cluster.ensure(
                admin, endpoint, self._account_topic, partitions=1, replication=replication, configs=compacted
            )
            if not kafka_cluster.is_compacted(admin, self._account_topic):
                raise RefusedError(
                    f"the topic {self._account_topic} is not compacted, and how far lines were handed on would be lost"
                    " with time; give it cleanup.policy=compact"
                )
            return topic, kafka_cluster.record_limit(admin, self._topic)

        there, limit = kafka_cluster.ask(endpoint, self._shared, question)
        self._topic_id = there.id
        self._limit = min(limit, client.producer_settings.get("max_request_size", limit)) - _OVERHEAD_BYTES
        milliseconds = round(patience * 1000)
        defaults = {
            "batch_size": min(_BATCH_BYTES, limit // 2),
            "linger_ms": _LINGER_MS,
            "max_request_size": limit,
            "retry_backoff_ms": _BACKOFF_MS,
        }
        ours = {
            "bootstrap_servers": list(endpoint.servers),
            "transactional_id": self._account_topic,
            "allow_auto_create_topics": False,
            "bootstrap_timeout_ms": min(milliseconds, _BOOTSTRAP_MS),
            "max_block_ms": milliseconds,
            "transaction_timeout_ms": min(milliseconds + _TRANSACTION_MARGIN_MS, _LONGEST_TRANSACTION_MS),
        }
        self._tuned = {**defaults, **client.producer_settings, **ours}
        request = self._tuned.get("request_timeout_ms", KafkaProducer.DEFAULT_CONFIG["request_timeout_ms"])
        self._tuned["delivery_timeout_ms"] = max(milliseconds, self._tuned["linger_ms"] + request)
        self._partitions = cycle(range(there.partitions))
        self._said = False
        self._session = secrets.token_hex(8)
        self._number = 0
        self._transaction: _Transaction | None = None
        self._mark = kafka_account.NONE  # of the last transaction that was committed
        self._found: dict[int, dict[int, Position]] = {}
        self._take_over(time.monotonic() + patience)

    def _take_over(self, deadline: float) -> None:
        """Begin as the only one of this name: whoever had it finds our mark, and gives up."""
        mark = Mark(self._topic_id, self._session, 0)
        while True:
            self._connect(deadline)
            if self._mark.topic not in {"", self._topic_id}:
                raise self._made_anew("deleted and made anew")
            try:
                self._wait_for(self._begun(lambda: self._send([], [], mark)), deadline)
            except RefusedError:
                raise
            except WordCountError:
                # The former owner may have gone on once more before it finds the mark.
                if time.monotonic() >= deadline:
                    raise
                self.close()
            else:
                self._mark = mark
                return

    def _made_anew(self, what: str) -> RefusedError:
        return RefusedError(
            f"the topic {self._topic} was {what} since lines were handed on to it; give another --name to hand all of"
            " them on anew"
        )

    def _connect(self, deadline: float) -> None:
        """Make a producer, which ends what an earlier one left open, and read how far it had come."""
        with Causes(self._shared) as causes:
            try:
                producer = self._producer = KafkaProducer(**self._tuned)
            except Exception as error:
                raise told(error, self._endpoint, causes) from error
        read: list[tuple[dict[int, dict[int, Position]], Mark]] = []

        def begin() -> None:
            producer.init_transactions()
            read.append(self._read_account())

        self._wait_for(self._begun(begin), deadline)
        self._found, self._mark = read[0]

    def find(self, inode: int) -> list[Position]:
        """Return how far the sources with this inode, on any device, have been handed on."""
        return list(self._found[inode].values()) if inode in self._found else []

    def relatives(self, path: str) -> list[Position]:
        """Return how far the sources with names of the same log have been handed on."""
        name = family(path)
        return [one for devices in self._found.values() for one in devices.values() if family(one.path) == name]

    def publish(self, data: Sequence[bytes], positions: Iterable[Position]) -> bool:
        """Make ``data``, whole lines in parts, records of the topic, and move ``positions`` on with them.

        The transaction goes on while the next chunk is read.

        Returns:
            That it is not safe yet.

        Raises:
            LineTooLongError: a line is larger than the topic takes; nothing of this was moved.
            WordCountError: as ``flush`` raises it, of what was published before.
        """
        records = list(lines.records(b"".join(data), self._lines_per_record, self._limit))
        moved = list(positions)
        self.flush()
        if (size := next((len(record) for record in records if len(record) > self._limit), None)) is not None:
            raise LineTooLongError(size, self._limit)
        self._number += 1
        mark = Mark(self._topic_id, self._session, self._number)
        self._said = False

        def send() -> None:
            self._send(records, moved, mark)

        self._transaction = _Transaction(moved, mark, send, self._begun(send))
        return False

    def flush(self) -> None:
        """Wait until what was published is committed.

        Raises:
            WordCountError: the brokers refuse it, or do not answer; nothing was moved, or all, which the next start
                finds out.
        """
        if self._transaction is None:
            return
        (moved, mark, send, call), self._transaction = self._transaction, None
        deadline = time.monotonic() + self._patience
        first: WordCountError | None = None
        while self._mark != mark:
            try:
                self._wait_for(call, deadline)
                self._mark = mark
            except RefusedError:
                raise
            except WordCountError as error:
                first = first or error
                # kafka-python does not always go on after a broker was away; another producer does. Whether the
                # transaction was committed, the mark tells that it left.
                self._connect_again(deadline, first)
                if self._mark != mark:
                    call = self._begun(send)
        for position in moved:
            self._found[position.inode][position.device] = position
        if self._said:
            self._say(f"{self._endpoint.address} answers again")

    def _connect_again(self, deadline: float, first: WordCountError) -> None:
        while True:
            self.close()
            try:
                # Before a new producer fences who may have taken over, and after, as that may have been meanwhile.
                self._check_owner(self._read_mark(deadline))
                self._connect(deadline)
                self._check_owner(self._mark)
            except RefusedError:
                raise
            except WordCountError:
                if time.monotonic() >= deadline:
                    raise first from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _read_mark(self, deadline: float) -> Mark:
        marks: list[Mark] = []
        self._wait_for(self._begun(lambda: marks.append(self._read_account()[1])), deadline)
        return marks[0]

    def _check_owner(self, mark: Mark) -> None:
        if mark.session != self._session:
            raise RefusedError(
                f"another producer with the name {self._name!r} has taken over {self._topic}; give each its own --name"
            )

    def close(self) -> None:
        """Close the connections; a transaction that is open is left to the next start."""
        try:
            self._producer.close(timeout=0)
        except KafkaError:  # something was under way: it leaves all open, and complains of that in the end
            self._producer._sender.force_close()  # noqa: SLF001  # there is no other way
            self._producer._closed = True  # noqa: SLF001

    def _send(self, records: list[bytes], positions: list[Position], mark: Mark) -> None:
        producer = self._producer  # this one to the end, should another take its place while it is stuck
        producer.begin_transaction()
        # The positions first: a partition is made part of the transaction when it is first sent to, which holds up all.
        sent = [
            producer.send(self._account_topic, value, key=key, partition=0)
            for key, value in kafka_account.records(positions, mark)
        ]
        sent += [
            producer.send(self._topic, record, partition=partition)
            for record, partition in zip(records, self._partitions, strict=False)
        ]
        producer.flush()  # which returns though batches failed
        for future in sent:
            if not future.succeeded():
                raise future.exception or KafkaError("a record was not acknowledged")
        producer.commit_transaction()

    def _read_account(self) -> tuple[dict[int, dict[int, Position]], Mark]:
        return kafka_account.read(self._endpoint, self._shared, self._account_topic)

    def _begun(self, action: Callable[[], None]) -> Call:
        return Call(action, self._shared)

    def _wait_for(self, call: Call, deadline: float) -> None:
        """Wait for something that was begun until a time, or until it seems to be stuck.

        Raises:
            RefusedError: no waiting mends it.
            WordCountError: it failed, or did not come about.
        """

        def patient() -> bool:
            heard = call.causes.heard
            if not self._said and call.seconds > (_LONG_SECONDS if heard is None else _SILENT_SECONDS):
                self._said = True
                self._say(
                    f"{self._endpoint.address} does not answer ({call.causes.passing});"
                    f" waiting for it, at most {self._patience:g} s"
                )
            stuck = heard is not None and time.monotonic() - heard > _STUCK_SECONDS
            return not stuck and time.monotonic() < deadline

        if call.wait(patient):
            return
        if call.error is not None and "Fenced" in type(call.error).__name__:
            raise _FencedError(f"a producer with the name {self._name!r} began; this one begins again")
        raise call.failure(self._endpoint)
