"""Refuses requests that are not for this page, and gives all answers the headers that protect it."""

import threading
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming.running_stream import IDENTITY
from streaming.serving.address import full_name, is_own, own_names

#: The longest path and query of a request, in bytes: a word of 10,000 characters fits, whatever its script.
LONGEST_URL = 100_000
METHODS = ("GET", "HEAD")
#: The headers of all answers. Whatever a word holds, a browser runs nothing that is not a file of the page.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def refusal(status: int, reason: str, **headers: str) -> Response:
    """Return an answer that refuses a request."""
    return JSONResponse({"error": reason}, status, headers)


class Guard:
    """Stands before an app.

    Args:
        app: answers the requests that are let through.
        identity: what the answers are known by, for those who have found this address in a state folder.
        is_open: whether other machines can reach this one.
    """

    def __init__(self, app: ASGIApp, identity: str, *, is_open: bool) -> None:
        self._app = app
        self._headers = {**HEADERS, IDENTITY: identity}
        self._is_open = is_open
        self._names = own_names()
        threading.Thread(target=self._ask_full_name, name="own name", daemon=True).start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = await self._refusal(scope)
        await (answer or self._app)(scope, receive, send_protected)

    async def _refusal(self, scope: MutableMapping[str, Any]) -> Response | None:
        headers = Headers(scope=scope)
        if not is_own(host := headers.get("host", ""), self._names, is_open=self._is_open):
            return refusal(
                421, f"unknown Host {host!r}; open the page by IP address, as localhost, or by this machine's name"
            )
        if headers.get("sec-fetch-site") == "cross-site" and scope["path"].startswith("/api"):
            return refusal(403, "a page of another site may not ask for this")
        if scope["method"] not in METHODS:
            return refusal(405, "only GET and HEAD are answered", Allow=", ".join(METHODS), Connection="close")
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_URL:
            return refusal(414, f"the address is longer than {LONGEST_URL:,} bytes", Connection="close")
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            return refusal(400, "a request has no body here", Connection="close")
        return None

    def _ask_full_name(self) -> None:
        self._names |= full_name()  # it may ask a name server, which takes its time
