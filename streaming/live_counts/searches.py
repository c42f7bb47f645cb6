"""Searches among all words, which take longer than all else: 0.2 s for 500,000 words."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from streaming.live_counts.counts import KEPT_ROWS
from streaming.live_counts.shared import SharedCounts
from streaming.live_counts.trends import Trends

_NEW_WORDS, _RISING_WORDS = 30, 10
#: After a search comes a rest of so many times what it took: all of them together take a tenth of a core.
_REST = 9
#: A result is searched for again after this time at the least, and forgotten when nobody has asked for it for longer
#: than viewers ever pause.
_LEAST_SECONDS, KEPT_SECONDS = 0.25, 2.5
#: How many may be asked for: more than there are viewers. No one waits longer for the first result of one.
MOST_SEARCHES = 128
_WAIT_SECONDS, _POLL_SECONDS = 4.0, 0.05


class Found(NamedTuple):
    """What was found among all words.

    Attributes:
        matching: the most frequent words that match.
        new: the new words.
        rising: the rising words, each with how many times as often it comes.
    """

    matching: Sequence[str] = ()
    new: Sequence[str] = ()
    rising: Sequence[tuple[str, float]] = ()


def find(trends: Trends, match: str, now: float) -> Found:
    """Return the words that match; without a text to match, those that are new and those that rise.

    Args:
        trends: the words, and how they come.
        match: what the words contain.
        now: the time in seconds.
    """
    if match:
        return Found(matching=trends.matching_words(lambda word: match in word, KEPT_ROWS))
    new = [] if trends.is_too_early(now) else trends.new_words(now, _NEW_WORDS)
    return Found(new=new, rising=trends.rising_words(now, _RISING_WORDS))


class Searches:
    """Searches one after the other, in a thread and over a copy, for those who ask in an event loop.

    Args:
        counts: returns the counts; None while there are none.
    """

    def __init__(self, counts: Callable[[], SharedCounts | None]) -> None:
        self._counts = counts
        self._asked: dict[str, float] = {}  # when each search was asked for last
        self._found: dict[str, tuple[float, Found]] = {}  # when each was done last, and its result
        self._changed = asyncio.Event()

    def last(self, match: str) -> Found | None:
        """Return what was found last, and ask for a search; None if there is no result yet."""
        if match in self._asked or len(self._asked) < MOST_SEARCHES:
            self._asked[match] = time.monotonic()
        return self._found[match][1] if match in self._found else None

    async def soon(self, match: str) -> Found | None:
        """Return what was found last, or await the first result; None if there are too many searches for that."""
        until = time.monotonic() + _WAIT_SECONDS
        while (found := self.last(match)) is None and match in self._asked and time.monotonic() < until:
            try:
                await asyncio.wait_for(self._changed.wait(), until - time.monotonic())
            except TimeoutError:
                break
        return found

    async def run(self) -> None:
        """Search until cancelled."""
        while True:
            began = time.monotonic()
            counts, match = self._counts(), self._next(began)
            if counts is None or match is None:
                await asyncio.sleep(_POLL_SECONDS)
                continue
            found = await asyncio.to_thread(_search, counts, match)
            self._found[match] = time.monotonic(), found
            self._changed.set()
            self._changed = asyncio.Event()
            await asyncio.sleep(_REST * (time.monotonic() - began))

    def _next(self, now: float) -> str | None:
        """Return what to search for: what has no result yet, or else what has waited longest."""
        self._asked = {match: asked for match, asked in self._asked.items() if now - asked < KEPT_SECONDS}
        self._found = {match: found for match, found in self._found.items() if match in self._asked}
        done = {match: self._found[match][0] if match in self._found else 0.0 for match in self._asked}
        due = [match for match, time_done in done.items() if now - time_done >= _LEAST_SECONDS]
        return min(due, key=lambda match: (done[match], bool(match)), default=None)


def _search(counts: SharedCounts, match: str) -> Found:
    with counts.read() as read:
        trends = read.trends.copy()
    return find(trends, match, time.monotonic())
