"""Count files once: find them, let Spark count their words, and save or print the counts."""

import glob
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import Observation

from producer.common.errors import UsageError, WordCountError
from producer.common.progress import bytes_progress
from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.scanner import DirectoryScanner, ScanRules
from producer.kafka.address import is_kafka
from producer.reading import compression
from streaming.counting.pattern_check import checked_rule, checked_windows
from streaming.counting.rules import ONE_SPACE, Windows, WordRule
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words
from streaming.errors import one_line
from streaming.query.dropped_lines import untimed_message
from streaming.sinks.files import remove_unfinished, save
from streaming.sinks.formats import file_name
from streaming.sinks.stdout import print_file
from streaming.sources.remote import is_remote
from streaming.spark.environment import file_uri
from streaming.spark.metrics import BytesRead, never_falling
from streaming.spark.session import Jvm

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The interval at which the progress is shown.
POLL_SECONDS = 0.25
#: Names that Spark reads a file by; it does not read xz.
_SUFFIXES = (".txt", ".gz", ".bz2", ".zst")
_LINK = re.compile(r"/(\d{9})[.\w]*")


class BatchInputs(NamedTuple):
    """What is counted: files of this machine, each of them once, and addresses that Spark reads itself."""

    files: list[FoundFile]
    remote: list[str]

    @property
    def size(self) -> int:
        """How many bytes the files have."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class BatchOptions:
    """What ``wordcount batch`` was asked for, apart from its inputs.

    Attributes:
        output: the folder to save the counts in; None prints them.
        format_name: the file format of the counts.
        top: how many words are printed; None is all. All words are saved.
        rule: how lines become words.
        windows: the windows that words are counted in; None if there are none.
    """

    output: Path | None = None
    format_name: str = "text"
    top: int | None = None
    rule: WordRule = ONE_SPACE
    windows: Windows | None = None


def run(inputs: BatchInputs, options: BatchOptions, jvm: Jvm, say: Callable[[str], None]) -> None:
    """Count the words of files once, and save or print the counts.

    Args:
        inputs: what to count.
        options: what was asked for.
        jvm: Spark, which may still be starting.
        say: shows a message to the user.

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
        untimed = Observation("untimed")
        with linked(inputs) as paths, read_progress(spark, inputs.size):
            counts = count_lines(read_lines(spark, paths), rule, windows, untimed)
            save(counts, file, options.format_name, options.top if options.output is None else None)
        if windows is not None and (lines := untimed.get["lines"]):
            say(untimed_message(windows, lines, untimed.get["example"]))
        if options.output is None:
            print_file(file)
        else:
            say(f"saved the counts to {file} ({inputs.size:,} bytes read)")


def find_inputs(inputs: Sequence[str], depth: int | None, warn: Warn, output: Path | None = None) -> BatchInputs:
    """Find the files that are meant: each file once, however often it is named, linked or matched.

    Args:
        inputs: files, folders, globs and remote addresses.
        depth: how many levels of folders to scan; None is all.
        warn: takes the path and the reason of each thing in a folder that is skipped.
        output: a folder that is skipped, because the counts are saved there.

    Raises:
        UsageError: an input does not exist, or is neither a file nor a folder.
        WordCountError: a file cannot be read.
    """
    found: dict[tuple[int, int], FoundFile] = {}
    for text in inputs:
        if is_kafka(text):
            raise UsageError(f"{text}: batch counts files; 'wordcount stream kafka://… --once' counts a topic")
        if is_remote(text):
            continue
        paths = [text] if os.path.lexists(text) else sorted(glob.glob(text, recursive=True))
        if not paths:
            raise UsageError(f"{text}: no such file or folder; give a path, or a glob in quotes, that names one")
        for path in paths:
            for file in _files(path, depth, warn, [str(output)] if output else []):
                found.setdefault(file.key, file)
    for file in found.values():
        if not os.access(file.path, os.R_OK):
            raise WordCountError(f"{file.path}: cannot be read: Permission denied; allow reading it, or leave it out")
    return BatchInputs(list(found.values()), [text for text in inputs if is_remote(text)])


def _files(path: str, depth: int | None, warn: Warn, excluded: Sequence[str]) -> Iterable[FoundFile]:
    if os.path.isdir(path):
        scanner = DirectoryScanner(path, warn, ScanRules(depth, excluded))
        files = scanner.scan().files
        if scanner.unreadable:
            raise WordCountError(
                f"{next(iter(scanner.unreadable))}: cannot be accessed; allow access, or leave the folder out"
            )
        return sorted(files)
    try:
        status = os.stat(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a path that exists") from error
    if not os.path.isfile(path):
        raise UsageError(f"{path}: is neither a file nor a folder; 'wordcount-producer - --to DIR' reads a stream")
    return [FoundFile.from_status(path, os.path.realpath(path), status)]


@contextmanager
def linked(inputs: BatchInputs) -> Iterator[list[str]]:
    """Give each file a plain name in a temporary folder of links, as Spark does not take every name.

    Spark skips names that start with ``_``, expands ``*`` and ``{}``, and cannot express names that are not UTF-8. Only
    the extension of a compressed file is kept.

    Yields:
        The paths for Spark to read.

    Raises:
        WordCountError: instead of an error that names a link; the message names the file.
    """
    with tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
        for number, file in enumerate(inputs.files):
            os.symlink(os.path.abspath(file.path), f"{folder}/{number:09d}{_suffix(file.path)}")
        try:
            yield ([file_uri(folder)] if inputs.files else []) + inputs.remote
        except Exception as error:
            if match := _LINK.search(str(error)):
                path = inputs.files[int(match[1])].path
                raise WordCountError(
                    f"{path}: cannot be read: {one_line(error)}; replace it, or leave it out"
                ) from error
            raise


def _suffix(path: str) -> str:
    with open(path, "rb") as file:
        suffix = compression.detect(path, file.read(compression.HEAD_BYTES)) or ".txt"
    if suffix not in _SUFFIXES:
        instead = "use stream --once" if suffix in compression.SUFFIXES else "leave it out"
        raise WordCountError(f"{path}: compressed as {suffix}, which Spark does not read; decompress it, or {instead}")
    return suffix


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
        has_ended = threading.Event()

        def watch() -> None:
            while not has_ended.wait(POLL_SECONDS):
                show(min(bytes_read(), size), size)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            has_ended.set()
            watcher.join()
