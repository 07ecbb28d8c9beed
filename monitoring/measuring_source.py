"""Whom a monitor's measurement is asked of: the one place that chooses the source.

``open_reader`` gives a gateway for one step; what :func:`ask` returns is all that measuring knows of a source.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accounts import connect
from accounts.gateway.results import Post, PostPage, Profile
from accounts.models import InstagramLogin
from monitoring.models import Monitor


def open_reader(login: InstagramLogin, *, clock: Callable[[], datetime]) -> connect.PacedGateway:
    """A paced gateway, to be used as a context manager. Raises what :func:`accounts.connect.gateway_for` raises."""
    return connect.gateway_for(login, clock=clock)


def ask(reader: connect.PacedGateway, monitor: Monitor) -> Profile | Post:
    """One read of the monitor's target. Raises ``GatewayError``, ``connect.MustWait`` or ``connect.NotReady``."""
    if not monitor.is_profile:
        return reader.post(monitor.code)
    return reader.profile(monitor.profile_id) if monitor.profile_id else reader.profile_by_username(monitor.username)


def ask_posts(reader: connect.PacedGateway, profile_id: int) -> PostPage:
    """The newest posts of a profile with their counts: one read measures them all."""
    return reader.posts(profile_id)
