"""What viewers are sent: made once for all who want the same, and only when it has changed."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from streaming.live_counts.counts import Counts
from streaming.live_counts.searches import Found, Searches
from streaming.serving import frames
from streaming.serving.frames import Json, Moment, Query
from streaming.serving.status import Said, Status

#: How often it looks whether there is a new batch, and how often viewers are sent one at most.
_TICK_SECONDS, _FRAME_SECONDS = 0.05, 0.25
#: Without a new batch, rates fall, so there may be something new to show once in this time.
_IDLE_SECONDS = 1.0
COMMENT_SECONDS = 15.0
#: The most words of a window in each update; /api/windows gives more.
_EVENT_WINDOW_ROWS = 10
MOST_VIEWERS = 100


class _Shown(NamedTuple):
    """What the last frames show. Anything else changes slowly."""

    batches: int | None = None
    warnings: Sequence[Said] = ()
    state: str = ""


class Feed:
    """Makes what viewers see, several times a second, and sends it to them. All of it runs in one event loop.

    Args:
        status: what the stream tells about itself, and its counts.
    """

    def __init__(self, status: Status) -> None:
        self._status = status
        self._viewers = Counter[Query]()
        self._frames: dict[Query, bytes] = {}
        self._searches = Searches(lambda: status.counts)
        self._changed = asyncio.Event()
        self._made = _Shown()
        self._made_at = float("-inf")

    @property
    def is_full(self) -> bool:
        """Whether there are as many viewers as there may be."""
        return self._viewers.total() >= MOST_VIEWERS

    @property
    def has_viewers(self) -> bool:
        """Whether someone is sent updates."""
        return bool(self._viewers)

    async def run(self) -> None:
        """Make frames until cancelled."""
        while True:
            self.tick()
            await asyncio.sleep(_TICK_SECONDS)

    async def search(self) -> None:
        """Search for what viewers ask for until cancelled."""
        await self._searches.run()

    def tick(self) -> None:
        """Make the frames that viewers await, if something may have changed."""
        moment = _now()
        counts = self._status.counts
        if counts is None:
            self._make(None, moment)
            return
        with counts.read() as read:
            read.look(moment.seconds)
            self._make(read, moment)

    def _make(self, counts: Counts | None, moment: Moment) -> None:
        batches = None if counts is None else counts.batches
        made = _Shown(batches, self._status.warnings, self._status.state)
        pause = _IDLE_SECONDS if made == self._made else _FRAME_SECONDS if made.state == self._made.state else 0.0
        if not self._viewers or moment.seconds < self._made_at + pause:
            return
        self._made, self._made_at = made, moment.seconds
        if counts is not None:
            counts.keep(word for query in self._viewers for word in query.pinned)
        head = frames.summary(self._status, counts, moment)
        has_changed = False
        for query in self._viewers:
            frame = self._frame(query, head, counts, moment)
            has_changed |= self._frames.get(query) != frame
            self._frames[query] = frame
        if has_changed:
            self._changed.set()
            self._changed = asyncio.Event()

    def _frame(self, query: Query, head: Json, counts: Counts | None, moment: Moment) -> bytes:
        """Return a frame; return the previous one if only the time differs."""
        before = self._frames.get(query)
        now = moment.seconds
        table = frames.no_top(query) if counts is None else frames.top(counts, query, self._find(query), now)
        pinned = [] if counts is None else [frames.word(counts, word, now) for word in query.pinned]
        windows = frames.cut_windows(self.windows(min(query.rows, _EVENT_WINDOW_ROWS), None))
        frame: Json = {"summary": head, "top": frames.cut(table), "pinned": pinned, "windows": windows}
        text = encode(frame)
        if before is not None and _without_now(before) == _without_now(text):
            return before
        return text

    def _find(self, query: Query) -> Found:
        """Return what was found last among all words: for everybody, and for this query."""
        found = self._searches.last("") or Found()
        matching = self._searches.last(query.match) if query.match else None
        return found if matching is None else found._replace(matching=matching.matching)

    async def top(self, query: Query) -> Json | None:
        """Return the table of words as it is now; None if there are too many searches for that."""
        if self._status.counts is None:
            return frames.no_top(query)
        for match in {"", query.match}:
            if await self._searches.soon(match) is None:
                return None
        with self._status.counts.read() as counts:
            return frames.top(counts, query, self._find(query), _now().seconds)

    def summary(self) -> Json:
        """Return the head of the page as it is now."""
        moment = _now()
        if self._status.counts is None:
            return frames.summary(self._status, None, moment)
        with self._status.counts.read() as counts:
            return frames.summary(self._status, counts, moment)

    def windows(self, rows: int, text: str | None) -> Json | None:
        """Return the last windows, with the count of a word in each; None if words are not counted in windows."""
        if self._status.windows is None:
            return {"windows": []} if self._status.is_windowed else None  # it is starting
        self._status.windows_asked_at = time.monotonic()
        return frames.windows(self._status.windows.all, rows, text)

    def word(self, text: str) -> Json:
        """Return what is known of a word, or an error."""
        if self._status.counts is None:
            return frames.unknown(None, text)
        with self._status.counts.read() as counts:
            known = frames.word(counts, text, _now().seconds)
            return known if known["is_counted"] else frames.unknown(counts, text)

    def words(self, texts: Sequence[str]) -> Json | None:
        """Return what is known of words after one batch; None before the first."""
        if self._status.counts is None:
            return None
        with self._status.counts.read() as counts:
            if not (counts.batches or counts.words_before):
                return None
            return {"words": [frames.word(counts, text, _now().seconds) for text in texts]}

    async def events(self, query: Query) -> AsyncIterator[bytes]:
        """Yield server-sent events until the stream has ended.

        A viewer who reads slowly gets the latest frame once there is room for it, and none of those in between.
        """
        self._viewers[query] += 1
        self._status.viewers = self._viewers.total()
        try:
            yield b"retry: 2000\n\n"
            sent = b""
            if query.match and self._status.counts is not None:
                await self._searches.soon(query.match)  # the first frame would have no words
            if query not in self._frames:
                self._made_at = float("-inf")
                self.tick()
            while True:
                frame = self._frames[query]
                if frame != sent:
                    sent = frame
                    yield b"event: update\ndata: " + frame + b"\n\n"
                    if self._made.state == "ended" and frame == self._frames[query]:
                        return
                    continue
                try:
                    await asyncio.wait_for(self._changed.wait(), COMMENT_SECONDS)
                except TimeoutError:
                    yield b": nothing has changed\n\n"
        finally:
            self._viewers[query] -= 1
            if not self._viewers[query]:
                del self._viewers[query]
                self._frames.pop(query, None)
            self._status.viewers = self._viewers.total()


def encode(content: Json) -> bytes:
    """Return JSON in UTF-8; what cannot be UTF-8, such as half of a surrogate pair, becomes a question mark."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _without_now(frame: bytes) -> bytes:
    before, _, after = frame.partition(b'"now":"')
    return before + after.partition(b'"')[2]


def _now() -> Moment:
    return Moment(time.monotonic(), datetime.now(UTC))
