"""The slow network of the tests: what it passes on arrives late, and its connections end when they are cut."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.slow_network import SlowNetwork

_DELAY = 0.05


@pytest.fixture
def network() -> Iterator[SlowNetwork]:
    """A network in front of a server that sends back what it receives, to one client."""

    def send_back() -> None:
        connection, _ = server.accept()
        with connection:
            while piece := connection.recv(1024):
                connection.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=send_back)
        thread.start()
        network = SlowNetwork(server.getsockname()[1], _DELAY)
        yield network
        network.close()
        thread.join()


def test_what_is_sent_arrives_late(network: SlowNetwork) -> None:
    with socket.create_connection(("127.0.0.1", network.port)) as client:
        began = time.monotonic()
        client.sendall(b"there and back")

        assert client.recv(1024) == b"there and back"
        assert time.monotonic() - began >= 2 * _DELAY


def test_a_connection_that_is_cut_has_ended(network: SlowNetwork) -> None:
    with socket.create_connection(("127.0.0.1", network.port)) as client:
        client.sendall(b"a")
        client.recv(1)

        assert network.cut() == 1
        assert client.recv(1) == b""
