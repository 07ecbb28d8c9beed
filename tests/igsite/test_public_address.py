"""Where the site connects to when a person named the host: nowhere within a private, reserved or translated network."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from igsite.public_address import AddressRefused, LookUp, NameUnknown, is_public, resolved

FORBIDDEN = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",  # noqa: S104
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "fe80::1",
    "fe80::1%1", "fec0::1", "fc00::1", "fd12::1", "ff02::1",
]  # fmt: skip


def answering(*addresses: str) -> LookUp:
    """A name server that knows one name."""

    def look_up(_host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return look_up


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_private_reserved_or_translated_address_is_connected_to(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(AddressRefused):
        resolved("proxy.example.net", 1080, look_up=answering(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_a_public_address_is_returned_for_the_connection(address: str) -> None:
    assert resolved("proxy.example.net", 1080, look_up=answering(address)) == address


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused, match="private"):
        resolved("proxy.example.net", 1080, look_up=answering("8.8.8.8", "10.0.0.1"))


def test_this_machine_is_reached_only_where_that_is_allowed() -> None:
    assert resolved("localhost", 1, look_up=answering("127.0.0.1"), allow_loopback=True) == "127.0.0.1"
    with pytest.raises(AddressRefused):
        resolved("intern", 1, look_up=answering("10.0.0.1"), allow_loopback=True)


def test_other_ways_to_write_this_machine_are_seen_through() -> None:
    for written in ("127.1", "2130706433", "0x7f.1", "0177.0.0.1"):
        with pytest.raises(AddressRefused):
            resolved(written, 80, look_up=lambda *_args, **_options: answering("127.0.0.1")("", 80))


def test_a_name_that_leads_nowhere_says_so() -> None:
    def nobody(*_args: Any, **_options: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "nobody")

    with pytest.raises(NameUnknown, match="nowhere"):
        resolved("proxy.example.net", 80, look_up=nobody)
