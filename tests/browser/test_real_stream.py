"""The page of a real stream, while its log is written: what it shows is what was written."""

import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import SCREENSHOTS, rows, total
from tests.support.processes import PATIENCE, Stream
from tests.support.quick_starts import quick_starts
from tests.support.reference import count


@pytest.fixture(scope="module", autouse=True)
def quick(request: pytest.FixtureRequest) -> Iterator[None]:
    with quick_starts(request.config):
        yield


def url_of(stream: Stream) -> str:
    stream.wait_for_message("http://127.0.0.1:")
    return next(found[0] for line in stream.messages if (found := re.search(r"http://127\.0\.0\.1:\d+/", line)))


def test_the_page_shows_what_is_written_to_a_log(page: Page, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch()
    written: list[bytes] = []
    with Stream(log, "--output", tmp_path / "out", "--trigger", "0s", "--serve", "0") as stream:
        page.goto(f"{url_of(stream)}?pin=timeout")
        with log.open("ab", buffering=0) as file:
            for number in range(300):
                line = f"{'ERROR timeout' if number % 7 == 0 else 'INFO ok'} user{number % 30} 한국어\n".encode()
                written.append(line)
                file.write(line)
                if number == 150:
                    expect(total(page, "Words")).not_to_have_text("0", timeout=PATIENCE * 1000)
        counts = count(*written)
        expect(total(page, "Lines")).to_have_text("300")
        expect(total(page, "Words")).to_have_text(f"{counts.total():,}")
        expect(total(page, "Distinct words")).to_have_text(str(len(counts)))
        expect(page.locator("#pinned .facts")).to_contain_text(f"{counts['timeout']} in all")
        assert Counter(dict(rows(page))) == counts
        assert stream.stop(signal.SIGTERM) == 0
        expect(page.locator("#status")).to_contain_text("Ended at")
        assert Counter(dict(rows(page))) == counts


def test_the_page_shows_the_windows_of_a_log(page: Page, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("".join(f"2026-11-23T10:{minute:02}:30Z {'tick ' * (minute + 1)}\n" for minute in range(5)))
    rule = ["--window", "1m", "--time-format", "iso", "--time-zone", "UTC", "--regex", "tick"]
    with Stream(log, "--output", tmp_path / "out", "--trigger", "0s", "--serve", "0", *rule) as stream:
        page.goto(f"{url_of(stream)}?pin=tick")
        windows = page.locator("#windows .window")
        expect(windows).to_have_count(5, timeout=PATIENCE * 1000)
        expect(windows.locator("li")).to_have_text([f"tick{minute}" for minute in range(5, 0, -1)])
        expect(windows.last).to_contain_text("10:00\u201310:01")
        expect(windows.first).to_have_attribute("data-open", "true")
        expect(page.locator("#pinned rect")).to_have_count(5)
        expect(page.locator("#pinned .facts")).to_contain_text("10:04\u201310:05, still open")
        expect(page.locator("#pinned .sum")).to_have_text("15 in 5 windows")


def test_a_word_of_a_short_window_is_pinned_with_its_counts(page: Page, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with Stream(inbox, "--output", tmp_path / "out", "--trigger", "0s", "--serve", "0", "--window", "5s") as stream:
        page.goto(url_of(stream))
        pinned = page.locator("#pinned .sum")
        for number in range(1, 3):  # the second file comes in a later window, and closes that of the first
            (inbox / f"{number}.txt").write_text("error error info\n")
            windows = page.locator("#windows .window")
            expect(windows).to_have_count(number, timeout=PATIENCE * 1000)
            expect(windows.first.locator("li")).to_have_text(["error2", "info1"])
            if number == 1:
                windows.get_by_role("button", name="error", exact=True).click()
                expect(pinned).to_have_text("2 in 1 window")
                expect(windows).to_have_attribute("data-open", "false", timeout=PATIENCE * 1000)
        expect(pinned).to_have_text("4 in 2 windows")
        expect(page.locator("#words")).to_be_hidden()
        page.screenshot(path=SCREENSHOTS / "real-windows.png")
