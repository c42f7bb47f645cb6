"""What a topic loses while it is counted in real time, where records are counted before a checkpoint has them."""

from pathlib import Path

import pytest

from streaming.kafka.losses import Held, Partition
from streaming.state import topic_offsets
from streaming.state.checkpoint import last_commit
from tests.integration.kafka.test_realtime import arguments, wait_for_checkpoint, wait_for_counts
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import Broker
from tests.support.cut_log import cut_log
from tests.support.kafka_commands import recreate_topic, send
from tests.support.processes import PATIENCE, Stream
from tests.support.topics import make_topic

FAILED = 1


def cut(broker: ProcessBroker, topic: str, end: int) -> None:
    """Let the topic lose what comes after an offset, and hold as much again of something else."""
    broker.stop()
    cut_log(broker.data, topic, end)
    broker.start()
    send(broker, topic, [b"new"] * 100)


@pytest.mark.parametrize("goes_on", [True, False], ids=["goes-on", "stops"])
def test_counts_of_what_is_lost_are_taken_back(
    own_broker: ProcessBroker, topic: str, tmp_path: Path, *, goes_on: bool
) -> None:
    make_topic(own_broker.servers, topic)
    send(own_broker, topic, [b"word"] * 60)
    started = arguments(own_broker, topic, tmp_path, "realtime:20s")
    with Stream(*started, "--after-loss", "continue" if goes_on else "stop") as stream:
        wait_for_checkpoint(tmp_path / "state" / "checkpoint", 60)
        send(own_broker, topic, [b"word"] * 40)
        wait_for_counts(own_broker, topic, {"word": 100})
        cut(own_broker, topic, 60)
        if goes_on:
            wait_for_counts(own_broker, topic, {"word": 60, "new": 100})
            stream.wait_for_message("warning: ", "counting goes on from the last checkpoint")
            assert stream.stop() == 0
        else:
            assert stream.process.wait(timeout=PATIENCE) == FAILED
            stream.wait_for_message(f"the topic {topic}", "--after-loss continue")
    if not goes_on:
        with Stream(*started) as stream:
            wait_for_counts(own_broker, topic, {"word": 60, "new": 100})
            assert stream.stop() == 0


def test_a_topic_that_is_recreated_while_it_is_counted(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"word"] * 2)
    started = arguments(broker, topic, tmp_path, "realtime:20s")
    with Stream(*started, "--after-loss", "continue") as stream:
        wait_for_checkpoint(tmp_path / "state" / "checkpoint", 2)
        send(broker, topic, [b"word"])
        wait_for_counts(broker, topic, {"word": 3})
        recreate_topic(broker, topic)
        send(broker, topic, [b"new"])
        wait_for_counts(broker, topic, {"word": 2, "new": 1})
        stream.wait_for_message("recreated", "goes on at offset 0")
        assert stream.stop() == 0


def test_a_leader_that_changed_shortly_before_a_kill(own_broker: ProcessBroker, topic: str, tmp_path: Path) -> None:
    make_topic(own_broker.servers, topic)
    checkpoint = tmp_path / "state" / "checkpoint"
    send(own_broker, topic, [b"word"] * 40)
    send(own_broker, topic, [b"word"] * 20)
    with Stream(*arguments(own_broker, topic, tmp_path)) as stream:
        wait_for_checkpoint(checkpoint, 60)
        stream.kill()
    # As if the kill came after a look that saw half of the records.
    topic_offsets.note(tmp_path / "state", last_commit(checkpoint) or 0, {Partition(topic, 0): Held(0, 30, 0)})
    cut(own_broker, topic, 40)

    with Stream(*arguments(own_broker, topic, tmp_path)) as stream:
        stream.wait_for_message(f"warning: partition 0 of the topic {topic} got another leader", "from 40 to 59")
        wait_for_checkpoint(checkpoint, 140)
        assert stream.stop() == 0
