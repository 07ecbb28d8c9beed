"""The alerts of a workspace as one person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Profile, User, Workspace
from igsite.paging import Page, page_of
from igsite.text import clean_text
from monitoring.alert_words import say
from monitoring.models import Alert, AlertKind, AlertRead

#: What nobody has read after so long counts as read: the bell is about news.
NEWS: Final = timedelta(days=30)
#: The bell counts up to here.
COUNTED: Final = 99
_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class Item:
    """An alert, its sentence in the reader's language, and whether it is news to them."""

    alert: Alert
    sentence: str
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """Which alerts are wanted: those that are news, a kind, those about one account (its name)."""

    is_unread: bool = False
    kind: str = ""
    about: str = ""


def page(
    workspace: Workspace, user: User, wish: Wish, *, now: datetime, cursor: str = "", limit: int = 50
) -> Page[Item]:  # fmt: skip
    """One page, the newest first. One query, and one for the account's name."""
    found = _seen_by(user, Alert.objects.for_workspace(workspace).select_related("rule"))
    if wish.is_unread:
        found = _unread(found, user, now)
    if wish.kind in AlertKind.values:
        found = found.filter(kind=wish.kind)
    name = clean_text(wish.about).strip().removeprefix("@").lower()[:_LIMIT]
    if name:
        same = Profile.objects.filter(username=name).values_list("pk", flat=True)[:5]
        found = found.filter(Q(about__in=[name, f"@{name}"]) | Q(profile_pk__in=list(same)))
    alerts = page_of(found, name="alerts", order=("-at", "-id"), cursor=cursor, limit=limit)
    return Page([_item(alert, now) for alert in alerts.items], alerts.next)


def latest(workspace: Workspace, user: User, *, now: datetime, most: int = 5) -> list[Item]:
    """The newest ones that people are told, for the dashboard. One query."""
    mine = _seen_by(user, Alert.objects.for_workspace(workspace).filter(is_silent=False))
    return [_item(alert, now) for alert in mine.order_by("-at", "-id")[:most]]


def unread_count(workspace: Workspace, user: User, *, now: datetime) -> int:
    """How many are news to this person; :data:`COUNTED` + 1 stands for all that are more."""
    return _unread(Alert.objects.for_workspace(workspace), user, now)[: COUNTED + 1].count()


def mark_read(alert: Alert, user: User, *, now: datetime) -> Item:
    """This person has read it; again without harm. Returns it as they see it now."""
    AlertRead.objects.bulk_create([AlertRead(alert=alert, user=user, at=now)], ignore_conflicts=True)
    return Item(alert, say(alert), is_unread=False)


def mark_all_read(workspace: Workspace, user: User, *, now: datetime) -> int:
    """This person has read everything. Returns how many were news."""
    unread = list(_unread(Alert.objects.for_workspace(workspace), user, now).values_list("pk", flat=True))
    AlertRead.objects.bulk_create(
        [AlertRead(alert_id=pk, user=user, at=now) for pk in unread], ignore_conflicts=True, batch_size=1_000
    )
    return len(unread)


def _seen_by(user: User, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With ``was_read``: whether this person has read it."""
    return alerts.annotate(was_read=Exists(AlertRead.objects.filter(alert=OuterRef("pk"), user=user)))


def _item(alert: Alert, now: datetime) -> Item:
    was_read: bool = alert.was_read  # type: ignore[attr-defined]  # of _seen_by
    return Item(alert, say(alert), not (was_read or alert.is_silent) and alert.at > now - NEWS)


def _unread(alerts: QuerySet[Alert], user: User, now: datetime) -> QuerySet[Alert]:
    mine = AlertRead.objects.filter(alert=OuterRef("pk"), user=user)
    return alerts.filter(~Exists(mine), is_silent=False, at__gt=now - NEWS)
