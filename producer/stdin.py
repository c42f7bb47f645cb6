"""Publishes the lines of standard input, or of another pipe, as they arrive.

A pipe cannot be read again, so it has no position: every line is published once, as soon as it is read.
"""

import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from producer import lines
from producer.common.errors import LostLinesError, WordCountError
from producer.content import compression
from producer.positions.position import PositionUpdate
from producer.targets.base import Target
from producer.targets.set_aside import SetAside
from producer.text.encoding import UTF_8, Encoding
from producer.text.long_lines import DEFAULT_LIMIT, LineCutter, LineLimit, Part
from producer.text.plausible import LINE_BYTES, find_fault

_NAME = "standard input"
_BLOCK_BYTES = 1 << 16
#: How long lines wait for more, in seconds, so that few chunks hold a single line.
_GATHER_SECONDS = 0.2
#: How often to check whether to stop while nothing arrives, in seconds.
_STOP_CHECK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class PipeOptions:
    """How a pipe is read.

    Attributes:
        chunk_lines: the most lines in a chunk; None sets no limit.
        encoding: that of lines without a byte order mark; None is UTF-8, with a warning if they seem to be another.
        line_limit: how long lines may be.
        set_aside: the folder to keep in what is set aside; None if there is none.
    """

    chunk_lines: int | None = None
    encoding: Encoding | None = None
    line_limit: LineLimit = DEFAULT_LIMIT
    set_aside: Path | None = None


def publish(
    descriptor: int,
    target: Target,
    options: PipeOptions = PipeOptions(),
    *,
    admit: Callable[[Sequence[bytes]], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    warn: Callable[[str, str], None] = lambda *_: None,
) -> None:
    """Read a pipe to its end, and publish its lines in chunks.

    Args:
        descriptor: the descriptor of the pipe.
        target: where the chunks are published.
        options: how the pipe is read.
        admit: called with the lines of a chunk before it is published; returns once it may be.
        should_stop: once it returns True, what was read is published, and nothing more is read.
        warn: called with what is read and the reason.

    Raises:
        OSError: the pipe cannot be read, or the target cannot be written to.
        WordCountError: what arrives is packed, or the target refuses a chunk; the message says how many lines are safe.
    """
    limits = [limit for limit in (options.chunk_lines, target.chunk_lines) if limit is not None]
    max_lines = min(limits, default=None)
    position = safe_lines = 0

    def publish_safely(data: bytes) -> None:
        nonlocal safe_lines
        target.publish([data], PositionUpdate())
        target.flush()
        safe_lines += lines.count_lines(data)

    pipe = _Pipe(descriptor, options.encoding or UTF_8, should_stop)
    doubts = options.encoding is None and pipe.encoding is UTF_8
    set_aside = SetAside(options.set_aside, warn, to_topic=target.line_bytes is not None)
    try:
        for part in pipe.parts(target.chunk_bytes, options.line_limit.within(target.line_bytes)):
            if doubts and (reason := find_fault(part.raw[:LINE_BYTES])) is not None:
                warn(_NAME, reason)
                doubts = False
            for raw, text in part.split(max_lines, pipe.encoding):
                data = pipe.encoding.normalized(text, position)
                if data:  # else the part is a byte order mark alone
                    admit([data])
                    publish_safely(data)
                position += len(raw)
            if not part.lines:
                set_aside.keep(part.raw)
                if part.end is not None:
                    set_aside.note(_NAME, part.start, part.end - part.start)
                    position = part.end
    except LostLinesError:
        raise
    except WordCountError as error:
        raise WordCountError(f"{error}; {safe_lines:,} lines of {_NAME} are safe") from error


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

    def parts(self, chunk_bytes: int, limit: LineLimit) -> Iterator[Part]:
        """Yield what arrives in runs of whole lines, until the pipe ends or the reading is to stop."""
        waiting, cutter = self._waiting, LineCutter(self.encoding, limit, 0)
        due = time.monotonic() + _GATHER_SECONDS if waiting else None
        while not self._has_ended or waiting:
            timeout = _STOP_CHECK_SECONDS if due is None else max(0.0, due - time.monotonic())
            if len(waiting) < chunk_bytes and self._read(timeout):
                due = due or time.monotonic() + _GATHER_SECONDS
                if not self._has_ended and time.monotonic() < due:
                    continue
            due = None
            data = bytes(waiting)
            waiting.clear()
            yield from cutter.feed(data)
        yield from cutter.finish()

    def _read(self, timeout: float) -> bool:
        """Read what is there, or arrives within some seconds; return whether anything did."""
        self._has_ended = self._has_ended or self._should_stop()
        if self._has_ended or not select.select([self._descriptor], [], [], timeout)[0]:
            return False
        block = os.read(self._descriptor, _BLOCK_BYTES)
        self._waiting += block
        self._has_ended = not block
        return True
