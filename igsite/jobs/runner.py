"""The runner: claims a due job, does a turn of steps under a lease, makes true what they answer.

``run_step`` is all that the cluster ever executes. It may be called for any job at any time, twice at once or not at
all: the row decides.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from igsite.jobs import transitions
from igsite.jobs.kinds import Again, Blocked, Outcome, find_kind
from igsite.jobs.leases import LEASE, MAX_ATTEMPTS, me
from igsite.jobs.models import Job, JobState
from igsite.jobs.orders import JobConflict, UnknownKind, cancel, enqueue, resume, retry
from igsite.jobs.run import Clock, LeaseLost, Run
from igsite.problems import Locked

__all__ = [
    "JobConflict",
    "LeaseLost",
    "ManualClock",
    "UnknownKind",
    "cancel",
    "enqueue",
    "resume",
    "retry",
    "run_inline",
    "run_step",
]
logger = logging.getLogger(__name__)
TURN: Final = 2.0  # seconds that a job may go on with steps before others get their turn


def run_step(job_id: int, *, clock: Clock = timezone.now, turn: float = TURN) -> None:
    """Do one turn of a job, if it is due, free and first of its lane; otherwise nothing."""
    run = claim(job_id, clock)
    if run is None:
        return
    try:
        outcome = _steps(run, turn)
        with transaction.atomic():
            transitions.conclude(run.lock(), outcome, now=run.now())
    except LeaseLost:
        logger.warning("job %s (%s): somebody else has it now, this turn ends", run.job.uuid, run.job.kind)
    except Exception as error:
        logger.exception("job %s (%s): a step failed", run.job.uuid, run.job.kind)
        _stumble(run, error)


def claim(job_id: int, clock: Clock = timezone.now) -> Run | None:
    """Take the job under a lease and count the attempt. None when it is not due, held, behind in its lane, or over."""
    now = clock()
    try:
        with transaction.atomic():
            _need_not_wait_for_the_disk()
            due = Job.objects.claimable(now).filter(pk=job_id)
            job = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
            return _take(job, clock, now) if job is not None else None
    except IntegrityError:
        return None  # another job of the lane was claimed in the same moment; it rings for this one at its end


def _need_not_wait_for_the_disk() -> None:
    """For this transaction: a claim that a crash of the server undoes is simply made again; the first save waits."""
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")


def _take(job: Job, clock: Clock, now: datetime) -> Run | None:
    if job.cancel_requested_at is not None:
        transitions.cancel(job, now=now)
        return None
    if find_kind(job.kind) is None:
        transitions.fail(job, now=now, error=_("This version of the site cannot do this task."), code="unknown_kind")
        return None
    if job.attempts >= MAX_ATTEMPTS:
        transitions.fail(job, now=now, error=transitions.no_progress(job.attempts), code="no_progress")
        return None
    job.change(
        state=JobState.RUNNING,
        lends_lane=False,
        attempts=job.attempts + 1,
        lease_token=uuid.uuid4(),
        lease_until=now + LEASE,
        lease_owner=me(),
        heartbeat_at=now,
        started_at=job.started_at or now,
    )
    return Run(job, clock)


def _steps(run: Run, turn: float) -> Outcome:
    """Steps until one does not answer "again at once", gets nowhere, or the turn is over."""
    kind = find_kind(run.job.kind)
    if kind is None:
        raise UnknownKind(run.job.kind)
    over = time.monotonic() + turn
    while True:
        run.moved = False
        try:
            outcome = kind.step(run)
        except Locked as locked:
            return Blocked(str(locked), locked.url)
        if outcome != Again() or not run.moved or run.cancel_seen or time.monotonic() >= over:
            return outcome


def _stumble(run: Run, error: Exception) -> None:
    """A step raised: again with back-off, or the end with a plain sentence. The traceback is in the log only."""
    sentence = _(
        "This task stopped because of an error on our side (%(error)s). It was tried %(times)s times without getting "
        "further. Retry it; the operator finds the details in the log."
    ) % {"error": type(error).__name__, "times": MAX_ATTEMPTS}
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        with transaction.atomic():
            transitions.stumble(run.lock(), now=run.now(), error=sentence)
    except LeaseLost:
        logger.warning("job %s: somebody else has it now", run.job.uuid)
    except OperationalError as away:
        # Alive, this worker would keep the job until its lease runs out; gone, the sweep takes it at once.
        raise SystemExit(f"job {run.job.uuid}: the database is away, this worker ends") from away


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def move_to(self, moment: datetime) -> None:
        """Forward to ``moment``; never back."""
        self.time = max(self.time, moment)

    def move(self, by: timedelta) -> None:
        """Forward by a span."""
        self.time += by


def run_inline(job: Job, *, max_steps: int = 10_000, clock: ManualClock | None = None) -> Job:
    """Run the job in this process until it ends or is blocked; each wait moves ``clock``. For tests and commands.

    Raises ``RuntimeError`` when it has not come to rest after ``max_steps`` turns, or cannot be claimed.
    """
    clock = clock or ManualClock(timezone.now())
    for _turn in range(max_steps):
        job.refresh_from_db()
        if not job.is_open or job.state == JobState.BLOCKED:
            return job
        clock.move_to(job.due_at)
        before = job.revision
        run_step(job.pk, clock=clock, turn=0.0)
        job.refresh_from_db()
        if job.revision == before:
            raise RuntimeError(f"job {job.uuid} is held by another worker or behind in its lane")
    raise RuntimeError(f"job {job.uuid} has not come to rest after {max_steps} turns")
