"""The page's requests and their answers."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib import resources
from typing import Any, TypeVar, cast

from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from streaming.errors import one_line
from streaming.serving.feed import MOST_VIEWERS, Feed, encode
from streaming.serving.frames import MOST_ROWS, Json, Query
from streaming.serving.guard import refusal
from streaming.serving.health import problem
from streaming.serving.metrics import registry
from streaming.serving.status import Status

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOLDER = resources.files("streaming.serving") / "page"
_DEFAULT_ROWS = "50"
_LONGEST_MATCH, _MOST_PINS = 200, 6
_MOST_WORDS = 500  # in one request: they take 60 ms, in which nobody else is answered
_ROWS = {str(rows): rows for rows in range(1, MOST_ROWS + 1)}  # int() takes digits of any script, and zeros before
_EXPORTS = {
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_Result = TypeVar("_Result")
_EVENT_HEADERS = {"X-Accel-Buffering": "no"}  # nginx would keep events until they fill its buffer


def app(feed: Feed, status: Status) -> Starlette:
    """Return what answers the requests.

    Args:
        feed: makes what viewers see; it runs already.
        status: what the stream tells about itself.
    """
    answers = _Answers(feed, status)
    routes = [
        Route("/", _page_file("index.html")),
        *(Route(f"/{file.name}", _page_file(file.name)) for file in _FOLDER.iterdir() if file.name != "index.html"),
        Route("/api/summary", answers.summary),
        Route("/api/top", answers.top),
        Route("/api/words", answers.words),
        Route("/api/words/{word:path}", answers.word),
        Route("/api/windows", answers.windows),
        Route("/api/events", answers.events),
        Route("/api/export", answers.export),
        Route("/metrics", answers.metrics),
        Route("/health", answers.health),
    ]
    made = Starlette(routes=routes, exception_handlers={HTTPException: _refusal, Exception: _refusal})
    made.router.redirect_slashes = False
    return made


class _Answers:
    def __init__(self, feed: Feed, status: Status) -> None:
        self._feed = feed
        self._status = status
        self._metrics = registry(status)

    async def summary(self, _: Request) -> Response:
        return _json(self._feed.summary())

    async def top(self, request: Request) -> Response:
        top = await self._feed.top(_query(request))
        return refusal(503, "too many searches at once; ask again") if top is None else _json(top)

    async def word(self, request: Request) -> Response:
        known = self._feed.word(request.path_params["word"])
        return _json(known, 404 if "error" in known else 200)

    async def words(self, request: Request) -> Response:
        texts = list(dict.fromkeys(request.query_params.getlist("word")))
        if len(texts) > _MOST_WORDS:
            raise HTTPException(400, f"ask for {_MOST_WORDS} words at once, or fewer")
        known = self._feed.words(texts)
        if known is None:
            return refusal(503, "nothing is counted yet; ask again after the first batch")
        return _json(known)

    async def windows(self, request: Request) -> Response:
        last = self._feed.windows(_query(request).rows, request.query_params.get("word"))
        return refusal(404, "this stream counts without --window") if last is None else _json(last)

    async def events(self, request: Request) -> Response:
        query = _query(request)
        if request.method == "HEAD":  # it watches nothing
            return StreamingResponse(iter(()), headers=_EVENT_HEADERS, media_type="text/event-stream")
        if self._feed.is_full:
            return refusal(503, f"{MOST_VIEWERS} viewers watch already; close one of their pages")
        return StreamingResponse(self._feed.events(query), headers=_EVENT_HEADERS, media_type="text/event-stream")

    async def export(self, request: Request) -> Response:
        format_name = request.query_params.get("format", "csv")
        if format_name not in _EXPORTS:
            raise HTTPException(400, f"format is one of {', '.join(_EXPORTS)}")
        if request.method == "HEAD":  # it is not worth a job of Spark
            return StreamingResponse(iter(()), media_type=_EXPORTS[format_name])
        if self._status.export is None:
            return refusal(503, "there is no snapshot: the stream is starting, or has ended")
        try:
            file = await _in_thread(partial(self._status.export, format_name))
        except Exception as error:  # noqa: BLE001  # Spark's, too, which may be ending
            return refusal(503, one_line(error))
        return FileResponse(file, filename=f"counts{file.suffix}", media_type=_EXPORTS[format_name])

    async def metrics(self, request: Request) -> Response:
        try:
            encode_metrics, media_type = choose_encoder(request.headers.get("accept", ""))
        except (TypeError, ValueError):  # a version that is none
            encode_metrics, media_type = choose_encoder("")
        return Response(encode_metrics(self._metrics), media_type=media_type)

    async def health(self, _: Request) -> Response:
        reason = problem(self._status, time.monotonic())
        return _json({"status": "ok"}) if reason is None else refusal(503, reason)


async def _in_thread(call: Callable[[], _Result]) -> _Result:
    """Return what a call returns. The process ends without it if that takes minutes, unlike with asyncio's threads."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(result: _Result | None, error: Exception | None) -> None:
        if not future.done():
            future.set_result(result) if error is None else future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except Exception as raised:  # noqa: BLE001  # it is passed on
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="export", daemon=True).start()
    return cast("_Result", await future)


def _page_file(name: str) -> Callable[[Request], Any]:
    content, media_type = (_FOLDER / name).read_bytes(), _TYPES[name.rpartition(".")[2]]
    tag = f'"{sha256(content).hexdigest()[:16]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}

    async def file(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)

    return file


def _json(content: Json, status: int = 200) -> Response:
    return Response(encode(content), status, media_type="application/json")


async def _refusal(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = error.detail if isinstance(error, HTTPException) else "something went wrong"
    return refusal(status, reason)


def _query(request: Request) -> Query:
    given = request.query_params
    rows, by, match, pinned = (
        given.get("n", _DEFAULT_ROWS),
        given.get("by", "count"),
        given.get("match", ""),
        given.getlist("pin"),
    )
    if rows not in _ROWS:
        raise HTTPException(400, f"n is a number from 1 to {MOST_ROWS}")
    if by not in {"count", "rate"}:
        raise HTTPException(400, "by is count or rate")
    if len(match) > _LONGEST_MATCH:
        raise HTTPException(400, f"match has at most {_LONGEST_MATCH} characters")
    if len(pinned) > _MOST_PINS:
        raise HTTPException(400, f"at most {_MOST_PINS} words can be pinned")
    return Query(_ROWS[rows], match, by == "rate", tuple(dict.fromkeys(pinned)))
