"""Worker processes get SIGKILL in the middle of an action: by the simulator's log nobody is hit twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from accounts.models import Workspace
from automation import attempts, write_budgets
from automation.models import Attempt, BatchState
from igsite.jobs import sweep
from igsite.jobs.runner import ManualClock
from tests.accounts.conftest import clock, instagram, person
from tests.accounts.instagram import Instagram
from tests.automation.actor import Actor, states
from tests.automation.conftest import actor, login
from tests.chaos.acting_process import POINTS
from tests.chaos.job_processes import ROOT, database_url
from tests.simulator_process import simulator

__all__ = ["actor", "clock", "instagram", "login", "person", "simulator"]
pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_in_an_action_leaves_nothing_to_do_twice(
    actor: Actor, instagram: Instagram, clock: ManualClock, point: str
) -> None:
    pks = actor.strangers(2)
    batch, job = actor.confirm(pks)
    environment = os.environ | {
        "DATABASE_URL": database_url(), "IGSITE_ROLE": "worker", "IGSITE_PACE_PERCENT": "0",
        "IGSITE_INSTAGRAM_URL": instagram.simulator.base_url,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.chaos.acting_process", str(job.pk), point]
    worker = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, timeout=60, check=False)
    assert worker.returncode == -signal.SIGKILL
    assert Attempt.objects.count() == 1
    clock.move(write_budgets.LATE)
    assert sweep.rescue(clock()) == 1
    actor.work(batch, job)
    assert batch.state == BatchState.DONE
    assert not Attempt.objects.filter(state__in=attempts.OPEN).exists()
    is_parked = point == "after T2"  # nothing was sent, and nobody can know
    assert states(batch) == ["unknown" if is_parked else "done", "done"]
    assert actor.hits() == dict.fromkeys(pks[1:] if is_parked else pks, 1)
