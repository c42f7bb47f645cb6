"""What topics lose while they are counted in real time: records are counted long before a checkpoint says so."""

import contextlib
import threading
from collections.abc import Callable, Mapping

from producer.common.errors import WordCountError
from streaming.errors import is_data_loss
from streaming.kafka.lag import Lag
from streaming.kafka.losses import Counted, Findings, Held, Partition, RecordsLostError, some_of
from streaming.kafka.topics import KafkaTopics
from streaming.losses.topic_losses import TopicLosses
from streaming.state import topic_offsets
from streaming.state.checkpoint import last_batch, last_commit
from streaming.state.folder import State


class RealTimeLosses(TopicLosses):
    """Compares what the brokers hold with what they held at the last look, and notes it for each checkpoint.

    A loss that is found while the stream runs leaves the counts of the last checkpoint right: the stream goes on from
    there. Only the output topic may have counts of what is lost, until all counts are written to it again.

    Args:
        topics: the topics that the stream reads.
        state: its state folder.
        say: shows a message to the user.
        lag: says if the stream falls behind.
        goes_on: whether to go on after a loss.
    """

    def __init__(
        self, topics: KafkaTopics, state: State, say: Callable[[str], None], lag: Lag, *, goes_on: bool
    ) -> None:
        super().__init__(topics, state, say, goes_on=goes_on)
        self._lag = lag
        self._seen: dict[Partition, Counted] = {}  #: what the brokers held at the last look: it is counted by now
        self._looking = threading.Lock()
        self._measured: int | None = None  #: the last batch whose lag was taken
        self._noted: tuple[int, dict[Partition, int | None]] | None = (
            None  #: the last batch that was noted, and what of it
        )

    def settle(self) -> bool:
        """Pass over what is lost, so that the query can start; return whether anything was. See ``TopicLosses``."""
        has_changed = super().settle()
        self.check()
        return has_changed

    def check(self) -> None:
        """Look for losses since the last look, and note what the brokers hold while the batch at hand reads.

        Raises:
            RecordsLostError: something is lost, or will be.
            WordCountError: the brokers do not answer, or refuse the client.
        """
        with self._looking:
            committed = last_commit(self._state.checkpoint)  # before the brokers are asked: they hold all of it
            findings = self._ask()
            self._check(findings)
            held = findings.held
            self._seen = {partition: Counted(now.end, now.epoch, now.end) for partition, now in held.items()}
            self._note(0 if committed is None else committed + 1, held)
            if committed is not None and committed != self._measured:
                self._measured = committed
                self._lag.note(self._behind(committed, findings))

    def _note(self, batch: int, held: Mapping[Partition, Held]) -> None:
        noted = batch, {partition: now.epoch for partition, now in held.items()}
        if noted != self._noted:
            topic_offsets.note(self._state.folder, batch, held)
            self._noted = noted

    def _behind(self, batch: int, findings: Findings) -> int:
        """Return how many records waited after a batch."""
        offsets = topic_offsets.batch_offsets(self._state.checkpoint, batch)
        return sum(
            max(0, now.end - len(findings.waiting.get(partition, ())) - offsets.get(partition, 0))
            for partition, now in findings.held.items()
        )

    def go_on_after(self, error: BaseException) -> bool:
        """Make the query able to start again after an error; return False if that is not for a loss.

        The query must have ended.
        """
        is_lost = self._is_lost(error) and self.goes_on
        if is_lost:
            self._warn()
        self._seen = {}
        if last_batch(self._state.checkpoint) is None:
            self._undo_unfinished()
        return super().go_on_after(error) or is_lost

    def _warn(self) -> None:
        with contextlib.suppress(WordCountError):  # brokers that do not answer
            losses = some_of(list(map(str, self._ask().losses)), "; ")
            self._say(f"warning: {losses or 'records are lost'}; counting goes on from the last checkpoint")

    def explain(self, error: BaseException) -> None:
        """Raise what is lost, with its offsets, or which topic is gone, if that is why the query has failed."""
        self._is_lost(error)
        super().explain(error)

    def _is_lost(self, error: BaseException) -> bool:
        """Return whether records are lost; the output topic may have counts of them then."""
        is_lost = isinstance(error, RecordsLostError) or is_data_loss(error)
        if is_lost:
            self._state.note_output("")
        return is_lost

    def _counted(self) -> dict[Partition, Counted]:
        return {**super()._counted(), **self._seen}
