"""Ringing: telling the workers that a job is due. A bell may be lost or ring twice without harm.

The bell is a row that commits with the caller's transaction, so what is rolled back never rings.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django_q.tasks import async_task

from igsite.jobs.broker import NotifyBroker
from igsite.jobs.models import Job
from igsite.jobs.payloads import RUN_STEP

DUE_CHANNEL: Final = "igsite_due"  # the sweep listens: a due time within its next tick was written
SOON: Final = timedelta(seconds=2)


def ring(job: Job, now: datetime) -> None:
    """Ring for one job and note when. The site's own work goes in front: it tells whether the workers live."""
    async_task(RUN_STEP, job.pk, broker=NotifyBroker(in_front=job.workspace_id is None))
    Job.objects.filter(pk=job.pk).update(rung_at=now)
    job.rung_at = now


def announce_due(due_at: datetime, now: datetime) -> None:
    """Tell the sweep of a due time that it might sleep through."""
    if due_at - now <= SOON:
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, '')", [DUE_CHANNEL])


def ring_next(lane: str, now: datetime) -> None:
    """Ring for the first comer of a lane that has become free."""
    if not lane:
        return
    job = _first_of(lane, now)
    if job is not None:
        ring(job, now)


def _first_of(lane: str, now: datetime) -> Job | None:
    due = Job.objects.claimable(now).filter(lane=lane)
    return due.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("due_at", "id").first()
