"""The open windows of a stream, as the page shows them while they grow."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streaming.counting.words import most_frequent
from streaming.live_counts.windows import KEPT_WINDOWS, KEPT_WORDS, Row
from streaming.serving.status import Status

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Open windows are read for so long after someone has asked for them.
_ASKED_SECONDS = 60.0


def are_asked_for(status: Status) -> bool:
    """Return whether somebody has looked at the windows of a stream just now."""
    asked_at = status.windows_asked_at
    return asked_at is not None and time.monotonic() - asked_at <= _ASKED_SECONDS


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
