"""The sweep: a small process beside the cluster that looks at the job rows every second.

It rings for what has become due, sleeps exactly until the next due time, takes jobs away from dead workers, sends the
hints that were held back, keeps the canary alive and starts the chores of the night. Several sweeps do no harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from igsite.jobs import canary, doorbell, hints, housekeeping, transitions
from igsite.jobs.broker import NotifyBroker
from igsite.jobs.leases import is_surely_dead
from igsite.jobs.models import DUE_STATES, Job, JobQuerySet, JobState

logger = logging.getLogger(__name__)
TICK: Final = 1.0  # seconds between two looks at leases and hints
ROUND: Final = 60.0  # seconds between two looks at the canary and the chores
BATCH: Final = 200
RING_AGAIN: Final = timedelta(seconds=10)  # a bell that nobody followed for so long is taken for lost


def wake(now: datetime) -> int:
    """Ring for jobs that became due, and for those whose bell was lost. Returns how many."""
    lost = Q(rung_at__lt=now - RING_AGAIN) if _queue_is_short() else Q(pk=None)
    with transaction.atomic():
        unheard = Job.objects.claimable(now).filter(Q(rung_at=None) | Q(rung_at__lt=F("due_at")) | lost)
        due = unheard.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("due_at", "id")[:BATCH]
        for job in due:
            doorbell.ring(job, now)
    return len(due)


def rescue(now: datetime) -> int:
    """Take jobs from workers whose lease ran out or who are seen to be dead. Returns how many."""
    owners = Job.objects.held().values_list("lease_owner", flat=True).distinct()
    dead = [owner for owner in owners if is_surely_dead(owner)]
    lost = Job.objects.held().filter(Q(lease_until__lt=now) | Q(lease_owner__in=dead))
    rescued = 0
    for pk in list(lost.order_by("id").values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                rescued += _rescue_one(lost.filter(pk=pk), now)
        except Error:  # one that cannot be had now must not keep the others waiting
            logger.exception("a job could not be taken from its worker; the next look tries again")
    return rescued


def _rescue_one(lost: JobQuerySet, now: datetime) -> bool:
    job = lost.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if job is None:
        return False
    logger.warning("job %s (%s): its worker is gone, attempt %s", job.uuid, job.kind, job.attempts)
    transitions.rescue(job, now=now)
    return True


def pay_owed_hints() -> None:
    """Send the last hint of jobs that changed faster than five times a second."""
    owed = Job.objects.filter(state=JobState.RUNNING, hint_owed=True)
    with transaction.atomic():
        for job in owed.select_for_update(skip_locked=True, no_key=True, of=("self",))[:BATCH]:
            Job.objects.filter(pk=job.pk).update(hint_owed=False)
            hints.send(job)


def next_due(now: datetime) -> datetime | None:
    """The next due time after ``now``."""
    coming = Job.objects.filter(state__in=DUE_STATES, lease_token=None, due_at__gt=now)
    return coming.order_by("due_at").values_list("due_at", flat=True).first()


def _queue_is_short() -> bool:
    """Whether workers have come to nearly every bell. A long queue explains unheard bells: more would not help."""
    return NotifyBroker().queue_size() <= 2 * settings.WORKERS


class Sweep:
    """The loop around these, until :meth:`stop`. Survives a database that goes away."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._stopping = False
        self._next_tick = 0.0
        self._next_round = 0.0
        self._listening: Any = None
        self._is_away = False

    def stop(self) -> None:
        """End after the present look, within a second."""
        self._stopping = True

    def run(self) -> None:
        """Look and sleep."""
        while not self._stopping:
            try:
                self._sleep(self.look())
                self._is_away = False
            except Error as error:
                if not self._is_away:
                    logger.warning("the jobs cannot be looked at, tried again each second: %s", error)
                self._is_away = True
                connection.close()
                time.sleep(TICK)

    def look(self) -> datetime:
        """One look: what is due each time, leases and hints each second, canary and chores each minute.

        Returns up to when everything due has been rung for.
        """
        self._listen()
        now = self._clock()
        wake(now)
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + TICK
            rescue(now)
            pay_owed_hints()
        if time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + ROUND
            canary.ensure()
            housekeeping.ring_for_the_night(now)
            housekeeping.tick_the_minute(now)
        return now

    def _sleep(self, looked_at: datetime) -> None:
        """Until the next tick, or the first due time after the look, or until somebody announces an earlier one."""
        due = next_due(looked_at)
        until_tick = self._next_tick - time.monotonic()
        until_due = (due - self._clock()).total_seconds() if due else until_tick
        seconds = max(0.0, min(until_tick, until_due))
        with connection.wrap_database_errors:
            for _notice in self._listening.notifies(timeout=seconds, stop_after=1):
                break

    def _listen(self) -> None:
        """Once for each connection, with limits: the sweep must never hang behind somebody else's lock."""
        connection.ensure_connection()
        if self._listening is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute(f"set statement_timeout = '20s'; set lock_timeout = '5s'; listen {doorbell.DUE_CHANNEL}")
            self._listening = connection.connection
            # Whoever asks for a fresh connection in mid-look must not end this one for its age.
            connection.close_at = None
