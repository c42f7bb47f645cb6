"""The files of the page are small, and ask nobody else for anything."""

from importlib import resources

from playwright.sync_api import Page, expect

from tests.support.served_page import ServedPage

_MOST_BYTES = 60_000


def test_the_page_is_small() -> None:
    files = [file for file in resources.files("streaming.serving").joinpath("page").iterdir() if file.is_file()]
    assert len(files) > 3
    assert sum(len(file.read_bytes()) for file in files) < _MOST_BYTES


def test_nothing_is_asked_of_others_and_nothing_is_refused(page: Page, served: ServedPage) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))  # a breach of the content policy is told here
    served.add({"one": 2, "two": 1})
    page.goto(f"{served.url}?pin=one")
    expect(page.locator("#pinned li")).to_contain_text("2 in all")
    assert [url for url in asked if not url.startswith(served.url)] == []
    assert complaints == []
    files = resources.files("streaming.serving").joinpath("page").iterdir()
    assert {file.name for file in files} - {"index.html"} <= {url.removeprefix(served.url) for url in asked}
