"""Topics that are changed while a stream runs or is stopped: more partitions, another output, a state without notes."""

from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from tests.integration.kafka.test_stream_failures import ended
from tests.support.broker_settings import Broker
from tests.support.kafka_commands import counted, recreate_topic, send
from tests.support.processes import wait_until
from tests.support.topics import make_topic, table
from tests.support.warm import WarmStream, run_warm


def test_partitions_that_were_added_while_nothing_ran(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"] * 3)
    assert counted(broker, topic, "--output", tmp_path / "out") == {"one": 3}
    with closing(KafkaAdminClient(bootstrap_servers=broker.servers)) as admin:
        admin.create_partitions({topic: 3})
        wait_until(lambda: len(admin.describe_topics([topic])[0]["partitions"]) == 3, "the partitions")
    send(broker, topic, [b"one two"] * 9, partitions=3)

    result = run_warm("stream", f"kafka://{broker.servers}/{topic}", "--once", "--output", tmp_path / "out")

    assert (result.returncode, result.stderr) == (0, "")
    assert counted(broker, topic, "--output", tmp_path / "out") == {"one": 12, "two": 9}


def test_a_state_without_its_notes_of_topics_says_so(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    assert counted(broker, topic, "--output", tmp_path / "out") == {"one": 1}
    notes = tmp_path / "out" / "state" / "topics.json"
    notes.unlink()
    send(broker, topic, [b"one"])

    result = run_warm("stream", f"kafka://{broker.servers}/{topic}", "--once", "--output", tmp_path / "out")

    assert result.returncode == 0
    assert f"warning: {notes} does not have the last batch" in result.stderr
    assert counted(broker, topic, "--output", tmp_path / "out") == {"one": 2}


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_the_last_two_batches_damaged_as_by_a_power_cut(broker: Broker, topic: str, tmp_path: Path, store: str) -> None:
    make_topic(broker.servers, topic)
    arguments = ["--output", tmp_path / "out", "--state-store", store, "--changes"]
    for number in range(1, 5):
        send(broker, topic, [b"one"])
        assert counted(broker, topic, *arguments) == {"one": number}
    checkpoint = tmp_path / "out" / "state" / "checkpoint"
    versions = [file for version in (3, 4) for file in (checkpoint / "state" / "0" / "0").glob(f"{version}[._]*")]
    assert len(versions) >= 2
    for file in (*versions, *(checkpoint / name for name in ("offsets/3", "commits/2", "commits/3"))):
        file.write_bytes(b"")
    send(broker, topic, [b"two"])

    assert counted(broker, topic, *arguments) == {"one": 4, "two": 1}
    changed = [file.read_text("utf-8") for file in sorted((tmp_path / "out" / "changes").glob("*"))]
    assert len(changed) == 4
    assert "4" in "".join(changed[2:])


def test_an_output_topic_that_is_recreated(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one\n")
    make_topic(broker.servers, topic, cleanup_policy="compact")
    arguments = [tmp_path / "in", "--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state"]
    with WarmStream(*arguments) as stream:
        wait_until(lambda: table(broker.servers, topic) == {"one": 1}, "the count")
        recreate_topic(broker, topic)
        ended(stream, f"the output topic {topic} was deleted", "run the same command again")

    assert run_warm("stream", *arguments, "--once").returncode == 0
    assert table(broker.servers, topic) == {"one": 1}


def test_another_output_topic_for_windows(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    windows = ["--window", "1m", "--checkpoint", tmp_path / "state", "--once"]
    for name, line in ((f"{topic}-a", "2026-11-28T06:00:00Z one"), (f"{topic}-b", "2026-11-28T07:00:00Z two")):
        make_topic(broker.servers, name, cleanup_policy="compact")
        (tmp_path / "in" / name).write_text(f"{line}\n")
        result = run_warm("stream", tmp_path / "in", "--output", f"kafka://{broker.servers}/{name}", *windows)
        assert result.returncode == 0, result.stderr
        assert ("lacks windows that were closed before" in result.stderr) == (name == f"{topic}-b")
