"""Counts on standard output."""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from producer.common.errors import OutputClosedError
from producer.common.escaping import escape_controls
from streaming.sinks.files import save
from streaming.sinks.formats import file_name

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def print_file(file: Path) -> None:
    """Print a file of counts to standard output. The vocabulary need not fit into Python's memory."""
    with file.open("rb") as lines, _results() as results:
        if sys.stdout.isatty():
            results.writelines(escape_controls(line.decode("utf-8")).encode("utf-8") for line in lines)
        else:
            shutil.copyfileobj(lines, results)


def print_all(counts: "DataFrame", top: int | None, format_name: str = "text") -> None:
    """Print counts to standard output.

    Args:
        counts: columns ``word`` and ``count``, or those of windows.
        top: how many words, in each window if there are windows; None is all.
        format_name: one of ``FORMATS``.
    """
    with tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
        file = Path(folder) / file_name("counts", format_name)
        save(counts, file, format_name, top)
        print_file(file)


def print_some(counts: "DataFrame", words: Sequence[str]) -> list[str]:
    """Print the counts of some words to standard output as ``word: count``, in the order given, with 0 for no count.

    If there are windows, those that have one of the words are printed, in the order of time.

    Returns:
        The words that are in no window. If there are no windows, the list is empty.
    """
    chosen = counts.where(F.col("word").isin(list(words)))
    if "window_start" not in counts.columns:
        found = {row[0]: row[1] for row in chosen.collect()}
        print_changes((word, found.get(word, 0)) for word in words)
        return []
    chosen = chosen.persist()  # the state is read once
    found_words = {row[0] for row in chosen.select("word").distinct().collect()}
    print_all(chosen, None)
    chosen.unpersist()
    return [word for word in dict.fromkeys(words) if word not in found_words]


def print_changes(rows: Iterable[tuple[str, int]]) -> None:
    """Print counts to standard output as ``word: count``, in the order given.

    Delivery guarantee: at least once. A batch that a crash has cut off is counted and printed again, with the same
    counts.
    """
    text = "".join(f"{word}: {count}\n" for word, count in rows)
    if sys.stdout.isatty():
        text = escape_controls(text)
    with _results() as results:
        results.write(text.encode("utf-8"))


@contextmanager
def _results() -> Iterator[BinaryIO]:
    """Open standard output for writing.

    Raises:
        OutputClosedError: the reader has closed it.
        OSError: it cannot be written to.
    """
    try:
        # Not sys.stdout.buffer: with PYTHONUNBUFFERED it silently writes only as much as a pipe takes.
        with open(sys.stdout.fileno(), "wb", closefd=False) as results:
            yield results
    except BrokenPipeError as error:
        raise OutputClosedError("standard output is closed") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error
