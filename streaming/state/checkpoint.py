"""Read Spark's checkpoint, force it to the disk, and keep the log of its file source small.

The layout is that of Spark 4.3:

- ``offsets/N`` is written before batch N runs, or in real time at its end. It has a version, settings, and one line
  for each source with its offset, ``{"logOffset": K}``, or ``-`` for none yet. The first source is that of lines.
- ``commits/N`` is written after batch N.
- ``sources/0/K`` lists the files of offset K, one JSON object a line. Every tenth is named ``K.compact`` and lists the
  files of all earlier offsets, too.
"""

import contextlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlparse

from producer.common.atomic_file import sync, write_file
from streaming.errors import UNUSABLE, StateError

#: How many offsets keep their files in the log. Spark would keep the entry of every file it ever read, 200 bytes each,
#: and rewrite all of them every ten batches: after a month of one batch a second, 500 MB every ten seconds.
KEPT_OFFSETS = 1000
_LOG_VERSION = "v1"
#: What to do about a state that is damaged, as the end of a message.
REMEDY = "restore the state folder from a copy, or remove it to count everything again"


class SourceFile(NamedTuple):
    """A file of the source, and the offset it belongs to."""

    path: Path
    offset: int


def last_commit(checkpoint: Path) -> int | None:
    """Return the id of the last committed batch, or None before the first."""
    return max(_numbers(checkpoint / "commits"), default=None)


def last_batch(checkpoint: Path) -> int | None:
    """Return the id of the last batch that was begun, or None before the first."""
    return max(_numbers(checkpoint / "offsets"), default=None)


def commit_time(checkpoint: Path, batch: int) -> float:
    """Return when a batch was committed, in seconds since 1970."""
    return (checkpoint / "commits" / str(batch)).stat().st_mtime


def log_offset(checkpoint: Path, batch: int | None, source: int = 0) -> int:
    """Return the offset at which a batch ends in the log of a source of files, or -1 before the first.

    Args:
        checkpoint: its folder.
        batch: the batch; None stands for the time before the first.
        source: the number of the source; that of lines is 0.

    Raises:
        StateError: the offsets of the batch are damaged.
    """
    if batch is None:
        return -1
    text = read_text(checkpoint / "offsets" / str(batch))
    offset = "".join(text.split("\n")[2 + source : 3 + source])
    try:
        return -1 if offset == "-" else int(json.loads(offset)["logOffset"])
    except UNUSABLE as error:
        raise StateError(f"{checkpoint}/offsets/{batch} is damaged ({offset!r}); {REMEDY}") from error


def source_files(checkpoint: Path, after: int, without: Collection[Path] = ()) -> Iterator[SourceFile]:
    """Yield the files of the source with an offset greater than ``after``, but for those of some of its logs.

    Raises:
        StateError: the log of the source is damaged.
    """
    folder = checkpoint / "sources" / "0"
    for offset in sorted(number for number in _numbers(folder) if number > after):
        compact = folder / f"{offset}.compact"
        log = compact if compact.exists() else folder / str(offset)
        for path, entry_offset, _ in _entries(log) if log not in without else ():
            if entry_offset == offset:
                yield SourceFile(Path(unquote(urlparse(path).path)), offset)


def batch_files(checkpoint: Path, batch: int) -> Iterator[Path]:
    """Yield the files that a recent batch reads.

    Raises:
        StateError: the offsets of the batch, or of the one before it, are damaged.
    """
    before, last = (log_offset(checkpoint, number) for number in (batch - 1 if batch else None, batch))
    for file in source_files(checkpoint, after=before):
        if file.offset <= last:
            yield file.path


class SyncedFiles:
    """Forces the files of a checkpoint to the disk, each of them once; Spark does not.

    Args:
        checkpoint: its folder, which need not exist yet.
    """

    def __init__(self, checkpoint: Path) -> None:
        self._checkpoint = checkpoint
        self._synced: set[str] = set()

    def sync(self) -> None:
        """Wait until all files that are there now are on the disk; those that go meanwhile are not needed."""
        found = set()
        for folder, folders, files in os.walk(self._checkpoint):
            paths = {f"{folder}/{name}" for name in (*folders, *files) if not name.endswith(".tmp")}
            found |= paths
            if new := paths - self._synced:
                for path in (*new, folder):
                    with contextlib.suppress(FileNotFoundError):
                        sync(Path(path))
        self._synced = found


def trim(checkpoint: Path) -> None:
    """Drop the files of old offsets from the log, so that it does not grow with everything ever read.

    Spark then knows the files of the last ``KEPT_OFFSETS`` offsets, and ignores older files by its option
    ``maxFileAge``. Call this only while the query starts no batch: from within ``foreachBatch``, or before it runs.

    Raises:
        StateError: the log of the source is damaged.
    """
    folder = checkpoint / "sources" / "0"
    compacts = [number for number in _numbers(folder) if (folder / f"{number}.compact").exists()]
    if not compacts:
        return
    last = folder / f"{max(compacts)}.compact"
    entries = list(_entries(last))
    kept = [line for _, offset, line in entries if offset > max(compacts) - KEPT_OFFSETS]
    if len(kept) == len(entries):
        return
    # The checksum goes first: Spark reads a file without one, but does not start with a wrong one.
    with contextlib.suppress(FileNotFoundError):
        (folder / f".{last.name}.crc").unlink()
    write_file(last, "\n".join([_LOG_VERSION, *kept]).encode())


def batch_partitions(checkpoint: Path, batch: int | None) -> int | None:
    """Return the number of partitions that a batch has the counts in; None if its offsets do not say it."""
    try:
        lines = (checkpoint / "offsets" / str(batch)).read_text("utf-8").split("\n")
        return int(json.loads(lines[1])["conf"]["spark.sql.shuffle.partitions"])
    except (OSError, *UNUSABLE):
        return None


def is_repartition(checkpoint: Path, batch: int | None) -> bool:
    """Return whether a batch reads nothing and only gives the counts another number of partitions."""
    if not batch:
        return False
    number, before = batch_partitions(checkpoint, batch), batch_partitions(checkpoint, batch - 1)
    return None not in {number, before} and number != before


def _entries(log: Path) -> Iterator[tuple[str, int, str]]:
    """Yield the path, the offset and the line of each entry in a log of the source."""
    version, _, text = read_text(log).partition("\n")
    if version != _LOG_VERSION:
        raise StateError(f"{log} is damaged (it starts with {version!r}); {REMEDY}")
    try:
        for line in text.splitlines():
            entry = json.loads(line)
            yield entry["path"], int(entry["batchId"]), line
    except UNUSABLE as error:
        raise StateError(f"{log} is damaged ({error}); {REMEDY}") from error


def _numbers(folder: Path) -> Iterator[int]:
    if folder.is_dir():
        for name in os.listdir(folder):
            number = name.removesuffix(".compact")
            if number.isdigit():
                yield int(number)


def read_text(path: Path) -> str:
    """Return the text of a file of the checkpoint.

    Raises:
        StateError: the file cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise StateError(f"{path} cannot be read ({error}); {REMEDY}") from error
