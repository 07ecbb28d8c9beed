"""No test reaches another machine: connecting or looking a name up beyond loopback raises."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any


class LeftTheMachineError(AssertionError):
    """A test tried to reach the network."""


def forbid_the_network() -> None:
    """For the rest of this process's life."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        _check(arguments[1][0])
    elif event == "socket.getaddrinfo":
        _check(arguments[0])


def _check(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return
    try:
        is_here = ipaddress.ip_address(name).is_loopback or ipaddress.ip_address(name).is_unspecified
    except ValueError:
        is_here = False
    if not is_here:
        raise LeftTheMachineError(f"A test reached for {name}: only loopback is allowed.")
