"""The windows of a stream, as the page shows them: closed ones as they close, open ones as they grow."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from streaming.counting.words import most_frequent
from streaming.errors import one_line
from streaming.live_counts.windows import KEPT_WINDOWS, KEPT_WORDS, Row
from streaming.serving.status import Status
from streaming.sinks.snapshots import Snapshots
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Open windows are read from the state, for as long after someone has asked for them, at most so often, and for at
#: most a twentieth of the time.
_ASKED_SECONDS, _LEAST_SECONDS, _REST = 60.0, 2.0, 20
#: How often to see whether it is time to, and how long the end of a stream waits for the last picture.
_POLL_SECONDS, _END_SECONDS = 0.25, 5.0


def window_rows(counts: "DataFrame") -> list[Row]:
    """Return the words with the highest counts of each of the latest windows.

    Args:
        counts: columns ``window_start``, ``window_end``, ``word`` and ``count``.
    """
    # Python would take a time of Spark for one of this machine's zone; seconds since 1970 have none.
    times = [f"unix_seconds(window_{side})" for side in ("start", "end")]
    rows = most_frequent(counts, KEPT_WORDS).selectExpr(*times, "word", "count").collect()
    latest = sorted({row[0] for row in rows})[-KEPT_WINDOWS:]
    first = latest[0] if latest else 0
    return [(_date(start), _date(end), word, count) for start, end, word, count in rows if start >= first]


def _date(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class OpenWindows:
    """Reads the open windows of a stream from its state, in a thread of its own, while someone looks at them.

    Args:
        status: where they are noted.
        state: the state folder of the stream.
        snapshots: reads the state.
        say: shows a message to the user.
    """

    def __init__(self, status: Status, state: State, snapshots: Snapshots, say: Callable[[str], None]) -> None:
        self._status = status
        self._state = state
        self._snapshots = snapshots
        self._say = say
        self._due = 0.0
        self._read: int | None = None  # the batch after which they were read
        self._has_failed = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="open windows", daemon=True)

    def __enter__(self) -> Self:
        if self._status.windows is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Read them a last time, unless the stream has failed, but do not hold up the end for long."""
        self._has_failed |= error is not None
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self._poll()
        self._due = 0.0
        self._poll()

    def _poll(self) -> None:
        """Read them, if it is time to and a batch has changed them."""
        now = time.monotonic()
        windows, asked_at = self._status.windows, self._status.windows_asked_at
        if windows is None or asked_at is None or now < self._due or now - asked_at > _ASKED_SECONDS:
            return
        try:
            batch = last_commit(self._state.checkpoint)
            if batch is not None and batch != self._read:
                windows.note_open(window_rows(self._snapshots.counts()))
                self._read = batch
        except Exception as error:  # noqa: BLE001  # counting is worth more than a picture of it
            self._note(error)
        took = time.monotonic() - now
        self._due = now + max(_LEAST_SECONDS, _REST * took)

    def _note(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._say(f"warning: the open windows cannot be shown: {one_line(error)}; counting goes on")
