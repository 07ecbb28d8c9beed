"""Steps, leases, waits and ends: what the runner makes of a kind's answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from igsite.jobs import runner
from igsite.jobs.kinds import Again, Blocked, Done, Failed, Outcome, Wait
from igsite.jobs.leases import LEASE
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import LeaseLost, Run
from igsite.jobs.runner import ManualClock
from tests.jobs.conftest import kill_own_backend
from tests.jobs.practice import Answering, PracticeError

pytestmark = pytest.mark.django_db
Make = Callable[..., Job]


def moved(run: Run) -> Outcome:
    """A step that gets one unit further."""
    units = run.cursor.get("units", 0) + 1
    with run.save(cursor={"units": units}, done=units):
        pass
    return Again()


def test_a_job_runs_step_by_step_to_its_result(make_job: Make, clock: ManualClock) -> None:
    job = runner.run_inline(make_job("practice.count", params={"to": 5}), clock=clock)
    assert (job.state, job.message, job.result) == ("done", "Counted.", {"reached": 5, "trace": [1, 2, 3, 4, 5]})
    assert (job.done_units, job.total_units, job.percent) == (5, 5, 100)
    assert job.finished_at == clock()
    assert job.lease_token is None


def test_several_steps_fit_into_one_turn(make_job: Make, clock: ManualClock) -> None:
    job = make_job("practice.count", params={"to": 5})
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_wait_is_a_due_time_and_says_why(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Answering.prepare(Wait(clock() + timedelta(hours=2), "Instagram asked for a pause."), Done())
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.WAITING, "Instagram asked for a pause.")
    clock.move(timedelta(hours=2) - timedelta(seconds=1))
    assert runner.claim(job.pk, clock) is None
    clock.move(timedelta(seconds=1))
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_short_pause_keeps_the_job_running_without_a_lease(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Answering.prepare(Again(timedelta(seconds=3)), Again(timedelta(minutes=3)))
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.lease_token, job.attempts) == (JobState.RUNNING, None, 0)
    assert runner.claim(job.pk, clock) is None
    clock.move(timedelta(seconds=3))
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == JobState.WAITING


def test_a_blocked_job_waits_for_a_person(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Answering.prepare(Blocked("Enter the code.", "/settings/logins/1/"), Done("Connected."))
    job = runner.run_inline(job, clock=clock)
    assert (job.state, job.message, job.next_url) == (JobState.BLOCKED, "Enter the code.", "/settings/logins/1/")
    job = runner.resume(job)
    assert (job.state, job.next_url) == (JobState.QUEUED, "")
    assert runner.run_inline(job, clock=clock).state == JobState.DONE


def test_an_exception_is_tried_three_times_with_growing_pauses_and_no_traceback(
    make_job: Make, clock: ManualClock
) -> None:
    job = make_job()
    Answering.prepare(*[PracticeError("user=mia password=hunter2")] * 3)
    dues = []
    while job.is_open:
        runner.run_step(job.pk, clock=clock)
        job.refresh_from_db()
        dues.append(job.due_at - clock())
        clock.move_to(job.due_at)
    assert dues[:2] == [timedelta(seconds=5), timedelta(seconds=30)]
    assert (job.state, job.error_code) == (JobState.FAILED, "error")
    assert "PracticeError" in job.error
    assert "Traceback" not in job.error
    assert "hunter2" not in job.error
    assert Answering.ended_with == ["failed"]


def test_progress_starts_the_attempts_again(make_job: Make, clock: ManualClock) -> None:
    def move_then_break(run: Run) -> Outcome:
        moved(run)
        raise PracticeError

    Answering.prepare(*[move_then_break] * 6, Done())
    assert runner.run_inline(make_job(), clock=clock).state == JobState.DONE


def test_a_step_that_gets_nowhere_is_stopped_after_three_claims(make_job: Make, clock: ManualClock) -> None:
    Answering.prepare(*[Again()] * 10)
    job = runner.run_inline(make_job(), clock=clock)
    assert (job.state, job.error_code) == (JobState.FAILED, "no_progress")
    assert len(Answering.answers) == 7


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_session_costs_one_step(make_job: Make, clock: ManualClock) -> None:
    def lose_the_session(run: Run) -> Outcome:
        kill_own_backend()
        return moved(run)

    job = make_job()
    Answering.prepare(lose_the_session, moved, Done())
    runner.run_step(job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done_units) == (JobState.QUEUED, 1, 0)
    job = runner.run_inline(job, clock=clock)
    assert (job.state, job.done_units) == (JobState.DONE, 1)


def test_a_failure_carries_its_sentence_and_code(make_job: Make, clock: ManualClock) -> None:
    Answering.prepare(Failed("This account does not exist.", code="not_found"))
    job = runner.run_inline(make_job(), clock=clock)
    assert (job.state, job.error, job.error_code) == (JobState.FAILED, "This account does not exist.", "not_found")


def test_double_delivery_does_the_work_once(make_job: Make, clock: ManualClock) -> None:
    job = make_job()

    def deliver_again(run: Run) -> Outcome:
        runner.run_step(job.pk, clock=clock)
        return moved(run)

    Answering.prepare(deliver_again, Done())
    runner.run_step(job.pk, clock=clock)
    runner.run_step(job.pk, clock=clock)
    runner.run_step(job.pk + 1_000_000, clock=clock)
    job.refresh_from_db()
    assert (job.state, job.done_units, Answering.ended_with) == (JobState.DONE, 1, ["done"])


def test_whoever_lost_the_lease_writes_nothing(make_job: Make, clock: ManualClock) -> None:
    job = make_job("practice.count", params={"to": 2})
    slow = runner.claim(job.pk, clock)
    assert slow is not None
    Job.objects.filter(pk=job.pk).update(lease_token=None, lease_until=None, lease_owner="", state=JobState.QUEUED)
    assert runner.run_inline(job, clock=clock).state == JobState.DONE
    with pytest.raises(LeaseLost), slow.save(cursor={"reached": 99}, done=99):
        raise AssertionError("the block must not be entered")
    with pytest.raises(LeaseLost):
        slow.heartbeat()
    with pytest.raises(LeaseLost):
        _ = slow.cancelled
    job.refresh_from_db()
    assert job.cursor["reached"] == 2


def test_an_error_inside_save_takes_rows_and_cursor_back_together(make_job: Make, clock: ManualClock) -> None:
    job = make_job(subject="before")
    run = runner.claim(job.pk, clock)
    assert run is not None
    with pytest.raises(PracticeError), run.save(cursor={"page": 2}, done=50):
        Job.objects.filter(pk=job.pk).update(subject="after")
        raise PracticeError
    job.refresh_from_db()
    assert (job.cursor, job.done_units, job.subject, run.cursor) == ({}, 0, "before", {})


def test_save_renews_the_lease_and_heartbeat_does_too(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    run = runner.claim(job.pk, clock)
    assert run is not None
    clock.move(timedelta(seconds=40))
    with run.save(message="Page 2") as progress:
        progress.total = 100
    job.refresh_from_db()
    assert (job.lease_until, job.heartbeat_at, job.message, job.total_units) == (
        clock() + LEASE,
        clock(),
        "Page 2",
        100,
    )
    clock.move(timedelta(seconds=40))
    run.heartbeat()
    job.refresh_from_db()
    assert job.lease_until == clock() + LEASE


def test_a_kind_that_is_gone_ends_its_jobs_with_a_sentence(make_job: Make, clock: ManualClock) -> None:
    job = make_job()
    Job.objects.filter(pk=job.pk).update(kind="of.another.version")
    job = runner.run_inline(job, clock=clock)
    assert (job.state, job.error_code, job.label) == (JobState.FAILED, "unknown_kind", "of.another.version")


def test_a_kind_that_cannot_note_its_success_is_tried_again(make_job: Make, clock: ManualClock) -> None:
    Answering.prepare(Done("first"), Done("second"))
    Answering.refuses_end.append(PracticeError("disk full"))
    job = runner.run_inline(make_job(), clock=clock)
    assert (job.state, job.message, Answering.ended_with) == (JobState.DONE, "second", ["done"])


def test_a_kind_that_cannot_note_a_failure_does_not_keep_the_job_alive(make_job: Make, clock: ManualClock) -> None:
    Answering.prepare(Failed("No."))
    Answering.refuses_end.append(PracticeError("disk full"))
    assert runner.run_inline(make_job(), clock=clock).state == JobState.FAILED


def test_run_inline_says_when_a_job_never_rests(make_job: Make, clock: ManualClock) -> None:
    with pytest.raises(RuntimeError, match="not come to rest after 3"):
        runner.run_inline(make_job("practice.count", params={"to": 9}), max_steps=3, clock=clock)
