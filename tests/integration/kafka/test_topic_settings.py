"""Topics with the settings that brokers really have: any compression, and small records."""

from pathlib import Path

import pytest

from tests.support.broker_settings import Broker
from tests.support.kafka_commands import numbered, produce
from tests.support.refusals import assert_refused
from tests.support.topics import lines_in, make_topic, table
from tests.support.warm import run_warm

FAILED = 1


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_positions_are_read_back_whatever_compresses_them(
    broker: Broker, topic: str, tmp_path: Path, codec: str
) -> None:
    make_topic(broker.servers, topic, compression_type=codec)
    make_topic(broker.servers, f"wordcount.{topic}.n", compression_type=codec, cleanup_policy="compact")
    expected = numbered(tmp_path / "a.txt", 100)
    for _ in range(2):
        result = produce(broker, topic, tmp_path / "a.txt", "--name", "n")
        assert (result.returncode, result.stderr) == (0, "")
    assert lines_in(broker.servers, topic) == expected


def test_an_output_topic_of_small_records(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, cleanup_policy="compact", max_message_bytes="8000")
    (tmp_path / "in").mkdir()
    words = [f"word-{number}" for number in range(2000)]
    (tmp_path / "in" / "a.txt").write_text(f"{' '.join(words)}\n{'x' * 1_000_000}\n{'y' * 7000}\n")
    arguments = [tmp_path / "in", "--output", f"kafka://{broker.servers}/{topic}", "--checkpoint", tmp_path / "state"]
    result = run_warm("stream", *arguments, "--once")
    assert result.returncode == 0, result.stderr
    assert table(broker.servers, topic) == dict.fromkeys([*words, "y" * 7000], 1)
    assert result.stderr.count("exceed the 8,000 bytes") == 1
    for part in (
        "warning: 1 of the counts",
        topic,
        f"1,000,001 bytes and begins with '{'x' * 20}'",
        "max.message.bytes",
    ):
        assert part in result.stderr


def test_lines_to_a_topic_of_small_records(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, max_message_bytes="1000")
    folder = tmp_path / ("f" * 200) / ("g" * 200) / ("h" * 200)  # longer than a line of this topic
    folder.mkdir(parents=True)
    expected = numbered(folder / "a.txt", 1000)
    result = produce(broker, topic, folder, "--lines-per-record", "1000")
    assert (result.returncode, result.stderr) == (0, "")
    assert lines_in(broker.servers, topic) == expected


def test_a_position_topic_of_small_records_is_reported(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    positions = f"wordcount.{topic}.n"
    make_topic(broker.servers, positions, cleanup_policy="compact", max_message_bytes="500")
    numbered(tmp_path / "a.txt", 10)
    result = produce(broker, topic, tmp_path / "a.txt", "--name", "n")
    assert_refused(result, f"{tmp_path}/a.txt", "more than the 372 bytes", "max.message.bytes", status=FAILED)
    assert lines_in(broker.servers, topic) == {}
