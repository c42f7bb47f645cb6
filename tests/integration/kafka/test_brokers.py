"""The brokers of the tests: they come back after a test that failed, find free ports, and are not left behind."""

import json
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from docker import DockerClient

from tests.support.broker import started_at_free_ports
from tests.support.broker_container import IMAGE
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import Broker, free_ports, make_certificates
from tests.support.engine import labels, remove_leftovers
from tests.support.kafka_commands import send
from tests.support.topics import lines_in, make_topic


@pytest.mark.both_brokers
@pytest.mark.parametrize("left", ["pause", "stop", "kill"])
def test_a_broker_is_brought_back(broker: Broker, topic: str, left: str) -> None:
    make_topic(broker.servers, topic)
    getattr(broker, left)()
    broker.restore()
    send(broker, topic, [b"a line"])

    assert lines_in(broker.servers, topic) == {b"a line": 1}


def test_a_port_that_another_process_takes_meanwhile(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([[taken.getsockname()[1], *free_ports(3)], free_ports(4)])

        def make(folder: Path) -> ProcessBroker:
            return ProcessBroker(folder, make_certificates(folder / "certificates"), ports=next(ports))

        with started_at_free_ports(make, tmp_path) as broker:
            make_topic(broker.servers, "any")
    assert next(ports, None) is None


@pytest.mark.needs_docker
def test_what_a_killed_run_left_is_removed() -> None:
    program = "import json; from tests.support.engine import labels; print(json.dumps(labels()))"
    ended = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    with closing(DockerClient.from_env()) as engine:
        left, own = (engine.containers.create(IMAGE, labels=each) for each in (ended, labels()))
        try:
            remove_leftovers()
            there = {container.id for container in engine.containers.list(all=True)}
        finally:
            own.remove()
    assert own.id in there
    assert left.id not in there
