"""Searches among all words."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator

import pytest

from streaming.live_counts import searches as searches_module
from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.searches import Searches
from streaming.live_counts.shared import SharedCounts
from tests.support.processes import PATIENCE


class _Watched(SharedCounts):
    def __init__(self, **words: int) -> None:
        super().__init__(Counts(CountedBefore(words, sum(words.values()), len(words)), time.monotonic()))
        self.readers: set[threading.Thread] = set()

    @contextlib.contextmanager
    def read(self) -> Iterator[Counts]:
        self.readers.add(threading.current_thread())
        with super().read() as counts:
            yield counts


async def _ask(shared: SharedCounts, *matches: str) -> list[list[str] | None]:
    searches = Searches(lambda: shared)
    running = asyncio.create_task(searches.run())
    found = [await searches.soon(match) for match in matches]
    running.cancel()
    return [None if each is None else list(each.matching) for each in found]


def test_words_are_searched_in_another_thread_than_that_of_the_answers() -> None:
    shared = _Watched(error=2, errors=1, warn=9)
    assert asyncio.run(_ask(shared, "err", "w")) == [["error", "errors"], ["warn"]]
    assert threading.main_thread() not in shared.readers


def test_more_searches_than_viewers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches_module, "MOST_SEARCHES", 2)
    monkeypatch.setattr(searches_module, "KEPT_SECONDS", 3600.0)
    assert asyncio.run(_ask(_Watched(a=1), "a", "b", "c", "a")) == [["a"], [], None, ["a"]]


def test_what_nobody_asks_for_any_more_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches_module, "MOST_SEARCHES", 2)
    monkeypatch.setattr(searches_module, "KEPT_SECONDS", 0.2)

    async def ask() -> None:
        searches = Searches(lambda: _Watched(a=1))
        running = asyncio.create_task(searches.run())
        for match in "ab":
            assert await searches.soon(match) is not None
        while await searches.soon("c") is None:  # noqa: ASYNC110  # time alone makes room
            await asyncio.sleep(0.01)
        running.cancel()

    asyncio.run(asyncio.wait_for(ask(), PATIENCE))
