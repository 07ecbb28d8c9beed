"""The address of a proxy: one value for all sources, whatever their client library calls it.

It is used the same way everywhere: connections to the proxy go to ``resolved`` when it is given (the address that was
found and allowed when the proxy was tested, so that a name cannot be pointed elsewhere afterwards), the target's name
is looked up by the proxy and never here, and a proxy that cannot be used is an error: nothing is sent without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import quote, unquote, urlsplit

from igsite.secrets import Secret

ProxyScheme = Literal["http", "socks5"]
SCHEMES: tuple[ProxyScheme, ...] = get_args(ProxyScheme)
_KINDS: dict[str, ProxyScheme] = {"http": "http", "socks5": "socks5", "socks5h": "socks5"}
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\Z")


class NotAProxy(ValueError):
    """What was given is no address of a proxy; the message is a sentence for the person and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """An HTTP proxy (CONNECT for https) or a SOCKS5 one, with its credentials if it wants any.

    Attributes:
        host: a name, or an IP address without brackets.
        resolved: the IP address to connect to instead of looking ``host`` up; None looks it up at each connection.

    Raises:
        NotAProxy: the parts make no address.
    """

    scheme: ProxyScheme
    host: str
    port: int
    username: str = ""
    password: Secret | None = None
    resolved: str | None = None

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise NotAProxy("A proxy is of the kind http or socks5.")
        if not is_ip_address(self.host) and not _HOST_NAME.match(self.host.lower()):
            raise NotAProxy("The host of the proxy is neither a name nor an IP address.")
        if type(self.port) is not int or not 0 < self.port < 65_536:
            raise NotAProxy("The port of the proxy is a number from 1 to 65535.")
        if self.password and not self.username:
            raise NotAProxy("A proxy with a password has a user name as well.")
        if self.resolved is not None and not is_ip_address(self.resolved):
            raise NotAProxy("The resolved address of the proxy is no IP address.")

    @property
    def endpoint(self) -> str:
        """Kind, host and port, without credentials: fit for pages and logs."""
        return f"{self.scheme}://{_in_address(self.host)}:{self.port}"

    def bare_address(self) -> str:
        """Where connections go, without credentials. A SOCKS proxy looks up the target's name itself (``socks5h``)."""
        return f"{self._scheme_on_the_wire}://{_in_address(self.resolved or self.host)}:{self.port}"

    def full_address(self) -> Secret:
        """The same with the credentials, as ``requests`` and curl want it."""
        credentials = quote(self.username, safe="")
        if self.password:
            credentials += ":" + quote(self.password.reveal(), safe="")
        at = f"{credentials}@" if credentials else ""
        return Secret(self.bare_address().replace("://", f"://{at}", 1))

    @property
    def _scheme_on_the_wire(self) -> str:
        return "socks5h" if self.scheme == "socks5" else "http"


def parse_proxy(text: str) -> ProxyAddress:
    """What a person typed or a list holds: ``http://user:pass@host:port``, ``socks5://host:port``, ``host:port`` (HTTP)
    or ``host:port:user:pass``, as sellers of proxies write it.

    Raises:
        NotAProxy: none of these.
    """
    text = text.strip()
    sold = text.split(":")
    if "://" not in text and "@" not in text and len(sold) == 4:
        host, port, username, password = sold
        return _made("http", host, port, username, password)
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, username, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
        port = str(parts.port or "")
    except ValueError:
        port = ""
    if not port or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise NotAProxy("A proxy looks like http://user:password@host:port or socks5://host:port.")
    return _made(parts.scheme.lower(), host, port, username, password)


def _made(scheme: str, host: str, port: str, username: str, password: str) -> ProxyAddress:
    kind = _KINDS.get(scheme)
    if kind is None:
        raise NotAProxy("This kind of proxy is not known here. Use an HTTP or a SOCKS5 proxy.")
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    secret = Secret(password) if password else None
    return ProxyAddress(kind, host.lower(), number, username, secret)


def is_ip_address(text: str) -> bool:
    """Whether ``text`` is an IPv4 or IPv6 address, without brackets and without a zone."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
