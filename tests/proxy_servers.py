"""Real proxies on this machine, HTTP and SOCKS5, that write down what went through them."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import ClassVar, Self

import pytest

USERNAME, PASSWORD = "kiln", "p@ss:word/1"
_PIECE = 65_536


class ProxyServer:
    """A proxy that listens on a free port. ``served`` holds the targets, ``turned_away`` counts wrong credentials."""

    scheme: ClassVar[str]

    def __init__(self, *, wants_credentials: bool = False) -> None:
        self.wants_credentials = wants_credentials
        self.served: list[str] = []
        self.turned_away = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def parts(self) -> dict[str, object]:
        """What a person would type."""
        typed: dict[str, object] = {"scheme": self.scheme, "host": "127.0.0.1", "port": self.port}
        return typed | ({"username": USERNAME, "password": PASSWORD} if self.wants_credentials else {})

    def close(self) -> None:
        """Nobody listens any more."""
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._guarded, args=(client,), daemon=True).start()

    def _guarded(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, IndexError), client:
            self.serve(client)

    def serve(self, client: socket.socket) -> None:
        """One connection."""
        raise NotImplementedError

    def connect(self, host: str, port: int) -> socket.socket:
        """To the target, written down."""
        self.served.append(f"{host}:{port}")
        target = socket.create_connection((host, port), timeout=10)
        self._open.append(target)
        return target


class HttpProxy(ProxyServer):
    """CONNECT, and whole addresses for plain HTTP."""

    scheme = "http"

    def serve(self, client: socket.socket) -> None:
        head, rest = _read_head(client)
        request, *headers = head.split("\r\n")
        method, where, version = request.split(" ")
        wanted = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if self.wants_credentials and f"Basic {wanted}" not in head:
            self.turned_away += 1
            client.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        if method == "CONNECT":
            host, port = where.rsplit(":", 1)
            with self.connect(host, int(port)) as target:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _pipe(client, target)
            return
        authority, _slash, path = where.removeprefix("http://").partition("/")
        host, _colon, port = authority.partition(":")
        kept = [line for line in headers if not line.lower().startswith(("proxy-", "connection:"))]
        forwarded = "\r\n".join([f"{method} /{path} {version}", *kept, "Connection: close"])
        with self.connect(host, int(port or 80)) as target:
            target.sendall(f"{forwarded}\r\n\r\n".encode("latin-1") + rest)
            _pipe(client, target)


class SocksProxy(ProxyServer):
    """SOCKS5 with or without user name and password; the target by address or by name."""

    scheme = "socks5"

    def serve(self, client: socket.socket) -> None:
        _version, count = _exactly(client, 2)
        offered = _exactly(client, count)
        method = 2 if self.wants_credentials else 0
        if method not in offered:
            self.turned_away += 1
            client.sendall(b"\x05\xff")
            return
        client.sendall(bytes([5, method]))
        if method == 2:
            _exactly(client, 1)
            username = _exactly(client, _exactly(client, 1)[0]).decode()
            password = _exactly(client, _exactly(client, 1)[0]).decode()
            is_right = (username, password) == (USERNAME, PASSWORD)
            self.turned_away += not is_right  # before the answer: who gets it may look at once
            client.sendall(b"\x01\x00" if is_right else b"\x01\x01")
            if not is_right:
                return
        _version, _command, _reserved, kind = _exactly(client, 4)
        if kind == 3:
            host = _exactly(client, _exactly(client, 1)[0]).decode()
        else:
            family = socket.AF_INET if kind == 1 else socket.AF_INET6
            host = socket.inet_ntop(family, _exactly(client, 4 if kind == 1 else 16))
        port = int.from_bytes(_exactly(client, 2), "big")
        with self.connect(host, port) as target:
            client.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            _pipe(client, target)


def _read_head(client: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(_PIECE)
        if not piece:
            raise ValueError("closed before the end of the head")
        data += piece
    head, _end, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _exactly(client: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = client.recv(length - len(data))
        if not piece:
            raise ValueError("closed too early")
        data += piece
    return data


def _pipe(client: socket.socket, target: socket.socket) -> None:
    """Both ways until either side ends."""

    def copy(source: socket.socket, into: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                into.sendall(piece)
        for one in (source, into):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    there = threading.Thread(target=copy, args=(client, target), daemon=True)
    there.start()
    copy(target, client)
    there.join(timeout=10)


@pytest.fixture(params=[HttpProxy, SocksProxy], ids=["http", "socks5"])
def proxy_server(request: pytest.FixtureRequest) -> Iterator[ProxyServer]:
    """Each kind of proxy, with credentials."""
    with request.param(wants_credentials=True) as server:
        yield server
