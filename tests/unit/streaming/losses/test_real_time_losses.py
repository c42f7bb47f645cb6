"""What is noted and measured of topics in real time, and when the stream goes on after a loss."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from producer.kafka.address import kafka_endpoint
from producer.kafka.client_config import Client
from streaming.kafka import partitions
from streaming.kafka.losses import Findings, Held, Loss, LossKind, Partition, RecordsLostError, find_losses
from streaming.kafka.topics import KafkaTopics
from streaming.losses import topic_losses
from streaming.losses.real_time_losses import RealTimeLosses
from streaming.losses.watching import losses_in_batches
from streaming.state import topic_offsets
from streaming.state.checkpoint import last_batch
from tests.support.made_checkpoint import write_log

if TYPE_CHECKING:
    from streaming.kafka.lag import Lag

LINES = Partition("lines", 0)
SETTINGS = '{"batchWatermarkMs":0,"conf":{}}'


@dataclass
class Folder:
    """A state folder, without what else there is in one."""

    folder: Path
    output: str = "the topic"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint"

    def commit(self, batch: int, offset: int) -> None:
        write_log(self.checkpoint / "offsets", str(batch), [SETTINGS, f'{{"lines":{{"0":{offset}}}}}'])
        write_log(self.checkpoint / "commits", str(batch), ['{"nextBatchWatermarkMs":0}'])

    def note_output(self, topic_id: str) -> None:
        self.output = topic_id

    def other_topics(self, _: Any) -> frozenset[str]:
        return frozenset()

    def forget_batches(self) -> None:
        pass


@dataclass
class Brokers:
    """What the brokers hold of a topic of one partition, and where its former epoch ends."""

    end: int = 0
    epoch: int = 0
    cut: int = 0
    policy: str = "delete"
    behind: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def look(self, _topics: Any, counted: Any, _recreated: Any) -> Findings:
        held = {LINES: Held(0, self.end, self.epoch)}
        ends = {LINES: self.cut} if LINES in counted and counted[LINES].epoch not in {None, self.epoch} else {}
        return Findings(find_losses(counted, held, ends), {"lines": self.policy}, {}, held)

    def losses(self, state: Folder, *, goes_on: bool = True, auto: bool = False) -> RealTimeLosses:
        topics = KafkaTopics(kafka_endpoint("kafka://a:9092/lines"), Client({}, {}, {}), {"lines": "1"}, record_limit=7)
        lag = None if auto else cast("Lag", SimpleNamespace(note=self.behind.append))
        return RealTimeLosses(topics, cast("Any", state), self.said.append, lag, goes_on=goes_on)


@pytest.fixture
def state(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def brokers(monkeypatch: pytest.MonkeyPatch) -> Brokers:
    brokers = Brokers()
    monkeypatch.setattr(partitions, "look", brokers.look)
    return brokers


def test_each_look_is_noted_for_the_batch_at_hand(state: Folder, brokers: Brokers) -> None:
    losses = brokers.losses(state)
    for end in (40, 98):
        brokers.end = end
        losses.check()
    state.commit(0, 100)
    brokers.end, brokers.epoch, brokers.cut = 150, 4, 60

    with pytest.raises(RecordsLostError, match="40 offsets, from 60 to 99"):
        brokers.losses(state, goes_on=False).settle()


def test_records_that_came_after_a_checkpoint_do_not_wait(state: Folder, brokers: Brokers) -> None:
    losses = brokers.losses(state)
    for look in range(1, 4):
        brokers.end = 20_000 * look
        losses.check()
        state.commit(look - 1, 20_000 * look + 5_000)
    brokers.end = 90_000
    losses.check()

    assert brokers.behind == [0, 0, 0]


def test_records_that_a_checkpoint_lacks_wait(state: Folder, brokers: Brokers) -> None:
    losses = brokers.losses(state)
    brokers.end = 50_000
    losses.check()
    state.commit(0, 20_000)
    losses.check()

    assert brokers.behind == [30_000]


def lost(state: Folder, brokers: Brokers) -> RealTimeLosses:
    """Return losses that have seen 140 records, of which a checkpoint has 100, before only 120 of them were left."""
    state.commit(0, 100)
    brokers.end = 140
    losses = brokers.losses(state)
    losses.settle()
    brokers.end, brokers.epoch, brokers.cut = 120, 1, 120
    return losses


def test_a_loss_since_the_checkpoint_says_that_the_same_command_goes_on(state: Folder, brokers: Brokers) -> None:
    losses = lost(state, brokers)

    with pytest.raises(RecordsLostError, match=r"20 offsets, from 120 to 139\); run the same command again"):
        losses.check()


def test_after_a_loss_since_the_checkpoint_all_counts_are_written_again(state: Folder, brokers: Brokers) -> None:
    lost(state, brokers)

    assert not brokers.losses(state).settle()
    assert state.output == ""
    state.output = "the topic"
    assert not brokers.losses(state).settle()
    assert state.output == "the topic"


def test_it_goes_on_after_a_loss_and_not_again_before_another_checkpoint(
    state: Folder, brokers: Brokers, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = lost(state, brokers)
    error = RecordsLostError.for_losses([Loss(LINES, LossKind.CUT, 120, 140, 120)])
    monkeypatch.setattr(topic_losses, "find_topics", lambda *_: (losses.topics, ""))

    assert losses.go_on_after(error)
    assert not losses.go_on_after(error)
    state.commit(1, 120)
    assert losses.go_on_after(error)
    assert any(message.endswith("counting goes on from the last checkpoint") for message in brokers.said)


def test_what_was_lost_before_batches_take_over_is_noticed(state: Folder, brokers: Brokers) -> None:
    losses = lost(state, brokers)

    with losses_in_batches(losses, cast("Any", state), brokers.said.append) as in_batches:
        in_batches.check()  # the batches themselves have lost nothing

    assert state.output == ""


def test_no_warning_comes_twice_when_batches_take_over(state: Folder, brokers: Brokers) -> None:
    brokers.policy = "compact"
    losses = brokers.losses(state)
    losses.settle()
    with losses_in_batches(losses, cast("Any", state), brokers.said.append) as in_batches:
        in_batches.topics = replace(losses.topics, ids={"lines": "2"})
    losses.settle()

    assert len(brokers.said) == 1
    assert losses.topics.ids == {"lines": "2"}


def test_a_first_batch_that_was_cut_off_is_made_anew(state: Folder, brokers: Brokers) -> None:
    write_log(state.checkpoint / "sources" / "0", "0", ['{"lines":{"0":3}}'])
    write_log(state.checkpoint / "offsets", "0", [SETTINGS, '{"lines":{"0":60}}'])
    (state.checkpoint / "state" / "0").mkdir(parents=True)
    brokers.end = 60

    brokers.losses(state).settle()

    assert last_batch(state.checkpoint) is None
    assert not (state.checkpoint / "state").exists()
    assert topic_offsets.counted_offsets(state.checkpoint) == {LINES: 3}


def test_records_wait_until_a_checkpoint_has_them(state: Folder, brokers: Brokers) -> None:
    losses = brokers.losses(state)
    for end, offset, waits in ((10, 10, False), (20, 10, True), (20, 20, False)):
        brokers.end = end
        state.commit(0, offset)
        losses.check()
        assert losses.looked.has_waiting is waits


def test_what_waits_is_known_also_where_batches_take_over(state: Folder, brokers: Brokers) -> None:
    losses = brokers.losses(state, auto=True)
    brokers.end = 50_000
    losses.check()
    state.commit(0, 20_000)
    losses.check()

    assert losses.behind == {LINES: 30_000}
