"""The changes of a job's state: each function takes a row that the caller has locked, within the same transaction."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from igsite.jobs import doorbell, hints, lanes
from igsite.jobs.kinds import Again, Blocked, Done, Failed, Outcome, Wait, find_kind
from igsite.jobs.leases import MAX_ATTEMPTS, back_off
from igsite.jobs.models import Job, JobState

logger = logging.getLogger(__name__)
HELD_PAUSE: Final = timedelta(seconds=60)  # an Again() with a longer pause frees the lane and shows as waiting
_RELEASED: Final[dict[str, Any]] = {
    "lease_token": None, "lease_until": None, "lease_owner": "", "hint_owed": False, "lends_lane": False,
}  # fmt: skip


def end(job: Job, state: JobState, *, now: datetime, **values: Any) -> None:
    """End the job, tell its kind, let the next of its lane go."""
    job.change(state=state, finished_at=now, next_url="", **_RELEASED, **values)
    _tell_kind(job)
    _announce(job, now)


def fail(job: Job, *, now: datetime, error: str, code: str) -> None:
    """End the job without success; ``error`` is the sentence that the person reads."""
    end(job, JobState.FAILED, now=now, error=error, error_code=code)


def cancel(job: Job, *, now: datetime) -> None:
    """End the job because a person wanted that."""
    asked = job.cancel_requested_at or now
    end(job, JobState.CANCELLED, now=now, cancel_requested_at=asked, message=_("Cancelled."))


def requeue(job: Job, *, now: datetime, after: timedelta = timedelta(0), **values: Any) -> None:
    """Let a worker take the job again, now or ``after`` a while."""
    job.change(state=JobState.QUEUED, due_at=now + after, next_url="", **_RELEASED, **values)
    if not after:
        doorbell.ring(job, now)
    _announce(job, now)


def stumble(job: Job, *, now: datetime, error: str) -> None:
    """A step raised: again after a while, or the end with ``error`` after the third time without progress."""
    again = _("Something went wrong. It is tried again by itself.")
    _again_or_fail(job, now=now, after=back_off(max(job.attempts, 1)), message=again, error=error, code="error")


def rescue(job: Job, *, now: datetime) -> None:
    """The worker is gone: the job goes on at once, later the second time, and ends the third time without progress."""
    error = no_progress(max(job.attempts, 1))
    after = back_off(max(job.attempts, 1) - 1)
    _again_or_fail(job, now=now, after=after, message=job.message, error=error, code="no_progress")


def no_progress(times: int) -> str:
    """The sentence for a job whose workers ended again and again before it got further."""
    return _(
        "The worker of this task ended %(times)s times before the task got further, so it was stopped. It may need "
        "more memory than there is. Retry it; the operator finds the details in the log."
    ) % {"times": times}


def _again_or_fail(job: Job, *, now: datetime, after: timedelta, message: str, error: str, code: str) -> None:
    attempts = max(job.attempts, 1)
    if job.cancel_requested_at is not None:
        cancel(job, now=now)
    elif attempts >= MAX_ATTEMPTS:
        fail(job, now=now, error=error, code=code)
    else:
        requeue(job, now=now, after=after, attempts=attempts, message=message)


def conclude(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """Make true what a step answered. A wish to cancel wins over everything but an end."""
    match outcome:
        case Done(message=message, result=result):
            values = {"message": message or job.message, "result": result if result is not None else job.result}
            end(job, JobState.DONE, now=now, attempts=0, error="", error_code="", **values)
        case Failed(message=message, code=code):
            fail(job, now=now, error=message, code=code)
        case _ if job.cancel_requested_at is not None:
            cancel(job, now=now)
        case Again(after=after):
            _pause(job, now, after)
        case Wait(until=until, why=why):
            _rest(job, now, state=JobState.WAITING, due_at=until, message=why)
        case Blocked(why=why, url=url):
            _rest(job, now, state=JobState.BLOCKED, message=why, next_url=url)


def _pause(job: Job, now: datetime, after: timedelta) -> None:
    """Between two turns. A pause is a clean answer, so it clears the attempts; "at once" without progress does not."""
    if after > HELD_PAUSE:
        _rest(job, now, state=JobState.WAITING, due_at=now + after)
        return
    due, lends = now + after, False
    other = lanes.turn_of_another(job, until=due)
    if other is not None:
        due, lends = max(due, other + lanes.BEHIND), True
    cleared = {"attempts": 0} if after else {}
    job.change(**_RELEASED | {"due_at": due, "lends_lane": lends} | cleared)
    if lends:
        doorbell.ring_next(job.lane, now)
    if after:
        doorbell.announce_due(job.due_at, now)
    elif not lends:
        doorbell.ring(job, now)
    hints.send(job)


def _rest(job: Job, now: datetime, **values: Any) -> None:
    job.change(attempts=0, **_RELEASED, **values)
    if job.state == JobState.WAITING:
        doorbell.announce_due(job.due_at, now)
    _announce(job, now)


def _announce(job: Job, now: datetime) -> None:
    """The job let go of its lane, or left the line for it."""
    doorbell.ring_next(job.lane, now)
    hints.send(job)


def _tell_kind(job: Job) -> None:
    """Call the kind's ``ended``. Its error stops a success (the step is retried), never a failure or a cancel."""
    kind = find_kind(job.kind)
    if kind is None:
        return
    if job.state == JobState.DONE:
        kind.ended(job)
        return
    try:
        with transaction.atomic():
            kind.ended(job)
    except Exception:
        logger.exception("job %s (%s): its kind could not note the end", job.uuid, job.kind)
