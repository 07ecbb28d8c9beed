"""The watchdog: a stall is told from long work, from a fresh start and from a database that is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from igsite.jobs import canary, runner
from igsite.jobs.models import Job
from igsite.jobs.watchdog import SILENCE, cluster_is_stuck

pytestmark = pytest.mark.django_db


@pytest.fixture
def sung() -> Job:
    """The canary, after it sang once."""
    canary.ensure()
    job = Job.objects.get()
    runner.run_step(job.pk)
    job.refresh_from_db()
    return job


def test_a_silent_canary_means_a_stall(sung: Job) -> None:
    assert sung.heartbeat_at is not None
    long_ago = sung.heartbeat_at - timedelta(hours=1)
    assert not cluster_is_stuck(long_ago, now=sung.heartbeat_at + SILENCE - timedelta(seconds=1))
    assert cluster_is_stuck(long_ago, now=sung.heartbeat_at + SILENCE)


def test_a_cluster_just_started_gets_its_time(sung: Job) -> None:
    now = timezone.now() + timedelta(days=1)
    assert not cluster_is_stuck(now - timedelta(seconds=10), now=now)
    assert cluster_is_stuck(now - SILENCE, now=now)


def test_without_any_canary_a_cluster_is_stuck_after_its_time() -> None:
    now = timezone.now()
    assert cluster_is_stuck(now - SILENCE, now=now)


def test_workers_that_are_all_at_work_are_not_stuck(sung: Job, make_job: Callable[..., Job]) -> None:
    now = timezone.now() + timedelta(hours=1)
    since = now - timedelta(hours=2)
    for number in range(settings.WORKERS):
        assert cluster_is_stuck(since, now=now)
        job = make_job()
        runner.claim(job.pk)
        Job.objects.filter(pk=job.pk).update(lease_owner=f"other|host|{number}|1.00")
    assert not cluster_is_stuck(since, now=now)
