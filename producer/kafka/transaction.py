"""Transactions of a producer, from begin to commit, and connecting again after brokers were away."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError

from producer.common.errors import LostLinesError, WordCountError
from producer.kafka import admin, position_topic
from producer.kafka.address import KafkaEndpoint
from producer.kafka.admin import Topic
from producer.kafka.calls import Call, PatientCalls
from producer.kafka.client_config import Client
from producer.kafka.failures import FailureLog, RefusedError, explained
from producer.kafka.hanging import end_hanging
from producer.kafka.position_topic import NO_MARK, Mark
from producer.kafka.topic_options import TopicOptions
from producer.positions.memory import MemoryPositions
from producer.positions.position import PositionUpdate

_PAUSE_SECONDS = 0.5
#: How often the brokers are asked whether the topic is still the same, which takes some 0.1 s.
_CHECK_SECONDS = 10.0


class _Transaction(NamedTuple):
    """A transaction that has begun."""

    update: PositionUpdate
    mark: Mark
    send: Callable[[], None]
    call: Call


class Transactions:
    """The transactions of one producer, one at a time, each with the update of the positions.

    Each transaction leaves a mark in the position topic. By that mark a producer that lost its connection learns
    whether its last transaction was committed, and whether another producer of the same name has taken over.

    Args:
        endpoint: the brokers.
        client: how to reach the brokers.
        settings: those of ``KafkaProducer``. The transactional id is the name of the position topic.
        topic: where the records go.
        options: the name of this producer, and its patience.
        say: shows a message to the user.

    Attributes:
        positions: the committed positions.
    """

    def __init__(
        self,
        endpoint: KafkaEndpoint,
        client: Client,
        settings: Mapping[str, Any],
        topic: Topic,
        options: TopicOptions,
        say: Callable[[str], None],
    ) -> None:
        self.positions = MemoryPositions()
        self._endpoint = endpoint
        self._client = client
        self._settings = settings
        self._position_topic: str = settings["transactional_id"]
        self._topic = topic
        self._options = options
        self._calls = PatientCalls(endpoint, client.settings, options, say)
        self._partitions = cycle(range(topic.partitions))
        self._session = secrets.token_hex(8)
        self._number = 0
        self._begun: _Transaction | None = None
        self._committed = NO_MARK  # the mark of the last transaction that was committed
        self._checked = (0, time.monotonic())  # the number of the last transaction that was looked for, and when

    def take_over(self) -> None:
        """Become the only producer of this name: any other finds our mark, and gives up.

        Raises:
            WordCountError: the brokers do not answer, or refuse the client.
            RefusedError: the topic is another than the one that the positions belong to.
        """
        deadline = time.monotonic() + self._options.patience
        mark = Mark(self._topic.id, self._session, 0)
        while True:
            self._connect_first(deadline)
            # Neither a topic from before there were ids, nor one of brokers that have none, is known to be another.
            if self._topic.id and self._committed.topic not in {"", self._topic.id}:
                raise RefusedError(position_topic.lost_lines_message(self._topic.name, "deleted and recreated"))
            try:
                self._calls.run(lambda: self._send([], PositionUpdate(), mark), deadline)
            except RefusedError:
                raise
            except WordCountError:
                # The other producer may have committed once more before it found our mark.
                if time.monotonic() >= deadline:
                    raise
                self.close()
            else:
                self._committed = mark
                return

    def begin(self, records: Sequence[bytes], update: PositionUpdate) -> None:
        """Start to send records and an update in a transaction; the one before is committed."""
        self._number += 1
        mark = Mark(self._topic.id, self._session, self._number)
        self._calls.forget_warning()

        def send() -> None:
            self._send(records, update, mark)

        self._begun = _Transaction(update, mark, send, self._calls.start(send))

    def wait(self) -> None:
        """Wait until the transaction that has begun is committed.

        Raises:
            WordCountError: the brokers refuse the transaction, or do not answer. Whether it was committed, the next
                start finds out.
        """
        if self._begun is None:
            return
        (update, mark, send, call), self._begun = self._begun, None
        deadline = time.monotonic() + self._options.patience
        first: WordCountError | None = None
        while self._committed != mark:
            try:
                self._calls.wait(call, deadline)
                self._committed = mark
            except RefusedError:
                raise
            except WordCountError as error:
                first = first or error
                # After a broker was away, kafka-python's producer does not always go on; a new one does.
                self._reconnect(deadline, first)
                if self._committed != mark:
                    call = self._calls.start(send)
        if first is not None or call.failures.last is not None:  # a broker was away, and may have been killed
            partitions = {self._position_topic: 1, self._topic.name: self._topic.partitions}
            self._calls.run(lambda: end_hanging(self._producer, partitions), time.monotonic() + self._options.patience)
        for record in update.records:
            self.positions.add(record)
        self._calls.say_answered()

    def check_topic(self, interval: float = _CHECK_SECONDS) -> None:
        """Check that the topic was not recreated since, unless that was checked within an interval, in seconds.

        Raises:
            LostLinesError: it was: what was published is gone, and the new topic takes what comes next.
        """
        number, last = self._checked
        if number == self._number or time.monotonic() - last < interval:
            return
        try:
            found = admin.find(self._endpoint, self._client.settings).topics.get(self._topic.name, self._topic)
        except WordCountError:
            return  # the brokers are away; the next transaction says so
        self._checked = (self._number, time.monotonic())
        if found.id != self._topic.id:
            raise LostLinesError(position_topic.lost_lines_message(self._topic.name, "deleted and recreated"))

    def close(self) -> None:
        """Close the connections. An open transaction is left to the next start."""
        try:
            self._producer.close(timeout=0)
        except KafkaError:  # a transaction is open, which close would flush before it stops the thread
            self._producer._sender.force_close()  # noqa: SLF001  # there is no other way
            self._producer._closed = True  # noqa: SLF001

    def _connect_first(self, deadline: float) -> None:
        try:
            self._connect(deadline)
        except RefusedError:
            raise
        except WordCountError as error:
            if admin.has_transaction_log(self._endpoint, self._client.settings):
                raise
            raise WordCountError(
                f"{self._endpoint.address} answers, but has no topic {admin.TRANSACTION_LOG}, which it needs for"
                " transactions; set transaction.state.log.replication.factor to at most the number of brokers"
            ) from error

    def _connect(self, deadline: float) -> None:
        """Make a producer, which ends what an earlier one left open, and read what was committed."""
        with FailureLog(self._client.settings) as failures:
            try:
                producer = self._producer = KafkaProducer(**self._settings)
            except Exception as error:
                raise explained(error, self._endpoint, failures) from error
        self._calls.run(producer.init_transactions, deadline)
        self.positions, self._committed = self._read(deadline)

    def _reconnect(self, deadline: float, first: WordCountError) -> None:
        """Connect again, unless another producer has taken over.

        Raises:
            RefusedError: another producer has taken over.
            WordCountError: the deadline has passed; this is the ``first`` failure.
        """
        while True:
            self.close()
            try:
                # Before a new producer fences one that has taken over, and after, as that may have happened meanwhile.
                self._check_owner(self._read(deadline)[1])
                self._connect(deadline)
                self._check_owner(self._committed)
            except RefusedError:
                raise
            except WordCountError:
                if time.monotonic() >= deadline:
                    raise first from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _check_owner(self, mark: Mark) -> None:
        if mark.session != self._session:
            raise RefusedError(
                f"another producer with the name {self._options.name!r} has taken over {self._topic.name};"
                " give each its own --name"
            )

    def _read(self, deadline: float) -> tuple[MemoryPositions, Mark]:
        read: list[tuple[MemoryPositions, Mark]] = []
        place = self._endpoint, self._client.settings, self._position_topic
        self._calls.run(lambda: read.append(position_topic.read(*place)), deadline)
        return read[0]

    def _send(self, records: Sequence[bytes], update: PositionUpdate, mark: Mark) -> None:
        producer = self._producer  # for the whole transaction, even if a new one replaces it while it is stuck
        producer.begin_transaction()
        # Positions first: the first record to a partition adds it to the transaction, which holds up the rest.
        sent = [
            producer.send(self._position_topic, value, key=key, partition=0)
            for key, value in position_topic.records(update, mark)
        ]
        sent += [
            producer.send(self._topic.name, record, partition=partition)
            for record, partition in zip(records, self._partitions, strict=False)
        ]
        producer.flush()  # which returns even if batches failed
        for future in sent:
            if not future.succeeded():
                raise future.exception or KafkaError("a record was not acknowledged")
        producer.commit_transaction()
