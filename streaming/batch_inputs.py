"""What ``wordcount batch`` counts: finds the files, and makes each of them one that Spark reads."""

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from producer import lines
from producer.common.errors import UsageError, WordCountError
from producer.common.folders import excluder, named
from producer.content import compression
from producer.content.compression import BrokenError, NotReadError
from producer.content.written_parts import written_parts
from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.own_outputs import own_outputs
from producer.discovery.scanner import WRITTEN_HERE, DirectoryScanner, ScanRules
from producer.kafka.address import is_kafka
from producer.text.encoding import UTF_8, Encoding, utf8_lines
from producer.text.plausible import LINE_BYTES, SAMPLE_BYTES, find_fault
from streaming.errors import one_line
from streaming.sources.files import STANDARD_INPUT
from streaming.sources.remote import is_remote
from streaming.spark.environment import file_uri

#: Names that Spark reads a file by; it does not read xz.
_SUFFIXES = (".txt", ".gz", ".bz2", ".zst")
_LINK = re.compile(r"/(\d{9})[.\w]*")
_PADDING = bytes(5)  # the last four bytes of a .gz are its size


class BatchInputs(NamedTuple):
    """What is counted: files of this machine, each of them once, and addresses that Spark reads itself.

    Attributes:
        files: the files, and pipes that have a name; standard input is ``-``.
        remote: the addresses.
    """

    files: list[FoundFile]
    remote: list[str]

    @property
    def size(self) -> int:
        """How many bytes the files have; pipes have none."""
        return sum(file.size for file in self.files)


class Readable(NamedTuple):
    """The paths for Spark to read, and how many bytes there are."""

    paths: list[str]
    size: int


def find_inputs(
    inputs: Sequence[str], depth: int | None, warn: Warn, output: Path | None = None, exclude: Sequence[str] = ()
) -> BatchInputs:
    """Find the files that are meant: each file once, however often it is named, linked or matched.

    Args:
        inputs: files, folders, globs, ``-`` and remote addresses.
        depth: how many levels of folders to scan; None is all.
        warn: takes the path and the reason of each thing in a folder that is skipped.
        output: a folder that is skipped, because the counts are saved there.
        exclude: the patterns of what is left out of folders and globs.

    Raises:
        UsageError: an input does not exist, or is of a kind that is not read.
        WordCountError: a file cannot be read.
    """
    found: dict[tuple[int, int], FoundFile] = {}
    for text in inputs:
        if is_kafka(text):
            raise UsageError(f"{text}: batch counts files; 'wordcount stream kafka://… --once' counts a topic")
        if is_remote(text):
            continue
        if text == STANDARD_INPUT:
            if sys.stdin is None:
                raise UsageError("-: standard input is closed; give it a pipe or a file to read")
            file = FoundFile.from_status(text, text, os.fstat(sys.stdin.fileno()))
            found.setdefault(file.key, file)
            continue
        for path in named(text, exclude):
            rules = ScanRules(depth, [str(output)] if output else [], excludes=excluder(exclude, path))
            for file in _files(path, rules, warn):
                found.setdefault(file.key, file)
    for file in found.values():
        if file.path != STANDARD_INPUT and not os.access(file.path, os.R_OK):
            raise WordCountError(f"{file.path}: cannot be read: Permission denied; allow reading it, or leave it out")
    return BatchInputs(list(found.values()), [text for text in inputs if is_remote(text)])


def _files(path: str, rules: ScanRules, warn: Warn) -> Iterable[FoundFile]:
    if os.path.isdir(path):
        scanner = DirectoryScanner(path, warn, rules)
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
    if (status.st_dev, status.st_ino) in own_outputs():
        warn(path, WRITTEN_HERE)
        return []
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISFIFO(status.st_mode):
        raise UsageError(f"{path}: is no file, no folder and no pipe; give one of these, or '-' for standard input")
    return [FoundFile.from_status(path, os.path.realpath(path), status)]


@contextmanager
def readable(inputs: BatchInputs, encoding: Encoding | None, warn: Warn) -> Iterator[Readable]:
    """Give each file a plain name in a temporary folder of links, as Spark does not take every name.

    Spark skips names that start with ``_``, expands ``*`` and ``{}``, and cannot express names that are not UTF-8. Only
    the extension of a compressed file is kept. What Spark does not read, or reads in another way than a stream does, is
    not linked but copied, as text in UTF-8.

    Args:
        inputs: what is counted.
        encoding: that of files without a byte order mark; None is UTF-8, with a warning where a file seems to be
            something else.
        warn: takes the path and the reason.

    Yields:
        What Spark reads.

    Raises:
        WordCountError: a file cannot be read. No error names a link; the message names the file.
    """
    with tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
        sizes = [
            _make_readable(file, f"{folder}/{number:09d}", encoding, warn) for number, file in enumerate(inputs.files)
        ]
        try:
            yield Readable(([file_uri(folder)] if inputs.files else []) + inputs.remote, sum(sizes))
        except Exception as error:
            if match := _LINK.search(str(error)):
                path = inputs.files[int(match[1])].path
                raise WordCountError(
                    f"{path}: cannot be read: {one_line(error)}; replace it, or leave it out"
                ) from error
            raise


def _make_readable(file: FoundFile, link: str, encoding: Encoding | None, warn: Warn) -> int:
    """Link a file, or copy its text, so that Spark reads it at the path ``link``; return how many bytes that are."""
    try:
        with _opened(file) as content:
            suffix = compression.detect(file.path, content.read(compression.HEAD_BYTES)) or ".txt"
            sample = _sample(content, suffix)
            found = (encoding or UTF_8).of(sample)
            if encoding is None and found is UTF_8 and (reason := find_fault(sample)) is not None:
                shown_as = "standard input" if file.path == STANDARD_INPUT else file.path
                warn(shown_as, reason)
            parts = None
            if suffix == ".txt" and file.size and file.path != STANDARD_INPUT:
                parts = written_parts(content.fileno(), found.unit, found.whole_lines_size, partial(warn, file.path))
            is_written = parts is None or (len(parts) == 1 and parts[0][1] == file.size)
            if is_written and found.name == UTF_8.name and _is_read_by_spark(file, content, suffix):
                os.symlink(os.path.abspath(file.path), link + suffix)
                return file.size
            with open(f"{link}.txt", "wb") as copy:
                blocks = _blocks(content, suffix) if is_written or parts is None else _blocks_of(content, parts, found)
                text = utf8_lines(blocks, found)
                copy.writelines(lines.file_content([next(text, b"")]))
                copy.writelines(text)
                return file.size or copy.tell()
    except NotReadError as error:
        raise WordCountError(f"{file.path}: {error}, or leave it out") from error
    except BrokenError as error:
        raise WordCountError(f"{file.path}: {error}; replace it, or leave it out") from error


def _opened(file: FoundFile) -> BinaryIO:
    """Open a file; one that cannot be read twice, as a pipe and a file in /proc, is copied."""
    source = os.dup(sys.stdin.fileno()) if file.path == STANDARD_INPUT else os.open(file.path, os.O_RDONLY)
    reader = os.fdopen(source, "rb")
    if file.size and file.path != STANDARD_INPUT:
        return reader
    with reader:
        copy = tempfile.TemporaryFile(prefix="wordcount-")  # noqa: SIM115  # the caller closes it
        shutil.copyfileobj(reader, copy)
        copy.seek(0)
        return cast("BinaryIO", copy)


def _blocks(content: BinaryIO, suffix: str) -> Iterator[bytes]:
    content.seek(0)
    if suffix == ".txt":
        return iter(lambda: content.read(SAMPLE_BYTES), b"")
    return compression.blocks(content, suffix)


def _blocks_of(content: BinaryIO, parts: Iterable[tuple[int, int]], encoding: Encoding) -> Iterator[bytes]:
    """Yield the parts of a file, each with a line end."""
    for start, end in parts:
        for offset in range(start, end, SAMPLE_BYTES):
            yield os.pread(content.fileno(), min(SAMPLE_BYTES, end - offset), offset)
        yield "\n".encode(encoding.name)


def _sample(content: BinaryIO, suffix: str) -> bytes:
    """Return the first bytes of the text, as many as show whether it is one."""
    sample = b""
    for block in _blocks(content, suffix):
        sample += block
        if len(sample) >= LINE_BYTES or b"\n" in sample or b"\r" in sample:
            break
    return sample[:LINE_BYTES]


def _is_read_by_spark(file: FoundFile, content: BinaryIO, suffix: str) -> bool:
    """Tell whether Spark reads a file in UTF-8 as a stream does."""
    if suffix not in _SUFFIXES or file.path == STANDARD_INPUT or not file.size:
        return False  # it takes what has no size for empty
    if suffix == ".zst" and compression.needs_large_window(os.pread(content.fileno(), compression.HEAD_BYTES, 0)):
        return False
    end = os.pread(content.fileno(), len(_PADDING), max(0, file.size - len(_PADDING)))
    if suffix == ".gz" and end == _PADDING:
        return False  # zeros behind the end, as tapes leave them
    return bool(end)  # files in /sys are shorter than their size says
