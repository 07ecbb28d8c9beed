"""Turns in a lane: a short kind goes between the steps of a long job, which goes on before others that wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from igsite.jobs import runner, sweep, transitions
from igsite.jobs.kinds import Again, Outcome, Wait
from igsite.jobs.models import DUE_STATES, Job, JobState
from igsite.jobs.run import Run
from igsite.jobs.runner import ManualClock
from tests.jobs.practice import Answering, Paced

pytestmark = pytest.mark.django_db
Make = Callable[..., Job]
SECOND = timedelta(seconds=1)


def turn(job: Job, clock: ManualClock, answer: Again | Wait) -> Job:
    """One turn of a job that gets further and answers so."""

    def step(run: Run) -> Outcome:
        with run.save(done=run.job.done_units + 1):
            return answer

    Answering.prepare(step)
    runner.run_step(job.pk, clock=clock, turn=0.0)
    job.refresh_from_db()
    return job


def live(clock: ManualClock, span: timedelta) -> None:
    """The next claimable job at its due time, again and again, as workers do it."""
    until = clock() + span
    while True:
        due = Job.objects.filter(state__in=DUE_STATES, lease_token=None).order_by("due_at", "pk")
        moments = sorted({max(clock(), at) for at in due.values_list("due_at", flat=True)})
        found = next(
            ((at, job) for at in moments for job in Job.objects.claimable(at).order_by("due_at", "pk")[:1]), None
        )
        if found is None or found[0] > until:
            return
        clock.move_to(found[0])
        runner.run_step(found[1].pk, clock=clock, turn=0.0)


def test_a_long_job_lends_its_lane_to_one_that_goes_between_and_to_no_other(make_job: Make, clock: ManualClock) -> None:
    long, behind = make_job(lane="login-1"), make_job(lane="login-1")
    between = make_job("practice.between", lane="login-1", due_at=clock() + 5 * SECOND)
    turn(long, clock, Again(3 * SECOND))
    assert (long.state, long.lends_lane) == (JobState.RUNNING, False)
    clock.move(5 * SECOND)
    turn(long, clock, Again(3 * SECOND))
    assert (long.state, long.lends_lane) == (JobState.RUNNING, True)
    assert runner.claim(behind.pk, clock) is None
    run = runner.claim(between.pk, clock)
    assert run is not None
    clock.move(5 * SECOND)
    assert runner.claim(long.pk, clock) is None
    with run.save(done=1):
        pass
    with transaction.atomic():
        transitions.conclude(run.lock(), Again(3 * SECOND), now=clock())
    assert runner.claim(behind.pk, clock) is None
    assert runner.claim(long.pk, clock) is not None


def test_a_lane_is_lent_ahead_for_a_due_time_within_the_pause(make_job: Make, clock: ManualClock) -> None:
    long = make_job(lane="login-1")
    between = make_job("practice.between", lane="login-1", due_at=clock() + 10 * SECOND)
    turn(long, clock, Again(45 * SECOND))
    assert long.lends_lane
    clock.move(10 * SECOND)
    assert runner.claim(between.pk, clock) is not None


def test_a_turn_lasts_until_the_job_got_further(make_job: Make, clock: ManualClock) -> None:
    long, between = make_job(lane="login-1"), make_job("practice.between", lane="login-1")
    Answering.prepare(Again(3 * SECOND))
    runner.run_step(long.pk, clock=clock, turn=0.0)
    long.refresh_from_db()
    assert (long.state, long.lends_lane) == (JobState.RUNNING, False)
    assert runner.claim(between.pk, clock) is None


def test_one_that_goes_between_rests_and_the_long_job_goes_on(make_job: Make, clock: ManualClock) -> None:
    long, between = make_job(lane="login-1"), make_job("practice.between", lane="login-1")
    turn(long, clock, Again())
    turn(between, clock, Wait(clock() + timedelta(hours=1), "Nothing is due."))
    clock.move(SECOND)
    assert turn(long, clock, Again()).lends_lane is False


def test_one_that_goes_between_lets_a_job_begin_that_has_waited(make_job: Make, clock: ManualClock) -> None:
    between, long = make_job("practice.between", lane="login-1"), make_job(lane="login-1")
    turn(between, clock, Again(3 * SECOND))
    assert between.lends_lane
    assert runner.claim(long.pk, clock) is not None
    clock.move(3 * SECOND)
    assert runner.claim(between.pk, clock) is None


def test_whoever_lent_the_lane_is_rung_for_when_it_is_free(make_job: Make, clock: ManualClock) -> None:
    clock.move_to(timezone.now())
    long = make_job(lane="login-1", due_at=clock())
    between = make_job("practice.between", lane="login-1", due_at=clock())
    turn(long, clock, Again())
    Job.objects.update(rung_at=None)
    turn(between, clock, Wait(clock() + timedelta(hours=1), "Nothing is due."))
    rung = Job.objects.filter(rung_at__isnull=False).values_list("pk", flat=True)
    assert list(rung) == []  # it comes a moment later, by the sweep
    clock.move(SECOND)
    assert sweep.wake(clock()) == 1
    assert runner.claim(long.pk, clock) is not None


def test_one_that_lent_its_lane_can_be_cancelled_and_the_lane_goes_on(make_job: Make, clock: ManualClock) -> None:
    long, between = make_job(lane="login-1"), make_job("practice.between", lane="login-1")
    turn(long, clock, Again())
    behind = make_job(lane="login-1", due_at=clock() - SECOND)
    assert runner.cancel(long, by=None).state == JobState.CANCELLED
    turn(between, clock, Wait(clock() + timedelta(hours=1), "Nothing is due."))
    assert runner.claim(behind.pk, clock) is not None


def test_two_that_keep_the_same_pause_take_turns(make_job: Make, clock: ManualClock) -> None:
    Paced.begin()
    make_job("practice.paced", lane="login-1", params={"name": "scan", "to": 20})
    make_job(
        "practice.paced_between", lane="login-1", params={"name": "monitor", "to": 6}, due_at=clock() + 10 * SECOND
    )
    behind = make_job("practice.paced", lane="login-1", params={"name": "behind", "to": 1}, due_at=clock() + SECOND)
    live(clock, timedelta(minutes=2))
    names = [name for _at, name in Paced.reads]
    first = names.index("monitor")
    assert names[first : first + 12] == ["monitor", "scan"] * 6
    assert names[-1] == "behind"
    assert names.count("scan") == 20
    times = [at for at, _name in Paced.reads]
    assert all(later - earlier >= Paced.pause for earlier, later in pairwise(times))
    behind.refresh_from_db()
    assert behind.state == JobState.DONE


def test_three_take_turns_and_none_is_left_out(make_job: Make, clock: ManualClock) -> None:
    Paced.begin()
    make_job("practice.paced", lane="login-1", params={"name": "scan", "to": 30})
    for name in ("monitor", "probe"):
        make_job("practice.paced_between", lane="login-1", params={"name": name, "to": 10})
    live(clock, timedelta(minutes=5))
    names = [name for _at, name in Paced.reads]
    for name in ("scan", "monitor", "probe"):
        turns = [number for number, one in enumerate(names[:30]) if one == name]
        assert max(later - earlier for earlier, later in pairwise(turns)) <= 4, names


def test_the_database_lets_nobody_lend_while_it_works(make_job: Make, clock: ManualClock) -> None:
    job = make_job(lane="login-1")
    assert runner.claim(job.pk, clock) is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(lends_lane=True)
