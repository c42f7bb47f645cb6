"""A state that counts in real time keeps its store and its number of partitions, and gets another number."""

import json
from pathlib import Path

from streaming.state.checkpoint import last_commit
from tests.integration.kafka.test_realtime import arguments, wait_for_checkpoint, wait_for_counts
from tests.support.broker_settings import Broker
from tests.support.in_process import InProcess
from tests.support.kafka_commands import send
from tests.support.processes import Stream, wait_until
from tests.support.refusals import assert_refused
from tests.support.topics import make_topic
from tests.support.warm import run_warm


def noted(folder: Path) -> object:
    """Return what is noted of the topics in the last committed batch."""
    batches = json.loads((folder / "state" / "topics.json").read_text("utf-8"))["batches"]
    return batches.get(str(last_commit(folder / "state" / "checkpoint")))


def test_real_time_goes_on_in_other_numbers_of_partitions(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, 2)
    checkpoint = tmp_path / "state" / "checkpoint"
    given: tuple[str, ...] = ("--partitions", "2")
    for number, trigger in enumerate(("realtime:5s", "0s", "realtime:5s"), 1):
        send(broker, topic, [b"one two", b"three"])
        with Stream(*arguments(broker, topic, tmp_path, trigger), *given) as stream:
            wait_for_counts(broker, topic, {"one": number, "two": number, "three": number})
            wait_for_checkpoint(checkpoint, 2 * number)
            wait_until(lambda: bool(noted(tmp_path)), "the note of the checkpoint")
            assert stream.stop() == 0
        assert [line for line in stream.messages if "warning" in line] == []
        given = ()  # the state knows it
        before = noted(tmp_path)
        result = run_warm("repartition", tmp_path / "state", str(2 + number))
        assert (result.returncode, result.stdout) == (0, ""), result.stderr
        assert result.stderr.endswith(f"has {2 + number} partitions now\n")
        assert noted(tmp_path) == before
        counts = run_warm("get", tmp_path / "state", "one", "two", "three")
        assert counts.stdout == f"one: {number}\ntwo: {number}\nthree: {number}\n"


def test_real_time_refuses_a_state_in_memory(broker: Broker, topic: str, tmp_path: Path, in_process: InProcess) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    to = f"kafka://{broker.servers}/{topic}-counts"
    batch = ("stream", f"kafka://{broker.servers}/{topic}", "--output", to, "--checkpoint", tmp_path / "state")
    assert run_warm(*batch, "--once").returncode == 0

    for options in ([], ["--state-store", "rocksdb"]):
        result = in_process(*batch, "--trigger", "realtime", *options)
        assert_refused(result, "made with the state store 'memory'", "give another --checkpoint", "to convert it")
