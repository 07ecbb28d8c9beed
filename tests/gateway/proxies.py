"""Real proxies on loopback, HTTP and SOCKS5, with credentials if wanted. They write down what came through."""

from __future__ import annotations

import base64
import select
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from accounts.gateway.proxy import ProxyAddress, ProxyScheme
from igsite.secrets import Secret


class LoopbackProxy(socketserver.ThreadingTCPServer):
    """One proxy. ``targets``: host and port of each connection that was let through; ``refused`` counts the others.

    ``answers``: where a name leads to, since tests have no other name service: every host is sent there.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(
        self, scheme: ProxyScheme, answers: tuple[str, int] | None, credentials: tuple[str, str] | None
    ) -> None:
        self.scheme, self.answers, self.credentials = scheme, answers, credentials
        self.targets: list[tuple[str, int]] = []
        self.refused = 0
        super().__init__(("127.0.0.1", 0), _Http if scheme == "http" else _Socks)

    @property
    def address(self) -> ProxyAddress:
        """What a source is given to use it."""
        username, password = self.credentials or ("", "")
        secret = Secret(password) if password else None
        return ProxyAddress(self.scheme, "127.0.0.1", int(self.server_address[1]), username, secret)

    def connect(self, host: str, port: int) -> socket.socket:
        self.targets.append((host, port))
        return socket.create_connection(self.answers or (host, port), timeout=10)


@contextmanager
def loopback_proxy(
    scheme: ProxyScheme, *, answers: tuple[str, int] | None = None, credentials: tuple[str, str] | None = None
) -> Iterator[LoopbackProxy]:
    """A running proxy, ended on leaving."""
    with LoopbackProxy(scheme, answers, credentials) as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()


class _Http(socketserver.StreamRequestHandler):
    """CONNECT, and plain requests with a whole address; one request a connection."""

    server: LoopbackProxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.connection.recv(65_536)
            if not piece:
                return
            head += piece
        lines, _, body = head.partition(b"\r\n\r\n")
        first, *fields = lines.split(b"\r\n")
        method, target, version = first.split(b" ")
        if not self._is_allowed(fields):
            self.server.refused += 1
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        if method == b"CONNECT":
            host, _, port = target.decode().rpartition(":")
            with self.server.connect(host.strip("[]"), int(port)) as remote:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                _pump(self.connection, remote)
            return
        parts = urlsplit(target.decode())
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kept = [field for field in fields if not field.lower().startswith((b"proxy-", b"connection:"))]
        asked = b"\r\n".join([b" ".join([method, path.encode(), version]), *kept, b"Connection: close"])
        with self.server.connect(parts.hostname or "", parts.port or 80) as remote:
            remote.sendall(asked + b"\r\n\r\n" + body)
            _pump(self.connection, remote)

    def _is_allowed(self, fields: list[bytes]) -> bool:
        if self.server.credentials is None:
            return True
        wanted = base64.b64encode(":".join(self.server.credentials).encode())
        return any(
            field.lower().startswith(b"proxy-authorization: basic ") and field.endswith(wanted) for field in fields
        )


class _Socks(socketserver.StreamRequestHandler):
    """SOCKS5: no credentials or a user name and password (RFC 1928, RFC 1929)."""

    server: LoopbackProxy

    def handle(self) -> None:
        _, count = self._read(2)
        methods = self._read(count)
        wanted = 2 if self.server.credentials else 0
        if wanted not in methods:
            self.server.refused += 1
            self.wfile.write(b"\x05\xff")
            return
        self.wfile.write(bytes([5, wanted]))
        if wanted == 2 and not self._is_allowed():
            self.server.refused += 1
            self.wfile.write(b"\x01\x01")
            return
        _, _, _, kind = self._read(4)
        host = self._host(kind)
        (port,) = struct.unpack(">H", self._read(2))
        with self.server.connect(host, port) as remote:
            self.wfile.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            _pump(self.connection, remote)

    def _is_allowed(self) -> bool:
        self._read(1)
        username = self._read(self._read(1)[0]).decode()
        password = self._read(self._read(1)[0]).decode()
        if (username, password) == self.server.credentials:
            self.wfile.write(b"\x01\x00")
            return True
        return False

    def _host(self, kind: int) -> str:
        if kind == 3:
            return self._read(self._read(1)[0]).decode()
        return socket.inet_ntop(*((socket.AF_INET, self._read(4)) if kind == 1 else (socket.AF_INET6, self._read(16))))

    def _read(self, size: int) -> bytes:
        found = self.rfile.read(size)
        if len(found) < size:
            raise ConnectionError
        return found


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Copies both ways until one side ends."""
    with suppress(OSError):
        while True:
            ready, _, _ = select.select([one, other], [], [], 10)
            if not ready:
                return
            for source in ready:
                piece = source.recv(65_536)
                if not piece:
                    return
                (other if source is one else one).sendall(piece)
