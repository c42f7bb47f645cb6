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
from typing import TYPE_CHECKING, Any, Self

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it
from rich.text import Text

from streaming.live_view import layout as view
from streaming.live_view.canvas import Canvas, console
from streaming.live_view.controls import Controls
from streaming.live_view.keys import Keys
from streaming.live_view.model import Before, Board, Progress
from streaming.spark.progress import Former, Totals

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FRAME_SECONDS = 0.25
_GIVE_BACK_SECONDS = 2.0
_HELD_KEY_SECONDS = 1.0
_KEPT_MESSAGES = 1000
#: Of so many words, the most frequent, what was counted before is looked at for what is new.
_KEPT_WORDS = 200_000
_FINAL_ROWS = 10


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
        self._board = Board(_counted(counts), time.monotonic(), top)
        self._lock = threading.Lock()  # batches come in a thread of their own, too
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
            head = self._board.head(time.monotonic(), Progress())
            self._console.print(Text("   ".join(head[:3]), style="bold"))
            cells = max(1, min(30, self._console.width - 16))
            for word, count in self._board.rows[: self._controls.rows or _FINAL_ROWS]:
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
            self._board.update(changed, totals, former, time.monotonic())

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
                self._draw()
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            if not isinstance(error, (OSError, termios.error)) or error.args[0] != errno.EIO:
                self.error = error  # else the terminal is gone, which a signal tells

    def _draw(self) -> None:
        """Do what keys were pressed for, and draw."""
        width, height = self._console.size
        message = view.message_lines(self._message, width, height)
        room = max(1, height - view.FRAME_ROWS - len(message))
        for key in self._keys.pressed():
            if self._controls.press(key, room):
                self._leave()
        with self._lock:
            seen = self._board.seen(time.monotonic(), self._controls, self._progress(), width, room)
        if not self._keys.read:
            seen = seen._replace(foot="keys are not read here: this is not in the foreground of the terminal")
        self._canvas.draw(view.draw(seen._replace(message=message), width))

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


def _counted(counts: "DataFrame | None") -> Before:
    """Return what was counted before."""
    if counts is None:
        return Before()
    most = counts.orderBy(F.desc("count"), "word").limit(_KEPT_WORDS).collect()
    words, distinct = counts.agg(F.coalesce(F.sum("count"), F.lit(0)), F.count("*")).collect()[0]
    return Before({row[0]: row[1] for row in most}, words, distinct)
