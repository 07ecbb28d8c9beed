"""Fixtures of the gateway's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.gateway.login import LoggedIn
from accounts.gateway.providers.instagrapi_login import PrivateLogin
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from igsite.secrets import Secret
from tests.gateway.raw_server import server
from tests.simulator_process import SimulatorProcess, simulator

__all__ = ["server", "simulator"]


@pytest.fixture
def instagram(simulator: SimulatorProcess) -> SimulatorProcess:
    """The simulator as it was on its first day: nobody signed in, no faults, an empty log."""
    simulator.control("reset", {})
    simulator.control("log", method="DELETE")
    return simulator


@pytest.fixture
def login(instagram: SimulatorProcess) -> PrivateLogin:
    """The phases of logging in, against the simulator."""
    return PrivateLogin(base_url=instagram.base_url)


@pytest.fixture
def creator(login: PrivateLogin) -> dict[str, Any]:
    """Settings of ``demo_creator``, signed in."""
    step = login.begin_login("demo_creator", Secret("demo-pass-1"))
    assert isinstance(step, LoggedIn)
    return step.settings


@pytest.fixture
def gateway(instagram: SimulatorProcess, creator: dict[str, Any]) -> InstagrapiPrivate:
    """``demo_creator``'s session, with an empty log behind it."""
    instagram.control("log", method="DELETE")
    return InstagrapiPrivate(creator, base_url=instagram.base_url)


@pytest.fixture
def pk_of(instagram: SimulatorProcess) -> Callable[[str], int]:
    """The pk of a member of the cast."""
    cast = {account["username"]: account["pk"] for account in instagram.control("cast")["accounts"]}
    return cast.__getitem__
