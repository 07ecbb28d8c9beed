"""What people and programs order: start, cancel, retry, go on. Pages, API, admin and commands all call these."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from igsite import audit
from igsite.jobs import doorbell, hints, transitions
from igsite.jobs.kinds import find_kind
from igsite.jobs.models import Job, JobState
from igsite.problems import Conflict

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    Person = AbstractBaseUser | AnonymousUser


class UnknownKind(LookupError):
    """No installed app registered a kind of that name: a mistake in the program."""


class JobConflict(Conflict):
    """The job's state forbids what was asked; the message says why."""

    code = "job_conflict"


def enqueue(
    kind: str,
    *,
    workspace: Any,
    by: AbstractBaseUser | None = None,
    params: dict[str, Any] | None = None,
    subject: str = "",
    subject_url: str = "",
    lane: str = "",
    dedupe_key: str = "",
    due_at: datetime | None = None,
    total: int | None = None,
) -> Job:
    """A new job, or the open one of this workspace with the same ``dedupe_key``.

    ``workspace`` None: the site's own work. Joins the caller's transaction: a rollback takes job and bell back.
    ``params`` must be JSON and carry ids, never secrets. Raises :class:`UnknownKind`.
    """
    if find_kind(kind) is None:
        raise UnknownKind(kind)
    now = timezone.now()
    values = {
        "workspace": workspace,
        "created_by": by,
        "params": params or {},
        "subject": subject[:200],
        "subject_url": subject_url,
        "lane": lane,
        "dedupe_key": dedupe_key,
        "due_at": due_at or now,
        "created_at": now,
        "total_units": total,
    }
    while True:
        same = Job.objects.open().filter(workspace=workspace, dedupe_key=dedupe_key).first() if dedupe_key else None
        if same is not None:
            return same
        try:
            with transaction.atomic():
                return _create(kind, now, values)
        except IntegrityError:
            if not dedupe_key:
                raise
            # Somebody was faster: the next look finds theirs, unless it has ended meanwhile.


def _create(kind: str, now: datetime, values: dict[str, Any]) -> Job:
    job = Job.objects.create(kind=kind, **values)
    if job.due_at <= now:
        doorbell.ring(job, now)
    else:
        doorbell.announce_due(job.due_at, now)
    hints.send(job)
    return job


def cancel(job: Job, *, by: Person | None) -> Job:
    """Stop the job: at once when nobody works on it, else after its present step. An ended job stays as it is."""
    now = timezone.now()
    with transaction.atomic():
        job = _locked(job)
        if job.is_open and job.lease_token is None:
            transitions.cancel(job, now=now)
            _note(by, "task.cancelled", job)
        elif job.may_cancel:
            job.change(cancel_requested_at=now, message=_("Stopping after the present step."))
            hints.send(job)
            _note(by, "task.cancelled", job)
    return job


def retry(job: Job, *, by: Person | None) -> Job:
    """Another try of a job that failed or was cancelled, from where it stood. Raises :class:`JobConflict`."""
    now = timezone.now()
    try:
        with transaction.atomic():
            job = _locked(job)
            kind = find_kind(job.kind)
            if kind is None or not job.may_retry:
                raise JobConflict(_("Only a task that failed or was cancelled can be retried."))
            fresh: dict[str, Any] = {
                "attempts": 0,
                "error": "",
                "error_code": "",
                "cancel_requested_at": None,
                "finished_at": None,
            }
            transitions.requeue(job, now=now, message="", **fresh)
            kind.retried(job)
            _note(by, "task.retried", job)
    except IntegrityError as error:
        raise JobConflict(_("The same task has been started again already.")) from error
    return job


def resume(job: Job, *, by: Person | None = None) -> Job:
    """Let a blocked or waiting job go on now; one at work just does. Raises :class:`JobConflict` when it has ended."""
    now = timezone.now()
    with transaction.atomic():
        job = _locked(job)
        if not job.is_open:
            raise JobConflict(_("This task has ended."))
        if job.state in (JobState.BLOCKED, JobState.WAITING):
            transitions.requeue(job, now=now, attempts=0, message="")
            _note(by, "task.resumed", job)
    return job


def _note(by: Person | None, action: str, job: Job) -> None:
    """Into the audit log, unless the site itself acted."""
    if by is not None:
        audit.record(by, action, job, workspace=job.workspace)


def _locked(job: Job) -> Job:
    """The row, locked. A step that writes a large result holds it for a while: then say so instead of hanging."""
    with connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '3s'")
    try:
        return Job.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
    except OperationalError as error:
        raise JobConflict(_("The task is writing its result right now. Try again in a moment.")) from error
