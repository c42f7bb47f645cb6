"""The oldest Kafka that works: lines are published and counted, and what is not noticed is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from tests.support.broker import started_at_free_ports
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import OLDEST_VERSION, Broker, make_certificates
from tests.support.in_process import InProcess
from tests.support.kafka_commands import numbered, produce
from tests.support.reference import parsed
from tests.support.refusals import assert_refused
from tests.support.topics import lines_in, make_topic, table
from tests.support.warm import run_warm

_NO_IDS = "gives topics no ids, as Kafka before 2.8"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    def make(folder: Path) -> ProcessBroker:
        return ProcessBroker(folder, make_certificates(folder / "certificates"), version=OLDEST_VERSION)

    with started_at_free_ports(make, tmp_path_factory.mktemp("old")) as broker:
        yield broker


def test_lines_are_published_and_counted(old: Broker, tmp_path: Path) -> None:
    published = numbered(tmp_path / "a.txt", 10)
    for _ in range(2):
        result = produce(old, "lines", tmp_path / "a.txt", "--name", "n", "--replication", "1", "--partitions", "2")
        assert (result.returncode, result.stderr.count("\n")) == (0, 1), result.stderr
        assert _NO_IDS in result.stderr
    assert lines_in(old.servers, "lines") == published
    stream = ["stream", f"kafka://{old.servers}/lines", "--once"]
    printed = run_warm(*stream, "--output", tmp_path / "out")
    assert printed.returncode == 0, printed.stderr
    assert _NO_IDS in printed.stderr
    counts = parsed(printed.stdout.splitlines())
    assert counts["line"] == 10
    for _ in range(2):
        to_topic = ["--output", f"kafka://{old.servers}/counts", "--checkpoint", tmp_path / "state"]
        written = run_warm(*stream, *to_topic)
        assert written.returncode == 0, written.stderr
    assert table(old.servers, "counts") == counts


def test_a_topic_in_the_format_of_before_transactions_is_counted_and_not_written_to(
    old: Broker, in_process: InProcess, tmp_path: Path
) -> None:
    for name in ("plain", "output"):
        make_topic(old.servers, name, message_format_version="0.10.2")
    (tmp_path / "a.txt").write_text("to be\n")
    result = in_process(tmp_path / "a.txt", "--to", f"kafka://{old.servers}/plain", name="wordcount-producer")
    assert_refused(result, "the topic plain of", "message.format.version=0.10.2", "set it to 0.11.0 or later", status=1)
    producer = KafkaProducer(bootstrap_servers=old.servers, enable_idempotence=False)
    producer.send("plain", b"to be")
    producer.close()
    stream = ["stream", f"kafka://{old.servers}/plain", "--once"]
    counted = run_warm(*stream, "--output", tmp_path / "out")
    assert parsed(counted.stdout.splitlines()) == {"to": 1, "be": 1}
    refused = run_warm(*stream, "--output", f"kafka://{old.servers}/output", "--checkpoint", tmp_path / "state")
    assert refused.returncode == 1
    assert "the topic output of" in refused.stderr
