"""What viewers are sent."""

import contextlib
import socket
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice

import httpx
import pytest

from streaming.live_counts.counts import Progress
from streaming.live_counts.windows import LastWindows
from streaming.serving import feed as feed_module
from tests.support.processes import wait_until
from tests.support.served import count, raw, running, served, updates


def test_an_update_comes_when_something_has_changed() -> None:
    status = running(a=1)
    with served(status) as page, page.stream("GET", "/api/events?n=5&pin=b&pin=a") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        coming = updates(events)
        first = next(coming)
        assert [row["word"] for row in first["top"]["words"]] == ["a"]
        assert [(row["word"], row["count"], row["is_counted"]) for row in first["pinned"]] == [
            ("b", 0, False),
            ("a", 1, True),
        ]
        count(status, {"b": 5})
        update = next(each for each in coming if each["pinned"][0]["is_counted"])
        assert update["top"]["words"][0]["count"] == 5
        assert update["windows"] is None


def test_a_stream_that_ends_sends_its_last_counts_and_closes() -> None:
    status = running(a=1)
    with ExitStack() as stack:
        page = stack.enter_context(served(status))
        coming = updates(stack.enter_context(page.stream("GET", "/api/events")))
        next(coming)
        count(status, {"a": 2})
        status.end("stopped")
        *_, last = coming
        assert last["summary"]["ended"]["message"] == "stopped"
        assert (last["summary"]["state"], last["top"]["words"][0]["count"]) == ("ended", 2)
        assert page.get("/health").json()["error"] == "the stream has ended: stopped"


def test_the_end_of_the_server_ends_the_events_and_frees_the_port() -> None:
    status = running(a=1)
    with served(status) as page:
        address = (page.base_url.host, page.base_url.port)
        viewer = socket.create_connection(address, timeout=30)
        viewer.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in viewer.recv(1000)
    received = b""
    while part := viewer.recv(100_000):
        received += part
    assert b'"state":"ended"' in received
    viewer.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_what_has_not_changed_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "COMMENT_SECONDS", 0.2)
    with served(running()) as page, page.stream("GET", "/api/events") as events:
        lines = islice((line for line in events.iter_lines() if line), 15)
        assert [line.partition(":")[0] for line in lines] == ["retry", "event", "data", *[""] * 12]


def test_there_are_as_many_viewers_as_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MOST_VIEWERS", 3)
    with served(running(a=1)) as page, ExitStack() as stack:
        viewers = [stack.enter_context(page.stream("GET", "/api/events")) for _ in range(3)]
        assert [viewer.status_code for viewer in viewers] == [200] * 3
        refused = page.get("/api/events")
        assert refused.status_code == 503
        viewers[0].close()
        wait_until(lambda: _is_let_in(page), "a place that is free again")


def _is_let_in(page: object) -> bool:
    with page.stream("GET", "/api/events") as events:  # type: ignore[attr-defined]
        return events.status_code == 200


def test_viewers_who_never_read_hold_up_nobody() -> None:
    words = {f"word{number}": 1 for number in range(500)}
    status = running(**words)
    with served(status) as page, ExitStack() as stack:
        for _ in range(50):
            viewer = stack.enter_context(raw(page))
            viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            viewer.sendall(b"GET /api/events?n=500 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        coming = updates(stack.enter_context(page.stream("GET", "/api/events?n=1")))
        for number in range(2, 12):
            count(status, dict.fromkeys(words, number))
            began = time.monotonic()
            next(update for update in coming if update["top"]["words"][0]["count"] == number)
            assert time.monotonic() - began < 10


def test_a_head_takes_no_place_of_a_viewer() -> None:
    status = running(a=1)
    with served(status) as page:
        assert page.head("/api/events").headers["content-type"].startswith("text/event-stream")
        assert status.viewers == 0


def test_long_words_are_cut_in_updates() -> None:
    with served(running(**{"w" * 10_001: 2, "a": 1})) as page, page.stream("GET", "/api/events") as events:
        long, short = next(updates(events))["top"]["words"]
        assert (long["word"], long["is_cut"]) == ("w" * 10_000 + "…", True)
        assert "is_cut" not in short


def test_long_words_of_windows_are_cut_in_updates() -> None:
    status = running()
    status.windows = LastWindows()
    noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    status.windows.close([(noon, noon + timedelta(minutes=1), *row) for row in (("w" * 10_001, 2), ("a", 1))])
    with served(status) as page, page.stream("GET", "/api/events") as events:
        (window,) = next(updates(events))["windows"]["windows"]  # type: ignore[index]
        assert window["words"] == [
            {"word": "w" * 10_000 + "…", "count": 2, "is_cut": True},
            {"word": "a", "count": 1},
        ]


def test_a_fault_of_what_makes_updates_ends_the_page_with_a_warning() -> None:
    said: list[str] = []
    status = running()

    def broken() -> Progress:
        raise ValueError("a fault")

    with served(status, say=said.append) as page:
        with contextlib.suppress(httpx.HTTPError), page.stream("GET", "/api/events") as events:
            for _ in updates(events):
                status.progress = broken
        wait_until(lambda: bool(said), "the warning")
    assert said == ["warning: the page is served no longer: a fault; counting goes on"]
