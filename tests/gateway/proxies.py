"""Proxies that lead every name to one server of the test, since tests have no other name service."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.gateway.proxy import ProxyAddress, ProxyScheme
from igsite.secrets import Secret
from tests.proxy_servers import PASSWORD, USERNAME, HttpProxy, ProxyServer, SocksProxy


class Leading(ProxyServer):
    """``leads_to``: where every connection goes, whatever was asked for; None: where it was asked to."""

    leads_to: tuple[str, int] | None = None

    def connect(self, host: str, port: int) -> socket.socket:
        """Written down as it was asked for."""
        if self.leads_to is None:
            return super().connect(host, port)
        self.served.append(f"{host}:{port}")
        return socket.create_connection(self.leads_to, timeout=10)

    @property
    def address(self) -> ProxyAddress:
        """What a source is given to use it."""
        secret = Secret(PASSWORD) if self.wants_credentials else None
        return ProxyAddress(self._scheme, "127.0.0.1", self.port, USERNAME if secret else "", secret)

    @property
    def _scheme(self) -> ProxyScheme:
        return "socks5" if self.scheme == "socks5" else "http"


class LeadingHttp(Leading, HttpProxy):
    """Over HTTP."""


class LeadingSocks(Leading, SocksProxy):
    """Over SOCKS5."""


@contextmanager
def loopback_proxy(
    scheme: ProxyScheme, *, leads_to: tuple[str, int] | None = None, wants_credentials: bool = False
) -> Iterator[Leading]:
    """A running proxy, ended on leaving."""
    kind: type[Leading] = LeadingHttp if scheme == "http" else LeadingSocks
    with kind(wants_credentials=wants_credentials) as proxy:
        proxy.leads_to = leads_to
        yield proxy
