"""Addresses that people type and the site then connects to: resolved once, and never one within our own network.

Whoever uses :func:`resolved` connects to the address it returns, not to the name again: a name that answers something
else a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[..., Iterable[tuple[Any, ...]]]

#: Networks whose addresses lead to others, so that ``is_global`` says nothing of where a packet ends: IPv4 within IPv6
#: (compatible, mapped, translated, NAT64, Teredo, 6to4, site-local); of IPv4 the 6to4 relays and protocol assignments.
_TRANSLATED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16",
        "fec0::/10", "192.88.99.0/24", "192.0.0.0/24",
    )
)  # fmt: skip


class AddressRefused(ValueError):
    """Nothing of ours connects there. The sentence is fit for the person who typed it."""


class NameUnknown(AddressRefused):
    """Nobody knows the name, just now at least."""


def is_public(address: IP) -> bool:
    """Whether ``address`` is a single machine of the open internet, reached without translation."""
    if getattr(address, "scope_id", None) or any(
        address.version == network.version and address in network for network in _TRANSLATED
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolved(host: str, port: int, *, allow_loopback: bool = False, look_up: LookUp = socket.getaddrinfo) -> str:
    """The one address to connect to for ``host``.

    Every address of the name must be public: one private among them is how a name tries both.

    Args:
        allow_loopback: this machine is reached as well; for demo and tests.
        look_up: ``socket.getaddrinfo``.

    Raises:
        NameUnknown: the name leads nowhere.
        AddressRefused: an address of it lies within a network that nothing of ours connects to.
    """
    found = [host] if _literal(host) else _looked_up(host, port, look_up)
    if not found:
        raise NameUnknown(_("The name %(host)s leads nowhere. Check how it is written.") % {"host": host})
    for text in found:
        address = _literal(text)
        if address is None or not (is_public(address) or (allow_loopback and address.is_loopback)):
            raise AddressRefused(
                _("%(host)s leads into a private or reserved network. Nothing of this site connects there.")
                % {"host": host}
            )
    return found[0]


def _looked_up(host: str, port: int, look_up: LookUp) -> list[str]:
    try:
        return [str(entry[4][0]) for entry in look_up(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def _literal(text: str) -> IP | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
