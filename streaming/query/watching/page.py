"""The page of a stream, while it runs."""

import contextlib
from collections.abc import Callable

from streaming.query.options import StreamOptions
from streaming.serving.address import is_loopback, listen, url
from streaming.serving.status import Status


def new_status(options: StreamOptions) -> Status:
    """Return what the page shows of a stream that has not begun."""
    topics = options.source.topics
    return Status(
        source=options.source.known_as.replace("\n", " "),
        is_windowed=options.windows is not None,
        is_real_time=options.real_time,
        partitions=None if topics is None else topics.partitions,
        patience=options.stuck_after + options.trigger,
    )


def serve(options: StreamOptions, status: Status, say: Callable[[str], None], stack: contextlib.ExitStack) -> None:
    """Serve the page, if it is asked for, until ``stack`` ends.

    Args:
        options: the options of the stream.
        status: what the page shows of it.
        say: shows a message to the user: where the page is, and who reaches it.
        stack: ends the page.

    Raises:
        WordCountError: the address is in use, or is not of this machine.
    """
    if options.serve is None:
        return
    listener = listen(options.serve)
    from streaming.serving.server import PageServer  # noqa: PLC0415  # its libraries take 0.2 s

    stack.enter_context(PageServer(listener, status, say))
    status.url = url(listener)
    say(f"the counts are at {status.url}")
    if not is_loopback(listener.getsockname()[0]):
        say("everyone who reaches this machine can read the counts; --serve PORT serves this machine alone")
