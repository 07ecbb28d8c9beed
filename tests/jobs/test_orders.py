"""What people order: start once, cancel, retry, go on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection, transaction

from accounts.models import User, Workspace
from igsite.jobs import runner
from igsite.jobs.broker import NotifyBroker
from igsite.jobs.kinds import Again, Blocked, Done, Failed, Outcome, Wait
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import Run
from igsite.jobs.runner import JobConflict, ManualClock, UnknownKind
from igsite.models import AuditEntry
from tests.jobs.practice import Answering

pytestmark = pytest.mark.django_db
Make = Callable[..., Job]


@pytest.fixture
def person(db: None) -> User:
    """Somebody who orders."""
    return User.objects.create_user("mia@example.org", "a-long-password")


def test_a_waiting_job_is_cancelled_at_once(make_job: Make, clock: ManualClock, person: User) -> None:
    job = make_job()
    Answering.prepare(Wait(clock() + timedelta(days=1), "Tomorrow."))
    runner.run_step(job.pk, clock=clock)
    job = runner.cancel(job, by=person)
    assert (job.state, job.cancel_requested_at is not None) == (JobState.CANCELLED, True)
    assert Answering.ended_with == ["cancelled"]
    assert AuditEntry.objects.get(action="task.cancelled").who == person


def test_a_blocked_job_is_cancelled_at_once(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Answering.prepare(Blocked("Enter the code."))
    runner.run_step(job.pk, clock=clock)
    assert runner.cancel(job, by=None).state == JobState.CANCELLED


@pytest.mark.parametrize("answer", [Again(), Again(timedelta(seconds=1)), Blocked("?")])
def test_a_job_at_work_stops_after_its_present_step(make_job: Make, clock: ManualClock, answer: Outcome) -> None:
    job = make_job()

    def cancelled_meanwhile(run: Run) -> Outcome:
        assert runner.cancel(job, by=None).state == JobState.RUNNING
        assert run.cancelled
        with run.save(cursor={"page": 1}, done=1):
            pass
        return answer

    Answering.prepare(cancelled_meanwhile)
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.done_units, Answering.ended_with) == (JobState.CANCELLED, 1, ["cancelled"])


def test_a_job_that_finished_in_the_step_in_which_it_was_cancelled_is_done(make_job: Make, clock: ManualClock) -> None:
    job = make_job()

    def finish(run: Run) -> Outcome:
        runner.cancel(job, by=None)
        return Done("All there.")

    Answering.prepare(finish)
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_cancelling_what_has_ended_changes_nothing(make_job: Make, clock: ManualClock, person: User) -> None:
    Answering.prepare(Done())
    job = runner.run_inline(make_job(), clock=clock)
    assert runner.cancel(job, by=person).revision == job.revision
    assert not AuditEntry.objects.exists()


def test_a_retry_goes_on_from_the_cursor(make_job: Make, clock: ManualClock, person: User) -> None:
    def one_page(run: Run) -> Outcome:
        with run.save(cursor={"page": 7}, done=7):
            pass
        return Failed("The source broke.", code="source")

    Answering.prepare(one_page)
    job = runner.run_inline(make_job(), clock=clock)
    Answering.prepare(lambda run: Done(str(run.cursor["page"])))
    job = runner.retry(job, by=person)
    assert (job.state, job.error, job.error_code, job.finished_at, job.attempts) == (JobState.QUEUED, "", "", None, 0)
    assert Answering.retried_times == ["queued"]
    assert runner.run_inline(job, clock=clock).message == "7"


def test_only_failed_or_cancelled_jobs_can_be_retried(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    with pytest.raises(JobConflict):
        runner.retry(job, by=None)
    Answering.prepare(Done())
    with pytest.raises(JobConflict):
        runner.retry(runner.run_inline(job, clock=clock), by=None)


def test_a_retry_beside_the_same_work_started_anew_is_refused(make_job: Make) -> None:
    first = runner.cancel(make_job(dedupe_key="scan-1"), by=None)
    make_job(dedupe_key="scan-1")
    with pytest.raises(JobConflict):
        runner.retry(first, by=None)
    first.refresh_from_db()
    assert first.state == JobState.CANCELLED


def test_resume_wakes_a_waiting_job_and_refuses_an_ended_one(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Answering.prepare(Wait(clock() + timedelta(days=1), "Tomorrow."), Done())
    runner.run_step(job.pk, clock=clock)
    assert runner.resume(job).state == JobState.QUEUED
    job = runner.run_inline(job, clock=clock)
    with pytest.raises(JobConflict):
        runner.resume(job)


def test_retry_resume_and_the_next_turn_ring_at_once(make_job: Make, clock: ManualClock) -> None:
    def bells_of(act: Callable[[], object]) -> int:
        before = NotifyBroker().queue_size()
        act()
        return NotifyBroker().queue_size() - before

    def move(run: Run) -> Outcome:
        with run.save(cursor={"page": 1}):
            pass
        return Again()

    job = make_job()
    Answering.prepare(move, Blocked("?"), Failed("No."))
    assert bells_of(lambda: runner.run_step(job.pk, clock=clock, turn=0.0)) == 1
    assert bells_of(lambda: runner.run_step(job.pk, clock=clock)) == 0
    assert bells_of(lambda: runner.resume(job)) == 1
    runner.run_inline(job, clock=clock)
    assert bells_of(lambda: runner.retry(job, by=None)) == 1


def test_an_unknown_kind_is_refused_where_it_is_ordered(workspace: Workspace) -> None:
    with pytest.raises(UnknownKind):
        runner.enqueue("no.such.kind", workspace=workspace)


def test_the_same_work_is_one_job_while_it_is_open_and_another_later(make_job: Make, clock: ManualClock) -> None:
    first = make_job(dedupe_key="scan-1")
    assert make_job(dedupe_key="scan-1").pk == first.pk
    other = Workspace.objects.create(name="Elsewhere")
    assert make_job(dedupe_key="scan-1", workspace=other).pk != first.pk
    assert make_job(dedupe_key="", subject="a").pk != make_job(dedupe_key="", subject="a").pk
    Answering.prepare(Done())
    runner.run_inline(first, clock=clock)
    assert make_job(dedupe_key="scan-1").pk != first.pk


def test_a_rollback_takes_job_and_bell_back(make_job: Make) -> None:
    bells = NotifyBroker().queue_size()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_job()
        assert NotifyBroker().queue_size() == bells + 1
        _ = 1 / 0
    assert NotifyBroker().queue_size() == bells
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_orders_make_one_job(workspace: Workspace) -> None:
    def order(_number: int) -> int:
        try:
            return runner.enqueue("practice.answer", workspace=workspace, dedupe_key="scan-1").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(order, range(20)))) == 1
    close_old_connections()
    assert Job.objects.count() == 1
