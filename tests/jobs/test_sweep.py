"""The sweep: wakes to the moment, rescues the dead, pays owed hints, starts the night's chores once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection

from igsite.jobs import canary, housekeeping, leases, runner, sweep
from igsite.jobs.broker import NotifyBroker
from igsite.jobs.kinds import Done, Wait
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import ManualClock
from tests.jobs.conftest import START, kill_own_backend
from tests.jobs.practice import Answering

pytestmark = pytest.mark.django_db
Make = Callable[..., Job]


def test_a_job_is_rung_for_when_it_is_due_and_not_before(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Answering.prepare(Wait(clock() + timedelta(minutes=3), "Pause."))
    runner.run_step(job.pk, clock=clock)
    clock.move(timedelta(minutes=3) - timedelta(milliseconds=1))
    assert sweep.wake(clock()) == 0
    assert sweep.next_due(clock()) == START + timedelta(minutes=3)
    clock.move(timedelta(milliseconds=1))
    assert sweep.wake(clock()) == 1
    assert sweep.wake(clock()) == 0
    assert sweep.next_due(clock()) is None


def test_a_lost_bell_is_rung_again(make_job: Make, clock: ManualClock) -> None:
    make_job()
    sweep.wake(clock())
    NotifyBroker().purge_queue()
    clock.move(timedelta(seconds=9))
    assert sweep.wake(clock()) == 0
    clock.move(timedelta(seconds=2))
    assert sweep.wake(clock()) == 1


def test_a_long_queue_is_not_made_longer(make_job: Make, clock: ManualClock) -> None:
    for _ in range(8):
        make_job()
    sweep.wake(clock())
    clock.move(timedelta(minutes=5))
    assert NotifyBroker().queue_size() >= 8
    assert sweep.wake(clock()) == 0


def test_only_the_first_of_a_lane_is_rung_for(make_job: Make, clock: ManualClock) -> None:
    jobs = [make_job(lane="login-1") for _ in range(3)]
    Job.objects.update(rung_at=None)
    assert sweep.wake(clock()) == 1
    jobs[0].refresh_from_db()
    assert jobs[0].rung_at == clock()


@pytest.mark.django_db(transaction=True)
def test_several_sweeps_at_once_ring_once_for_each_job(make_job: Make, clock: ManualClock) -> None:
    for _ in range(20):
        make_job()
    Job.objects.update(rung_at=None)
    NotifyBroker().purge_queue()

    def wake(_number: int) -> int:
        try:
            return sweep.wake(clock())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rung = sum(pool.map(wake, range(8)))
    assert rung == NotifyBroker().queue_size() == 20


def test_a_lease_that_ran_out_sets_the_job_free(make_job: Make, clock: ManualClock) -> None:
    job = make_job(lane="login-1")
    lost = runner.claim(job.pk, clock)
    clock.move(leases.LEASE)
    assert sweep.rescue(clock()) == 0
    clock.move(timedelta(seconds=1))
    assert sweep.rescue(clock()) == 1
    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.due_at) == (JobState.QUEUED, "", clock())
    assert lost is not None
    Answering.prepare(Done())
    assert runner.run_inline(job, clock=clock).state == JobState.DONE


def test_a_worker_that_is_seen_to_be_dead_loses_its_job_at_once(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    runner.claim(job.pk, clock)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Job.objects.update(lease_owner=leases._owner(child.pid))
    assert sweep.rescue(clock()) == 0
    child.kill()
    child.wait()
    assert sweep.rescue(clock()) == 1


def test_a_worker_elsewhere_is_never_declared_dead() -> None:
    assert not leases.is_surely_dead("other-host|pid:[1]|999999999|1.00")
    assert not leases.is_surely_dead("")
    assert not leases.is_surely_dead(leases.me())
    place, _pid, _start = leases.me().rsplit("|", 2)
    assert leases.is_surely_dead(f"{place}|{os.getpid()}|1.00"), "the process id was given to another process"


def test_the_third_death_without_progress_ends_the_job_with_a_sentence(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    for _ in range(3):
        clock.move_to(job.due_at)
        assert runner.claim(job.pk, clock) is not None
        clock.move(timedelta(minutes=2))
        sweep.rescue(clock())
        job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "no_progress")
    assert "3 times" in job.error
    assert Answering.ended_with == ["failed"]


def test_a_cancelled_job_whose_worker_died_ends_as_cancelled(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    runner.claim(job.pk, clock)
    runner.cancel(job, by=None)
    clock.move(timedelta(minutes=2))
    sweep.rescue(clock())
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_no_running_job_is_left_without_a_live_lease_for_90_seconds(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    runner.claim(job.pk, clock)
    clock.move(timedelta(seconds=90))
    sweep.rescue(clock())
    assert not Job.objects.held().filter(lease_until__lt=clock()).exists()


def test_the_last_hint_of_a_fast_job_is_owed_and_paid(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    run = runner.claim(job.pk, clock)
    assert run is not None
    for page in range(1, 4):
        with run.save(cursor={"page": page}, done=page):
            pass
    assert Job.objects.get().hint_owed
    sweep.pay_owed_hints()
    assert not Job.objects.get().hint_owed


def test_there_is_one_canary_and_it_never_ends(clock: ManualClock) -> None:
    canary.ensure()
    canary.ensure()
    job = Job.objects.get(kind="jobs.canary")
    clock.move_to(job.due_at)
    for _ in range(5):
        runner.run_step(job.pk, clock=clock)
        assert canary.last_heard() == clock()
        job.refresh_from_db()
        assert (job.state, job.due_at - clock()) == (JobState.WAITING, timedelta(seconds=10))
        clock.move_to(job.due_at)


def test_chores_start_once_a_night_and_after_a_missed_one() -> None:
    night = datetime(2026, 3, 1, 2, 59, tzinfo=UTC)
    chores = Job.objects.filter(kind="jobs.chore")
    housekeeping.ring_for_the_night(night)
    assert not chores.exists()
    housekeeping.ring_for_the_night(night + timedelta(minutes=1))
    housekeeping.ring_for_the_night(night + timedelta(minutes=2))
    once = chores.count()
    assert once == len(housekeeping._chores)
    for job in chores.all():
        assert runner.run_inline(job).state == JobState.DONE
    housekeeping.ring_for_the_night(night + timedelta(hours=20))
    assert chores.count() == once
    housekeeping.ring_for_the_night(night + timedelta(days=3, minutes=1))
    assert chores.count() == 2 * once


def test_housekeeping_forgets_its_own_jobs_and_keeps_the_peoples(make_job: Make, clock: ManualClock) -> None:
    Answering.prepare(Done(), Done())
    theirs = runner.run_inline(make_job(), clock=clock)
    ours = runner.run_inline(make_job(workspace=None), clock=clock)
    housekeeping.forget_old_chores(clock() + timedelta(days=6))
    assert Job.objects.filter(pk=ours.pk).exists()
    housekeeping.forget_old_chores(clock() + timedelta(days=8))
    assert list(Job.objects.values_list("pk", flat=True)) == [theirs.pk]


@pytest.mark.django_db(transaction=True)
def test_what_becomes_due_between_look_and_sleep_is_not_slept_through(make_job: Make, clock: ManualClock) -> None:
    loop = sweep.Sweep(clock)
    clock.move(-timedelta(milliseconds=5))
    job = make_job(due_at=START)
    Job.objects.filter(pk=job.pk).update(rung_at=None)
    looked_at = loop.look()
    clock.move(timedelta(milliseconds=10))
    loop._next_tick = time.monotonic() + 3600
    loop._sleep(looked_at)
    loop.look()
    job.refresh_from_db()
    assert job.rung_at == clock()


@pytest.mark.django_db(transaction=True)
def test_the_loop_listens_on_one_connection_however_old_it_is() -> None:
    loop = sweep.Sweep()
    connection.ensure_connection()
    listening, connection.close_at = connection.connection, time.monotonic() - 1
    loop._sleep(loop.look())
    NotifyBroker()
    loop._sleep(loop.look())
    assert connection.connection is listening


@pytest.mark.django_db(transaction=True)
def test_the_loop_survives_a_broken_connection_and_stops_when_told(make_job: Make) -> None:
    loop = sweep.Sweep()
    loop._sleep(loop.look())
    connection.close()
    looked_at = loop.look()
    kill_own_backend()
    with pytest.raises(Error):
        loop._sleep(looked_at)
    connection.close()
    loop.look()
    assert Job.objects.filter(kind="jobs.canary").count() == 1
    loop.stop()
    loop.run()
