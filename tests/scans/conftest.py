"""A workspace whose login reads the simulator, and accounts to scan."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from accounts.models import InstagramLogin, Membership, User, Workspace
from igsite.jobs.runner import ManualClock
from igsite.ownership import Role
from tests.accounts.instagram import Instagram
from tests.scans.scanner import Scanner
from tests.simulator_process import SimulatorProcess, simulator

__all__ = ["simulator"]


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


@pytest.fixture
def person(workspace: Workspace) -> User:
    user = User.objects.create_user("ada@example.org")
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def instagram(
    simulator: SimulatorProcess, settings: Settings, workspace: Workspace, person: User, clock: ManualClock
) -> Instagram:
    """The site's way to the simulator, without pauses; its state as at the start."""
    settings.INSTAGRAM_BASE_URL = simulator.base_url
    settings.PACE_SCALE = 0
    simulator.control("reset", {})
    return Instagram(simulator, workspace, person, clock)


@pytest.fixture
def login(instagram: Instagram) -> InstagramLogin:
    return instagram.ready()


@pytest.fixture
def scanner(instagram: Instagram, login: InstagramLogin) -> Scanner:
    return Scanner(instagram, login)
