"""Clients that take their time, or too much of everything."""

import socket
from contextlib import ExitStack

import pytest

from streaming.serving import address, server
from tests.support.processes import wait_until
from tests.support.served import count, raw, running, served


@pytest.mark.parametrize("sent", [b"", b"GET /api/top HTT", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /"])
def test_a_request_that_does_not_come_is_not_awaited_for_ever(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    with served(running()) as page, raw(page) as connection:
        connection.sendall(sent)
        try:
            while connection.recv(1000):
                pass
        except ConnectionResetError:
            pass


def test_a_request_that_trickles_in_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.3)
    with served(running()) as page, raw(page) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")

        def is_dropped() -> bool:
            try:
                connection.sendall(b"X: y\r\n")
            except OSError:
                return True
            return False

        wait_until(is_dropped, "the end of the connection", pause=0.05)


def test_too_many_connections_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 5)
    monkeypatch.setattr(server, "REQUEST_SECONDS", 3600.0)
    with served(running()) as page, ExitStack() as stack:
        idle = [stack.enter_context(raw(page)) for _ in range(6)]
        assert idle[-1].recv(1) == b""
        idle[0].sendall(b"GET /api/top HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in idle[0].recv(1000)


def test_a_viewer_who_never_reads_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "UNREAD_MILLISECONDS", 500)
    words = [f"word{number}" for number in range(500)]
    status = running(**dict.fromkeys(words, 1))
    with served(status) as page, raw(page) as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        viewer.sendall(b"GET /api/events?n=500 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: status.viewers == 1, "the viewer")
        counts = iter(range(2, 1_000_000))

        def is_dropped() -> bool:
            count(status, dict.fromkeys(words, next(counts)))
            return status.viewers == 0

        wait_until(is_dropped, "the end of the viewer", pause=0.1)
