"""Where counts go: standard output, files and a topic. Each says what it guarantees."""

import os
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from producer.common.errors import NobodyReadsError, UsageError
from streaming.counting.windows import with_times_as_text
from streaming.counting.words import most_frequent, most_frequent_first
from streaming.kafka.connector import connection_options
from streaming.kafka.topics import OutputTopic

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriter


def _text(counts: "DataFrame") -> "DataFrameWriter":
    counts = with_times_as_text(counts)
    times = [name for name in counts.columns if name not in {"word", "count"}]
    return counts.select(F.concat_ws(" ", *times, F.concat("word", F.lit(": "), "count"))).write.format("text")


def _csv(counts: "DataFrame") -> "DataFrameWriter":
    # As RFC 4180 has it: a quote is doubled. By default Spark puts a backslash before it, and trims words.
    return (
        with_times_as_text(counts)
        .write.format("csv")
        .options(header=True, escape='"', ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False)
    )


def _json(counts: "DataFrame") -> "DataFrameWriter":
    return with_times_as_text(counts).write.format("json")


def _parquet(counts: "DataFrame") -> "DataFrameWriter":
    return counts.write.format("parquet")


_UNFINISHED = ".writing-"

_Writer = Callable[["DataFrame"], "DataFrameWriter"]
_FORMATS: dict[str, tuple[str, _Writer]] = {
    "text": (".txt", _text),
    "csv": (".csv", _csv),
    "json": (".json", _json),
    "parquet": (".parquet", _parquet),
}
FORMATS = frozenset(_FORMATS)


def check_format(name: str) -> None:
    """Refuse the name of a file format that there is not.

    Raises:
        UsageError: there is no such format.
    """
    if name not in _FORMATS:
        raise UsageError(f"--format {name!r} is unknown; take one of {', '.join(_FORMATS)}")


def file_name(stem: str, format_name: str) -> str:
    """Return the name of a file of counts.

    >>> file_name("counts", "text")
    'counts.txt'
    """
    return stem + _FORMATS[format_name][0]


def save(counts: "DataFrame", target: Path, format_name: str, top: int | None = None) -> None:
    """Write counts to one file, the most frequent first, replacing what was there in one step.

    Delivery guarantee: a reader sees the old file or the whole new one, also after a crash.

    Args:
        counts: columns ``word`` and ``count``, or those of windows.
        target: the file; its folder exists.
        format_name: ``text`` (``word: count``), ``csv`` (with a header), ``json`` (one object a line) or ``parquet``.
        top: how many words, in each window where there are some; None is all.
    """
    chosen = counts if top is None else most_frequent(counts, top)
    folder = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{target.name}.", dir=target.parent))
    try:
        writer = _FORMATS[format_name][1](most_frequent_first(chosen))
        writer.mode("overwrite").save(str(folder))
        part = next(folder.glob("part-*"))
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_other_formats(folder: Path, stem: str, format_name: str) -> None:
    """Remove the files of counts that earlier runs have saved in other formats: nobody keeps them up to date any more.

    Args:
        folder: where they are.
        stem: their names without the ending.
        format_name: that of the one that stays.
    """
    for other in FORMATS - {format_name}:
        (folder / file_name(stem, other)).unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files that a process that was killed has left in an output folder."""
    for left in [*folder.glob(f"{_UNFINISHED}*"), *folder.glob(f"*/{_UNFINISHED}*")]:
        shutil.rmtree(left, ignore_errors=True)


def print_file(file: Path) -> None:
    """Print a saved text file of counts to standard output; a vocabulary need not fit into Python's memory."""
    with file.open("rb") as lines, _results() as results:
        if sys.stdout.isatty():
            results.writelines(printable(line.decode("utf-8")).encode("utf-8") for line in lines)
        else:
            shutil.copyfileobj(lines, results)


def print_all(counts: "DataFrame", top: int | None, format_name: str = "text") -> None:
    """Print counts to standard output as ``save`` writes them; the ``top`` most frequent words, None is all."""
    with tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
        file = Path(folder) / file_name("counts", format_name)
        save(counts, file, format_name, top)
        print_file(file)


def print_some(counts: "DataFrame", words: Sequence[str]) -> list[str]:
    """Print the counts of some words to standard output as ``word: count``, in their order; 0 where there is none.

    Of windows, those that have one of the words are printed, in the order of time.

    Returns:
        The words that no window has; none where there are no windows.
    """
    chosen = counts.where(F.col("word").isin(list(words)))
    if "window_start" not in counts.columns:
        found = {row[0]: row[1] for row in chosen.collect()}
        print_changes((word, found.get(word, 0)) for word in words)
        return []
    chosen = chosen.persist()  # the state is read once
    there = {row[0] for row in chosen.select("word").distinct().collect()}
    print_all(chosen, None)
    chosen.unpersist()
    return [word for word in dict.fromkeys(words) if word not in there]


def print_changes(rows: Iterable[tuple[str, int]]) -> None:
    """Print counts to standard output as ``word: count``, in the order given.

    Delivery guarantee: at least once. A batch cut off by a crash is printed again when it is counted again, with the
    same counts.
    """
    text = "".join(f"{word}: {count}\n" for word, count in rows)
    if sys.stdout.isatty():
        text = printable(text)
    with _results() as results:
        results.write(text.encode("utf-8"))


def write_to_topic(counts: "DataFrame", topic: OutputTopic) -> None:
    """Write counts to a topic: the word is the key, the count in decimal digits the value.

    Of windows, the key is the begin of the window and the word, the value a JSON object with all columns.

    Delivery guarantee: at least once, and the last value of a word is right. A batch cut off by a crash is written
    again, with the same counts. Kept compacted, the topic is the table of counts.
    """
    key, value = F.col("word"), F.col("count").cast("string")
    if "window_start" in counts.columns:
        counts = with_times_as_text(counts)
        key, value = F.concat_ws(" ", "window_start", "word"), F.to_json(F.struct(*counts.columns))
    (
        counts.select(key.alias("key"), value.alias("value"))
        .write.format("kafka")
        .options(**connection_options(topic.endpoint, topic.client))
        .option("topic", topic.endpoint.topics[0])
        .save()
    )


@contextmanager
def _results() -> Iterator[BinaryIO]:
    """Pass on standard output, to be written to whole, or not at all where nobody reads it."""
    try:
        # Not sys.stdout.buffer, which with PYTHONUNBUFFERED writes as much as a pipe takes, and says so to nobody.
        with open(sys.stdout.fileno(), "wb", closefd=False) as results:
            yield results
    except BrokenPipeError as error:
        raise NobodyReadsError("standard output is closed") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error


def printable(text: str) -> str:
    r"""Return text with its control characters escaped, line ends aside: no word is to command a terminal.

    >>> printable("\x1b[2J\tword: 1\n")
    '\\x1b[2J\\tword: 1\n'
    """
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii") if char != "\n" and _commands(char) else char for char in text
    )


def _commands(char: str) -> bool:
    # C0 and C1 controls, and what turns the direction of the text around it.
    return unicodedata.category(char) == "Cc" or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
