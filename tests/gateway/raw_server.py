"""A server that answers exactly what a test writes down, so that nothing relies on what only our simulator does."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Reply:
    """One answer. ``fault``: ``reset`` (RST), ``close`` (no byte), ``torn`` (half a body), ``hang`` (until the end)."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


def as_json(body: object, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON; ``Retry_After="5"`` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body).encode("ascii"), {"Content-Type": "application/json", **named})


def as_page(text: str = "<!DOCTYPE html><title>x</title>", status: int = 200, **headers: str) -> Reply:
    """An answer in HTML."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, text.encode(), {"Content-Type": "text/html", **named})


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class QuietServer(ThreadingHTTPServer):
    """Says nothing about clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class RawServer:
    """Answers with the queued replies in turn; then by the first of ``routes`` whose key is in the path; then with
    ``otherwise``."""

    def __init__(self) -> None:
        self.replies: deque[Reply] = deque()
        self.routes: dict[str, Reply] = {}
        self.otherwise = as_json({"status": "ok"})
        self.seen: list[Seen] = []
        self.ending = threading.Event()
        self._http = QuietServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def will(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def reply_to(self, path: str) -> Reply:
        """What is due for a request of ``path``."""
        if self.replies:
            return self.replies.popleft()
        return next((reply for part, reply in self.routes.items() if part in path), self.otherwise)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.ending.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler_for(server: RawServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            server.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
            self._answer(server.reply_to(self.path))

        do_POST = do_GET  # noqa: N815 - the name that the standard library looks for

        def _answer(self, reply: Reply) -> None:
            if reply.fault == "hang":
                server.ending.wait(10)
            if reply.fault in {"hang", "close", "reset"}:
                self._hang_up(abruptly=reply.fault == "reset")
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if reply.fault == "torn":
                self.wfile.write(reply.body[: len(reply.body) // 2])
                self._hang_up(abruptly=False)
                return
            self.wfile.write(reply.body)

        def _hang_up(self, *, abruptly: bool) -> None:
            if abruptly:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def raw_server() -> Iterator[RawServer]:
    """A running server, ended on leaving."""
    server = RawServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A raw server of the test's own."""
    with raw_server() as running:
        yield running
