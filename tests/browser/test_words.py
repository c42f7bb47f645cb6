"""What a viewer sees of the words, and chooses: filter, order, pins, pause; the address says what was chosen."""

import json
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from streaming.live_counts.counts import CountedBefore
from tests.support.browser import SCREENSHOTS, row, rows, total
from tests.support.processes import wait_until
from tests.support.served import updates
from tests.support.served_page import ServedPage

_WORDS = {"error": 300, "warn": 200, "info": 1500, "terror": 1}


@pytest.fixture
def opened(page: Page, served: ServedPage) -> Page:
    """Return the page with four words."""
    served.add(_WORDS, lines=700)
    page.goto(served.url)
    expect(page.locator("tbody tr")).to_have_count(4)
    return page


def pinned(page: Page) -> list[str]:
    return page.locator("#pinned h3").all_inner_texts()


def test_the_counts_and_totals_are_shown_and_follow(opened: Page, served: ServedPage) -> None:
    assert rows(opened) == [("info", 1500), ("error", 300), ("warn", 200), ("terror", 1)]
    expect(total(opened, "Words")).to_have_text("2,001")
    expect(total(opened, "Lines")).to_have_text("700")
    expect(total(opened, "Distinct words")).to_have_text("4")
    expect(row(opened, "error").locator(".share")).to_have_text("15.0%")
    expect(row(opened, "error").locator(".minute")).to_have_text("+300")
    expect(opened.locator("#status")).to_have_text("Live")
    served.add({"warn": 150, "debug": 7}, lines=10)
    expect(row(opened, "warn").locator(".count")).to_have_text("350")
    assert rows(opened) == [("info", 1500), ("warn", 350), ("error", 300), ("debug", 7), ("terror", 1)]
    expect(total(opened, "Lines")).to_have_text("710")


def test_what_was_counted_before_is_told_apart(page: Page) -> None:
    with ServedPage(before=CountedBefore({"old": 1000}, words=1000, distinct=1)) as served:
        served.add({"new": 5})
        page.goto(served.url)
        expect(total(page, "Words")).to_have_text("1,005")
        expect(total(page, "New lines")).to_have_text("1")
        expect(page.get_by_text("1,000 words before")).to_be_visible()


def test_a_row_stays_the_same_element_while_its_place_changes(opened: Page, served: ServedPage) -> None:
    warn = row(opened, "warn").element_handle()
    opened.get_by_role("button", name="warn", exact=True).focus()
    served.add({"warn": 5000})
    wait_until(lambda: rows(opened)[0] == ("warn", 5200), "the word at the top")
    assert opened.evaluate("row => row === document.querySelector('tbody tr')", warn)
    expect(opened.get_by_role("button", name="warn", exact=True)).to_be_focused()


def test_in_real_time_words_are_shown_and_no_lines(page: Page) -> None:
    with ServedPage(is_real_time=True) as served:
        served.add({"warn": 3})
        page.goto(served.url)
        wait_until(lambda: rows(page) == [("warn", 3)], "the words")
        expect(page.locator("#charts h3")).to_have_text(["Words", "Lines"])
        expect(page.locator("#charts h3").last).to_be_hidden()
        assert "Lines" not in page.locator("#totals dt").all_inner_texts()
        page.screenshot(path=SCREENSHOTS / "real-time.png")


def test_the_filter(opened: Page) -> None:
    opened.keyboard.press("/")
    expect(opened.get_by_role("searchbox", name="Filter words")).to_be_focused()
    opened.keyboard.type("erro")
    wait_until(lambda: [word for word, _ in rows(opened)] == ["error", "terror"], "the words that match")
    assert opened.url.endswith("?match=erro")
    opened.keyboard.type("x/ps")  # keys of the page are letters here
    expect(opened.get_by_text("No word contains “errox/ps”")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.locator("tbody tr")).to_have_count(4)
    assert opened.url.endswith("/")
    expect(opened.locator("#filter")).to_have_value("")


def test_the_order_by_rate(page: Page) -> None:
    with ServedPage(before=CountedBefore({"old": 1000}, words=1000, distinct=1)) as served:
        served.add({"fast": 50, "slow": 2})
        page.goto(served.url)
        wait_until(lambda: [word for word, _ in rows(page)] == ["old", "fast", "slow"], "the order by count")
        page.get_by_role("button", name="Rate").click()
        wait_until(lambda: [word for word, _ in rows(page)] == ["fast", "slow", "old"], "the order by rate")
        assert page.url.endswith("?by=rate")
        expect(page.get_by_role("button", name="Rate")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("th.rate")).to_have_attribute("aria-sort", "descending")
        page.keyboard.press("s")
        wait_until(lambda: [word for word, _ in rows(page)] == ["old", "fast", "slow"], "the order by count again")


def test_words_are_pinned_by_mouse_and_keyboard_and_removed(opened: Page, served: ServedPage) -> None:
    row(opened, "warn").locator(".count").click()
    opened.get_by_role("button", name="error", exact=True).press("Enter")
    expect(opened.locator("#pinned h3")).to_have_text(["warn", "error"])
    assert opened.url.endswith("?pin=warn&pin=error")
    expect(opened.get_by_role("button", name="error", exact=True)).to_have_attribute("aria-pressed", "true")
    served.add({"warn": 20})
    expect(opened.locator("#pinned li").first).to_contain_text("220 in all, +220 a minute")
    opened.get_by_role("button", name="Remove warn").click()
    expect(opened.locator("#pinned h3")).to_have_text(["error"])
    assert opened.url.endswith("?pin=error")


def test_a_link_shows_the_same(opened: Page, served: ServedPage) -> None:
    served.add({"a&b=c d": 3, "한국어": 2})
    for word in ("a&b=c d", "한국어"):
        opened.get_by_role("button", name=word, exact=True).click()
    opened.get_by_role("button", name="Rate").click()
    opened.locator("#filter").fill("r")
    expect(opened.locator("tbody tr")).to_have_count(3)
    other = opened.context.new_page()
    other.goto(opened.url)
    expect(other.locator("#pinned h3")).to_have_text(["a&b=c d", "한국어"])
    expect(other.locator("tbody tr")).to_have_count(3)
    expect(other.locator("#filter")).to_have_value("r")
    expect(other.get_by_role("button", name="Rate")).to_have_attribute("aria-pressed", "true")


def test_at_most_six_words_are_pinned(page: Page, served: ServedPage) -> None:
    served.add({f"w{number}": number for number in range(1, 9)})
    page.goto(f"{served.url}?{'&'.join(f'pin=w{number}' for number in range(1, 8))}&pin=w1")
    expect(page.locator("#pinned h3")).to_have_text([f"w{number}" for number in range(1, 7)])
    page.get_by_role("button", name="w8", exact=True).click()
    expect(page.locator(".notice")).to_have_text("6 words are pinned; remove one first")
    assert len(pinned(page)) == 6


def test_a_word_that_has_not_come_is_pinned_until_it_comes(page: Page, served: ServedPage) -> None:
    page.goto(f"{served.url}?pin=panic")
    expect(page.locator("#pinned li")).to_contain_text("Has not come yet")
    served.add({"panic": 1})
    expect(page.locator("#pinned li")).to_contain_text("1 in all")


def test_a_pinned_word_that_is_not_in_memory_is_not_said_to_be_new(page: Page, served: ServedPage) -> None:
    served.add(_WORDS)
    with httpx.stream("GET", f"{served.url}api/events?pin=rare") as events:
        update: dict[str, Any] = next(updates(events))
    update["pinned"][0]["may_be_counted"] = True  # as with more words in the state than in memory
    body = f"event: update\ndata: {json.dumps(update)}\n\n"
    page.route("**/api/events*", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    page.goto(f"{served.url}?pin=rare")
    expect(page.locator("#pinned .facts")).to_have_text("Not among the counts in memory")
    expect(page.locator("#pinned .value")).to_be_hidden()  # nor is it known how fast it comes
    expect(page.locator("#pinned .plot:visible")).to_have_count(0)


def test_a_paused_page_stands_still_and_shows_what_is_chosen(opened: Page, served: ServedPage) -> None:
    opened.keyboard.press("p")
    expect(opened.locator("#status")).to_contain_text("Paused at")
    with opened.expect_event("console", lambda message: message.text == "came"):  # an update that is not shown
        opened.evaluate("""() => new EventSource('api/events').addEventListener('update', event => {
            if (JSON.parse(event.data).summary.lines > 700) console.log('came');
        })""")
        served.add({"error": 1000})
    opened.evaluate("() => new Promise(done => setTimeout(() => requestAnimationFrame(done), 600))")  # two frames
    assert rows(opened)[1] == ("error", 300)
    opened.locator("#filter").fill("error")
    wait_until(lambda: rows(opened) == [("error", 1300), ("terror", 1)], "what was chosen, as it is now")
    served.add({"error": 1})
    opened.get_by_role("button", name="Pause").click()
    wait_until(lambda: rows(opened)[0] == ("error", 1301), "the page that goes on")
    expect(opened.locator("#status")).to_have_text("Live")
