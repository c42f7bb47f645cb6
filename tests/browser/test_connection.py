"""What a viewer sees when the connection is lost, when it comes back, and when the stream has ended."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from streaming.serving.feed import MOST_VIEWERS
from tests.support.browser import row, rows
from tests.support.processes import wait_until
from tests.support.served_page import ServedPage
from tests.support.slow_network import SlowNetwork


@pytest.fixture
def network(served: ServedPage) -> Iterator[SlowNetwork]:
    network = SlowNetwork(served.port, delay=0)
    yield network
    network.close()


@pytest.fixture
def opened(page: Page, served: ServedPage, network: SlowNetwork) -> Page:
    """Return the page, whose connection a test can cut."""
    served.add({"error": 3})
    page.goto(f"http://127.0.0.1:{network.port}/")
    expect(page.locator("#status")).to_have_text("Live")
    expect(page.locator("tbody tr")).to_have_count(1)
    return page


def unreachable(route: Route) -> None:
    route.abort("connectionrefused")


def unavailable(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")  # a proxy without a server


@pytest.mark.parametrize("answer", [unreachable, unavailable])
def test_a_lost_connection_is_shown_and_heals(opened: Page, served: ServedPage, network: SlowNetwork, answer) -> None:
    opened.route("**/api/events*", answer)
    wait_until(lambda: network.cut() > 0, "the connection")
    expect(opened.locator("#status")).to_contain_text("Connection lost at")
    served.add({"error": 1})
    for _ in range(3):
        with opened.expect_request("**/api/events*"):
            pass
    assert rows(opened) == [("error", 3)]  # the last picture stays
    opened.unroute("**/api/events*")
    expect(opened.locator("#status")).to_have_text("Live")
    expect(row(opened, "error").locator(".count")).to_have_text("4")


def test_a_refusal_is_shown_with_its_reason_until_there_is_room(page: Page, served: ServedPage) -> None:
    served.add({"error": 3})
    with ExitStack() as viewers:
        for _ in range(MOST_VIEWERS):
            viewer = viewers.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            viewer.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: served.status.viewers == MOST_VIEWERS, "the viewers")
        reason = httpx.get(f"{served.url}api/events").json()["error"]
        page.goto(served.url)
        status = page.locator("#status")
        expect(status).to_have_text(f"Refused: {reason}; trying again")
        for _ in range(2):
            with page.expect_request("**/api/events*"):
                pass
        expect(status).to_have_text(f"Refused: {reason}; trying again")
    expect(status).to_have_text("Live")
    expect(row(page, "error").locator(".count")).to_have_text("3")


def test_a_network_that_is_gone_without_a_word_is_noticed(page: Page, served: ServedPage, network: SlowNetwork) -> None:
    page.clock.install()
    served.add({"error": 3})
    page.goto(f"http://127.0.0.1:{network.port}/")
    expect(page.locator("#status")).to_have_text("Live")
    page.route("**/api/*", unreachable)  # the connection that is open stays so, but brings nothing
    page.clock.fast_forward(40_000)
    expect(page.locator("#status")).to_contain_text("Connection lost at")
    page.unroute("**/api/*")
    page.clock.fast_forward(20_000)
    expect(page.locator("#status")).to_have_text("Live")


def test_a_stream_that_has_ended_says_so_and_its_page_goes_on_with_the_next(page: Page) -> None:
    with ServedPage() as first:
        first.add({"error": 3})
        page.goto(first.url)
        expect(page.locator("tbody tr")).to_have_count(1)
        first.add({"error": 2})
        first.status.end("stopped; everything counted is printed or saved")
    status = page.locator("#status")
    expect(status).to_contain_text("Ended at")
    expect(status).to_contain_text(": stopped; everything counted is printed or saved")
    expect(row(page, "error").locator(".count")).to_have_text("5")  # the last batch
    with page.expect_event("requestfailed"):  # an attempt to find the next stream
        pass
    expect(status).to_contain_text("Ended at")
    with ServedPage(port=first.port) as second:
        second.add({"error": 6})
        expect(status).to_have_text("Live")
        expect(row(page, "error").locator(".count")).to_have_text("6")


def test_a_stream_that_starts_says_so(page: Page) -> None:
    with ServedPage(state="starting", counts=None) as served:
        page.goto(served.url)
        expect(page.locator("#status")).to_have_text("Starting")
        expect(page.get_by_text("No words yet")).to_be_visible()


def test_warnings_are_shown_with_their_time_and_said_once(opened: Page, served: ServedPage) -> None:
    expect(opened.locator("#warnings")).to_contain_text("None")
    served.status.note("warning: app.log.1.gz: no gzip file; it is not counted", "app.log.1.gz")
    expect(opened.locator("#warnings li")).to_contain_text("app.log.1.gz: no gzip file; it is not counted")
    expect(opened.locator("#warnings li time")).to_have_text(served.status.warnings[0].at.strftime("%H:%M:%S"))
    expect(opened.locator("#announcement")).to_have_text("Warning: app.log.1.gz: no gzip file; it is not counted")
