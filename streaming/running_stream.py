"""Ask a stream that runs, instead of reading its state: that starts no Java, which takes 4 s.

The stream notes the address of its page in its state folder. Whoever asks makes sure that it is this stream that
answers: a note may be left by one that was killed, and another program may have its port by now.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from producer.common.atomic_file import replace_file, temporary_path

#: The header with what the answers of a stream are known by.
IDENTITY = "Wordcount-Stream"
_NOTE = "page.json"
#: How long to wait for an answer, and for a file of all counts.
_SECONDS, _EXPORT_SECONDS = 5.0, 600.0


class Page(NamedTuple):
    """The address at which a stream serves its page, and what its answers are known by."""

    url: str
    identity: str


@contextlib.contextmanager
def noted(state: Path, page: Page) -> Iterator[None]:
    """Note the page of a stream in its state folder while the block runs, for this user alone."""
    note = state / _NOTE
    temporary = temporary_path(note)
    temporary.unlink(missing_ok=True)
    with open(temporary, "w", encoding="utf-8", opener=_private) as file:
        json.dump(page._asdict(), file)
    replace_file(temporary, note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def find_page(state: Path) -> Page | None:
    """Return the page that is noted in a state folder, which may be gone; None if none is noted."""
    try:
        entries = json.loads((state / _NOTE).read_bytes())
        page = Page(str(entries["url"]), str(entries["identity"]))
        return page if urlsplit(page.url).port else None  # ValueError if that is no port
    except (OSError, ValueError, KeyError, TypeError):
        return None


def top(page: Page, number: int) -> list[tuple[str, int]] | None:
    """Return the words with the highest counts, and these; None if the stream does not run or knows fewer."""
    answer = _ask(page, f"/api/top?n={number}")
    rows = [] if answer is None else [(row["word"], row["count"]) for row in answer["words"]]
    return rows or None  # without a word, its state says whether anything is counted yet


def counts_of(page: Page, words: Sequence[str]) -> list[tuple[str, int]] | None:
    """Return words with their counts; None if the stream does not run, or does not know one of them."""
    answer = _ask(page, f"/api/words?{urlencode([('word', word) for word in words])}")
    if answer is None or any(row["may_be_counted"] for row in answer["words"]):
        return None
    return [(row["word"], row["count"]) for row in answer["words"]]


def export(page: Page, format_name: str, file: Path) -> bool:
    """Write all counts to a file in a format, and return True; False if the stream does not run."""
    with _answer(page, f"/api/export?format={format_name}", _EXPORT_SECONDS) as answer:
        if answer is None or answer.status != 200:  # noqa: PLR2004  # as HTTP has it
            return False
        with contextlib.suppress(OSError, HTTPException), file.open("wb") as target:
            shutil.copyfileobj(answer, target)
            return target.tell() == int(answer.headers["Content-Length"])
    return False


def _ask(page: Page, path: str) -> Any:
    """Return an answer in JSON; None if there is none."""
    with _answer(page, path, _SECONDS) as answer:
        if answer is None or answer.status != 200:  # noqa: PLR2004  # as HTTP has it
            return None
        with contextlib.suppress(OSError, HTTPException, ValueError):
            return json.loads(answer.read())
    return None


@contextlib.contextmanager
def _answer(page: Page, path: str, seconds: float) -> Iterator[HTTPResponse | None]:
    """Ask for a path; there is no answer if that stream does not give it."""
    place = urlsplit(page.url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=seconds)
    answer = None
    try:
        with contextlib.suppress(OSError, HTTPException):
            connection.request("GET", path)
            answer = connection.getresponse()
        is_this_stream = answer is not None and answer.headers.get(IDENTITY) == page.identity
        yield answer if is_this_stream else None
    finally:
        connection.close()
