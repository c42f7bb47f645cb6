"""A cluster of three brokers: while one is away or leads no more, nothing is lost and nothing counts twice."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import started_at_free_ports
from tests.support.broker_cluster import ProcessCluster
from tests.support.kafka_commands import numbered
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.reference import count
from tests.support.topics import last_offsets, lines_in, make_topic
from tests.support.warm import WarmStream


class Log:
    """A log that a test writes to, each line another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        path.touch()

    def write(self) -> None:
        """Append a thousand lines."""
        with self.path.open("ab") as log:
            log.writelines(b"line %d\n" % number for number in range(self.lines, self.lines + 1000))
        self.lines += 1000

    @property
    def expected(self) -> Counter[bytes]:
        """How often each line is to arrive."""
        return Counter(self.path.read_bytes().splitlines())


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessCluster]:
    with started_at_free_ports(ProcessCluster, tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(three: ProcessCluster) -> Iterator[ProcessCluster]:
    yield three
    three.restore()


def test_a_leader_that_is_lost_and_a_rolling_restart(cluster: ProcessCluster, topic: str, tmp_path: Path) -> None:
    log = Log(tmp_path / "app.log")
    make_topic(cluster.servers, topic)
    at = f"kafka://{cluster.servers}/{topic}"
    follow = [command("wordcount-producer"), log.path, "--follow", "--to", at]
    with (
        subprocess.Popen(follow, stderr=subprocess.PIPE, text=True) as producer,
        WarmStream(at, "--output", tmp_path / "out", "--trigger", "0s") as stream,
    ):
        try:
            log.write()
            stream.wait_for(line=log.lines)
            leader = cluster.leader(topic)
            cluster[leader].kill()
            log.write()
            cluster.wait_for_another_leader(topic, leader)
            log.write()
            stream.wait_for(line=log.lines)
            cluster[leader].start()
            for number in (1, 2, 3):
                cluster.wait_for_replicas(topic)
                cluster[number].stop()
                log.write()
                cluster[number].start()
                log.write()
            stream.wait_for(line=log.lines)
            assert stream.stop() == 0
        finally:
            producer.send_signal(signal.SIGTERM)
        _, messages = producer.communicate(timeout=PATIENCE)
        assert producer.returncode == 0, messages
    assert lines_in(cluster.servers, topic) == log.expected
    assert stream.counts == count(*log.expected)


def test_too_few_replicas_in_sync(cluster: ProcessCluster, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", 20_000)
    make_topic(cluster.servers, topic, min_insync_replicas="3")
    at = f"kafka://{cluster.servers}/{topic}"
    produce = [command("wordcount-producer"), tmp_path / "a.txt", "--to", at, "--rate", "4000"]
    with subprocess.Popen(produce, stderr=subprocess.PIPE, text=True) as producer:
        wait_until(lambda: last_offsets(cluster.servers, topic) > 1000, "the first lines")
        other = cluster.leader(topic) % 3 + 1
        cluster[other].kill()
        assert producer.stderr is not None
        assert "does not answer" in producer.stderr.readline()
        cluster[other].start()
        _, messages = producer.communicate(timeout=PATIENCE)
    assert producer.returncode == 0, messages
    assert lines_in(cluster.servers, topic) == expected
