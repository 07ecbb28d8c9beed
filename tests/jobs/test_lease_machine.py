"""Any order of claims, saves, deaths, cancels, retries and passing time keeps the rules of leases and lanes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from igsite.jobs import runner, sweep, transitions
from igsite.jobs.kinds import Again, Blocked, Done, Failed, Outcome, Wait
from igsite.jobs.leases import LEASE, MAX_ATTEMPTS
from igsite.jobs.models import DUE_STATES, ENDED_STATES, OPEN_STATES, Job, JobState
from igsite.jobs.run import LeaseLost, Run
from igsite.jobs.runner import JobConflict, ManualClock
from tests.jobs.conftest import START
from tests.jobs.practice import Answering

OUTCOMES: list[tuple[str, Any]] = [
    ("again", lambda _now: Again()),
    ("pause", lambda _now: Again(timedelta(seconds=3))),
    ("wait", lambda now: Wait(now + timedelta(minutes=5), "Pause.")),
    ("blocked", lambda _now: Blocked("A person must act.")),
    ("done", lambda _now: Done()),
    ("failed", lambda _now: Failed("No.")),
]


class Leases(RuleBasedStateMachine):
    """The rows against a model that only knows who was told to work on what, and what was committed."""

    jobs: Bundle[int] = Bundle("jobs")
    runs: Bundle[Run] = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        Job.objects.all().delete()
        Answering.prepare()
        self.clock = ManualClock(START)
        self.committed: Counter[int] = Counter()
        self.holder: dict[int, Run] = {}

    @rule(
        target=jobs,
        kind=st.sampled_from(["practice.answer", "practice.between"]),
        lane=st.sampled_from(["", "", "a", "b"]),
        delay=st.sampled_from([0, 0, 90]),
    )
    def order(self, kind: str, lane: str, delay: int) -> int:
        due = self.clock() + timedelta(seconds=delay)
        return runner.enqueue(kind, workspace=None, lane=lane, due_at=due).pk

    @rule(target=runs, pk=jobs)
    def claim(self, pk: int) -> Any:
        before = Job.objects.get(pk=pk)
        run = runner.claim(pk, self.clock)
        if run is None:
            return multiple()
        assert before.state in DUE_STATES
        assert before.due_at <= self.clock()
        assert before.lease_token is None
        self.holder[pk] = run
        return run

    def _holds(self, run: Run) -> bool:
        """By the model: the last to be told, and neither concluded nor rescued since."""
        return self.holder.get(run.job.pk) is run

    @rule(run=runs, moves=st.booleans())
    def save(self, run: Run, moves: bool) -> None:
        units = self.committed[run.job.pk] + moves
        try:
            with run.save(cursor={"units": units}, done=units):
                pass
        except LeaseLost:
            assert not self._holds(run)
        else:
            assert self._holds(run)
            self.committed[run.job.pk] = units

    @rule(run=runs, outcome=st.sampled_from(OUTCOMES))
    def conclude(self, run: Run, outcome: tuple[str, Any]) -> None:
        answer: Outcome = outcome[1](self.clock())
        try:
            with transaction.atomic():
                transitions.conclude(run.lock(), answer, now=self.clock())
        except LeaseLost:
            assert not self._holds(run)
        else:
            assert self._holds(run)
            del self.holder[run.job.pk]

    @rule(seconds=st.sampled_from([1, 5, 30, 61, 300]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule()
    def look(self) -> None:
        lost = set(Job.objects.held().filter(lease_until__lt=self.clock()).values_list("pk", flat=True))
        sweep.wake(self.clock())
        assert sweep.rescue(self.clock()) == len(lost)
        for pk in lost:
            del self.holder[pk]

    @rule(pk=jobs)
    def cancel(self, pk: int) -> None:
        before = Job.objects.get(pk=pk)
        after = runner.cancel(before, by=None)
        if before.state in ENDED_STATES:
            assert after.revision == before.revision
        elif pk in self.holder:
            assert after.state == JobState.RUNNING
        else:
            assert after.state == JobState.CANCELLED

    @rule(pk=jobs)
    def retry(self, pk: int) -> None:
        job = Job.objects.get(pk=pk)
        try:
            assert runner.retry(job, by=None).state == JobState.QUEUED
        except JobConflict:
            assert job.state not in (JobState.FAILED, JobState.CANCELLED)
        else:
            # Ordering by hand is by the wall clock; the model's clock decides when it is due.
            Job.objects.filter(pk=pk).update(due_at=self.clock())

    @rule(pk=jobs)
    def resume(self, pk: int) -> None:
        job = Job.objects.get(pk=pk)
        if job.state == JobState.BLOCKED:
            runner.resume(job)
            Job.objects.filter(pk=pk).update(due_at=self.clock())

    @invariant()
    def one_of_a_lane_runs(self) -> None:
        running = Job.objects.filter(state=JobState.RUNNING).exclude(lane="")
        having = Counter(running.filter(lends_lane=False).values_list("lane", flat=True))
        assert all(count == 1 for count in having.values())
        held = Counter(running.exclude(lease_token=None).values_list("lane", flat=True))
        assert all(count == 1 for count in held.values())

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        """Whenever something is due and nobody of its lane works, somebody of the lane can be claimed by its time."""
        for job in Job.objects.filter(state__in=DUE_STATES, lease_token=None, due_at__lte=self.clock()):
            mine = (
                Job.objects.filter(lane=job.lane, state__in=DUE_STATES) if job.lane else Job.objects.filter(pk=job.pk)
            )
            if mine.exclude(lease_token=None).exists():
                continue
            later = self.clock() + timedelta(seconds=60)
            assert Job.objects.claimable(later).filter(pk__in=mine).exists()

    @invariant()
    def rows_agree_with_the_model(self) -> None:
        for job in Job.objects.all():
            assert (job.lease_token is not None) == (job.pk in self.holder)
            assert job.done_units == self.committed[job.pk]
            assert job.attempts <= MAX_ATTEMPTS
            assert (job.state in OPEN_STATES) == (job.finished_at is None)
            if job.lease_until is not None:
                assert job.lease_until <= self.clock() + LEASE


@pytest.mark.django_db
def test_leases_and_lanes_hold_in_any_order_of_events() -> None:
    run_state_machine_as_test(
        Leases,
        settings=settings(
            max_examples=28, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
