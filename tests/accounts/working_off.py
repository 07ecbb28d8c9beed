"""Working a job off as the cluster would: whatever is due before it runs before it, waits move the clock."""

from __future__ import annotations

from django.db.models import Q

from accounts import source_health
from igsite.jobs.models import DUE_STATES, Job, JobState
from igsite.jobs.runner import ManualClock, run_step

MOST_TURNS = 10_000


def work_off(job: Job, clock: ManualClock) -> Job:
    """``job`` to its end, or until a person is needed; what stands in its lane, and probes, are done on the way."""
    for _turn in range(MOST_TURNS):
        job.refresh_from_db()
        if not job.is_open or job.state == JobState.BLOCKED:
            return job
        turn(job, clock)
    raise AssertionError(f"{job} has not come to rest")


def work_until_waiting(job: Job, clock: ManualClock) -> Job:
    """The same, but only until it waits while no probe is on its way; then it says why it waits."""
    for _turn in range(MOST_TURNS):
        job.refresh_from_db()
        if not job.is_open or job.state == JobState.BLOCKED:
            return job
        is_at_rest = job.state == JobState.WAITING and not is_probing()
        turn(job, clock)
        job.refresh_from_db()
        if is_at_rest and job.state == JobState.WAITING and not is_probing():
            return job
    raise AssertionError(f"{job} has not come to rest")


def work_until_it_says(job: Job, clock: ManualClock, words: str) -> Job:
    """The same, until its row tells ``words``."""
    for _turn in range(MOST_TURNS):
        job.refresh_from_db()
        if words in job.message:
            return job
        assert job.is_open, job.error or job.message
        turn(job, clock)
    raise AssertionError(f"{job} never says: {words}")


def is_probing() -> bool:
    """Whether a probe is on its way."""
    return Job.objects.open().filter(kind=source_health.PROBE).exists()


def probe(job: Job, clock: ManualClock) -> None:
    """The probe on its way to its end, and what of ``job`` is due before it."""
    while is_probing():
        turn(job, clock)


def turn(job: Job, clock: ManualClock) -> None:
    """One turn of the job, or of what is due before it."""
    before_it = Q(pk=job.pk) | Q(kind=source_health.PROBE) | (Q(lane=job.lane) & ~Q(lane=""))
    due = Job.objects.filter(before_it, state__in=DUE_STATES)
    # Whoever runs keeps the lane between its turns, unless it lends it.
    ways = sorted(due, key=lambda one: (one.state != JobState.RUNNING, one.due_at, one.pk))
    following = next(one for one in ways if Job.objects.claimable(max(clock(), one.due_at)).filter(pk=one.pk).exists())
    clock.move_to(following.due_at)
    before = following.revision
    run_step(following.pk, clock=clock, turn=0.0)
    following.refresh_from_db()
    assert following.revision != before, f"{following} cannot be claimed"
