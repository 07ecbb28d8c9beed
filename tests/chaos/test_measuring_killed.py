"""Kill the worker that measures in the middle of a batch: each due time is measured once, and none is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from igsite.jobs import sweep
from igsite.jobs.models import Job
from monitoring.models import Monitor
from monitoring.signals import measurement_taken
from tests.chaos.job_processes import ROOT, database_url, wait_for
from tests.monitoring.conftest import clock, instagram, login, person, simulator, watcher, workspace
from tests.monitoring.watcher import Watcher, rows

__all__ = ["clock", "instagram", "login", "person", "simulator", "watcher", "workspace"]
pytestmark = pytest.mark.chaos
MONITORS = 6


def people(watcher: Watcher) -> list[str]:
    """Names of the simulator's cast."""
    cast = watcher.instagram.simulator.control("cast")["accounts"]
    return sorted(one["username"] for one in cast if not one.get("is_private"))[:MONITORS]


def measured() -> int:
    return Monitor.objects.filter(revision__gt=0).count()


def is_amidst() -> bool:
    """Some are measured, and the worker has taken others that are not."""
    return measured() > 0 and Monitor.objects.filter(taken_until__isnull=False, revision=0).exists()


def test_a_batch_whose_worker_is_killed_is_measured_once_and_whole(watcher: Watcher) -> None:
    monitors = [watcher.watch(f"@{name}", seconds=604_800) for name in people(watcher)]
    assert len(monitors) == MONITORS
    due = {monitor.pk: monitor.due_at for monitor in monitors}
    job = watcher.job()
    Job.objects.filter(pk=job.pk).update(due_at=watcher.now())
    watcher.instagram.fault(path="usernameinfo", kind="slow", ms=300, count=-1)
    environment = os.environ | {
        "DATABASE_URL": database_url(), "IGSITE_ROLE": "worker", "IGSITE_PACE_PERCENT": "0",
        "IGSITE_INSTAGRAM_URL": watcher.instagram.simulator.base_url,
    }  # fmt: skip
    asked = len(watcher.instagram.log("usernameinfo"))
    command = [sys.executable, "-m", "tests.chaos.measuring_process", str(job.pk)]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    try:
        wait_for(is_amidst, 90, "some of the batch are measured, others taken")
    finally:
        worker.kill()
        worker.communicate()
    before = measured()
    assert 0 < before < MONITORS
    assert sweep.rescue(watcher.now()) == 1
    taken: Counter[int] = Counter()

    def heard(monitor: Monitor, **_more: object) -> None:
        taken[monitor.pk] += 1

    measurement_taken.connect(heard)
    try:
        # By the worker's own clock, which went on: what it had taken is free two minutes after its death.
        watcher.instagram.clock.move_to(datetime.now(UTC) + timedelta(minutes=2))
        watcher.work()
    finally:
        measurement_taken.disconnect(heard)
    assert sum(taken.values()) == MONITORS - before
    for monitor in Monitor.objects.order_by("pk"):
        assert (monitor.revision, len(rows(monitor)), monitor.taken_until) == (1, 1, None)
        assert monitor.due_at > due[monitor.pk]
    assert len(watcher.instagram.log("usernameinfo")) - asked <= MONITORS + 1  # at most the read under way is repeated
