"""A page that is served without a stream behind it."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import httpx

from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.serving.address import Address, listen, url
from streaming.serving.server import PageServer
from streaming.serving.status import Status
from streaming.spark.metrics import BatchTotals, PreviousBatch
from tests.support.processes import Stream
from tests.support.sockets import reachable


def running(**words: int) -> Status:
    """Return a stream that has counted these words."""
    status = Status(
        "app.log", state="running", counts=SharedCounts(Counts(CountedBefore(), time.monotonic(), keeps_hour=True))
    )
    if words:
        count(status, words)
    return status


def count(status: Status, words: dict[str, int], lines: int = 1) -> None:
    """Let a stream count a batch, after which words have these counts."""
    assert status.counts is not None
    totals = BatchTotals(lines, sum(words.values()), len(words))
    status.counts.update(list(words.items()), totals, PreviousBatch(0.25))


@contextmanager
def served(status: Status, host: str = "127.0.0.1", say: Callable[[str], None] = print) -> Iterator[httpx.Client]:
    """Serve a page, and return what asks it."""
    listener = listen(Address(host, 0))
    address = url(listener)
    with PageServer(listener, status, say), httpx.Client(base_url=address, timeout=30) as client:
        yield client


def updates(response: httpx.Response) -> Iterator[dict[str, object]]:
    """Return the updates of a stream of events as they come."""
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def ask(client: httpx.Client, path: str) -> tuple[int, bytes]:
    """Return the status and the content that a page answers; httpx refuses a path as long as words can be."""
    connection = HTTPConnection(client.base_url.host, client.base_url.port or 0, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def address_of(stream: Stream) -> str:
    """Return the address of the page that a stream serves, once it has said it."""
    stream.wait_for_message("the counts are at http://")
    return next(line for line in stream.messages if "the counts are at" in line).rpartition(" ")[2]


def listening_hosts(stream: Stream) -> set[str]:
    """Return the addresses at which a stream and its processes listen."""
    return {one.address for one in reachable(stream.process.pid)}


def raw(client: httpx.Client) -> socket.socket:
    """Return a connection to a page."""
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=30)
