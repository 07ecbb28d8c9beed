"""What a person does with a batch: confirm, pause, resume, cancel. All of them hold before the next item is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import connect
from accounts.models import LoginStatus
from automation.models import Batch, BatchState, Item, ItemState
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from igsite.problems import Conflict

if TYPE_CHECKING:
    from accounts.models import User

#: The kind of job that works a batch off.
RUN: Final = "actions.run"
_MAY_PAUSE: Final = (BatchState.CONFIRMED, BatchState.RUNNING, BatchState.FROZEN)
_ENDED: Final = (BatchState.DONE, BatchState.CANCELLED)


class BatchConflict(Conflict):
    """The batch's state forbids what was asked; the message says why."""

    code = "batch_conflict"


def fingerprint(batch: Batch) -> str:
    """What a confirmation is about: another text once anybody was taken in or left out, or a comment was rewritten."""
    waiting = Item.objects.filter(batch=batch, state=ItemState.WAITING).order_by("position")
    rows = list(waiting.values_list("target_pk", "text"))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def confirm(*, batch: Batch, by: User | None, now: datetime, starts_at: datetime | None = None, seen: str = "") -> Job:
    """Let a staged batch be worked off, by a job in the lane of its login, from ``starts_at`` on if that is later.

    ``seen`` is the :func:`fingerprint` of what a person read before; empty: nobody did.

    Raises:
        BatchConflict: it is not staged any more, it is not what was read, everybody is left out, or its login is gone.
    """
    with _locked(batch) as row:
        if row.state != BatchState.STAGED:
            raise BatchConflict(_("This batch was confirmed or cancelled already."))
        if row.login.status == LoginStatus.REMOVED:
            raise BatchConflict(_("The login of this batch was removed: nobody would act."))
        if seen and seen != fingerprint(row):
            raise BatchConflict(_("The batch changed meanwhile. Nothing was started: look at it once more."))
        starts_at = max(filter(None, (starts_at, row.starts_at)), default=None)
        waiting = Item.objects.filter(batch=row, state=ItemState.WAITING).count()
        if not waiting:
            raise BatchConflict(_("Everybody in this batch is left out: there is nothing to do."))
        job = runner.enqueue(
            RUN, workspace=row.workspace, by=by, params={"batch": str(row.pk)}, subject=f"@{row.login.username}",
            lane=connect.lane(row.login_id), dedupe_key=f"batch-{row.pk}", total=waiting,
            due_at=max(now, starts_at or now),
        )  # fmt: skip
        _change(row, state=BatchState.CONFIRMED, confirmed_at=now, job_uuid=job.uuid, starts_at=starts_at)
        _note(by, "batch.confirmed", row, now, waiting=waiting)
    return job


def pause(*, batch: Batch, by: User | None, now: datetime) -> None:
    """Send nothing more until somebody resumes. What is on its way is still read. Raises :class:`BatchConflict`."""
    with _locked(batch) as row:
        if row.state not in _MAY_PAUSE:
            raise BatchConflict(_("Only a batch that was confirmed and is not over can be paused."))
        _change(row, state=BatchState.PAUSED, note="")
        _note(by, "batch.paused", row, now)


def resume(*, batch: Batch, by: User | None, now: datetime) -> None:
    """Go on with a paused batch. Raises :class:`BatchConflict`."""
    with _locked(batch) as row:
        if row.state != BatchState.PAUSED:
            raise BatchConflict(_("Only a paused batch can be resumed."))
        _change(row, state=BatchState.CONFIRMED, note="")
        job = _job_of(row)
        if job.state in (JobState.BLOCKED, JobState.WAITING):
            runner.resume(job)
        elif not job.is_open:
            runner.retry(job, by=by)
        _note(by, "batch.resumed", row, now)


def cancel(*, batch: Batch, by: User | None, now: datetime) -> None:
    """Send nothing more, for good. Whoever waits is cancelled; what was sent is still read. Twice is no harm."""
    with _locked(batch) as row:
        if row.state in _ENDED:
            return
        end(row, BatchState.CANCELLED, now=now)
        job = Job.objects.named(row.job_uuid)
        if job is not None:
            runner.cancel(job, by=by)
        _note(by, "batch.cancelled", row, now)


def end(row: Batch, state: BatchState, *, now: datetime, note: str = "") -> None:
    """The batch is over: nobody in it waits any more. Within the caller's transaction."""
    Item.objects.filter(batch=row, state=ItemState.WAITING).update(state=ItemState.CANCELLED, settled_at=now)
    _change(row, state=state, ended_at=now, note=note[:500])


def move(batch: Batch, state: BatchState, *, out_of: tuple[BatchState, ...], note: str = "") -> bool:
    """To ``state``, if it is in one of ``out_of``: what a person decided meanwhile wins. False: it was not."""
    moved = Batch.objects.filter(pk=batch.pk, state__in=out_of).update(state=state, note=note[:500])
    if moved:
        batch.state = state
    return bool(moved)


def _job_of(row: Batch) -> Job:
    if row.job_uuid is None:  # the database keeps that: only a staged batch has none
        raise BatchConflict(_("This batch was never confirmed."))
    return Job.objects.get(uuid=row.job_uuid)


def _change(row: Batch, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=sorted(values))


def _note(by: User | None, action: str, row: Batch, now: datetime, **details: object) -> None:
    audit.record(by, action, row, workspace=row.workspace, now=now, details=details)


@contextmanager
def _locked(batch: Batch) -> Iterator[Batch]:
    """The row as it stands, locked; what became of it is copied into ``batch``. Its job first, as the runner does."""
    with transaction.atomic():
        job_uuid = Batch.objects.values_list("job_uuid", flat=True).get(pk=batch.pk)
        if job_uuid is not None:
            list(Job.objects.filter(uuid=job_uuid).select_for_update(no_key=True, of=("self",)))
        row = Batch.objects.select_for_update(of=("self",)).select_related("workspace", "login").get(pk=batch.pk)
        yield row
    batch.refresh_from_db()
