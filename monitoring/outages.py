"""Times in which nothing could be measured, by login: what gaps of many monitors point to instead of a row each."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts import pace
from accounts.models import InstagramLogin, LoginStatus
from monitoring.models import Outage

#: A pause that follows from what went wrong before it: that stays the reason.
WAITS: Final = "waits"


def begin(workspace_id: UUID, login_id: UUID | None, *, code: str, why: str, now: datetime) -> None:
    """Note that it began. One that is open stays as it began, until something else keeps the login from measuring."""
    code = code[:30]
    mine = Outage.objects.filter(workspace=workspace_id, login=login_id, until=None)
    if code != WAITS:
        mine.exclude(code=code).update(until=now)
    Outage.objects.bulk_create(
        [Outage(workspace_id=workspace_id, login_id=login_id, since=now, code=code, why=why[:300])],
        ignore_conflicts=True,
    )


def end(workspace_id: UUID, login_id: UUID | None, *, now: datetime) -> None:
    """The login measures again; then it is not true either that there is none."""
    mine = Outage.objects.filter(Q(login=login_id) | Q(login=None), workspace=workspace_id, until=None)
    mine.update(until=now)


def end_of_removed(now: datetime) -> None:
    """A login that was removed keeps nothing waiting any more."""
    Outage.objects.filter(until=None, login__status=LoginStatus.REMOVED).update(until=now)


def during(workspace_id: UUID, since: datetime, until: datetime) -> Outage | None:
    """The outage that kept the workspace from measuring in this time, the last one if there were several."""
    overlapping = Outage.objects.filter(workspace=workspace_id, since__lte=until)
    overlapping = overlapping.filter(Q(until=None) | Q(until__gte=since))
    return overlapping.order_by("-since", "-pk").first()


def now_open(workspace_id: UUID) -> Outage | None:
    """What keeps the workspace from measuring at this moment; None while one of its logins measures."""
    lasting = Outage.objects.filter(workspace=workspace_id, until=None)
    logins = InstagramLogin.objects.filter(workspace=workspace_id, status__in=pace.READING)
    if logins.exclude(pk__in=lasting.exclude(login=None).values("login")).exists():
        return None
    return lasting.order_by("-since", "-pk").first()
