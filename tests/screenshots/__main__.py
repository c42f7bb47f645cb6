"""``python -m tests.screenshots [MINUTES]``: make the pictures of the page and of the live view in docs/.

A stream counts a log while it is written, for nine minutes, as the charts have a part for each minute.
"""

import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from tests.screenshots.made_log import lines
from tests.screenshots.terminal_picture import svg
from tests.support.browser import chromium
from tests.support.processes import command, wait_until
from tests.support.terminal import Terminal

_DOCS = Path(__file__).parents[2] / "docs"
_PINS = "?pin=timeout&pin=checkout"


def main(minutes: float = 9) -> None:
    """Make both pictures.

    Args:
        minutes: for how long the log is written.
    """
    seconds = 60 * minutes
    with _folder() as folder:
        log = folder / "shop.log"
        log.touch()
        port = _free_port()
        stream = f"wordcount stream {log.name} --output counts --trigger 0s --serve {port}"
        with Terminal(96, 22, "env", "--chdir", folder, command("wordcount"), *stream.split()[1:]) as terminal:
            wait_until(lambda: terminal.shows("distinct"), "the live view")
            writer = threading.Thread(target=_write, args=(log, seconds))
            writer.start()
            time.sleep(max(seconds - 5, 0))
            _DOCS.joinpath("live-view.svg").write_text(svg(terminal.screen, "wordcount stream shop.log"), "utf-8")
            _photograph(f"http://127.0.0.1:{port}/{_PINS}")
            writer.join()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.gettempdir(), "shop")  # the page shows its name
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _write(log: Path, seconds: float) -> None:
    began = time.monotonic()
    with log.open("a", buffering=1) as file:
        for moment, line in lines(seconds):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            file.write(f"{line}\n")


def _photograph(url: str) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 760}, color_scheme="dark", timezone_id="UTC")
        page.goto(url)
        expect(page.locator("#pinned h3")).to_have_count(2)
        page.screenshot(path=_DOCS / "page.png")


main(*map(float, sys.argv[1:]))
