"""The screen on the terminal: the top words, how they come, the totals and the rates, redrawn in place."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it
from rich.console import Console
from rich.live import Live
from rich.text import Text

from streaming import view
from streaming.keys import Keys
from streaming.trends import Trends

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.query import StreamingQuery

_RATE_SECONDS = 10.0
_KEPT_MESSAGES = 1000
_KEPT_ROWS = 500  # more than a terminal has rows
#: Of so many words, the most frequent, what was counted before is looked at for what is new.
_KEPT_WORDS = 200_000
_FINAL_ROWS = 10
_NOTICE_SECONDS = 2.0
_NEW_WORDS, _RISING_WORDS = 30, 10  # more than a line has room for
_ESCAPE = "\x1b"
_BACKSPACES = {"\x7f", "\x08"}  # terminals send the one or the other


class Top:
    """The ``size`` most frequent words, exactly: as counts only grow, the former ones and the changed ones suffice.

    >>> top = Top(2)
    >>> top.update([("a", 1), ("b", 3), ("c", 2)])
    >>> top.update([("a", 4)])
    >>> top.rows
    [('a', 4), ('b', 3)]
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.rows: list[tuple[str, int]] = []

    def update(self, changed: Sequence[tuple[str, int]]) -> None:
        """Take in the words whose count changed, each with its new count."""
        counts = dict(self.rows)
        counts.update(changed)
        self.rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[: self._size]


class Totals(NamedTuple):
    """What one batch held: lines and words, and how many distinct words there are after it."""

    lines: int
    words: int
    distinct: int


class Former(NamedTuple):
    """The batch before: how long it took, and how many records it was behind the newest, in a partition of a topic."""

    seconds: float | None = None
    behind: int | None = None


class Progress(NamedTuple):
    """How the stream gets on: how many files are followed, and for how long a line has waited to be counted."""

    files: int | None = None
    lag: float | None = None


class _Noticed(NamedTuple):
    """What is to be noticed, looked for anew after some seconds, as that goes over all words of the last minute."""

    turn: int
    new: list[str]
    rising: list[tuple[str, float]]


class _Picture(NamedTuple):
    """What the screen shows, at a time: how words come, the top words, and the head."""

    now: float
    trends: Trends
    top: list[tuple[str, int]]
    head: list[str]


class Screen:
    """The live view of a stream on the terminal, while it is entered.

    Args:
        top: how many words; None is as many as the terminal has room for.
        counts: what was counted before, columns ``word`` and ``count``; None is nothing.
        tell: shows a message to the person at the terminal once the screen is left.
        progress: asked how the stream gets on.
    """

    def __init__(
        self,
        top: int | None,
        counts: "DataFrame | None",
        tell: Callable[[str], None],
        progress: Callable[[], Progress] = Progress,
    ) -> None:
        self._tell = tell
        self._progress = progress
        self._messages: deque[str] = deque(maxlen=_KEPT_MESSAGES)
        self._console = Console()
        self._rows = top
        self._top = Top(max(top or 0, _KEPT_ROWS))
        self._words = self._distinct = self._lines = 0
        self._words_before = 0
        self._former = Former()
        known: dict[str, int] = {}
        if counts is not None:
            most = counts.orderBy(F.desc("count"), "word").limit(_KEPT_WORDS).collect()
            known = {row[0]: row[1] for row in most}
            self._top.update(list(known.items())[:_KEPT_ROWS])
            self._words_before, self._distinct = counts.agg(
                F.coalesce(F.sum("count"), F.lit(0)), F.count("*")
            ).collect()[0]
        now = time.monotonic()
        self._trends = Trends(known, complete=self._distinct == len(known), now=now)
        self._history: list[tuple[float, int, int]] = [(now, 0, 0)]
        self._live = Live(console=self._console, auto_refresh=False, screen=True)
        self._keys = Keys()
        self._stack = ExitStack()
        self._lock = threading.Lock()  # batches come in a thread of their own
        self._by_rate = self._typing = False
        self._held: _Picture | None = None  # while it is paused
        self._part = ""  # of the words that are looked for
        self._noticed: _Noticed | None = None
        self.left = False  #: the person at the terminal wants to leave

    def __enter__(self) -> Self:
        self._stack.enter_context(self._keys)
        self._stack.enter_context(self._live)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        with self._lock:
            self._console.print(Text("   ".join(self._head(time.monotonic())[:3]), style="bold"))
            cells = max(1, min(30, self._console.width - 16))
            for word, count in self._top.rows[: self._rows or _FINAL_ROWS]:
                self._console.print(Text(f"{view.cell(view.shown(word), cells)} {count:>15,}"))
        for message in self._messages:
            self._tell(message)

    def update(self, changed: Sequence[tuple[str, int]], totals: Totals, former: Former) -> None:
        """Take in a batch: the words whose count changed, its totals, and what is known of the one before."""
        with self._lock:
            self._top.update(changed)
            self._trends.update(changed, time.monotonic())
            self._lines += totals.lines
            self._words += totals.words
            self._distinct = totals.distinct
            self._former = former

    def say(self, message: str) -> None:
        """Show a message below the table until the next one comes; all of them are told when the screen is left."""
        self._messages.append(message)

    def refresh(self) -> None:
        """Do what keys were pressed for, and redraw."""
        keys = self._keys.pressed()
        for key in keys:
            self._press(key)
        now = time.monotonic()
        self._history.append((now, self._lines, self._words))
        while now - self._history[0][0] > _RATE_SECONDS:
            del self._history[0]
        if keys or self._held is None:
            with self._lock:
                seen = self._seen(self._held or _Picture(now, self._trends, self._top.rows, self._head(now)))
            self._live.update(Text("\n", no_wrap=True, overflow="ignore").join(view.draw(seen, self._console.width)), refresh=True)

    def _press(self, key: str) -> None:
        if self._typing:
            self._type(key)
        elif key == "q":
            self.left = True
        elif key == "p":
            self._pause()
        elif key == "/":
            self._typing, self._part = True, ""
        elif key == _ESCAPE:
            self._part = ""
        elif key == "s":
            self._by_rate = not self._by_rate
        elif key in {"+", "-"}:
            self._rows = max(1, min(self._room(), self._rows or self._room()) + (1 if key == "+" else -1))

    def _pause(self) -> None:
        """Hold the picture, or go on; what is chosen and how it is sorted can be changed in a picture that is held."""
        if self._held is not None:
            self._held = None
            return
        now = time.monotonic()
        with self._lock:
            self._held = _Picture(now, self._trends.copy(), self._top.rows, self._head(now))

    def _type(self, key: str) -> None:
        if key in {"\n", "\r", _ESCAPE}:
            self._typing = False
            self._part = "" if key == _ESCAPE else self._part
        elif key in _BACKSPACES:
            self._part = self._part[:-1]
        elif key.isprintable():
            self._part += key

    def _room(self) -> int:
        return max(1, self._console.height - view.FRAME_ROWS - len(self._message()))

    def _message(self) -> list[str]:
        message = self._messages[-1] if self._messages else ""
        return view.message_lines(message, self._console.width, self._console.height)

    def _seen(self, picture: "_Picture") -> view.View:
        """Return what is to be seen of a picture."""
        now, trends, top, head = picture
        room = self._room()
        if self._part:
            chosen = trends.holding(self._part, room)
        elif self._by_rate:
            fast = dict(trends.rates(now).most_common(room))
            chosen = [(word, trends.counts.get(word, count)) for word, count in fast.items()]
            chosen += [row for row in top if row[0] not in fast][: room - len(fast)]
        else:
            chosen = top[:room]
        chosen = chosen[: self._rows]
        cells = view.course_cells(self._console.width, max((count for _, count in chosen), default=1))
        rows = [
            view.Row(word, count, trends.rate(word, now), trends.change(word, now), trends.course(word, now, cells))
            for word, count in chosen
        ]
        turn = int(now // _NOTICE_SECONDS)
        if self._noticed is None or self._noticed.turn != turn:
            new = ["(after the first minute)"] if trends.early(now) else trends.new(now, _NEW_WORDS)
            self._noticed = _Noticed(turn, new, trends.rising(now, _RISING_WORDS))
        _, new, rising = self._noticed
        return view.View(head, rows, room, new, rising, self._message(), self._foot(empty=not rows))

    def _head(self, now: float) -> list[str]:
        then, lines, words = self._history[0]
        seconds = max(now - then, 0.25)
        progress = self._progress()
        head = [
            f"{self._lines:,} new lines ({(self._lines - lines) / seconds:,.0f}/s)",
            f"{self._words_before + self._words:,} words ({(self._words - words) / seconds:,.0f}/s)",
            f"{self._distinct:,} distinct",
        ]
        if progress.lag is not None:
            head.append(f"lag {progress.lag:.1f} s")
        if self._former.behind is not None:
            head.append(f"lag {self._former.behind:,} records")
        if self._former.seconds is not None:
            head.append(f"batch {self._former.seconds:.1f} s")
        if progress.files is not None:
            head.append("1 file" if progress.files == 1 else f"{progress.files:,} files")
        return head

    def _foot(self, *, empty: bool) -> str:
        if not self._keys.read:
            return "keys are not read here: this is not in the foreground of the terminal"
        if self._typing:
            return f"/{self._part}_   {'no word holds it   ' * empty}Enter keeps it, Esc ends it"
        keys = [
            "PAUSED, p goes on" if self._held is not None else "p pause", f"/ {self._part or 'find'}",
            f"s by {'count' if self._by_rate else 'rate'}", "+ - rows",
        ]  # fmt: skip
        return "   ".join(["q quit", *keys])


def former_batch(query: "StreamingQuery") -> Former:
    """Return what is known of the batch that a query has ended last."""
    last = query._jsq.lastProgress()  # noqa: SLF001  # as JSON, which pyspark makes of it, it takes 5 ms
    if last is None:
        return Former()
    behind = last.sources()[0].metrics().get("maxOffsetsBehindLatest")
    return Former(last.batchDuration() / 1000, None if behind is None else int(behind))


def batch_totals(query: "StreamingQuery") -> Totals:
    """Return the totals of the batch that a query is at, within ``foreachBatch`` and after its action.

    Spark measures them anyway, at the nodes of its plan. A metric of our own between the split and the count takes the
    rows out of the compiled loop: 3.5 s against 2.4 s for 220 MB.
    """
    rows: list[tuple[str, int]] = []  # that nodes of the plan pass on, from the counts down to the source
    distinct = 0
    nodes = [query._jsq.streamingQuery().lastExecution().executedPlan()]  # noqa: SLF001  # pyspark does not pass it on
    for node in nodes:
        name = node.nodeName().split(" ")[0]
        if name == "StateStoreSave":
            distinct = node.metrics().apply("numTotalStateRows").value()
        elif name in {"Filter", "Generate", "Scan"}:
            rows.append((name, node.metrics().apply("numOutputRows").value()))
        children = node.children()
        nodes.extend(children.apply(index) for index in range(children.size()))
    words = next(count for name, count in rows if name != "Scan")
    # Of a topic, whose scan has another name, they are what records are split into.
    lines = next(count for name, count in reversed(rows) if name != "Filter")
    return Totals(lines, words, distinct)
