"""Kubernetes as far as a command of Spark meets it: its API, which notes what it is asked for, and no node."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.support.broker_settings import make_certificates

DRIVER = "wordcount-0"  #: the one pod that it has from the start


class Kubernetes:
    """An API server with TLS: it agrees to everything, and starts nothing.

    Args:
        folder: where its certificates are made.
    """

    def __init__(self, folder: Path) -> None:
        certificates = make_certificates(folder)
        self.authority = certificates / "ca.pem"
        self.requests: list[tuple[str, str]] = []  #: the method of each, and its path
        self.tokens: set[str | None] = set()  #: what the requests prove who they are by
        self._ended = threading.Event()
        self.pods: list[dict[str, Any]] = []  #: those it was asked to make
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "broker.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f"https://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        noted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if "Upgrade" in self.headers:  # to a web socket; the client then asks without
                    self._answer(503, {})
                elif "watch=true" in self.path:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.end_headers()
                    noted._ended.wait()  # nothing ever changes
                    self.close_connection = True
                elif self.path.endswith(f"/{DRIVER}"):
                    metadata = {"name": DRIVER, "uid": "driver-uid"}
                    self._answer(200, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata})
                else:
                    self._answer(200, {"apiVersion": "v1", "kind": "PodList", "items": []})

            def do_POST(self) -> None:
                made = self._answer(201)
                if made["kind"] == "Pod":
                    noted.pods.append(made)

            def do_DELETE(self) -> None:
                self._answer(200, {"apiVersion": "v1", "kind": "Status", "status": "Success"})

            def _answer(self, status: int, answer: dict[str, Any] | None = None) -> dict[str, Any]:
                """Answer a request, with what it holds if there is nothing else to say."""
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = json.loads(content) if answer is None else answer
                noted.requests.append((self.command, self.path.partition("?")[0]))
                noted.tokens.add(self.headers.get("Authorization"))
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return answer

            def log_message(self, *_: object) -> None:
                """Keep the tests' output free of each request."""

        return Handler
