"""Chores of the night: each registered one is a job of the site's own, once per date, also after a missed night.

And what looks at the clock each minute: done by the sweep itself, so it must only order work, never do it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.core.management import call_command
from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from igsite.idempotency import forget_old_answers
from igsite.jobs import orders
from igsite.jobs.kinds import Done, Failed, Kind, Outcome, register
from igsite.jobs.models import ENDED_STATES, Job
from igsite.jobs.run import Run

Chore = Callable[[datetime], None]
C = TypeVar("C", bound=Chore)
HOUR: Final = 3  # UTC: from this hour on the chores of a date are due
KEPT: Final = timedelta(days=7)  # how long the site's own ended jobs stay; people's jobs stay for good
_chores: dict[str, Chore] = {}
_ticks: dict[str, Chore] = {}
logger = logging.getLogger(__name__)


def nightly(name: str) -> Callable[[C], C]:
    """Register a chore; it gets the time. It must be quick, or bounded and content to go on the next night."""

    def keep(chore: C) -> C:
        _chores[name] = chore
        return chore

    return keep


def each_minute(name: str) -> Callable[[C], C]:
    """Register what the sweep calls about once a minute with the time. Several sweeps may call it at once."""

    def keep(tick: C) -> C:
        _ticks[name] = tick
        return tick

    return keep


def tick_the_minute(now: datetime) -> None:
    """Call each; one that the database refuses must not keep the others waiting."""
    for name in sorted(_ticks):
        try:
            _ticks[name](now)
        except Error:
            logger.exception("%s could not look at the clock; the next minute tries again", name)


def ring_for_the_night(now: datetime) -> None:
    """Start today's chores that have not been started; none before the hour."""
    here = now.astimezone(timezone.get_default_timezone())
    if here.hour < HOUR:
        return
    keys = {f"chore-{name}-{here:%Y-%m-%d}": name for name in _chores}
    started = Job.objects.filter(workspace=None, dedupe_key__in=keys).values_list("dedupe_key", flat=True)
    for key in keys.keys() - set(started):
        params = {"chore": keys[key]}
        orders.enqueue(NightlyChore.name, workspace=None, params=params, subject=keys[key], dedupe_key=key)


@register
class NightlyChore(Kind):
    """One chore of one night."""

    name = "jobs.chore"
    label = _("Housekeeping")

    def step(self, run: Run) -> Outcome:
        """All of it: chores are short."""
        chore = _chores.get(run.params["chore"])
        if chore is None:
            return Failed(str(_("This version of the site does not know this chore.")), code="unknown_chore")
        chore(run.now())
        return Done()


@nightly("jobs.prune")
def forget_old_chores(now: datetime) -> None:
    """The site's own ended jobs; a workspace's jobs are its history and stay."""
    Job.objects.filter(workspace=None, state__in=ENDED_STATES, finished_at__lt=now - KEPT).delete()


@nightly("site.sessions")
def forget_expired_sessions(_now: datetime) -> None:
    """Sessions that have run out."""
    call_command("clearsessions")


@nightly("site.answers")
def forget_kept_answers(_now: datetime) -> None:
    """Answers to repeated API requests, after a day."""
    forget_old_answers()
