"""Services on this machine that take messages: a web server that keeps what it is sent, and a mail server."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class WebReceiver:
    """Keeps each request. ``answers`` are the statuses of the next ones, then 200; ``body`` is what it says."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.body = b"{}"
        self.headers: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.got.append((self.path, dict(self.headers), content))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(receiver.body)

            def log_message(self, *_args: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def bodies(self) -> list[str]:
        return [content.decode() for _path, _headers, content in self.got]


class _MailHandler(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs to hand a message over."""

    server: MailServer

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            self.server.lines.append(line)
            if word == "EHLO":
                self._say("250-here\r\n250 AUTH PLAIN LOGIN")
            elif word == "AUTH":
                self._say("535 no" if self.server.refuses_login else "235 yes")
            elif word == "DATA":
                self._say("354 go on")
                self._take()
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.server.mails.append(b"".join(lines).decode())
        if self.server.falls_silent:
            return
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps each mail. ``falls_silent``: it hangs up after it took one, without a word."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.mails: list[str] = []
        self.lines: list[str] = []
        self.refuses_login = False
        self.falls_silent = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    receiver = WebReceiver()
    with _served(receiver.server):
        yield receiver


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with _served(server):
        yield server
