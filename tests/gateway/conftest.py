"""Fixtures of the gateway's tests."""

from tests.gateway.raw_server import server

__all__ = ["server"]
