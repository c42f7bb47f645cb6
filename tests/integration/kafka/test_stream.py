"""The stream counts topics as plain Python does, and writes counts to topics."""

import json
import signal
import socket
from collections import Counter
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from tests.support.broker_settings import Broker
from tests.support.golden import GOLDEN, Golden
from tests.support.kafka_commands import counted, publish, recreate_topic, send
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.reference import count, parsed_file
from tests.support.terminal import Terminal
from tests.support.topics import committed, last_offsets, make_topic, table
from tests.support.warm import WarmStream, run_warm

FAILED = 1


@pytest.mark.both_brokers
def test_counts_on_the_console_in_files_and_in_a_topic(broker: Broker, topic: str, tmp_path: Path) -> None:
    first, second = b"to be or\nnot to be\n", b"to stream\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(first)
    publish(broker, topic, tmp_path / "in")
    source, output = f"kafka://{broker.servers}/{topic}", f"kafka://{broker.servers}/{topic}-counts"
    to_files = ["--output", tmp_path / "out", "--snapshot-interval", "1s", "--trigger", "0s"]
    with (
        WarmStream(source, *to_files) as files,
        WarmStream(source, "--output", output, "--checkpoint", tmp_path / "state", "--trigger", "0s") as topics,
    ):
        files.wait_for(**count(first))
        wait_until(lambda: table(broker.servers, f"{topic}-counts") == count(first), "the counts in the topic")
        (tmp_path / "in" / "b.txt").write_bytes(second)
        publish(broker, topic, tmp_path / "in")
        files.wait_for(**count(first, second))
        wait_until(lambda: parsed_file(tmp_path / "out" / "counts.txt") == count(first, second), "the snapshot")
        wait_until(lambda: table(broker.servers, f"{topic}-counts") == count(first, second), "the counts in the topic")
        assert (files.stop(), topics.stop()) == (0, 0)
        assert any("continues from" in message for message in topics.messages)
        assert topics.counts == {}  # they are in the topic


def test_closed_windows_to_a_topic(broker: Broker, topic: str, tmp_path: Path) -> None:
    times = ["10:00:00", "10:04:59", "10:05:00", "11:00:00"]
    make_topic(broker.servers, topic)
    send(broker, topic, [f"2026-03-04T{time}Z a: 오류".encode() for time in times])
    source, output = f"kafka://{broker.servers}/{topic}", f"kafka://{broker.servers}/{topic}-counts"
    words = ["--window", "5m", "--time-format", "iso", "--time-zone", "UTC", "--regex", "오류"]
    with WarmStream(
        source, "--output", output, "--checkpoint", tmp_path / "state", "--trigger", "0s", *words
    ) as stream:
        wait_until(lambda: last_offsets(broker.servers, f"{topic}-counts") == 2, "the closed windows")
        assert stream.stop() == 0
    found = {record.key.decode(): json.loads(record.value) for record in committed(broker.servers, f"{topic}-counts")}
    assert found == {
        f"{row['window_start']} {row['word']}": row
        for row in (
            {"window_start": f"2026-03-04T{start}Z", "window_end": f"2026-03-04T{end}Z", "word": "오류", "count": count}
            for start, end, count in (("10:00:00", "10:05:00", 2), ("10:05:00", "10:10:00", 1))
        )
    }
    assert stream.counts == {}


def test_another_output_topic_receives_all_counts(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one two\n")
    output = ["--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state", "--once"]
    assert run_warm("stream", tmp_path / "in", *output).returncode == 0
    recreate_topic(broker, topic)
    (tmp_path / "in" / "b.txt").write_bytes(b"one\n")
    result = run_warm("stream", tmp_path / "in", *output)
    assert (result.returncode, result.stderr.count("not compacted")) == (0, 1), result.stderr
    assert table(broker.servers, topic) == {"one": 2, "two": 1}


def test_an_output_topic_is_created_compacted(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one\n")
    publish(broker, f"{topic}-lines", tmp_path / "in")
    output = ["--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state", "--once"]
    assert run_warm("stream", tmp_path / "in", *output).returncode == 0
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    names = [topic, f"wordcount.{topic}-lines.{socket.gethostname()}"]
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = admin.describe_configs(resources, config_filter="all")["topic"]
    admin.close()
    assert [found[name]["cleanup.policy"]["value"] for name in names] == ["compact", "compact"]


def test_the_live_view_counts_the_lines_of_packed_records(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"to be\nor not to be\n" * 50)
    (tmp_path / "b.txt").write_bytes(b"not\n")
    publish(broker, topic, tmp_path / "a.txt", "--lines-per-record", "10")
    source = f"kafka://{broker.servers}/{topic}"
    with Terminal(80, 24, command("wordcount"), "stream", source, "--min-length", "3") as terminal:
        wait_until(lambda: terminal.shows("not", "50"), "the count")
        wait_until(lambda: terminal.shows("100 new lines", "50 words", "1 distinct"), "the totals")
        publish(broker, topic, tmp_path / "b.txt")
        wait_until(lambda: terminal.shows("101 new lines", "lag 0 records"), "the lag")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(timeout=PATIENCE) == 0


def test_the_golden_table(broker: Broker, topic: str, tmp_path: Path) -> None:
    expected: Counter[str] = Counter()
    (tmp_path / "in").mkdir()
    for number, golden in enumerate(GOLDEN):
        (tmp_path / "in" / f"{number:03d}").write_bytes(golden.data)
        expected += Counter(golden.counts)
    make_topic(broker.servers, topic, 3, max_message_bytes="2000000")
    make_topic(broker.servers, f"{topic}-packed", 12, max_message_bytes="2000000")
    publish(broker, topic, tmp_path / "in")
    publish(broker, f"{topic}-packed", tmp_path / "in", "--lines-per-record", "7")
    for name in (topic, f"{topic}-packed"):
        assert run_warm(
            "stream", f"kafka://{broker.servers}/{name}", "--once", "--output", tmp_path / name, "--format", "json"
        ).returncode == 0  # fmt: skip
        assert parsed_json(tmp_path / name / "counts.json") == expected


def parsed_json(path: Path) -> dict[str, int]:
    rows = (json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1])
    return {row["word"]: row["count"] for row in rows}


@pytest.mark.parametrize("golden", [golden for golden in GOLDEN if golden.name == "plain"], ids=lambda g: g.name)
def test_several_topics(broker: Broker, topic: str, golden: Golden) -> None:
    for name in (f"{topic}-a", f"{topic}-b"):
        make_topic(broker.servers, name)
        send(broker, name, [golden.data])
    assert counted(broker, f"{topic}-a,{topic}-b") == count(golden.data, golden.data)


def test_from_latest_counts_new_records_only(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"before"])
    with WarmStream(f"kafka://{broker.servers}/{topic}", "--from", "latest", "--output", tmp_path / "out") as stream:
        begins = tmp_path / "out" / "state" / "checkpoint" / "sources" / "0" / "0"
        wait_until(begins.exists, "the place where it begins")
        send(broker, topic, [b"after"])
        stream.wait_for(after=1)
        assert stream.stop() == 0
    assert parsed_file(tmp_path / "out" / "counts.txt") == {"after": 1}


def test_a_topic_that_gains_partitions(broker: Broker, topic: str) -> None:
    make_topic(broker.servers, topic, 1)
    send(broker, topic, [b"one"])
    with WarmStream(f"kafka://{broker.servers}/{topic}", "--trigger", "0s") as stream:
        stream.wait_for(one=1)
        admin = KafkaAdminClient(bootstrap_servers=broker.servers)
        admin.create_partitions({topic: 3})
        admin.close()
        send(broker, topic, [b"two"] * 30, partitions=3)
        stream.wait_for(two=30)
        assert stream.stop() == 0


def test_uncommitted_records_do_not_count(broker: Broker, topic: str) -> None:
    make_topic(broker.servers, topic)
    producer = KafkaProducer(bootstrap_servers=broker.servers, transactional_id=topic)
    producer.init_transactions()
    for word, ends in ((b"kept", producer.commit_transaction), (b"dropped", producer.abort_transaction)):
        producer.begin_transaction()
        producer.send(topic, word)
        producer.flush()
        ends()
    producer.close()
    assert counted(broker, topic) == {"kept": 1}
