from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import chromium
from tests.support.served_page import ServedPage

expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")  # no longer: while Playwright runs, no other event loop can
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a tab of a new browser; an error of the page fails the test."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert errors == []


@pytest.fixture
def served() -> Iterator[ServedPage]:
    with ServedPage() as one:
        yield one
