"""A workspace whose login acts on the simulator, and people to act on."""

from __future__ import annotations

import pytest

from accounts.models import InstagramLogin, Workspace
from tests.accounts.conftest import clock, instagram, person
from tests.accounts.instagram import Instagram
from tests.automation.actor import Actor
from tests.simulator_process import simulator

__all__ = ["clock", "instagram", "person", "simulator"]


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


@pytest.fixture
def login(instagram: Instagram) -> InstagramLogin:
    return instagram.ready()


@pytest.fixture
def actor(instagram: Instagram, login: InstagramLogin) -> Actor:
    return Actor(instagram, login)
