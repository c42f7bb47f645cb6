"""The server of the page: a thread of its own, from before Spark starts until after it has ended."""

import asyncio
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from streaming.errors import one_line
from streaming.serving.address import is_loopback
from streaming.serving.app import app
from streaming.serving.feed import Feed
from streaming.serving.guard import Guard
from streaming.serving.status import Status

#: More connections than viewers, for those who ask for something else meanwhile.
MOST_CONNECTIONS = 200
#: The most bytes of a request's head.
_HEAD_BYTES = 131_072
#: How long a request may take to come, and how long a connection waits for another one.
REQUEST_SECONDS, _KEEP_ALIVE_SECONDS = 10.0, 5
#: Once the stream has ended, viewers get this long to take the last update, and all that is open as long to close.
_LAST_UPDATE_SECONDS, _CLOSE_SECONDS = 1.0, 1
_POLL_SECONDS = 0.01


class _Connection(H11Protocol):
    """A connection that is dropped if its request takes too long to come, or if there are too many others."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to await a request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        self._await_request()

    def on_response_complete(self) -> None:
        """Await the next request."""
        super().on_response_complete()
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Await nothing any more."""
        super().connection_lost(exc)
        if self._deadline is not None:
            self._deadline.cancel()

    def _await_request(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._drop_unless_asked)

    def _drop_unless_asked(self) -> None:
        if self.conn.their_state is h11.IDLE:  # the head of a request is not whole
            self.transport.abort()


class PageServer:
    """Serves the page of a stream while it is entered.

    Args:
        listener: the socket to serve at; it is closed at the end.
        status: what the stream tells about itself.
        say: shows a message to the user.
    """

    def __init__(self, listener: socket.socket, status: Status, say: Callable[[str], None]) -> None:
        self._listener = listener
        self._status = status
        self._say = say
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status.state != "ended":
            self._status.end("everything is counted" if error is None else one_line(error))
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(2 * (_LAST_UPDATE_SECONDS + _CLOSE_SECONDS))
        self._listener.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001  # counting is worth more than its page
            self._say(f"warning: the page is served no longer: {one_line(error)}; counting goes on")
        finally:
            self._started.set()

    async def _serve(self) -> None:
        feed = Feed(self._status)
        config = uvicorn.Config(
            Guard(
                app(feed, self._status),
                self._status.identity,
                is_open=not is_loopback(self._listener.getsockname()[0]),
            ),
            http=_Connection, ws="none", loop="asyncio", lifespan="off", log_config=None, access_log=False,
            server_header=False, proxy_headers=False,
            h11_max_incomplete_event_size=_HEAD_BYTES, timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_CLOSE_SECONDS,
        )  # fmt: skip
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[self._listener]))
        self._loop = asyncio.get_running_loop()
        self._started.set()
        others = {asyncio.create_task(each) for each in (self._ended.wait(), feed.run(), feed.search())}
        done, _ = await asyncio.wait({serving, *others}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # raises what went wrong, and asyncio.run ends the others
        feed.tick()  # the last update, which ends the streams of events
        waited = 0.0
        while feed.has_viewers and waited < _LAST_UPDATE_SECONDS:
            await asyncio.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
        server.should_exit = True
        await serving
