"""What the rules say to logins and sources, by looking at how they stand: each minute, by whichever sweep comes first.

What needs a person is told once it has lasted: a code that is typed at once is no news.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from accounts.models import Circuit, InstagramLogin, LoginStatus, SourceChain, SourceHealth, SourceName
from monitoring.alerts import Finding, Subject
from monitoring.models import AlertKind, AlertRule, RuleStand
from monitoring.rules_levels import Level
from monitoring.rules_standing import settle

#: A login must have waited for a person so long.
LASTED: Final = timedelta(minutes=2)
NEEDS: Final = (LoginStatus.NEEDS_CODE, LoginStatus.NEEDS_APPROVAL, LoginStatus.NEEDS_LOGIN, LoginStatus.FROZEN)
_WELL: Final = (LoginStatus.READY, LoginStatus.PAUSED, LoginStatus.REMOVED)


def look(now: datetime) -> None:
    """Logins and sources."""
    look_at_logins(now)
    look_at_sources(now)


def look_at_logins(now: datetime) -> None:
    """Those that need a person, and those of which that was told."""
    told = _told(AlertKind.LOGIN)
    waiting = Q(status__in=NEEDS, status_at__lte=now - LASTED) | Q(status=LoginStatus.FROZEN)
    logins = InstagramLogin.objects.filter(waiting | Q(pk__in=[UUID(key.split(":")[1]) for key in told]))
    found = list(logins.filter(workspace__closed_at=None).order_by("pk"))
    rules = _rules(AlertKind.LOGIN, {login.workspace_id for login in found})
    for login in found:
        for rule in rules.get(login.workspace_id, ()):
            _tell_login(rule, login, now)


def _tell_login(rule: AlertRule, login: InstagramLogin, now: datetime) -> None:
    level = Level(is_beyond=login.status in NEEDS, is_calm=login.status in _WELL)
    page = reverse("settings:login", args=[login.pk])
    subject = Subject(f"login:{login.pk}", f"@{login.username}", page, login=login)
    settle(
        rule, subject, level, Finding(f"login.{login.status}", str(login.status)), Finding("login.ended", ""), at=now,
        looks=1,
    )  # fmt: skip


def look_at_sources(now: datetime) -> None:
    """Parts that are broken for everybody, told to the workspaces that use the source; those that are sound again."""
    told = _told(AlertKind.SOURCE)
    broken = Q(state=Circuit.BROKEN)
    for key in told:
        _word, source, part = key.split(":")
        broken |= Q(source=source, part=part)
    for health in SourceHealth.objects.filter(broken).order_by("pk"):
        key = f"source:{health.source}:{health.part}"
        users = _users_of(health.source) if health.state == Circuit.BROKEN else set()
        users |= {stand.rule.workspace_id for stand in told.get(key, ())}
        for rules in _rules(AlertKind.SOURCE, users).values():
            for rule in rules:
                _tell_source(rule, key, health, now)


def _tell_source(rule: AlertRule, key: str, health: SourceHealth, now: datetime) -> None:
    is_broken = health.state == Circuit.BROKEN
    subject = Subject(key, key.removeprefix("source:"), reverse("settings:sources"))
    words = {"source": health.source, "part": health.part}
    settle(
        rule, subject, Level(is_beyond=is_broken, is_calm=health.state == Circuit.CLOSED),
        Finding("source.fired", "", words), Finding("source.ended", "", words), at=now, looks=1,
    )  # fmt: skip


def _told(kind: AlertKind) -> dict[str, list[RuleStand]]:
    """What stands as told, by its subject."""
    stands: dict[str, list[RuleStand]] = {}
    for stand in RuleStand.objects.filter(rule__kind=kind, is_fired=True).select_related("rule").order_by("pk"):
        stands.setdefault(stand.subject, []).append(stand)
    return stands


def _rules(kind: AlertKind, workspaces: Iterable[UUID]) -> dict[UUID, list[AlertRule]]:
    """The enabled rules of a kind, by workspace."""
    rules: dict[UUID, list[AlertRule]] = {}
    for rule in AlertRule.objects.filter(workspace__in=list(workspaces), kind=kind, is_enabled=True).order_by("pk"):
        rules.setdefault(rule.workspace_id, []).append(rule)
    return rules


def _users_of(source: str) -> set[UUID]:
    """The workspaces that ask a source: it is in one of their chains, or they have a login, which is the default."""
    users = set(SourceChain.objects.filter(sources__contains=[source]).values_list("workspace_id", flat=True))
    if source == SourceName.LOGIN:
        logins = InstagramLogin.objects.exclude(status=LoginStatus.REMOVED)
        users |= set(logins.values_list("workspace_id", flat=True).distinct())
    return users
