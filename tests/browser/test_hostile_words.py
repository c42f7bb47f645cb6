"""Words that try to be more than words, and words of any script, are shown as text in which everything is seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import rows
from tests.support.processes import wait_until
from tests.support.served_page import ServedPage

_LONG = "x" * 10_000

#: Words, and how they are shown.
_SHOWN = {
    "<img src=x onerror=alert(1)>": "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>": "</script><script>alert(1)</script>",
    "&amp;&#60;": "&amp;&#60;",
    "\"'`${x}": "\"'`${x}",
    "../../etc/passwd?a=1#b": "../../etc/passwd?a=1#b",
    "a\x00b": r"a\x00b",
    "\x1b[31mred": r"\x1b[31mred",
    "\x9b2J": r"\x9b2J",
    "line\nbreak\ttab": r"line\nbreak\ttab",
    "\ufffd": "\ufffd",
    "ab\u202ecd": r"ab\u202ecd",
    "\u200b": r"\u200b",
    " x  y ": r"\x20x\x20 y\x20",
    "\u0301": r"\u0301",
    "\ufeffbom": r"\ufeffbom",
    "\U000e0041": r"\U000e0041",
    "한국어": "한국어",
    "👨‍👩‍👧❤️": "👨‍👩‍👧❤️",
    "שלום": "שלום",
    "می‌خواهم": "می‌خواهم",
    "क्ष": "क्ष",
    "": "(empty word)",
    "constructor": "constructor",
    "__proto__": "__proto__",
    _LONG: "x" * 300 + "…",
}


@pytest.fixture
def opened(page: Page, served: ServedPage) -> Page:
    served.add({word: len(_SHOWN) - at for at, word in enumerate(_SHOWN)})
    page.goto(served.url)
    expect(page.locator("tbody tr")).to_have_count(len(_SHOWN))
    return page


def test_every_word_is_shown_as_text(opened: Page) -> None:
    assert [word for word, _ in rows(opened)] == list(_SHOWN.values())
    assert opened.locator("img, main script, iframe").count() == 0


def test_every_word_can_be_pinned_and_is_the_same_in_a_link(opened: Page) -> None:
    words = [word for word in _SHOWN if word != _LONG]
    for start in range(0, len(words), 6):
        chosen = words[start : start + 6]
        for at in range(start, start + len(chosen)):
            opened.locator("tbody tr button").nth(at).click()
        expect(opened.locator("#pinned h3")).to_have_text([_SHOWN[word].strip() for word in chosen])
        opened.reload()
        facts = [f"{len(_SHOWN) - at} in all" for at in range(start, start + len(chosen))]
        expect(opened.locator("#pinned .facts")).to_contain_text(facts)
        for _ in chosen:
            opened.locator("#pinned .remove").first.click()


def test_a_long_word_keeps_to_its_row_and_is_whole_in_its_title(opened: Page) -> None:
    word = opened.locator("tbody tr").last.locator("bdi")
    expect(word).to_have_attribute("title", _LONG)
    heights = opened.locator("tbody tr").evaluate_all("rows => rows.map(row => Math.round(row.offsetHeight))")
    assert len(set(heights)) == 1
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.locator("tbody tr button").last.click()
    expect(opened.locator(".notice")).to_have_text("This word is too long to be pinned")


def test_marks_over_marks_keep_to_their_row(page: Page, served: ServedPage) -> None:
    served.add({"Z" + "\u0301\u0316" * 500: 2, "plain": 1})
    page.goto(served.url)
    expect(page.locator("tbody tr")).to_have_count(2)
    heights = page.locator("tbody tr").evaluate_all("rows => rows.map(row => Math.round(row.offsetHeight))")
    assert len(set(heights)) == 1


def test_words_in_any_place_are_text(page: Page) -> None:
    markup = "<img src=x onerror=alert(1)>\x1b[2J"
    with ServedPage(source=markup) as served:
        served.add({markup: 1})
        served.status.note(f"warning: {markup}", markup)
        page.goto(f"{served.url}?pin={'%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%1B[2J'}&match=zz%3Cimg%3E")
        shown = markup.replace("\x1b", r"\x1b")
        expect(page.locator("#source")).to_have_text(shown)
        expect(page.locator("#warnings li span")).to_have_text(shown)
        expect(page.locator("#pinned h3")).to_have_text(shown)
        expect(page.locator("#pinned li")).to_contain_text("1 in all")
        expect(page.get_by_text("No word contains “zz<img>”")).to_be_visible()
        wait_until(lambda: page.title() == f"wordcount: {shown}", "the title")
        assert page.locator("img").count() == 0
