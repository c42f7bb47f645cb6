"""The page at three widths, dark and light: it fits, axe-core finds nothing, and a keyboard reaches everything.

The screenshots are in tests/browser/screenshots, to be looked at.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import SCREENSHOTS
from tests.support.served_page import ServedPage

_WORDS = [
    "GET",
    "200",
    "POST",
    "/index.html",
    "한국어",
    "שלום",
    "🎉",
    "timeout",
    "x" * 10_000,
    "404",
    "ERROR",
    "refused",
]
_SIZES = [(360, 780), (1280, 800), (2560, 1440)]


@pytest.fixture(scope="module")
def busy() -> Iterator[ServedPage]:
    """Return a page with all that it can show at once."""
    since = datetime.now(UTC) - timedelta(minutes=3)
    with ServedPage(source="/var/log/nginx/*.log", since=since, partitions=4) as served:
        served.add({word: 10_000_000 // (at + 1) for at, word in enumerate(_WORDS)}, lines=1_000_000)
        served.add({f"word{number}": 100 - number for number in range(60)})
        for number in range(9):
            served.status.note(f"warning: access.log.{number}.gz: no gzip file; it is not counted", "files")
        yield served


def opened(browser: Browser, served: ServedPage, size: tuple[int, int], scheme: str) -> Page:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{served.url}?pin=timeout&pin=404&pin=שלום")
    expect(page.locator("tbody tr")).to_have_count(50)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", _SIZES, ids=lambda size: str(size[0]))
def test_the_page_fits_and_is_accessible(
    browser: Browser, busy: ServedPage, size: tuple[int, int], scheme: str
) -> None:
    page = opened(browser, busy, size, scheme)
    page.screenshot(path=SCREENSHOTS / f"{size[0]}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.context.close()


def test_a_keyboard_reaches_everything_in_the_order_it_is_read(browser: Browser, busy: ServedPage) -> None:
    page = opened(browser, busy, _SIZES[1], "light")
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached[-1]
        if reached[-1] == "remove":
            break
    in_order = list(dict.fromkeys(reached))
    assert in_order == ["filter", "by-count", "by-rate", "pause", "word", "side", "remove"]
    assert reached.count("word") == 1
    page.keyboard.press("Enter")
    expect(page.locator("#pinned h3")).to_have_text(["404", "שלום"])
    page.context.close()


def test_no_number_reaches_into_the_next_column(browser: Browser) -> None:
    with ServedPage() as served:
        served.add({"first": 1_234_567_890, "second": 8})
        for width, height in _SIZES:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(served.url)
            expect(page.locator("tbody tr")).to_have_count(2)
            wider = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.className)"
            assert page.locator("tbody td").evaluate_all(wider) == []
            page.close()


def test_nothing_jumps_when_numbers_change(browser: Browser) -> None:
    with ServedPage() as served:
        served.add({"first": 9, "second": 8})
        page = browser.new_page()
        page.goto(served.url)
        expect(page.locator("tbody tr")).to_have_count(2)
        places = "all => all.map(one => Math.round(one.getBoundingClientRect().left))"
        cells = page.locator("thead th, tbody tr:first-child > *")
        before = cells.evaluate_all(places)
        served.add({"first": 1_234_567})
        expect(page.locator("tbody .count").first).to_have_text("1,234,576")
        assert cells.evaluate_all(places) == before
        page.close()
