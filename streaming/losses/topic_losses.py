"""What topics lose while a stream reads them: found, reported, and passed over if the user has asked for that."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from producer.common.errors import WordCountError
from streaming.errors import is_data_loss, is_missing_topic
from streaming.java_errors import MALFORMED_TIME, java_causes
from streaming.kafka import partitions
from streaming.kafka.compaction import compaction_message, is_compacted
from streaming.kafka.losses import Counted, Findings, Loss, LossKind, Partition, RecordsLostError
from streaming.kafka.open_transactions import OpenTransactions
from streaming.kafka.topics import KafkaTopics, ask_for_change, find_topics
from streaming.losses.waiting import Looked, has_waiting
from streaming.state import topic_offsets
from streaming.state.checkpoint import last_batch, last_commit
from streaming.state.folder import State
from streaming.state.mending import undo


class PoisonRecord(NamedTuple):
    """A record of a topic that Spark cannot read."""

    topic: str
    partition: int
    offset: int


def poison_record(error: BaseException) -> PoisonRecord | None:
    """Return the record that Spark cannot read, if that is why it failed.

    It has a time outside of what Spark can hold, such as one in nanoseconds where Kafka has milliseconds.
    """
    for cause in java_causes(error):
        if cause.condition == MALFORMED_TIME:
            at = cause.parameters
            return PoisonRecord(at["topic"], int(at["partition"]), int(at["offset"]))
    return None


class TopicLosses:
    """Compares what was counted of topics with what the brokers hold.

    Args:
        topics: the topics that the stream reads.
        state: its state folder.
        say: shows a message to the user.
        goes_on: whether to go on after a loss, with the counts so far.

    Attributes:
        topics: the topics as they are now.
        behind: how many records of each partition waited when the last batch began.
        looked: whether records waited at the last look while the query ran.
    """

    def __init__(self, topics: KafkaTopics, state: State, say: Callable[[str], None], *, goes_on: bool) -> None:
        self.topics = topics
        self.behind: Mapping[tuple[str, int], int] = {}
        self.looked = Looked()
        self._state = state
        self._say = say
        self.goes_on = goes_on
        self._policies: dict[str, str | None] = {}
        self._open = OpenTransactions(say)
        self._reader = partitions.EpochReader(topics)
        self._epochs: dict[Partition, int | None] = {}  #: those in which the last batch read its partitions

    def take_over(self, former: "TopicLosses") -> None:
        """Go on from another one, which looked at the same topics until now, so that no warning comes twice."""
        self.topics = former.topics
        self._policies, self._open = former._policies, former._open  # noqa: SLF001  # of the same class

    def check(self) -> None:
        """Look for losses of what was counted, while the query may run.

        Raises:
            RecordsLostError: something is lost, or will be.
            WordCountError: the brokers do not answer, or refuse the client.
        """
        self._check(self._ask())

    def _check(self, findings: Findings) -> None:
        self.looked = Looked(
            time.monotonic(), has_waiting(findings, topic_offsets.counted_offsets(self._state.checkpoint))
        )
        # What is deleted before it is counted is left to Spark: it may have read it since.
        if cut := [loss for loss in findings.losses if loss.kind is LossKind.CUT]:
            raise self._error(cut)
        self._check_policies(findings.policies)
        self._open.look(findings.waiting)

    def report_uncounted(self) -> None:
        """Report what is not counted at the end because transactions have been open since the start."""
        with contextlib.suppress(WordCountError):  # brokers that have gone away once all was counted
            self._open.look(self._ask().waiting, patience=0)

    def _check_policies(self, policies: Mapping[str, str | None]) -> None:
        """Refuse topics that are compacted, or warn of each once if the stream is to go on after a loss."""
        for name, policy in policies.items():
            message = compaction_message(name, policy)
            if is_compacted(policy) and not self.goes_on:
                raise RecordsLostError(
                    f"{message}; --after-loss continue counts what is left of it, or set cleanup.policy=delete"
                )
            is_new = name not in self._policies or self._policies[name] != policy
            if is_new and (is_compacted(policy) or policy is None):
                self._say(f"warning: {message}")
        self._policies = dict(policies)

    def settle(self) -> bool:
        """Pass over what is lost, so that the query can start; return whether anything was.

        Raises:
            RecordsLostError: something is lost, and the stream is not to go on after that.
            WordCountError: the brokers do not answer, or refuse the client.
        """
        findings = self._ask()
        self._check_policies(findings.policies)
        self._open.look(findings.waiting)
        if file := topic_offsets.missing_note(self._state.folder, self._state.checkpoint):
            self._say(
                f"warning: {file} does not have the last batches: if a partition has lost its end and grown again"
                " since, that is not noticed"
            )
        for loss in findings.losses:
            if loss.kind is LossKind.UNKNOWN:
                self._say(f"warning: {loss}")
        losses = [loss for loss in findings.losses if loss.kind is not LossKind.UNKNOWN]
        recreated = self._state.other_topics(self.topics.ids)
        if losses and not self.goes_on:
            raise RecordsLostError.for_losses(losses)
        if losses:
            self._pass_over(losses)
        if recreated:
            self._state.note_topics(self.topics.ids)
        self._epochs = {partition: was.epoch for partition, was in self._counted().items()}
        return bool(losses or recreated)

    def explain(self, error: BaseException) -> None:
        """Raise what is lost, with its offsets, or which topic is gone, if that is why the query has failed."""
        if not is_data_loss(error) and not is_missing_topic(error):
            return
        try:
            change = ask_for_change(self.topics)
            losses = [] if change is not None else self._ask().losses
        except WordCountError:
            return  # the error itself says less, but something
        if change is not None:
            raise change.error() from error
        if losses:
            raise self._error(losses) from error

    def go_on_after(self, error: BaseException) -> bool:
        """Make the query able to start again after an error; return False if that is not for a loss.

        The query must have ended.
        """
        if not self.goes_on:
            return False
        try:
            self.topics = find_topics(self.topics.endpoint, self.topics.client, self._say)[0]
            return self._pass_over_poison(error) or self.settle()
        except WordCountError:
            return False  # the first error says more

    def note(self, batch: int) -> int:
        """Note the leader epochs of the partitions that a batch is about to read.

        The batch may not read what took the place of lost records: it would be counted again once the loss is noticed.

        Returns:
            How many records wait after the batch.

        Raises:
            RecordsLostError: a partition has lost its end since the batch before.
            WordCountError: a topic was recreated, or the brokers do not answer.
        """
        offsets = topic_offsets.batch_offsets(self._state.checkpoint, batch)
        held = self._reader.read(offsets, self.topics.ids)
        epochs = {partition: now.epoch for partition, now in held.items()}
        if any(epochs.get(partition, epoch) != epoch for partition, epoch in self._epochs.items()):
            self.check()
        self._epochs = epochs
        topic_offsets.note(self._state.folder, batch, held)
        self.behind = {
            (partition.topic, partition.number): max(0, now.end - offsets[partition]) for partition, now in held.items()
        }
        return sum(self.behind.values())

    def close(self) -> None:
        """Close the connections to the brokers."""
        self._reader.close()

    def _ask(self) -> Findings:
        """Ask the brokers what is lost, how they clean the topics up, and what waits."""
        return partitions.look(self.topics, self._counted(), self._state.other_topics(self.topics.ids))

    def _error(self, losses: Sequence[Loss]) -> RecordsLostError:
        return RecordsLostError.for_losses(losses)

    def _counted(self) -> dict[Partition, Counted]:
        return topic_offsets.counted(self._state.folder, self._state.checkpoint)

    def _pass_over(self, losses: list[Loss]) -> None:
        for loss in losses:
            where = f"; counting goes on at offset {loss.resume}" if loss.resume >= 0 else ""
            self._say(f"warning: {loss}{where}")
        self._undo_unfinished()
        checkpoint = self._state.checkpoint
        topic_offsets.resume_at(checkpoint, losses)
        batch = last_commit(checkpoint)
        if batch is not None:  # the leaders of before are not those of what is read from now on
            held = self._reader.read(topic_offsets.counted_offsets(checkpoint), self.topics.ids)
            topic_offsets.note(self._state.folder, batch, held)

    def _undo_unfinished(self) -> None:
        """Undo a batch that is not committed: it would read what is no longer there."""
        checkpoint = self._state.checkpoint
        batch = last_batch(checkpoint)
        if batch == last_commit(checkpoint) and batch is not None:
            return
        if batch in {None, 0}:
            self._state.forget_batches()
        undo(checkpoint, batch or 0)  # in real time there may be counts before the offsets

    def _pass_over_poison(self, error: BaseException) -> bool:
        """Let the batch at hand end before a record that Spark cannot read, or begin after it if it is the first."""
        poison = poison_record(error)
        checkpoint = self._state.checkpoint
        batch = last_batch(checkpoint)
        if poison is None or batch is None or batch == last_commit(checkpoint):
            return False
        partition = Partition(poison.topic, poison.partition)
        if poison.offset > topic_offsets.counted_offsets(checkpoint).get(partition, 0):
            topic_offsets.end_batch_before(checkpoint, batch, partition, poison.offset)
            return True
        end = topic_offsets.batch_offsets(checkpoint, batch)[partition]
        end = partitions.unreadable_end(self.topics, partition, poison.offset, end)
        self._pass_over([Loss(partition, LossKind.UNREADABLE, poison.offset, end, end)])
        return True
