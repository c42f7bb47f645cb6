"""The small Spark program: the words of files, folders and globs, counted once."""

import glob
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from producer.common.errors import UsageError, WordCountError
from producer.common.progress import bytes_progress
from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.scanner import DirectoryScanner, ScanRules
from producer.kafka.address import is_kafka
from producer.reading import compression
from streaming.counting.rules import ONE_SPACE, Windows, WordRule
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words
from streaming.errors import one_line
from streaming.sources.remote import is_remote
from streaming.spark.progress import BytesRead

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Observation, SparkSession

_LOOK_SECONDS = 0.25
#: What Spark reads; it has no xz.
_READ = (".txt", ".gz", ".bz2", ".zst")
_LINK = re.compile(r"/(\d{9})[.\w]*")


class Inputs(NamedTuple):
    """What is to be counted: files of this machine, each once, and addresses that Spark reads itself."""

    files: list[FoundFile]
    remote: list[str]

    @property
    def size(self) -> int:
        """The bytes of the files."""
        return sum(file.size for file in self.files)


def find_inputs(inputs: Sequence[str], depth: int | None, warn: Warn, output: Path | None = None) -> Inputs:
    """Find the files that are meant: each file once, however often it is named, linked or matched.

    Args:
        inputs: files, folders, globs and remote addresses.
        depth: how many levels of folders to look into; None is all.
        warn: told of each thing in a folder that is passed over.
        output: a folder that is passed over, as the counts end up there.

    Raises:
        UsageError: an input does not exist, or is no file or folder.
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
    return Inputs(list(found.values()), [text for text in inputs if is_remote(text)])


def _files(path: str, depth: int | None, warn: Warn, apart: Sequence[str]) -> Iterable[FoundFile]:
    if os.path.isdir(path):
        folder = DirectoryScanner(path, warn, ScanRules(depth, apart))
        files, _ = folder.scan()
        if folder.unreadable:
            raise WordCountError(
                f"{next(iter(folder.unreadable))}: cannot be accessed; allow access, or leave the folder out"
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
def linked(inputs: Inputs) -> Iterator[list[str]]:
    """Give each file a name that Spark takes as it is, and say what Spark is to read.

    Spark passes over names that start with ``_``, expands ``*`` and ``{}`` in them, and cannot say those that are no
    text. In a folder of links with plain names, of which only the suffix of a compressed file is kept, none of that
    matters. An error that names a link is raised as one that names the file.
    """
    with tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
        for number, file in enumerate(inputs.files):
            os.symlink(os.path.abspath(file.path), f"{folder}/{number:09d}{_suffix(file.path)}")
        try:
            yield ([folder] if inputs.files else []) + inputs.remote
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
    if suffix not in _READ:
        instead = "take stream --once" if suffix in compression.SUFFIXES else "leave it out"
        raise WordCountError(f"{path}: compressed as {suffix}, which is not read; decompress it, or {instead}")
    return suffix


def counts(
    spark: "SparkSession",
    paths: Sequence[str],
    rule: WordRule = ONE_SPACE,
    windows: Windows | None = None,
    untimed: "str | Observation" = "untimed",
) -> "DataFrame":
    """Return the counts of all lines of files, as ``count_words`` or ``count_words_in_windows`` return them."""
    lines = (
        spark.read.text(list(paths), recursiveFileLookup=True) if paths else spark.createDataFrame([], "value string")
    )
    if windows is None:
        return lines.transform(count_words, rule=rule)
    return lines.transform(count_words_in_windows, windows, rule=rule, untimed=untimed)


@contextmanager
def read_progress(spark: "SparkSession", size: int) -> Iterator[None]:
    """Show on a terminal how many of ``size`` bytes Spark has read, while the block runs."""
    bytes_read = BytesRead(spark)
    ended = threading.Event()

    def watch(show: Callable[[int, int], None]) -> None:
        while not ended.wait(_LOOK_SECONDS):
            show(min(bytes_read(), size), size)

    with bytes_progress("counting") as show:
        if show is None:
            yield
            return
        watcher = threading.Thread(target=watch, args=(show,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
