"""Count files once: find them, let Spark count their words, and save or print the counts."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import Observation

from producer.common.progress import bytes_progress
from producer.discovery.found_file import Warn
from producer.text.encoding import Encoding
from producer.text.long_lines import DEFAULT_LIMIT, LineLimit
from streaming.batch_files import readable
from streaming.batch_inputs import BatchInputs
from streaming.counting.pattern_check import checked_rule, checked_windows
from streaming.counting.pattern_watch import watching
from streaming.counting.rules import ONE_SPACE, Windows, WordRule
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words
from streaming.repeating import repeated
from streaming.sinks.files import remove_unfinished, save
from streaming.sinks.formats import file_name
from streaming.sinks.stdout import print_file
from streaming.spark.metrics import BytesRead, TaskWatch, never_falling
from streaming.spark.session import Jvm
from streaming.windows.dropped_lines import untimed_message

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The interval at which the progress is shown.
POLL_SECONDS = 0.25


@dataclass(frozen=True)
class BatchOptions:
    """What ``wordcount batch`` was asked for, apart from its inputs.

    Attributes:
        output: the folder to save the counts in; None prints them.
        format_name: the file format of the counts.
        top: how many words are printed; None is all. All words are saved.
        rule: how lines become words.
        windows: the windows that words are counted in; None if there are none.
        encoding: that of files without a byte order mark; None is UTF-8, with a warning where a file seems to be
            something else.
        line_limit: how long lines may be.
    """

    output: Path | None = None
    format_name: str = "text"
    top: int | None = None
    rule: WordRule = ONE_SPACE
    windows: Windows | None = None
    encoding: Encoding | None = None
    line_limit: LineLimit = DEFAULT_LIMIT


def run(inputs: BatchInputs, options: BatchOptions, jvm: Jvm, say: Callable[[str], None], warn: Warn) -> None:
    """Count the words of files once, and save or print the counts.

    Args:
        inputs: what to count.
        options: what was asked for.
        jvm: Spark, which may still be starting.
        say: shows a message to the user.
        warn: takes the path and the reason of each file that is counted, and seems to be no text.

    Raises:
        UsageError: Java does not take a pattern.
        WordCountError: a file cannot be read, or the counts cannot be written.
    """
    with ExitStack() as stack:
        if options.output is not None:
            remove_unfinished(options.output)
        folder = options.output or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wordcount-")))
        file = folder / file_name("counts", options.format_name)
        spark = jvm.session()
        rule = checked_rule(jvm.session, options.rule)
        windows = options.windows and checked_windows(jvm.session, options.windows)
        stack.enter_context(watching(rule, windows, TaskWatch(spark), say))
        untimed = Observation("untimed")
        with readable(inputs, options.encoding, warn, options.line_limit) as (paths, size), read_progress(spark, size):
            counts = count_lines(read_lines(spark, paths), rule, windows, untimed)
            save(counts, file, options.format_name, options.top if options.output is None else None)
        if windows is not None and (lines := untimed.get["lines"]):
            say(untimed_message(windows, lines, untimed.get["example"]))
        if options.output is None:
            print_file(file)
        else:
            say(f"saved the counts to {file} ({size:,} bytes read)")


def read_lines(spark: "SparkSession", paths: Sequence[str]) -> "DataFrame":
    """Return the lines of files: column ``value`` (string)."""
    if not paths:
        return spark.createDataFrame([], "value string")
    return spark.read.text(list(paths), recursiveFileLookup=True)


def count_lines(
    lines: "DataFrame",
    rule: WordRule = ONE_SPACE,
    windows: Windows | None = None,
    untimed: str | Observation = "untimed",
) -> "DataFrame":
    """Return the counts of lines, as ``count_words`` or ``count_words_in_windows`` return them."""
    if windows is None:
        return lines.transform(count_words, rule=rule)
    return lines.transform(count_words_in_windows, windows, rule=rule, untimed=untimed)


@contextmanager
def read_progress(spark: "SparkSession", size: int) -> Iterator[None]:
    """Show on a terminal how many of ``size`` bytes Spark has read, while the block runs."""
    with bytes_progress("counting") as show:
        if show is None:
            yield
            return
        bytes_read = never_falling(BytesRead(spark))
        with repeated(lambda: show(min(bytes_read(), size), size), POLL_SECONDS, "progress"):
            yield
