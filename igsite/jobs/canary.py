"""The canary: a job that never ends and does nothing, every ten seconds. While it sings, work goes through."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from igsite.jobs import orders
from igsite.jobs.kinds import Kind, Outcome, Wait, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run

BEAT: Final = timedelta(seconds=10)
_KEY: Final = "canary"


@register
class Canary(Kind):
    """Goes the whole way of a job (sweep, bell, worker, claim, commit) again and again."""

    name = "jobs.canary"
    label = _("Canary")

    def step(self, run: Run) -> Outcome:
        """Sing, and wait."""
        return Wait(run.now() + BEAT, "")


def ensure() -> None:
    """See that there is one."""
    orders.enqueue(Canary.name, workspace=None, dedupe_key=_KEY)


def last_heard() -> datetime | None:
    """When the canary was last at work; None before its first time."""
    canary = Job.objects.filter(workspace=None, dedupe_key=_KEY).order_by("-id").first()
    return canary.heartbeat_at if canary else None
