"""Publishes the lines of standard input, or of another pipe, as they arrive.

A pipe cannot be read again, so it has no position: every line is published once, as soon as it is read.
"""

import os
import select
import time
from collections.abc import Callable, Iterator, Sequence

from producer import lines
from producer.common.errors import LineTooLongError, LostLinesError, WordCountError
from producer.content import compression
from producer.positions.position import PositionUpdate
from producer.targets.base import Target
from producer.text.encoding import UTF_8, Encoding
from producer.text.plausible import LINE_BYTES, find_fault

_NAME = "standard input"
_BLOCK_BYTES = 1 << 16
#: How long lines wait for more, in seconds, so that few chunks hold a single line.
_GATHER_SECONDS = 0.2
#: How often to check whether to stop while nothing arrives, in seconds.
_STOP_CHECK_SECONDS = 0.2


def publish(
    descriptor: int,
    target: Target,
    *,
    admit: Callable[[Sequence[bytes]], None] = lambda _: None,
    chunk_lines: int | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    encoding: Encoding | None = None,
    warn: Callable[[str, str], None] = lambda *_: None,
) -> None:
    """Read a pipe to its end, and publish its lines in chunks.

    Args:
        descriptor: the descriptor of the pipe.
        target: where the chunks are published.
        admit: called with the lines of a chunk before it is published; returns once it may be.
        chunk_lines: the most lines in a chunk; None sets no limit.
        should_stop: once it returns True, what was read is published, and nothing more is read.
        encoding: that of lines without a byte order mark; None is UTF-8, with a warning if they seem to be another.
        warn: called with what is read and the reason.

    Raises:
        OSError: the pipe cannot be read, or the target cannot be written to.
        WordCountError: what arrives is packed, or the target refuses a chunk; the message says how many lines are safe.
    """
    limits = [limit for limit in (chunk_lines, target.chunk_lines) if limit is not None]
    max_lines = min(limits, default=None)
    position = safe_lines = 0

    def publish_safely(data: bytes) -> None:
        nonlocal safe_lines
        target.publish([data], PositionUpdate())
        target.flush()
        safe_lines += lines.count_lines(data)

    pipe = _Pipe(descriptor, encoding or UTF_8, should_stop)
    doubts = encoding is None and pipe.encoding is UTF_8
    try:
        for run in pipe.runs(target.chunk_bytes):
            if doubts and (reason := find_fault(run[:LINE_BYTES])) is not None:
                warn(_NAME, reason)
                doubts = False
            for part in pipe.encoding.split(run, max_lines, position):
                data = pipe.encoding.normalized(part, position)
                if data:  # else the part is a byte order mark alone
                    admit([data])
                    _publish_up_to_long_line(data, position, publish_safely)
                position += len(part)
    except LostLinesError:
        raise
    except WordCountError as error:
        raise WordCountError(f"{error}; {safe_lines:,} lines of {_NAME} are safe") from error


def _publish_up_to_long_line(data: bytes, position: int, publish: Callable[[bytes], None]) -> None:
    """Publish lines; if one is too long for the target, publish those before it.

    Raises:
        LineTooLongError: a line is too long.
    """
    try:
        publish(data)
    except LineTooLongError as error:
        start = lines.find_long_line(data, error.limit) or 0
        if start:
            publish(data[:start])
        raise error.at(_NAME, position + start) from error


class _Pipe:
    """A pipe, of which the first bytes are read at once: they tell the encoding.

    Raises:
        WordCountError: they are those of a packed file.
    """

    def __init__(self, descriptor: int, encoding: Encoding, should_stop: Callable[[], bool]) -> None:
        self._descriptor = descriptor
        self._should_stop = should_stop
        self._waiting = bytearray()
        self._has_ended = False
        while Encoding.is_undecided(self._waiting) and not self._has_ended:
            self._read(_STOP_CHECK_SECONDS)
        if suffix := compression.detect("", bytes(self._waiting[: compression.HEAD_BYTES])):
            raise WordCountError(f"{_NAME}: is packed as {suffix}; unpack it first, as 'zcat FILE | ...' does for .gz")
        self.encoding = encoding.of(self._waiting)

    def runs(self, chunk_bytes: int) -> Iterator[bytes]:
        """Yield what arrives in runs of whole lines, until the pipe ends or the reading is to stop."""
        waiting = self._waiting
        position = 0
        due = time.monotonic() + _GATHER_SECONDS if waiting else None
        while not self._has_ended or waiting:
            timeout = _STOP_CHECK_SECONDS if due is None else max(0.0, due - time.monotonic())
            may_read = len(waiting) < chunk_bytes or not self.encoding.whole_lines_size(waiting, position)
            if may_read and self._read(timeout):
                due = due or time.monotonic() + _GATHER_SECONDS
                if not self._has_ended and time.monotonic() < due:
                    continue
            due = None
            size = len(waiting) if self._has_ended else self.encoding.whole_lines_size(waiting, position)
            yield bytes(waiting[:size])
            del waiting[:size]
            position += size

    def _read(self, timeout: float) -> bool:
        """Read what is there, or arrives within some seconds; return whether anything did."""
        self._has_ended = self._has_ended or self._should_stop()
        if self._has_ended or not select.select([self._descriptor], [], [], timeout)[0]:
            return False
        block = os.read(self._descriptor, _BLOCK_BYTES)
        self._waiting += block
        self._has_ended = not block
        return True
