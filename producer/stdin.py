"""Hand on the lines of a pipe as they come. It has no position to go back to: what was read is handed on once."""

import os
import select
import time
from collections.abc import Callable, Sequence

from producer import lines
from producer.common.errors import LineTooLongError, WordCountError
from producer.targets.base import Target

_BLOCK = 1 << 16
#: How long lines wait for others, in seconds, so that a chunk does not hold a single one.
_GATHER_SECONDS = 0.2
#: How often a pipe from which nothing comes is left to see whether to stop.
_LOOK_SECONDS = 0.2


def hand_on(
    descriptor: int,
    target: Target,
    admit: Callable[[Sequence[bytes]], None],
    chunk_lines: int | None,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Read a pipe to its end, and hand its lines on as chunks.

    Args:
        descriptor: the pipe.
        target: where the chunks go.
        admit: called before a chunk is published, with its lines; returns when it may be.
        chunk_lines: the most lines in a chunk; None is as many as come.
        stopping: once it says True, what was read is handed on, and nothing more is read.
    """
    handed_on = 0

    def publish(data: bytes) -> None:
        nonlocal handed_on
        target.publish([data], [])
        target.flush()  # a pipe cannot be read again: what was read is to be safe
        handed_on += lines.count_lines(data)

    try:
        limits = [limit for limit in (chunk_lines, target.chunk_lines) if limit is not None]
        _hand_on(descriptor, target.chunk_bytes, publish, admit, min(limits, default=None), stopping)
    except WordCountError as error:
        raise WordCountError(f"{error}; {handed_on:,} lines of standard input are safe") from error


def _hand_on(  # as above
    descriptor: int,
    chunk_bytes: int,
    publish: Callable[[bytes], None],
    admit: Callable[[Sequence[bytes]], None],
    chunk_lines: int | None,
    stopping: Callable[[], bool],
) -> None:
    waiting = bytearray()
    position, due, ended = 0, None, False
    while not ended or waiting:
        ended = ended or stopping()
        timeout = _LOOK_SECONDS if due is None else max(0.0, due - time.monotonic())
        room = len(waiting) < chunk_bytes or not lines.whole_lines(waiting)
        if not ended and room and select.select([descriptor], [], [], timeout)[0]:
            block = os.read(descriptor, _BLOCK)
            waiting += block
            ended = not block
            due = due or time.monotonic() + _GATHER_SECONDS
            if not ended and time.monotonic() < due:
                continue
        due = None
        taken = len(waiting) if ended else lines.whole_lines(waiting)
        for part in lines.parts(bytes(waiting[:taken]), chunk_lines):
            data = lines.body(part, position)
            if not data:  # a byte order mark alone
                position += len(part)
                continue
            admit([data])
            try:
                publish(data)
            except LineTooLongError as error:
                place = lines.longer_line(data, error.limit) or 0
                if place:
                    publish(data[:place])
                raise error.at("standard input", position + place) from error
            position += len(part)
        del waiting[:taken]
