"""The workspace's monitors as a list, and what they ask of its logins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F, FloatField, Q, Sum, Value
from django.db.models.functions import Cast

from accounts import pace
from accounts.models import Workspace
from igsite.paging import Page, page_of
from igsite.text import clean_text
from monitoring import measuring_orders
from monitoring.models import OPEN_STATES, Monitor, MonitorKind, MonitorState

LONGEST_SEARCH: Final = 64
DAY: Final = 86_400
_COMPARED: Final = (*OPEN_STATES, MonitorState.STOPPED)


def page(
    workspace: Workspace, *, search: str = "", state: str = "", kind: str = "", cursor: str = "", limit: int = 50
) -> Page[Monitor]:
    """One page, the newest first. Without a ``state`` those that have not been archived."""
    mine = Monitor.objects.for_workspace(workspace).select_related("workspace")
    wanted = clean_text(search).strip().removeprefix("@")[:LONGEST_SEARCH]
    if wanted:
        mine = mine.filter(Q(username__contains=wanted.lower()) | Q(code__contains=wanted))
    is_known = state in MonitorState.values
    mine = mine.filter(state=state) if is_known else mine.exclude(state=MonitorState.ARCHIVED)
    if kind:
        mine = mine.filter(kind=kind)
    # A cursor says where to go on by time: it serves whatever the list is filtered by.
    return page_of(mine, name="monitors", order=("-created_at", "-id"), cursor=cursor, limit=limit)


@dataclass(frozen=True, slots=True)
class Demand:
    """Reads a day that the active monitors ask for, and those that the logins allow (None: without a limit)."""

    wanted: int
    allowed: int | None
    has_login: bool

    @property
    def is_too_much(self) -> bool:
        """Whether measurements will be late."""
        return self.allowed is not None and self.wanted > self.allowed


def demand(workspace: Workspace, now: datetime) -> Demand:
    """Two queries, however many monitors there are. Active hours are not counted: it is the most."""
    active = Monitor.objects.for_workspace(workspace).filter(state=MonitorState.ACTIVE)
    share = Cast(Value(DAY), FloatField()) / Cast(F("interval_seconds"), FloatField())
    wanted = active.aggregate(reads=Sum(share))["reads"] or 0.0
    logins = measuring_orders.reading_logins(workspace)
    budgets = [pace.budget_of(login, now).per_day for login in logins]
    known = [budget for budget in budgets if budget is not None]
    allowed = sum(known) if len(known) == len(budgets) else None
    return Demand(round(wanted), allowed, bool(logins))


def comparable(workspace: Workspace, search: str = "", limit: int = 60) -> Page[Monitor]:
    """The profiles that can be compared, by name: the first of those whose name contains what is searched for."""
    mine = Monitor.objects.for_workspace(workspace).filter(kind=MonitorKind.PROFILE, state__in=_COMPARED)
    wanted = clean_text(search).strip().removeprefix("@").lower()[:LONGEST_SEARCH]
    if wanted:
        mine = mine.filter(username__contains=wanted)
    return page_of(mine, name="comparable", order=("username", "id"), cursor="", limit=limit)


def compared(workspace: Workspace, ids: Collection[UUID], most: int) -> list[Monitor]:
    """Those of the profiles that were chosen, by name."""
    mine = Monitor.objects.for_workspace(workspace).filter(kind=MonitorKind.PROFILE, state__in=_COMPARED)
    return list(mine.filter(uuid__in=list(ids)).select_related("workspace").order_by("username", "id")[:most])


def posts_of(monitor: Monitor, limit: int = 24) -> list[Monitor]:
    """The newest followed posts of a monitored profile."""
    return list(Monitor.objects.filter(parent=monitor).order_by("-posted_at", "-id")[:limit])
