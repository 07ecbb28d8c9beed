"""Times in which nothing could be measured, by login: what gaps of many monitors point to instead of a row each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from monitoring.models import Outage


def begin(workspace_id: UUID, login_id: UUID | None, *, code: str, why: str, now: datetime) -> None:
    """Note that it began; one that is open already stays as it began."""
    Outage.objects.bulk_create(
        [Outage(workspace_id=workspace_id, login_id=login_id, since=now, code=code[:30], why=why[:300])],
        ignore_conflicts=True,
    )


def end(workspace_id: UUID, login_id: UUID | None, *, now: datetime) -> None:
    """The login measures again; then it is not true either that there is none."""
    mine = Outage.objects.filter(Q(login=login_id) | Q(login=None), workspace=workspace_id, until=None)
    mine.update(until=now)


def during(workspace_id: UUID, since: datetime, until: datetime) -> Outage | None:
    """The outage that kept the workspace from measuring in this time, the last one if there were several."""
    overlapping = Outage.objects.filter(workspace=workspace_id, since__lte=until)
    overlapping = overlapping.filter(Q(until=None) | Q(until__gte=since))
    return overlapping.order_by("-since", "-pk").first()


def now_open(workspace_id: UUID) -> Outage | None:
    """What keeps the workspace from measuring at this moment."""
    return Outage.objects.filter(workspace=workspace_id, until=None).order_by("-since", "-pk").first()
