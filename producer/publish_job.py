"""Publishes the inputs: files and folders until all is read, or as they grow, and a pipe to its end."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from producer import lines, stdin
from producer.common.errors import LostLinesError, UsageError, WordCountError
from producer.common.progress import bytes_progress
from producer.common.signals import StopSignal
from producer.content import compression
from producer.content.compression import BrokenError
from producer.discovery.open_logs import allow_open_files
from producer.follower import Follower, FollowerOptions
from producer.rate_limit import RateLimit
from producer.targets.base import Target
from producer.text.encoding import UTF_8, Encoding

#: How long to pause if nothing is new.
_PAUSE_SECONDS = 0.05


def publish_files(
    paths: Sequence[str], target: Target, options: FollowerOptions, limit: RateLimit | None, say: Callable[[str], None]
) -> int:
    """Publish all that files and folders hold, or follow logs until asked to stop.

    Args:
        paths: the files and folders; when following logs also globs.
        target: where the lines are published.
        options: how the files are followed.
        limit: the most lines a second; None sets no limit.
        say: shows a message to the user.

    Returns:
        How many of the files and folders could not be read; 0 for followed logs.

    Raises:
        OSError: the target cannot be written to.
        UsageError: the same lines may already be there, under another name of a producer.
        WordCountError: the target refuses the lines; the message says up to where they are safe.
    """
    allow_open_files()
    with ExitStack() as stack:
        stopping = stack.enter_context(StopSignal()) if options.follow_logs else None
        show = None if options.follow_logs else stack.enter_context(bytes_progress("publishing"))

        def admit(data: Sequence[bytes]) -> None:
            if show is not None:
                show(follower.bytes_done, follower.bytes_found)
            if limit is not None:
                limit.admit(data)

        follower = Follower(
            paths,
            target,
            options,
            warn=lambda path, reason: say(f"warning: {path}: {reason}"),
            admit=admit,
            should_stop=lambda: bool(stopping),
        )
        stack.callback(follower.inputs.close)
        try:
            while not stopping and (options.follow_logs or not follower.caught_up()):
                if not follower.poll():
                    time.sleep(_PAUSE_SECONDS)
            follower.finish()
        except WordCountError as error:
            if isinstance(error, (UsageError, LostLinesError)) or not follower.unconfirmed:
                raise
            path, position = follower.unconfirmed[0]
            try:
                safe = f"all is safe up to line {lines_before(path, position, options.encoding or UTF_8):,} of {path}"
            except (OSError, BrokenError):  # the file is gone, or was overwritten
                safe = f"all is safe up to byte {position:,} of {path}"
            raise WordCountError(f"{error}; {safe}, and the same command continues there") from error
        if options.follow_logs and (unfinished := follower.unfinished_message()):
            say(unfinished)
    return 0 if options.follow_logs else len(follower.failures)


def publish_pipe(
    target: Target, options: FollowerOptions, limit: RateLimit | None, say: Callable[[str], None]
) -> int | None:
    """Publish standard input to its end; return the signal that stopped it, None if none did."""
    with StopSignal() as stopping:
        stdin.publish(
            sys.stdin.fileno(),
            target,
            stdin.PipeOptions(options.chunk_lines, options.encoding, options.line_limit, options.set_aside),
            admit=limit.admit if limit else lambda _: None,
            should_stop=stopping.__bool__,
            warn=lambda path, reason: say(f"warning: {path}: {reason}"),
        )
    return stopping.signal


def lines_before(path: str, position: int, encoding: Encoding = UTF_8) -> int:
    """Return how many lines end within the first ``position`` bytes, uncompressed, of a file.

    Args:
        path: the file.
        position: the number of bytes.
        encoding: that of a file without a byte order mark.

    Raises:
        BrokenError: the file is compressed, and cut short or damaged.
        OSError: the file cannot be read.
    """
    ended, last, start = 0, b"", 0
    with open(path, "rb") as file:
        suffix = compression.detect(path, file.read(compression.HEAD_BYTES))
        file.seek(0)
        blocks = compression.blocks(file, suffix) if suffix else iter(lambda: file.read(compression.BLOCK_BYTES), b"")
        for block in blocks:
            encoding = encoding if start else encoding.of(block)
            part = encoding.to_utf8(block[: position - start], start)
            is_cut = last.endswith(b"\r") and part.startswith(b"\n")  # one line end in two blocks
            ended += lines.count_lines(part) - is_cut
            start, last = start + len(block), part
            if start >= position:
                break
    return ended
