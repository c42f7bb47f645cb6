"""What topics lose while they are counted in real time: records are counted long before a checkpoint says so."""

import contextlib
import threading
from collections.abc import Callable, Sequence

from producer.common.errors import WordCountError
from streaming.errors import is_data_loss
from streaming.kafka.lag import Lag
from streaming.kafka.losses import Counted, Findings, Loss, LossKind, Partition, RecordsLostError, losses_text
from streaming.kafka.topics import KafkaTopics
from streaming.losses.topic_losses import TopicLosses
from streaming.state import topic_offsets
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

_NEVER = -1


class RealTimeLosses(TopicLosses):
    """Compares what the brokers hold with what they held at the last look, and notes it for the batch at hand.

    A loss that is found while the stream runs leaves the counts of the last checkpoint right: the stream goes on from
    there. Only the output topic may have counts of what is lost, until all counts are written to it again.

    Args:
        topics: the topics that the stream reads.
        state: its state folder.
        say: shows a message to the user.
        lag: says if the stream falls behind; None if batches take over then.
        goes_on: whether to go on after a loss.
    """

    def __init__(
        self, topics: KafkaTopics, state: State, say: Callable[[str], None], lag: Lag | None, *, goes_on: bool
    ) -> None:
        super().__init__(topics, state, say, goes_on=goes_on)
        self._lag = lag
        self._seen: dict[Partition, Counted] = {}  #: what the brokers held at the last look: it is counted by now
        self._looking = threading.Lock()
        self._measured: int | None = None  #: the last batch whose lag was taken
        self._restarted_after: int | None = _NEVER  #: the last batch committed when the query last started again

    def settle(self) -> bool:
        """Pass over what is lost, so that the query can start; return whether anything was. See ``TopicLosses``."""
        with self._looking:
            if last_commit(self._state.checkpoint) is None:
                self._undo_unfinished()  # Spark begins anew, and refuses counts of a batch that was cut off
            self._seen = topic_offsets.held_while_reading(self._state.folder, self._batch())
            was_cut = bool(self._seen) and any(loss.kind is LossKind.CUT for loss in self._ask().losses)
            self._seen = {}
            has_changed = super().settle()
        if was_cut or has_changed:
            self._state.note_output("")
        self.check()
        return has_changed

    def check(self) -> None:
        """Look for losses since the last look, and note what the brokers hold while the batch at hand reads.

        Raises:
            RecordsLostError: something is lost, or will be.
            WordCountError: the brokers do not answer, or refuse the client.
        """
        with self._looking:
            batch = self._batch()  # before the brokers are asked: they hold all that is committed
            findings = self._ask()
            self._check(findings)
            self._measure(batch - 1, findings)
            self._seen = {partition: Counted(now.end, now.epoch, now.end) for partition, now in findings.held.items()}
            topic_offsets.note(self._state.folder, batch, findings.held)

    def _batch(self) -> int:
        """Return the number of the batch at hand."""
        committed = last_commit(self._state.checkpoint)
        return 0 if committed is None else committed + 1

    def _measure(self, committed: int, findings: Findings) -> None:
        """Take the lag at a checkpoint that was committed since the last look: the records of that look it lacks."""
        if committed < 0 or committed == self._measured:
            return
        self._measured = committed
        offsets = topic_offsets.batch_offsets(self._state.checkpoint, committed)
        open_ = {partition: len(waiting) for partition, waiting in findings.waiting.items()}
        self.behind = {
            partition: max(0, was.end - open_.get(partition, 0) - offsets.get(partition, 0))
            for partition, was in self._seen.items()
        }
        if self._lag is not None:
            self._lag.note(sum(self.behind.values()))

    def go_on_after(self, error: BaseException) -> bool:
        """Make the query able to start again after an error; return False if that is not for a loss.

        The query must have ended.
        """
        is_lost = self._is_lost(error) and self.goes_on
        if is_lost:
            self._warn()
        if super().go_on_after(error):
            return True
        # The checkpoint has lost nothing. If no other was committed since, it would fail in the same way again.
        committed = last_commit(self._state.checkpoint)
        is_first = committed != self._restarted_after
        self._restarted_after = committed
        return is_lost and is_first

    def _warn(self) -> None:
        with contextlib.suppress(WordCountError):  # brokers that do not answer
            losses = losses_text(self._ask().losses)
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

    def _error(self, losses: Sequence[Loss]) -> RecordsLostError:
        counted = super()._counted()
        is_kept = all(loss.partition not in counted or counted[loss.partition].offset <= loss.first for loss in losses)
        return RecordsLostError.since_checkpoint(losses) if is_kept else super()._error(losses)
