"""Which rules are about a monitor or an account."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from accounts.models import TrackedAccount
from monitoring.alerts import Subject
from monitoring.models import AlertKind, AlertRule, Monitor, RuleScope


def at_work(workspace_id: UUID, kinds: Collection[AlertKind]) -> list[AlertRule]:
    """The workspace's enabled rules of these kinds, with their accounts. One query."""
    rules = AlertRule.objects.filter(workspace_id=workspace_id, kind__in=list(kinds), is_enabled=True)
    return list(rules.select_related("account").order_by("created_at", "pk"))


def about_monitor(rules: Collection[AlertRule], monitor: Monitor) -> list[AlertRule]:
    """Those that cover a monitor: itself or the profile whose post it is, their account, a tag of that account."""
    profile_pk = profile_of(monitor)
    tags: set[str] = set()
    if profile_pk is not None and any(rule.scope == RuleScope.TAG for rule in rules):
        mine = TrackedAccount.objects.filter(workspace_id=monitor.workspace_id, profile_id=profile_pk)
        tags = {tag for found in mine.values_list("tags", flat=True) for tag in found}

    def covers(rule: AlertRule) -> bool:
        if rule.scope == RuleScope.MONITOR:
            return rule.monitor_id in (monitor.pk, monitor.parent_id)
        if rule.scope == RuleScope.ACCOUNT:
            return profile_pk is not None and rule.account is not None and rule.account.profile_id == profile_pk
        return rule.scope == RuleScope.ALL or rule.tag in tags

    return [rule for rule in rules if covers(rule)]


def about_account(rules: Collection[AlertRule], account: TrackedAccount) -> list[AlertRule]:
    """Those that cover a tracked account: itself, a tag of it, all."""
    return [
        rule
        for rule in rules
        if rule.scope == RuleScope.ALL
        or (rule.scope == RuleScope.ACCOUNT and rule.account_id == account.pk)
        or (rule.scope == RuleScope.TAG and rule.tag in account.tags)
    ]


def profile_of(monitor: Monitor) -> int | None:
    """The Instagram account that a monitor is about: a post's is its profile's."""
    if monitor.is_profile or monitor.parent is None:
        return monitor.profile_id
    return monitor.parent.profile_id


def monitor_subject(monitor: Monitor) -> Subject:
    """The monitor as what an alert is about, with its page as evidence."""
    about = f"@{monitor.username}" if monitor.username else monitor.code
    return Subject(
        f"monitor:{monitor.uuid}", about, reverse("monitoring:detail", args=[monitor.uuid]), monitor=monitor,
        profile_pk=profile_of(monitor),
    )  # fmt: skip


def account_subject(account: TrackedAccount, evidence: str) -> Subject:
    """The account as what an alert is about."""
    return Subject(
        f"account:{account.pk}", f"@{account.username}", evidence, account=account, profile_pk=account.profile_id
    )
