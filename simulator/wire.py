"""Requests and responses, and the little HTTP/1.1 server under them: plain asyncio, so that faults can break it."""

import asyncio
import json
import socket
import struct
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

REASONS = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 400: "Bad Request", 401: "Unauthorized"}
REASONS |= {403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 429: "Too Many Requests"}
REASONS |= {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 408: "Request Timeout"}
MAX_HEAD = 65_536
MAX_BODY = 32 * 1024 * 1024


@dataclass(slots=True)
class Request:
    """One request. `host` and `path` are those of the service that is played (i.instagram.com, /api/v1/…)."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    host: str = ""
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    page_limit: int = 0
    write: dict[str, Any] | None = None
    login_pk: int | None = None
    _form: dict[str, str] | None = None

    def split(self) -> None:
        """Take path and query from the target."""
        path, _, query = self.target.partition("?")
        self.path = path
        self.query = dict(parse_qsl(query, keep_blank_values=True)) if query else {}

    @property
    def form(self) -> dict[str, str]:
        """The form fields; those of a `signed_body` are unpacked."""
        if self._form is None:
            fields = dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
            signed = fields.get("signed_body", "")
            if signed.startswith("SIGNATURE."):
                fields = {key: _as_text(value) for key, value in _json_object(signed[10:]).items()}
            self._form = fields
        return self._form

    @property
    def json(self) -> dict[str, Any]:
        return _json_object(self.body.decode("utf-8", "replace"))

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: unquote_plus(value) if "%" not in value else value for name, _, value in pairs if name}


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(slots=True)
class Response:
    """An answer. `claimed_length` is a Content-Length that is not the body's (a cut connection)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    claimed_length: int | None = None
    is_reset: bool = False

    def to_bytes(self) -> bytes:
        length = len(self.body) if self.claimed_length is None else self.claimed_length
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        head = (
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Length: {length}\r\n{extra}\r\n"
        )
        return head.encode("latin-1", "replace") + self.body


def as_json(data: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Response:
    return Response(status, json.dumps(data, separators=(",", ":")).encode(), headers=headers or [])


Handler = Callable[[Request], Awaitable[Response]]


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests on it are answered one after another."""

    def __init__(self, handler: Handler, live: set["Connection"]) -> None:
        self.handler = handler
        self.live = live
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.task: asyncio.Task[None] | None = None
        self.may_write = asyncio.Event()
        self.may_write.set()

    @cached_property
    def loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 — narrows the type
        self.transport = transport
        self.live.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 — asyncio's signature
        self.live.discard(self)
        self.may_write.set()
        self.transport = None
        if self.task is not None:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.task is None:
            self._next()

    def _next(self) -> None:
        request = self._parse()
        if request is not None and self.transport is not None:
            self.task = self.loop.create_task(self._answer(request))

    def _parse(self) -> Request | None:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > MAX_HEAD:
                self._refuse()
            return None
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        parts = lines[0].split(" ")
        length = headers.get("content-length", "0")
        if len(parts) != 3 or not length.isdigit() or int(length) > MAX_BODY or "transfer-encoding" in headers:
            self._refuse()
            return None
        total = end + 4 + int(length)
        if len(self.buffer) < total:
            if headers.get("expect", "").lower() == "100-continue" and self.transport is not None:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return None
        request = Request(parts[0], parts[1], headers, self.buffer[end + 4 : total])
        self.buffer = self.buffer[total:]
        request.split()
        return request

    def _refuse(self) -> None:
        if self.transport is not None:
            self.transport.write(Response(400, b"{}", headers=[("Connection", "close")]).to_bytes())
            self.transport.close()

    async def _answer(self, request: Request) -> None:
        try:
            response = await self.handler(request)
        except Exception:  # a bug here must not leave the client waiting
            traceback.print_exc(file=sys.stderr)
            response = as_json({"message": "simulator error", "status": "fail"}, 500)
        transport = self.transport
        if transport is None:
            return
        if response.is_reset:
            _reset(transport)
            return
        is_asked_to_close = request.headers.get("connection", "").lower() == "close"
        if is_asked_to_close:
            response.headers = [*response.headers, ("Connection", "close")]
        transport.write(response.to_bytes())
        await self.may_write.wait()
        self.task = None
        is_last = response.claimed_length is not None or is_asked_to_close
        if is_last:
            transport.close()
        else:
            self._next()


def _reset(transport: asyncio.Transport) -> None:
    """End with RST instead of FIN, as a dropped connection does."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
