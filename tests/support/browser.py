"""A browser for tests: Debian's Chromium, or another that is installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

#: Screenshots of the tests, to be looked at; git ignores it.
SCREENSHOTS = Path(__file__).parents[1] / "browser" / "screenshots"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_MISSING = "no Chromium is installed: 'apt-get install chromium', or '.venv/bin/playwright install chromium'"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium, and stop it at the end. A test without one is skipped, but fails where ``CI`` is set."""
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, _NAMES)), playwright.chromium.executable_path)
        if not Path(installed).exists():
            (pytest.fail if os.environ.get("CI") else pytest.skip)(_MISSING)
        browser = playwright.chromium.launch(executable_path=installed)
        try:
            yield browser
        finally:
            browser.close()


def rows(page: Page) -> list[tuple[str, int]]:
    """Return the words of the table with their counts, from top to bottom, as a viewer reads them."""
    script = "rows => rows.map(row => [row.querySelector('bdi').textContent, row.querySelector('.count').textContent])"
    found = page.locator("tbody tr").evaluate_all(script)
    return [(word, int(count.replace(",", ""))) for word, count in found]


def row(page: Page, word: str) -> Locator:
    """Return the row of a word."""
    return page.locator("tbody tr").filter(has=page.get_by_role("button", name=word, exact=True))


def total(page: Page, label: str) -> Locator:
    """Return a number of the head."""
    return page.locator("#totals dl > div").filter(has=page.get_by_text(label, exact=True)).locator(".value")
