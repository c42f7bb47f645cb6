"""Pathway follows a folder: prints ``word: count`` of each word whose count changed."""

import sys
from typing import Any

import pathway as pw


def show(key: pw.Pointer, row: dict[str, Any], time: int, is_addition: bool) -> None:  # noqa: ARG001, FBT001  # its names
    """Print a changed count."""
    if is_addition:
        sys.stdout.write(f"{row['word']}: {row['count']}\n")


def flush(time: int) -> None:  # noqa: ARG001
    """Let what a commit has changed be read."""
    sys.stdout.flush()


# A commit every 1.5 s is the default; its documentation says to lower that for a lower latency.
lines = pw.io.fs.read(sys.argv[1], format="plaintext", mode="streaming", autocommit_duration_ms=10)
words = lines.select(
    word=pw.apply_with_type(lambda line: tuple(line.split(" ")), tuple[str, ...], pw.this.data)
).flatten(pw.this.word)
counts = words.groupby(pw.this.word).reduce(pw.this.word, count=pw.reducers.count())
pw.io.subscribe(counts, on_change=show, on_time_end=flush)
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
