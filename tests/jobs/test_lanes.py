"""Lanes: at most one job of a lane runs at once, in the order in which they became due."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from igsite.jobs import runner
from igsite.jobs.kinds import Again, Done, Wait
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import ManualClock
from tests.jobs.conftest import START
from tests.jobs.practice import Answering

pytestmark = pytest.mark.django_db
Make = Callable[..., Job]


def state(job: Job) -> str:
    """As it stands in the database."""
    job.refresh_from_db()
    return job.state


def test_the_second_of_a_lane_waits_for_the_first(make_job: Make, clock: ManualClock) -> None:
    first, second = make_job(lane="login-1"), make_job(lane="login-1")
    other = make_job(lane="login-2")
    assert runner.claim(second.pk, clock) is None
    assert runner.claim(first.pk, clock) is not None
    assert runner.claim(second.pk, clock) is None
    assert runner.claim(other.pk, clock) is not None


def test_a_short_pause_keeps_the_lane_and_a_wait_frees_it(make_job: Make, clock: ManualClock) -> None:
    first, second = make_job(lane="login-1"), make_job(lane="login-1")
    Answering.prepare(Again(timedelta(seconds=5)), Wait(clock() + timedelta(hours=1), "Pause."))
    runner.run_step(first.pk, clock=clock)
    assert runner.claim(second.pk, clock) is None
    clock.move(timedelta(seconds=5))
    runner.run_step(first.pk, clock=clock)
    assert state(first) == JobState.WAITING
    assert runner.claim(second.pk, clock) is not None


def test_the_end_of_one_rings_for_the_next(make_job: Make, clock: ManualClock) -> None:
    clock.move_to(timezone.now())
    now = clock()
    first, second = make_job(lane="login-1", due_at=now), make_job(lane="login-1", due_at=now + timedelta(hours=1))
    third = make_job(lane="login-1", due_at=now)
    Job.objects.update(rung_at=None)
    Answering.prepare(Done())
    runner.run_step(first.pk, clock=clock)
    rung = Job.objects.filter(rung_at__isnull=False).values_list("pk", flat=True)
    assert list(rung) == [third.pk]
    assert state(second) == JobState.QUEUED


def test_cancelling_the_first_rings_for_the_next(make_job: Make) -> None:
    first, second = make_job(lane="login-1"), make_job(lane="login-1")
    Job.objects.update(rung_at=None)
    runner.cancel(first, by=None)
    second.refresh_from_db()
    assert second.rung_at is not None


def test_whoever_became_due_first_goes_first(make_job: Make, clock: ManualClock) -> None:
    late = make_job(lane="login-1", due_at=START + timedelta(minutes=2))
    early = make_job(lane="login-1", due_at=START + timedelta(minutes=1))
    clock.move(timedelta(minutes=5))
    assert runner.claim(late.pk, clock) is None
    assert runner.claim(early.pk, clock) is not None


def test_the_database_itself_refuses_two_running_jobs_of_a_lane(make_job: Make) -> None:
    make_job(lane="login-1")
    make_job(lane="login-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(state=JobState.RUNNING)


@pytest.mark.django_db(transaction=True)
def test_parallel_claims_of_one_lane_and_of_one_job_let_one_through(make_job: Make, clock: ManualClock) -> None:
    jobs = [make_job(lane="login-1") for _ in range(4)]

    def claim(job: Job) -> bool:
        try:
            return runner.claim(job.pk, clock) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        taken = list(pool.map(claim, jobs * 3))
    assert taken.count(True) == 1
    assert Job.objects.held().count() == 1
