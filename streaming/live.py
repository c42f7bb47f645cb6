"""The live view of a stream: the top words, how they come, the totals and the rates, on the terminal."""

import errno
import os
import signal
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it
from rich.text import Text

from streaming import view
from streaming.batch_progress import Former, Totals
from streaming.canvas import Canvas, console
from streaming.controls import Controls
from streaming.keys import Keys
from streaming.trends import Trends

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FRAME_SECONDS = 0.25
_RATE_SECONDS = 10.0
_GIVE_BACK_SECONDS = 2.0
_HELD_KEY_SECONDS = 1.0
_KEPT_MESSAGES = 1000
_KEPT_ROWS = 500  # more than a terminal has rows
#: Of so many words, the most frequent, what was counted before is looked at for what is new.
_KEPT_WORDS = 200_000
_FINAL_ROWS = 10
_SEARCH_SECONDS = 5.0
_NEW_WORDS, _RISING_WORDS = 30, 10  # more than a line has room for


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


class Progress(NamedTuple):
    """How the stream gets on: how many files are followed, and for how long a line has waited to be counted."""

    files: int | None = None
    lag: float | None = None


class _Picture(NamedTuple):
    """What the screen shows, at a time: how words come, the top words, and the head."""

    now: float
    trends: Trends
    top: list[tuple[str, int]]
    head: list[str]


class _Found(NamedTuple):
    """What is found among all words, anew every few seconds, as that takes longer than all else in a picture."""

    turn: int
    part: str
    new: list[str]
    rising: list[tuple[str, float]]
    holding: list[str]


class Screen:
    """The live view, while it is entered. It is drawn in a thread of its own, whatever the stream waits for.

    Args:
        top: how many words; None is as many as the terminal has room for.
        counts: what was counted before, columns ``word`` and ``count``; None is nothing.
        tell: shows a message to the person at the terminal once the screen is left.
        progress: asked how the stream gets on.
        message: what was said last before.
    """

    def __init__(
        self,
        top: int | None,
        counts: "DataFrame | None",
        tell: Callable[[str], None],
        progress: Callable[[], Progress] = Progress,
        message: str = "",
    ) -> None:
        self._tell = tell
        self._progress = progress
        self._message = message
        self._messages: deque[str] = deque(maxlen=_KEPT_MESSAGES)
        self._console = console()
        self._canvas = Canvas(self._console)
        self._keys = Keys()
        self._controls = Controls(rows=top)
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
        self._lock = threading.Lock()  # batches come in a thread of their own, too
        self._held: _Picture | None = None  # while it is paused
        self._found: _Found | None = None
        self._asked_to_leave = -_HELD_KEY_SECONDS
        self._suspended, self._given_back, self._resumed = threading.Event(), threading.Event(), threading.Event()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
        self.error: BaseException | None = None  #: what went wrong in drawing

    def __enter__(self) -> Self:
        self._before: Any = signal.signal(signal.SIGTSTP, self._suspend)
        self._keys.enter()
        self._canvas.enter()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGTSTP, self._before)
        self.end()
        if self._thread.is_alive():  # in a terminal that takes no output
            return
        with self._lock:
            self._console.print(Text("   ".join(self._head(time.monotonic())[:3]), style="bold"))
            cells = max(1, min(30, self._console.width - 16))
            for word, count in self._top.rows[: self._controls.rows or _FINAL_ROWS]:
                self._console.print(Text(f"{view.cell(view.shown(word), cells)} {count:>15,}"))
        while self._messages:
            self._tell(self._messages.popleft())

    @property
    def ended(self) -> bool:
        """Whether it was left."""
        return self._left.is_set()

    def update(self, changed: Sequence[tuple[str, int]], totals: Totals, former: Former) -> None:
        """Take in a batch: the words whose count changed, its totals, and what is known of the one before."""
        with self._lock:
            self._top.update(changed)
            self._trends.update(changed, time.monotonic(), kept=[word for word, _ in self._top.rows])
            self._lines += totals.lines
            self._words += totals.words
            self._distinct = totals.distinct
            self._former = former

    def end(self) -> None:
        """Give the terminal back for good, behind what is being drawn."""
        self._left.set()
        self._thread.join(_GIVE_BACK_SECONDS / 2)
        self._restore()

    def _restore(self) -> None:
        self._keys.leave()
        self._canvas.leave()

    def say(self, message: str) -> None:
        """Show a message below the table until the next one comes; all of them are told when the screen is left."""
        self._message = f"{time.strftime('%H:%M:%S')} {message}"
        self._messages.append(message)

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._left.wait(max(0.0, due - time.monotonic())):
                due = time.monotonic() + _FRAME_SECONDS
                if self._suspended.is_set():
                    self._give_back()
                for key in self._keys.pressed():
                    if self._controls.press(key, self._room(self._message_lines())):
                        self._leave()
                self._canvas.draw(view.draw(self._seen(time.monotonic()), self._console.width))
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            if not isinstance(error, (OSError, termios.error)) or error.args[0] != errno.EIO:
                self.error = error  # else the terminal is gone, which a signal tells

    def _leave(self) -> None:
        """Ask to leave, as Ctrl-C does, which ends it at once the second time; a key that is held is pressed once."""
        now = time.monotonic()
        if now > self._asked_to_leave + _HELD_KEY_SECONDS:
            os.kill(os.getpid(), signal.SIGINT)
        self._asked_to_leave = now

    def _suspend(self, *_: object) -> None:
        """Stop, as Ctrl-Z asks for, once the terminal is as it was; go on from here when that is told."""
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # pressed again meanwhile, it says nothing new
        self._given_back.clear()
        self._resumed.clear()
        self._suspended.set()
        if self._given_back.wait(_GIVE_BACK_SECONDS):
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            # To this thread, which so does not go on; where no shell could tell it to, nothing stops.
            signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend)
        self._suspended.clear()
        self._resumed.set()

    def _give_back(self) -> None:
        """Leave the terminal until it goes on."""
        self._restore()
        self._given_back.set()
        self._resumed.wait()
        self._keys.enter()
        self._canvas.enter()

    def _room(self, message: Sequence[str]) -> int:
        return max(1, self._console.height - view.FRAME_ROWS - len(message))

    def _message_lines(self) -> list[str]:
        return view.message_lines(self._message, self._console.width, self._console.height)

    def _seen(self, now: float) -> view.View:
        """Return what is to be seen now, or since the picture is held."""
        with self._lock:
            self._history.append((now, self._lines, self._words))
            while now - self._history[0][0] > _RATE_SECONDS:
                del self._history[0]
            if not self._controls.paused:
                self._held = None
            elif self._held is None:
                self._held = _Picture(now, self._trends.copy(), self._top.rows, self._head(now))
            return self._view(self._held or _Picture(now, self._trends, self._top.rows, self._head(now)))

    def _view(self, picture: _Picture) -> view.View:
        now, trends, top, head = picture
        message = self._message_lines()
        room = self._room(message)
        found = self._found = self._search(trends, now)
        controls = self._controls
        if controls.part:
            chosen = [(word, trends.counts[word]) for word in found.holding[:room]]
        elif controls.by_rate:
            fast = dict(trends.rates(now).most_common(room))
            chosen = [(word, trends.counts.get(word, count)) for word, count in fast.items()]
            chosen += [row for row in top if row[0] not in fast][: room - len(fast)]
        else:
            chosen = top[:room]
        chosen = chosen[: controls.rows]
        cells = view.course_cells(self._console.width, max((count for _, count in chosen), default=1))
        rows = [
            view.Row(word, count, trends.rate(word, now), trends.change(word, now), trends.course(word, now, cells))
            for word, count in chosen
        ]
        foot = "keys are not read here: this is not in the foreground of the terminal"
        if self._keys.read:
            foot = controls.foot(empty=not rows)
        return view.View(head, rows, room, found.new, found.rising, message, foot)

    def _search(self, trends: Trends, now: float) -> _Found:
        turn, part = int(now // _SEARCH_SECONDS), self._controls.part
        if self._found is not None and (self._found.turn, self._found.part) == (turn, part):
            return self._found
        new = ["(after the first minute)"] if trends.early(now) else trends.new(now, _NEW_WORDS)
        shown = view.shown if "\\" in part else str  # what is escaped is looked for as it is shown
        holding = trends.holding(lambda word: part in shown(word), _KEPT_ROWS) if part else []
        return _Found(turn, part, new, trends.rising(now, _RISING_WORDS), holding)

    def _head(self, now: float) -> list[str]:
        then, lines, words = self._history[0]
        seconds = max(now - then, 0.25)
        progress = self._progress()
        new = f"{self._words:,} new of " * bool(self._words_before)
        head = [
            f"{self._lines:,} new lines ({(self._lines - lines) / seconds:,.0f}/s)",
            f"{new}{self._words_before + self._words:,} words ({(self._words - words) / seconds:,.0f}/s)",
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
