"""The table on the terminal: the top words, the totals and the rates, redrawn in place."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from streaming.sinks import printable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.query import StreamingQuery

_REFRESH_SECONDS = 0.25
_RATE_SECONDS = 10.0
_KEPT_MESSAGES = 1000
_KEPT_ROWS = 500  # more than a terminal has rows
_FRAME_ROWS = 5  # the lines of the table that hold no word


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


class Screen:
    """A table of the top words on the terminal, while it is entered.

    Args:
        top: how many words; None is as many as the terminal has room for.
        counts: what was counted before, columns ``word`` and ``count``; None is nothing.
        tell: shows a message to the person at the terminal once the screen is left.
    """

    def __init__(self, top: int | None, counts: "DataFrame | None", tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._messages: deque[str] = deque(maxlen=_KEPT_MESSAGES)
        self._console = Console()
        self._shown = top
        size = max(top or 0, _KEPT_ROWS)
        self._top = Top(size)
        self._words = self._distinct = self._lines = 0
        self._words_before = 0
        if counts is not None:
            first = counts.orderBy(F.desc("count"), "word").limit(size)
            self._top.update([(row[0], row[1]) for row in first.collect()])
            self._words_before, self._distinct = counts.agg(
                F.coalesce(F.sum("count"), F.lit(0)), F.count("*")
            ).collect()[0]
        self._history: list[tuple[float, int, int]] = [(time.monotonic(), 0, 0)]
        self._drawn = 0.0
        self._live = Live(console=self._console, auto_refresh=False, transient=False)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw()
        self._live.__exit__(kind, error, trace)
        for message in self._messages:
            self._tell(message)

    def update(self, changed: Sequence[tuple[str, int]], totals: Totals) -> None:
        """Take in a batch: the words whose count changed, and its totals."""
        self._top.update(changed)
        self._lines += totals.lines
        self._words += totals.words
        self._distinct = totals.distinct

    def say(self, message: str) -> None:
        """Show a message below the table until the next one comes; all of them are told when the screen is left."""
        self._messages.append(message)

    def refresh(self) -> None:
        """Redraw, if it is time to."""
        now = time.monotonic()
        if now - self._drawn < _REFRESH_SECONDS:
            return
        self._drawn = now
        self._history.append((now, self._lines, self._words))
        while now - self._history[0][0] > _RATE_SECONDS:
            del self._history[0]
        self._draw()

    def _draw(self) -> None:
        self._live.update(self._table(), refresh=True)

    def _table(self) -> RenderableType:
        table = Table(box=None, pad_edge=False)
        table.add_column("word", no_wrap=True, overflow="ellipsis")
        table.add_column("count", justify="right")
        foot = Text(printable(self._messages[-1]) if self._messages else "Ctrl-C stops", style="dim")
        foot_rows = -(-foot.cell_len // self._console.width)
        room = max(1, self._console.height - _FRAME_ROWS - foot_rows)
        for word, count in self._top.rows[: min(room, self._shown or room)]:
            table.add_row(Text(printable(word) or "(empty)"), f"{count:,}")
        then, lines, words = self._history[0]
        seconds = max(time.monotonic() - then, _REFRESH_SECONDS)
        line_rate, word_rate = (self._lines - lines) / seconds, (self._words - words) / seconds
        head = Text(
            f"{self._lines:,} lines now ({line_rate:,.0f}/s)   {self._words_before + self._words:,} words"
            f" ({word_rate:,.0f}/s)   {self._distinct:,} distinct",
            style="bold",
        )
        return Group(head, Text(), table, Text(), foot)


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
