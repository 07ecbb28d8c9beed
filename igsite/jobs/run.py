"""What a step gets to work with: its job, where it stood, and the one way to commit progress."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from igsite.jobs import hints
from igsite.jobs.leases import LEASE
from igsite.jobs.models import Job

Clock = Callable[[], datetime]


class LeaseLost(Exception):
    """The job belongs to somebody else now. Whatever was being written is rolled back; the step must simply end."""


@dataclass(slots=True)
class Progress:
    """What is committed together with the caller's rows; may be set inside the ``with`` block too. None: unchanged."""

    cursor: dict[str, Any] | None = None
    done: int | None = None
    total: int | None = None
    message: str | None = None


class Run:
    """One turn of work on a job under a lease."""

    def __init__(self, job: Job, clock: Clock) -> None:
        if job.lease_token is None:
            raise LeaseLost
        self.job = job
        self.moved = False
        self.cancel_seen = False
        self._token: UUID = job.lease_token
        self._clock = clock

    @property
    def params(self) -> dict[str, Any]:
        """What the job was asked to do, as it was enqueued."""
        params: dict[str, Any] = self.job.params
        return params

    @property
    def cursor(self) -> dict[str, Any]:
        """A copy of the cursor as last committed; empty at the start."""
        cursor: dict[str, Any] = copy.deepcopy(self.job.cursor)
        return cursor

    def now(self) -> datetime:
        """The time of this run's clock."""
        return self._clock()

    @property
    def cancelled(self) -> bool:
        """Whether a person asked to stop: read afresh, by one short query. Raises :class:`LeaseLost`."""
        mine = Job.objects.filter(pk=self.job.pk, lease_token=self._token)
        asked = mine.values_list("cancel_requested_at", flat=True).first()
        if asked is None and not mine.exists():
            raise LeaseLost
        self.cancel_seen = asked is not None
        return self.cancel_seen

    @contextmanager
    def save(
        self,
        *,
        cursor: dict[str, Any] | None = None,
        done: int | None = None,
        total: int | None = None,
        message: str | None = None,
    ) -> Iterator[Progress]:
        """One transaction: the caller's rows, written inside the block, with cursor and progress. Renews the lease.

        ``done`` and ``total`` are units so far and in all (not additions), ``message`` is a sentence for the person.
        Raises :class:`LeaseLost` before the block when the job is no longer this run's.
        """
        progress = Progress(cursor, done, total, message)
        with transaction.atomic():
            job = self.lock()
            yield progress
            moved = self._write(job, progress)
        self.job = job
        self.moved = self.moved or moved
        self.cancel_seen = job.cancel_requested_at is not None

    def heartbeat(self) -> None:
        """Renew the lease in the middle of a longer piece. Raises :class:`LeaseLost`."""
        now = self.now()
        mine = Job.objects.filter(pk=self.job.pk, lease_token=self._token)
        if not mine.update(heartbeat_at=now, lease_until=now + LEASE):
            raise LeaseLost

    def lock(self) -> Job:
        """The job's row as it stands, locked for this transaction. Raises :class:`LeaseLost`."""
        mine = Job.objects.filter(pk=self.job.pk, lease_token=self._token)
        job = mine.select_for_update(no_key=True, of=("self",)).first()
        if job is None:
            raise LeaseLost
        return job

    def _write(self, job: Job, progress: Progress) -> bool:
        """Progress into the row. True when the job got further: then its attempts start again from none."""
        now = self.now()
        values: dict[str, Any] = {"heartbeat_at": now, "lease_until": now + LEASE}
        wanted = {
            "cursor": progress.cursor,
            "done_units": progress.done,
            "total_units": progress.total,
            "message": progress.message,
        }
        values |= {name: value for name, value in wanted.items() if value is not None}
        moved: bool = values.get("cursor", job.cursor) != job.cursor or values.get("done_units", 0) > job.done_units
        if moved and job.attempts:
            values["attempts"] = 0
        owed = not hints.send_coalesced(job)
        if owed != job.hint_owed:
            values["hint_owed"] = owed
        job.change(**values)
        return moved
