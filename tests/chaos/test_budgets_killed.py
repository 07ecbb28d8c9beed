"""Several processes read with one login and are killed in the middle: the simulator never sees more than allowed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from accounts import logins
from accounts.models import InstagramLogin, SourceCall, Workspace
from tests.accounts.conftest import clock, instagram, person
from tests.accounts.instagram import Instagram
from tests.chaos.job_processes import ROOT, database_url
from tests.simulator_process import simulator

__all__ = ["clock", "instagram", "person", "simulator"]
pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]
ALLOWED, PROCESSES, KILLS, SECONDS = 6, 3, 8, 75


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


def started(login: InstagramLogin, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.chaos.reading_process", str(login.pk)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it reads from now on
    return process


def test_killed_readers_never_exceed_a_budget_in_the_simulators_log(instagram: Instagram, settings: Settings) -> None:
    login = instagram.ready()
    InstagramLogin.objects.update(ready_since=datetime(2020, 1, 1, tzinfo=UTC), next_read_at=None)
    logins.set_pace(
        login=login, reads_per_hour=ALLOWED, reads_per_day=100, pause_min=1, pause_max=1, by=None, now=datetime.now(UTC)
    )
    SourceCall.objects.filter(kind="read").delete()
    before = len(instagram.log("users/"))
    environment = os.environ | {
        "DATABASE_URL": database_url(), "IGSITE_ROLE": "worker", "IGSITE_PACE_PERCENT": "100",
        "IGSITE_INSTAGRAM_URL": instagram.simulator.base_url,
    }  # fmt: skip
    chance = random.Random(7)
    readers = [started(login, environment) for _ in range(PROCESSES)]
    over = time.monotonic() + SECONDS
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 1.0))
            victim = readers.pop(chance.randrange(PROCESSES))
            victim.kill()
            victim.communicate()
            readers.append(started(login, environment))
            if time.monotonic() > over:
                break
        reserved = SourceCall.objects.filter(login=login, kind="read")
        while reserved.count() < ALLOWED and time.monotonic() < over:
            time.sleep(0.2)
        time.sleep(2)  # time in which a reader that does not keep to it would show
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()
    sent = [entry["at"] for entry in instagram.log("users/")[before:]]
    assert 0 < len(sent) <= ALLOWED
    assert reserved.count() == ALLOWED  # a killed reader may have reserved and not sent, never the other way round
