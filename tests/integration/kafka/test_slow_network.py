"""A slow network whose connections are cut: nothing is lost and nothing counts twice."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import started_at_free_ports
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import free_ports, make_certificates
from tests.support.kafka_commands import numbered
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.reference import count
from tests.support.slow_network import SlowNetwork
from tests.support.topics import last_offsets, lines_in, make_topic
from tests.support.warm import WarmStream

_DELAY = 0.05  # seconds that each piece takes, one way
_CUTS = 5
_LINES = 30_000


class Far:
    """A broker that tells its clients to come through a slow network."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(4)
        self.network = SlowNetwork(ports[0], _DELAY)
        outside, inside = self.network.port, ports[2]
        advertised = f"OUTSIDE://127.0.0.1:{outside},SECURE://localhost:{ports[1]},INSIDE://localhost:{inside}"
        certificates = make_certificates(folder / "certificates")
        self._broker = ProcessBroker(
            folder / "broker", certificates, ports=ports, settings={"advertised.listeners": advertised}
        )
        self.servers = f"127.0.0.1:{outside}"

    def start(self) -> None:
        self._broker.start()

    def remove(self) -> None:
        self.network.close()
        self._broker.remove()


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    with started_at_free_ports(Far, tmp_path_factory.mktemp("far")) as far:
        yield far


def test_connections_that_are_slow_and_cut(far: Far, topic: str, tmp_path: Path) -> None:
    expected = numbered(tmp_path / "a.txt", _LINES)
    make_topic(far.servers, topic)
    at = f"kafka://{far.servers}/{topic}"
    produce = [command("wordcount-producer"), tmp_path / "a.txt", "--to", at, "--rate", "3000"]
    with (
        subprocess.Popen(produce, stderr=subprocess.PIPE, text=True) as producer,
        WarmStream(at, "--output", tmp_path / "out", "--trigger", "0s") as stream,
    ):
        for _ in range(_CUTS):
            reached = last_offsets(far.servers, topic)
            wait_until(lambda reached=reached: last_offsets(far.servers, topic) > reached + 1000, "lines")
            assert far.network.cut() > 0
        _, messages = producer.communicate(timeout=PATIENCE)
        assert producer.returncode == 0, messages
        stream.wait_for(line=_LINES)
        assert stream.stop() == 0
        assert stream.counts == count(*expected)
    assert lines_in(far.servers, topic) == expected
