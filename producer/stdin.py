"""Publishes the lines of standard input, or of another pipe, as they arrive.

A pipe cannot be read again, so it has no position: every line is published once, as soon as it is read.
"""

import os
import select
import time
from collections.abc import Callable, Iterator, Sequence

from producer import lines
from producer.common.errors import LineTooLongError, WordCountError
from producer.positions.position import PositionUpdate
from producer.targets.base import Target

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
) -> None:
    """Read a pipe to its end, and publish its lines in chunks.

    Args:
        descriptor: the descriptor of the pipe.
        target: where the chunks are published.
        admit: called with the lines of a chunk before it is published; returns once it may be.
        chunk_lines: the most lines in a chunk; None sets no limit.
        should_stop: once it returns True, what was read is published, and nothing more is read.

    Raises:
        OSError: the pipe cannot be read, or the target cannot be written to.
        WordCountError: the target refuses a chunk; the message says how many lines are safe.
    """
    limits = [limit for limit in (chunk_lines, target.chunk_lines) if limit is not None]
    max_lines = min(limits, default=None)
    position = safe_lines = 0

    def publish_safely(data: bytes) -> None:
        nonlocal safe_lines
        target.publish([data], PositionUpdate())
        target.flush()
        safe_lines += lines.count_lines(data)

    try:
        for run in _read(descriptor, target.chunk_bytes, should_stop):
            for part in lines.split(run, max_lines):
                data = lines.normalize(part, position)
                if data:  # else the part is a byte order mark alone
                    admit([data])
                    _publish_up_to_long_line(data, position, publish_safely)
                position += len(part)
    except WordCountError as error:
        raise WordCountError(f"{error}; {safe_lines:,} lines of standard input are safe") from error


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
        raise error.at("standard input", position + start) from error


def _read(descriptor: int, chunk_bytes: int, should_stop: Callable[[], bool]) -> Iterator[bytes]:
    """Yield what arrives in a pipe, in runs of whole lines, until it ends or ``should_stop`` returns True."""
    waiting = bytearray()
    due, ended = None, False
    while not ended or waiting:
        ended = ended or should_stop()
        timeout = _STOP_CHECK_SECONDS if due is None else max(0.0, due - time.monotonic())
        may_read = len(waiting) < chunk_bytes or not lines.whole_lines_size(waiting)
        if not ended and may_read and select.select([descriptor], [], [], timeout)[0]:
            block = os.read(descriptor, _BLOCK_BYTES)
            waiting += block
            ended = not block
            due = due or time.monotonic() + _GATHER_SECONDS
            if not ended and time.monotonic() < due:
                continue
        due = None
        size = len(waiting) if ended else lines.whole_lines_size(waiting)
        yield bytes(waiting[:size])
        del waiting[:size]
