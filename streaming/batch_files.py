"""Makes each file of a batch one that Spark reads as a stream does: a link to it, or a copy of its text in UTF-8."""

import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from itertools import chain, count
from typing import BinaryIO, NamedTuple, cast

from producer import lines
from producer.common.errors import WordCountError
from producer.content import compression
from producer.content.compression import BrokenError, NotReadError
from producer.content.line_lengths import has_long_line, has_long_line_in
from producer.content.written_parts import written_parts
from producer.discovery.found_file import FileKey, FoundFile, Warn
from producer.targets.set_aside import SetAside
from producer.text.encoding import UTF_8, Encoding
from producer.text.long_lines import DEFAULT_LIMIT, LineLimit, utf8_lines
from producer.text.plausible import LINE_BYTES, SAMPLE_BYTES, find_fault
from streaming.batch_inputs import BatchInputs, unreadable
from streaming.errors import one_line
from streaming.sources.files import STANDARD_INPUT
from streaming.spark.environment import file_uri

#: Names that Spark reads a file by; it does not read xz.
_SUFFIXES = (".txt", ".gz", ".bz2", ".zst")
_PADDING = bytes(5)  # the last four bytes of a .gz are its size
#: How many bytes of text a packed copy has at most: Spark reads one in one piece, and several at once.
_COPY_BYTES = 128 << 20


class Readable(NamedTuple):
    """The paths for Spark to read, and how many bytes there are."""

    paths: list[str]
    size: int


class _Rules(NamedTuple):
    """How files are read: the parameters of ``readable``, and what is set once that has ended."""

    encoding: Encoding | None
    warn: Warn
    limit: LineLimit
    has_ended: threading.Event
    piped: Mapping[FileKey, BinaryIO]  # what standard input and the pipes with a name held


@contextmanager
def readable(
    inputs: BatchInputs, encoding: Encoding | None, warn: Warn, limit: LineLimit = DEFAULT_LIMIT
) -> Iterator[Readable]:
    """Give each file a plain name in a temporary folder of links, as Spark does not take every name.

    Spark skips names that start with ``_``, expands ``*`` and ``{}``, and cannot express names that are not UTF-8. Only
    the extension of a compressed file is kept. What Spark does not read, or reads in another way than a stream does, is
    not linked but copied, as text in UTF-8. So is a file with a long line, which Spark would hold in memory. To know
    that of a compressed one it is decompressed, as many at once as there are cores. The copy of a compressed file is
    compressed, too: one that expands a thousandfold takes no more room than before.

    Args:
        inputs: what is counted.
        encoding: that of files without a byte order mark; None is UTF-8, with a warning where a file seems to be
            something else.
        warn: takes the path and the reason.
        limit: how long lines may be.

    Yields:
        What Spark reads.

    Raises:
        WordCountError: a file cannot be read. No error names a link; the message names the file.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wordcount-"))
        # In this thread, which a signal interrupts: a pipe may never end.
        piped = {file.key: stack.enter_context(_copied(_open(file))) for file in inputs.files if _is_pipe(file)}
        rules = _Rules(encoding, warn, limit, threading.Event(), piped)
        links = [f"{folder}/{number:09d}" for number in range(len(inputs.files))]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                made = list(pool.map(partial(_size_or_fault, rules), inputs.files, links))
            except BaseException:
                rules.has_ended.set()
                raise
        files = zip(inputs.files, made, strict=True)
        if faults := {file.path: fault for file, fault in files if isinstance(fault, str)}:
            raise unreadable(faults)
        size = sum(size for size in made if isinstance(size, int))
        try:
            yield Readable(([file_uri(folder)] if inputs.files else []) + inputs.remote, size)
        except Exception as error:
            if match := re.search(rf"/{os.path.basename(folder)}/(\d{{9}})", str(error)):
                path = inputs.files[int(match[1])].path
                raise WordCountError(
                    f"{path}: cannot be read: {one_line(error)}; replace it, or leave it out: --exclude NAME"
                ) from error
            raise


def _size_or_fault(rules: _Rules, file: FoundFile, link: str) -> int | str:
    """Do what ``_make_readable`` does; of a file that cannot be read return why, so that all of them can be named."""
    try:
        return _make_readable(rules, file, link)
    except NotReadError as error:
        return f"{error}, or leave it out: --exclude NAME"
    except BrokenError as error:
        return f"{error}; replace it, or leave it out: --exclude NAME"


def _make_readable(rules: _Rules, file: FoundFile, link: str) -> int:
    """Link a file, or copy its text, so that Spark reads it at the path ``link``; return how many bytes that are."""
    encoding, warn, limit, has_ended, piped = rules
    shown_as = "standard input" if file.path == STANDARD_INPUT else file.path
    tell = cache(partial(warn, shown_as))  # each reason once, as some files are read twice
    with piped.get(file.key) or _opened(file) as content:
        suffix = compression.detect(file.path, content.read(compression.HEAD_BYTES)) or ".txt"
        sample = _sample(content, suffix)
        found = (encoding or UTF_8).of(sample)
        if encoding is None and found is UTF_8 and (reason := find_fault(sample)) is not None:
            warn(shown_as, reason)
        parts = None
        if suffix == ".txt" and file.size and file.path != STANDARD_INPUT:
            parts = written_parts(content.fileno(), found.unit, found.whole_lines_size, partial(warn, file.path))
        is_written = parts is None or (len(parts) == 1 and parts[0][1] == file.size)
        if is_written and found.name == UTF_8.name and _is_read_by_spark(file, content, suffix):
            blocks = _until(has_ended, _told_blocks(content, suffix, file.size, tell))
            if not _has_long_line(content, suffix, blocks, limit.most(UTF_8)):
                os.symlink(os.path.abspath(file.path), link + suffix)
                return file.size
            blocks = _told_blocks(content, suffix, file.size, tell)
        elif is_written or parts is None:
            blocks = _told_blocks(content, suffix, os.fstat(content.fileno()).st_size, tell)
        else:
            blocks = _blocks_of(content, parts, found)
        set_aside = partial(SetAside(None, warn).note, shown_as)
        text = utf8_lines(_until(has_ended, blocks), found, limit, set_aside)
        size = _copy(chain(lines.file_content([next(text, b"")]), text), link, packed=suffix != ".txt")
        return file.size or size


def _is_pipe(file: FoundFile) -> bool:
    return file.path == STANDARD_INPUT or (not file.size and not os.path.isfile(file.path))


def _opened(file: FoundFile) -> BinaryIO:
    """Open a file; one that may not be read twice, as a file in /proc, is copied."""
    return _open(file) if file.size else _copied(_open(file))


def _open(file: FoundFile) -> BinaryIO:
    source = os.dup(sys.stdin.fileno()) if file.path == STANDARD_INPUT else os.open(file.path, os.O_RDONLY)
    return os.fdopen(source, "rb")


def _copied(reader: BinaryIO) -> BinaryIO:
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


def _told_blocks(content: BinaryIO, suffix: str, size: int, tell: Callable[[str], None]) -> Iterator[bytes]:
    blocks = _blocks(content, suffix)
    return blocks if suffix == ".txt" else compression.told_if_huge(blocks, size, tell)


def _blocks_of(content: BinaryIO, parts: Iterable[tuple[int, int]], encoding: Encoding) -> Iterator[bytes]:
    """Yield the parts of a file, each with a line end."""
    for start, end in parts:
        for offset in range(start, end, SAMPLE_BYTES):
            yield os.pread(content.fileno(), min(SAMPLE_BYTES, end - offset), offset)
        yield "\n".encode(encoding.name)


def _has_long_line(content: BinaryIO, suffix: str, blocks: Iterable[bytes], most: int) -> bool:
    """Tell whether a file in UTF-8 has a line of more than so many bytes; a compressed one holds ``blocks``."""
    if suffix == ".txt":
        return has_long_line(content.fileno(), most, lines.whole_lines_size)
    return has_long_line_in(blocks, most, lines.whole_lines_size)


def _copy(text: Iterator[bytes], link: str, *, packed: bool) -> int:
    """Write text for Spark to read, packed in several files or in one plain file; return how many bytes it has."""
    if not packed:
        with open(f"{link}.txt", "wb") as plain:
            plain.writelines(text)
            return plain.tell()
    total = 0
    for number in count():
        size = 0
        with compression.open_packed(f"{link}.{number}.zst") as piece:
            for block in text:
                piece.write(block)
                size += len(block)
                if size >= _COPY_BYTES:
                    break
        total += size
        if size < _COPY_BYTES:
            break
    return total


def _until(has_ended: threading.Event, blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        if has_ended.is_set():
            return
        yield block


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
