"""Windows of time: each on an axis with its top words, a pinned word with its count in each, and open ones marked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from streaming.live_counts.windows import KEPT_WORDS, LastWindows, Row
from tests.support.browser import SCREENSHOTS
from tests.support.served_page import ServedPage

_MINUTES = timedelta(minutes=5)
_NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def rows(number: int, words: Mapping[str, int]) -> list[Row]:
    """Return the rows of the window that many windows after noon."""
    start = _NOON + number * _MINUTES
    return [(start, start + _MINUTES, word, count) for word, count in words.items()]


@pytest.fixture
def windows() -> LastWindows:
    windows = LastWindows()
    for number in range(3):
        windows.close(rows(number, {"info": 100 + number, "error": 10 * number or 1}))
    windows.note_open(rows(4, {"info": 7, "<b>": 2}))
    return windows


def test_windows_are_on_an_axis_with_their_top_words(page: Page, windows: LastWindows) -> None:
    with ServedPage(is_windowed=True, windows=windows) as served:
        page.goto(served.url)
        shown = page.locator(".window")
        expect(shown).to_have_count(4)
        names = ["12:20\u201312:25open", "12:10\u201312:15", "12:05\u201312:10", "12:00\u201312:05"]
        expect(page.locator(".window h3")).to_have_text(names)
        expect(shown.nth(1).locator("li")).to_have_text(["info102", "error20"])
        expect(shown.nth(0).locator("li")).to_have_text(["info7", "<b>2"])
        bars = page.locator("#windows .bars-of-windows rect")
        expect(bars).to_have_count(4)
        places = bars.evaluate_all("bars => bars.map(bar => Math.floor(bar.x.baseVal.value))")
        assert places == [0, 1, 2, 4]  # nothing came from 12:15 to 12:20
        assert bars.evaluate_all("bars => bars.map(bar => bar.getAttribute('class'))") == ["closed"] * 3 + ["open"]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_of_windows_fits_and_is_accessible(page: Page, width: int) -> None:
    windows = LastWindows()
    words = {"GET": 5_000, "200": 4_000, "/index.html": 900, "한국어": 800, "שלום": 700, "x" * 10_000: 600, "404": 90}
    words |= {f"word{number}": 50 - number for number in range(20)}
    for number in range(40):
        windows.close(rows(number, {word: count * (10 + number % 7) // 10 for word, count in words.items()}))
    windows.note_open(rows(40, words))
    with ServedPage(is_windowed=True, windows=windows, source="/var/log/nginx/*.log") as served:
        served.add({}, lines=3_000_000)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{served.url}?pin=404&pin=200&pin=none")
        expect(page.locator(".window")).to_have_count(41)
        expect(page.locator("#pinned rect")).to_have_count(3 * 41)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=SCREENSHOTS / f"windows-{width}-{scheme}.png", full_page=width < 1000)
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()


def test_a_stream_of_windows_has_nothing_that_stays_empty(page: Page) -> None:
    with ServedPage(is_windowed=True, windows=LastWindows()) as served:
        served.add({}, lines=3)  # as a stream does that counts in windows: no word has a count of its own
        page.goto(f"{served.url}?pin=error")
        expect(page.locator("#windows")).to_contain_text("No windows yet")
        expect(page.locator("#pinned .facts")).to_have_text("No windows yet")
        for hidden in ("#words", "#rising", "#new", "#filter", "#by-rate"):
            expect(page.locator(hidden)).to_be_hidden()
        page.keyboard.press("s")
        page.keyboard.press("p")
        expect(page.locator("#status")).to_contain_text("Paused at")
        assert page.url.endswith("?pin=error")


def test_windows_grow_close_and_come(page: Page, windows: LastWindows) -> None:
    with ServedPage(is_windowed=True, windows=windows) as served:
        page.goto(served.url)
        shown = page.locator(".window")
        expect(shown.nth(0)).to_contain_text("info7")
        windows.note_open(rows(4, {"info": 8, "<b>": 2}))
        expect(shown.nth(0)).to_contain_text("info8")
        windows.close(rows(4, {"info": 9, "<b>": 2}))
        windows.note_open(rows(5, {"info": 1}))
        expect(shown).to_have_count(5)
        expect(shown.nth(1)).to_have_attribute("data-open", "false")
        expect(shown.nth(1).locator("li").first).to_have_text("info9")
        expect(shown.nth(0)).to_have_attribute("data-open", "true")


def test_a_pinned_word_has_its_count_in_each_window(page: Page, windows: LastWindows) -> None:
    with ServedPage(is_windowed=True, windows=windows) as served:
        page.goto(served.url)
        page.locator(".window").nth(1).get_by_role("button", name="error", exact=True).click()
        chart = page.locator("#pinned .plot:visible")
        expect(chart).to_have_count(1)
        expect(chart).to_have_attribute("aria-label", "error in each window: 0 in 12:20\u201312:25, still open")
        heights = "bars => bars.map(bar => Math.round(bar.height.baseVal.value))"
        assert page.locator("#pinned rect").evaluate_all(heights) == [5, 50, 100, 0]
        facts = page.locator("#pinned .facts")
        expect(facts).to_have_text("0 in 12:20\u201312:25, still open")
        expect(page.locator("#pinned .sum")).to_have_text("31 in 4 windows")
        windows.close(rows(4, {"info": 9, "error": 10}))
        windows.note_open([])
        expect(facts).to_have_text("10 in 12:20\u201312:25")
        expect(page.locator("#pinned .sum")).to_have_text("41 in 4 windows")
        expect(chart).to_have_attribute("aria-label", "error in each window: 10 in 12:20\u201312:25")


def test_a_count_that_is_not_known_is_a_gap_with_its_reason(page: Page, windows: LastWindows) -> None:
    windows.note_open([])
    windows.close(rows(3, {f"word{number}": 2 for number in range(KEPT_WORDS)}))
    with ServedPage(is_windowed=True, windows=windows) as served:
        page.goto(f"{served.url}?pin=error")
        drawn = page.locator("#pinned rect")
        reason = "31 in 4 windows, unknown in 1 of them: other words are more frequent there"
        expect(page.locator("#pinned .sum")).to_have_text(reason)
        expect(page.locator("#pinned .facts")).to_have_text("Unknown in 12:15\u201312:20")
        names = drawn.evaluate_all("bars => bars.map(bar => bar.getAttribute('class'))")
        assert names == ["closed", "closed", "closed", "unknown"]


@pytest.mark.parametrize("width", [360, 1280])
def test_windows_of_seconds_are_named_with_them(page: Page, width: int) -> None:
    windows = LastWindows()
    for number in range(30):
        start = _NOON + number * timedelta(seconds=5)
        windows.close([(start, start + timedelta(seconds=5), "error", 2)])
    with ServedPage(is_windowed=True, windows=windows) as served:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{served.url}?pin=error")
        expect(page.locator(".window h3").last).to_have_text("12:00:00\u201312:00:05")
        expect(page.locator("#pinned .facts")).to_have_text("2 in 12:02:25\u201312:02:30")
        page.screenshot(path=SCREENSHOTS / f"seconds-{width}.png")
        places = "all => all.map(one => one.getBoundingClientRect()).map(({left, right}) => [left, right])"
        labels = page.locator("#windows .axis span").evaluate_all(places)
        assert len(labels) > 1
        assert all(label[1] < following[0] for label, following in pairwise(labels))


def test_a_stream_without_windows_has_no_place_for_them(page: Page, served: ServedPage) -> None:
    served.add({"one": 1})
    page.goto(served.url)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#windows")).to_be_hidden()
