"""What a stream tells about itself while it is served. The stream writes it, and the page's thread reads it."""

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from streaming.live_counts.counts import Progress
from streaming.live_counts.shared import SharedCounts
from streaming.live_counts.windows import LastWindows

_KEPT_WARNINGS = 50
_WARNING = "warning: "


class Vitals(NamedTuple):
    """What is measured of a stream every second. Times are those of the monotonic clock, in seconds.

    Attributes:
        measured_at: when that was.
        bytes_read: how many bytes of files were read; None if the source is no file.
        bytes_counted: how many bytes of text, unpacked, were counted in this run; None if Spark reads the source.
        unreadable_files: how many files could not be read when they were last tried.
        records_behind: how many records of each partition wait, after the topic and the number of the partition.
        late_words: how many words came after their windows had closed.
        untimed_lines: how many lines without a time were set aside.
        restarts: how often the query was started again, after the clock was set back or a topic had lost records.
        state_bytes: the size of the state on disk.
        heap_bytes, heap_limit: how much of Java's memory is in use, and how much there may be.
        free_bytes: how much room there is on the disk of the state.
        committed_at: when the last batch was committed, or when the stream began.
        waiting_since: since when something has waited to be counted; None if nothing does.
        away: why brokers do not answer; None if they do, or if there are none.
    """

    measured_at: float
    committed_at: float
    bytes_read: int | None = None
    bytes_counted: int | None = None
    unreadable_files: int | None = None
    records_behind: Mapping[tuple[str, int], int] = {}
    late_words: int | None = None
    untimed_lines: int | None = None
    restarts: int = 0
    state_bytes: int = 0
    heap_bytes: int = 0
    heap_limit: int = 0
    free_bytes: int | None = None
    waiting_since: float | None = None
    away: str | None = None


class Said(NamedTuple):
    """A message, and when it was said."""

    at: datetime
    text: str


@dataclass
class Status:
    """What a stream tells about itself. Each attribute is replaced as a whole, so that no thread waits for another.

    Attributes:
        source: what is counted, as the user has named it.
        is_windowed: words are counted in windows of time.
        is_real_time: words are known at each checkpoint, and neither lines nor batches are.
        partitions: how many partitions are read; None if the source is no topic.
        since: when the stream began.
        state: whether it counts.
        ended: how it has ended; None while it has not.
        counts: what it has counted; None while that is not known, or if it is not collected.
        progress: returns how far it is.
        vitals: what was measured last; None before the first time.
        patience: after how many seconds without a commit a stream is stuck, though there is something to count.
        warnings: the last warnings, the newest first.
        windows: the last windows; None if words are not counted in windows.
        windows_asked_at: when someone last looked at them; None if nobody has.
        url: the address of the page; empty if none is served.
        identity: what identifies the answers of this stream to those who have found its address in its state.
        viewers: how many are sent updates.
        warned: how many warnings there were about what.
        export: writes a snapshot as a file in a format, and returns its path; None while there is none to write.
    """

    source: str
    is_windowed: bool = False
    is_real_time: bool = False
    partitions: int | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: Literal["starting", "running", "ended"] = "starting"
    ended: Said | None = None
    counts: SharedCounts | None = None
    progress: Callable[[], Progress] = Progress
    vitals: Vitals | None = None
    patience: float = 60.0
    export: Callable[[str], Path] | None = None
    windows: LastWindows | None = None
    windows_asked_at: float | None = None
    url: str = ""
    identity: str = field(default_factory=lambda: secrets.token_hex(8))
    viewers: int = 0
    warned: Counter[str] = field(default_factory=Counter)
    warnings: Sequence[Said] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)  # of the warnings, which come from several threads

    def note(self, message: str, about: str) -> None:
        """Take a message of the stream, and what it is about."""
        if message.startswith(_WARNING):
            said = Said(datetime.now(UTC), message.removeprefix(_WARNING))
            with self._lock:
                self.warned[about] += 1
                self.warnings = (said, *self.warnings)[:_KEPT_WARNINGS]

    def end(self, message: str) -> None:
        """Note that the stream has ended, and how."""
        self.ended = Said(datetime.now(UTC), message)
        self.state = "ended"
