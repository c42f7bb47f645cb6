"""The live view of a stream on the terminal: the top words, their trends, the totals and the rates."""

import errno
import os
import signal
import termios
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from rich.text import Text

from streaming.live_counts.counts import Progress
from streaming.live_counts.shared import SharedCounts
from streaming.live_view import layout
from streaming.live_view.canvas import Canvas, console
from streaming.live_view.controls import Controls
from streaming.live_view.keys import Keys
from streaming.live_view.layout import Line
from streaming.live_view.model import Model, header
from streaming.live_view.windows import WindowsView, draw_windows, window_lines

_FRAME_SECONDS = 0.25
_GIVE_BACK_SECONDS = 2.0
_KEPT_MESSAGES = 1000
_FINAL_ROWS = 10
_KEYS_OF_WINDOWS = "qp"
_NO_KEYS = "no keys are read: this process is not in the foreground of the terminal"


class Screen:
    """The live view, while it is entered. A thread of its own draws it, so that it never waits for the stream.

    Args:
        shared: the counts to show.
        rows: how many words to show at first; None shows as many as fit.
        say: shows a message to the user, once the screen is closed.
        progress: returns how far the stream is.
        message: the last message from before the screen.
        windows: the windows to show; None shows the most frequent words.

    Attributes:
        error: what went wrong in the thread; None while all is well. The main thread raises it.
    """

    def __init__(
        self,
        shared: SharedCounts,
        rows: int | None,
        say: Callable[[str], None],
        progress: Callable[[], Progress] = Progress,
        message: str = "",
        windows: WindowsView | None = None,
    ) -> None:
        self._shared = shared
        self._model = Model()
        self._say = say
        self._progress = progress
        self._message = message
        self._windows = windows
        self._drawn: list[Line] = []
        self._messages: deque[str] = deque(maxlen=_KEPT_MESSAGES)
        self._console = console()
        self._canvas = Canvas(self._console)
        self._keys = Keys()
        self._controls = Controls(rows=rows)
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
        with self._shared.read() as counts:
            parts = header(counts, time.monotonic(), Progress())
            self._console.print(Text("   ".join(parts[:3]), style="bold"))
            if self._windows is not None:
                for line in list(window_lines(self._windows, self._console.width))[:_FINAL_ROWS]:
                    self._console.print(Text(line.plain))
            cells = max(1, min(30, self._console.width - 16))
            for word, count in counts.top.rows[: self._controls.rows or _FINAL_ROWS]:
                self._console.print(Text(f"{layout.fitted(layout.visible(word), cells)} {count:>15,}"))
        while self._messages:
            self._say(self._messages.popleft())

    @property
    def is_closed(self) -> bool:
        """Whether the terminal is given back for good."""
        return self._closed.is_set()

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
        for key in filter(self._is_used, self._keys.read()):
            if self._controls.press(key, table_rows, time.monotonic()):
                os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C does; the second one ends the program at once
        if self._windows is not None:
            self._canvas.draw(self._lines_of_windows(self._windows, message))
            return
        with self._shared.read() as counts:
            view = self._model.view(counts, time.monotonic(), self._controls, self._progress(), width, table_rows)
        if not self._keys.are_readable:
            view = view._replace(footer=_NO_KEYS)
        self._canvas.draw(layout.draw(view._replace(message=message), width))

    def _is_used(self, key: str) -> bool:
        return self._windows is None or key in _KEYS_OF_WINDOWS

    def _lines_of_windows(self, windows: WindowsView, message: list[str]) -> list[Line]:
        """Return the lines to draw: those from before while the view is paused."""
        if not self._controls.is_paused or not self._drawn:
            with self._shared.read() as counts:
                now = time.monotonic()
                counts.look(now)
                parts = header(counts, now, self._progress())
            self._drawn = draw_windows(windows, parts, message, self._console.size)
        footer = "q quit   PAUSED, p resumes" if self._controls.is_paused else "q quit   p pause"
        return [*self._drawn, self._footer(footer)]

    def _footer(self, keys: str) -> Line:
        """Return the last line, which shows the keys if there are any."""
        text = keys if self._keys.are_readable else _NO_KEYS
        return Line(Text(layout.fitted(text, self._console.width), style="dim"))

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
