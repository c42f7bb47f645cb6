"""The stream: counts of topics equal to Python's own, whatever happens to it, to the broker or to the topic."""

import json
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from tests.support.broker import Broker
from tests.support.golden import GOLDEN, Golden
from tests.support.in_process import InProcess
from tests.support.processes import PATIENCE, Stream, command, run, wait_until
from tests.support.reference import count, parsed, parsed_file
from tests.support.refusals import assert_refused
from tests.support.terminal import Terminal
from tests.support.topics import committed, last_offsets, make_topic, table

FAILED = 1


def send(broker: Broker, topic: str, records: Iterable[bytes], partitions: int = 1) -> None:
    """Send records as any producer may, without a transaction."""
    producer = KafkaProducer(bootstrap_servers=broker.servers, allow_auto_create_topics=False)
    sent = [producer.send(topic, record, partition=n % partitions) for n, record in enumerate(records)]
    producer.flush()
    assert all(future.succeeded() for future in sent)
    producer.close()


def hand_on(broker: Broker, topic: str, *arguments: str | Path) -> None:
    result = run(*arguments, "--to", f"kafka://{broker.servers}/{topic}", name="wordcount-producer")
    assert result.returncode == 0, result.stderr


def counted(broker: Broker, topic: str, *arguments: str | Path) -> dict[str, int]:
    result = run("stream", f"kafka://{broker.servers}/{topic}", "--once", *arguments)
    assert result.returncode == 0, result.stderr
    return parsed(result.stdout.splitlines())


@pytest.mark.both_brokers
def test_lines_to_the_console_to_files_and_to_a_topic(broker: Broker, topic: str, tmp_path: Path) -> None:
    first, second = b"to be or\nnot to be\n", b"to stream\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(first)
    hand_on(broker, topic, tmp_path / "in")
    source, output = f"kafka://{broker.servers}/{topic}", f"kafka://{broker.servers}/{topic}-counts"
    to_files = ["--output", tmp_path / "out", "--snapshot-interval", "1s", "--trigger", "0s"]
    with (
        Stream(source, *to_files) as files,
        Stream(source, "--output", output, "--checkpoint", tmp_path / "state", "--trigger", "0s") as topics,
    ):
        files.wait_for(**count(first))
        wait_until(lambda: table(broker.servers, f"{topic}-counts") == count(first), "the counts in the topic")
        (tmp_path / "in" / "b.txt").write_bytes(second)
        hand_on(broker, topic, tmp_path / "in")
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
    with Stream(source, "--output", output, "--checkpoint", tmp_path / "state", "--trigger", "0s", *words) as stream:
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


def test_another_output_topic_gets_all_counts(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one two\n")
    output = ["--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state", "--once"]
    assert run("stream", tmp_path / "in", *output).returncode == 0
    make_anew(broker, topic)
    (tmp_path / "in" / "b.txt").write_bytes(b"one\n")
    result = run("stream", tmp_path / "in", *output)
    assert (result.returncode, result.stderr.count("not compacted")) == (0, 1), result.stderr
    assert table(broker.servers, topic) == {"one": 2, "two": 1}


def test_an_output_topic_is_made_to_be_compacted(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one\n")
    hand_on(broker, f"{topic}-lines", tmp_path / "in")
    output = ["--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state", "--once"]
    assert run("stream", tmp_path / "in", *output).returncode == 0
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    names = [topic, f"wordcount.{topic}-lines.{socket.gethostname()}"]
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = admin.describe_configs(resources, config_filter="all")["topic"]
    admin.close()
    assert [found[name]["cleanup.policy"]["value"] for name in names] == ["compact", "compact"]


def test_the_live_table_counts_the_lines_of_packed_records(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"to be\nor not to be\n" * 50)
    (tmp_path / "b.txt").write_bytes(b"not\n")
    hand_on(broker, topic, tmp_path / "a.txt", "--lines-per-record", "10")
    source = f"kafka://{broker.servers}/{topic}"
    with Terminal(80, 24, command("wordcount"), "stream", source, "--min-length", "3") as terminal:
        wait_until(lambda: terminal.shows("not", "50"), "the count")
        wait_until(lambda: terminal.shows("100 new lines", "50 words", "1 distinct"), "the totals")
        hand_on(broker, topic, tmp_path / "b.txt")
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
    hand_on(broker, topic, tmp_path / "in")
    hand_on(broker, f"{topic}-packed", tmp_path / "in", "--lines-per-record", "7")
    for name in (topic, f"{topic}-packed"):
        assert run(
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


def test_from_latest_counts_what_comes(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"before"])
    with Stream(f"kafka://{broker.servers}/{topic}", "--from", "latest", "--output", tmp_path / "out") as stream:
        begins = tmp_path / "out" / "state" / "checkpoint" / "sources" / "0" / "0"
        wait_until(begins.exists, "the place where it begins")
        send(broker, topic, [b"after"])
        stream.wait_for(after=1)
        assert stream.stop() == 0
    assert parsed_file(tmp_path / "out" / "counts.txt") == {"after": 1}


def test_a_topic_that_gains_partitions(broker: Broker, topic: str) -> None:
    make_topic(broker.servers, topic, 1)
    send(broker, topic, [b"one"])
    with Stream(f"kafka://{broker.servers}/{topic}", "--trigger", "0s") as stream:
        stream.wait_for(one=1)
        admin = KafkaAdminClient(bootstrap_servers=broker.servers)
        admin.create_partitions({topic: 3})
        admin.close()
        send(broker, topic, [b"two"] * 30, partitions=3)
        stream.wait_for(two=30)
        assert stream.stop() == 0


def test_what_is_not_committed_does_not_count(broker: Broker, topic: str) -> None:
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


def test_killed_at_ten_random_moments(broker: Broker, topic: str, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    lines = [b"line %d of many" % (number % 997) for number in range(50_000)]
    (tmp_path / "a.txt").write_bytes(b"\n".join(lines) + b"\n")
    make_topic(broker.servers, topic, 3)
    hand_on(broker, topic, tmp_path / "a.txt", "--lines-per-record", "10")
    arguments = ["--output", tmp_path / "out", "--trigger", "0s", "--max-per-batch", "100"]
    for _ in range(10):
        with Stream(f"kafka://{broker.servers}/{topic}", *arguments) as stream:
            wait_until(lambda stream=stream: stream.counts != {}, "the first batch")
            time.sleep(chance.uniform(0, 0.6))
            stream.kill()
    assert counted(broker, topic, *arguments) == count(*lines)


def test_the_broker_stopped_and_started_again(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    with Stream(f"kafka://{broker.servers}/{topic}", "--output", tmp_path / "out", "--trigger", "0s") as stream:
        stream.wait_for(one=1)
        broker.kill()
        broker.start()
        send(broker, topic, [b"one two"])
        stream.wait_for(one=2, two=1)
        assert stream.stop() == 0


def test_a_folder_to_a_topic_whose_broker_hangs_and_goes_on(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one\n")
    make_topic(broker.servers, topic, cleanup_policy="compact")
    output = ["--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state"]
    with Stream(tmp_path / "in", *output, "--trigger", "0s") as stream:
        wait_until(lambda: table(broker.servers, topic) == {"one": 1}, "the count")
        broker.pause()
        (tmp_path / "in" / "b.txt").write_bytes(b"one two\n")
        stream.wait_for_message(f"no Kafka broker answers at {broker.servers} (no answer)", "waiting for it")
        stream.process.send_signal(signal.SIGTERM)
        stream.wait_for_message("stopping once the batch at hand is written")
        broker.resume()
        assert stream.process.wait(timeout=PATIENCE) == 0
        assert table(broker.servers, topic) == {"one": 2, "two": 1}
    with Stream(tmp_path / "in", *output, "--trigger", "0s") as stream:
        (tmp_path / "in" / "c.txt").write_bytes(b"two\n")
        wait_until(lambda: table(broker.servers, topic) == {"one": 2, "two": 2}, "the counts")
        assert stream.stop() == 0


def ended(stream: Stream, *parts: str, status: int = FAILED) -> None:
    """Wait for a stream to fail with one line that says this."""
    assert stream.process.wait(timeout=PATIENCE) == status, stream.messages
    stream._join()
    assert len(stream.messages) <= 2
    for part in parts:
        assert part in stream.messages[-1]
    assert not any("Traceback" in message or "\tat " in message for message in stream.messages)


def test_records_thrown_away_before_they_were_counted(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"counted"])
    assert counted(broker, topic, "--output", tmp_path / "out") == {"counted": 1}
    send(broker, topic, [b"lost"])
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_records({TopicPartition(topic, 0): 2})
    admin.close()
    send(broker, topic, [b"kept"])
    assert first_offset(broker, topic) == 2
    with Stream(f"kafka://{broker.servers}/{topic}", "--output", tmp_path / "out", "--once") as stream:
        ended(stream, topic, "the brokers deleted records")


def first_offset(broker: Broker, topic: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=broker.servers)
    try:
        return int(consumer.beginning_offsets([TopicPartition(topic, 0)])[TopicPartition(topic, 0)])
    finally:
        consumer.close()


def test_a_topic_made_anew_between_two_runs(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    assert counted(broker, topic, "--output", tmp_path / "out") == {"one": 1}
    make_anew(broker, topic)
    send(broker, topic, [b"two"] * 3)
    with Stream(f"kafka://{broker.servers}/{topic}", "--output", tmp_path / "out", "--once") as stream:
        ended(stream, topic, "recreated", status=FAILED)


@pytest.mark.parametrize("again", [False, True], ids=["deleted", "recreated"])
def test_a_topic_deleted_while_it_is_counted(broker: Broker, topic: str, *, again: bool) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"one"])
    with Stream(f"kafka://{broker.servers}/{topic}") as stream:
        stream.wait_for(one=1)
        if again:
            make_anew(broker, topic)
            send(broker, topic, [b"two"] * 3)
        else:
            delete(broker, topic)
        ended(stream, topic, "deleted")


def delete(broker: Broker, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_topics([topic])
    admin.close()


def make_anew(broker: Broker, topic: str) -> None:
    delete(broker, topic)
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    wait_until(lambda: admin.describe_topics([topic])[0]["error_code"] != 0, "the topic to be gone")
    admin.close()
    make_topic(broker.servers, topic)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("kafka://{servers}/no-such-topic", ["{servers} has no topic no-such-topic", "create it"]),
        ("kafka://localhost:1/lines", ["no Kafka broker answers at localhost:1", "nothing listens there"]),
        ("kafka://nowhere.invalid:9092/lines", ["nowhere.invalid:9092", "its name is not known"]),
    ],
)
def test_what_cannot_be_counted_is_refused(
    in_process: InProcess, broker: Broker, source: str, parts: list[str]
) -> None:
    result = in_process("stream", source.format(servers=broker.servers), "--once")
    assert_refused(result, *(part.format(servers=broker.servers) for part in parts), status=FAILED)
