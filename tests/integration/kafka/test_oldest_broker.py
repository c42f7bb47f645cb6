"""The oldest Kafka that works: lines are published and counted, and what is not noticed is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import started_at_free_ports
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import OLDEST_VERSION, Broker, make_certificates
from tests.support.kafka_commands import numbered, produce
from tests.support.reference import parsed
from tests.support.topics import lines_in, table
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
