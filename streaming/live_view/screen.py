"""The live view of a stream on the terminal: the top words, their trends, the totals and the rates."""

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

from streaming.live_view import layout
from streaming.live_view.canvas import Canvas, console
from streaming.live_view.controls import Controls
from streaming.live_view.keys import Keys
from streaming.live_view.model import CountedBefore, Model, Progress
from streaming.spark.metrics import BatchTotals, PreviousBatch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FRAME_SECONDS = 0.25
_GIVE_BACK_SECONDS = 2.0
_KEPT_MESSAGES = 1000
#: The most words of earlier runs that are read from the state, to tell which words are new.
_KEPT_WORDS = 200_000
_FINAL_ROWS = 10


class Screen:
    """The live view, while it is entered. A thread of its own draws it, so that it never waits for the stream.

    Args:
        model: what to show; the screen updates it.
        rows: how many words to show at first; None shows as many as fit.
        say: shows a message to the user, once the screen is closed.
        progress: returns how far the stream is.
        message: the last message from before the screen.

    Attributes:
        error: what went wrong in the thread; None while all is well. The main thread raises it.
    """

    def __init__(
        self,
        model: Model,
        rows: int | None,
        say: Callable[[str], None],
        progress: Callable[[], Progress] = Progress,
        message: str = "",
    ) -> None:
        self._model = model
        self._say = say
        self._progress = progress
        self._message = message
        self._messages: deque[str] = deque(maxlen=_KEPT_MESSAGES)
        self._console = console()
        self._canvas = Canvas(self._console)
        self._keys = Keys()
        self._controls = Controls(rows=rows)
        self._lock = threading.Lock()  # of the model, which batches update from a thread of their own
        self._suspending, self._given_back, self._resumed = threading.Event(), threading.Event(), threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        self._handler_before: Any = signal.signal(signal.SIGTSTP, self._suspend)
        self._keys.enter()
        self._canvas.enter()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGTSTP, self._handler_before)
        self.close()
        if self._thread.is_alive():  # the terminal takes no output
            return
        with self._lock:
            header = self._model.header(time.monotonic(), Progress())
            self._console.print(Text("   ".join(header[:3]), style="bold"))
            cells = max(1, min(30, self._console.width - 16))
            for word, count in self._model.top_rows[: self._controls.rows or _FINAL_ROWS]:
                self._console.print(Text(f"{layout.fitted(layout.visible(word), cells)} {count:>15,}"))
        while self._messages:
            self._say(self._messages.popleft())

    @property
    def is_closed(self) -> bool:
        """Whether the terminal is given back for good."""
        return self._closed.is_set()

    def update(self, changed: Sequence[tuple[str, int]], totals: BatchTotals, previous: PreviousBatch) -> None:
        """Take in a batch, as ``Model.update`` does."""
        with self._lock:
            self._model.update(changed, totals, previous, time.monotonic())

    def close(self) -> None:
        """Give the terminal back for good, after what is being drawn."""
        self._closed.set()
        self._thread.join(_GIVE_BACK_SECONDS / 2)
        self._restore()

    def _restore(self) -> None:
        self._keys.leave()
        self._canvas.leave()

    def say(self, message: str) -> None:
        """Show a message below the table until the next one. All messages are shown again once the screen is closed."""
        self._message = f"{time.strftime('%H:%M:%S')} {message}"
        self._messages.append(message)

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._closed.wait(max(0.0, due - time.monotonic())):
                due = time.monotonic() + _FRAME_SECONDS
                if self._suspending.is_set():
                    self._give_back()
                self._draw()
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            if not isinstance(error, (OSError, termios.error)) or error.args[0] != errno.EIO:
                self.error = error  # else the terminal is gone, and a signal ends the stream

    def _draw(self) -> None:
        """Act on the keys, and draw a frame."""
        width, height = self._console.size
        message = layout.message_lines(self._message, width, height)
        table_rows = max(1, height - layout.FRAME_ROWS - len(message))
        for key in self._keys.read():
            if self._controls.press(key, table_rows, time.monotonic()):
                os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C does; the second one ends the program at once
        with self._lock:
            view = self._model.view(time.monotonic(), self._controls, self._progress(), width, table_rows)
        if not self._keys.are_readable:
            view = view._replace(footer="no keys are read: this process is not in the foreground of the terminal")
        self._canvas.draw(layout.draw(view._replace(message=message), width))

    def _suspend(self, *_: object) -> None:
        """Suspend the process, as Ctrl-Z asks: give the terminal back first, and take it over again afterwards."""
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # pressing it again meanwhile changes nothing
        self._given_back.clear()
        self._resumed.clear()
        self._suspending.set()
        if self._given_back.wait(_GIVE_BACK_SECONDS):
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            # Sent to this thread, so that it stops before the next line. Where no shell could continue the process,
            # nothing stops.
            signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend)
        self._suspending.clear()
        self._resumed.set()

    def _give_back(self) -> None:
        """Give the terminal back until the process continues."""
        self._restore()
        self._given_back.set()
        self._resumed.wait()
        self._keys.enter()
        self._canvas.enter()


def counted_before(counts: "DataFrame") -> CountedBefore:
    """Return what was counted before this run.

    Args:
        counts: columns ``word`` and ``count``.
    """
    most = counts.orderBy(F.desc("count"), "word").limit(_KEPT_WORDS).collect()
    words, distinct = counts.agg(F.coalesce(F.sum("count"), F.lit(0)), F.count("*")).collect()[0]
    return CountedBefore({row[0]: row[1] for row in most}, words, distinct)
