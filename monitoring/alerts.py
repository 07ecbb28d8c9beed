"""Alerts are written here, each change of state once, and nowhere else; whoever sends them listens to the signal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.dispatch import Signal

from accounts.models import InstagramLogin, TrackedAccount
from igsite.live import hint
from monitoring.models import Alert, AlertRule, AlertState, Monitor, Severity

#: An alert was written and people are to be told. Sent after the commit, never for a silent one; argument ``alert_id``.
#: What happens between commit and receiver may be lost with the process: whoever must not miss one looks at the rows.
alert_raised = Signal()

#: The topic of live hints: something about the workspace's alerts changed.
TOPIC: Final = "alerts"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about: its key, its name as people know it, and the rows it hangs on."""

    key: str
    about: str
    evidence: str = ""
    monitor: Monitor | None = None
    account: TrackedAccount | None = None
    login: InstagramLogin | None = None
    profile_pk: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen: the key of the words and what fills them, and the numbers, where there are any.

    ``change_key`` names the change of state among those of the same rule and subject: the same one is written once.
    """

    message: str
    change_key: str
    arguments: dict[str, Any] = field(default_factory=dict)
    state: AlertState = AlertState.FIRED
    value: float | None = None
    limit: float | None = None


def write(rule: AlertRule, subject: Subject, finding: Finding, *, at: datetime) -> Alert | None:
    """Write one alert within the caller's transaction. None: it is written already, perhaps by another worker.

    What has ended is for information, whatever the rule's severity. Open pages are told, receivers after the commit.
    """
    alert, is_new = Alert.objects.get_or_create(
        workspace_id=rule.workspace_id, rule_key=str(rule.pk), subject=subject.key, change_key=finding.change_key[:80],
        defaults={
            "rule": rule, "kind": rule.kind, "monitor": subject.monitor, "account": subject.account,
            "login": subject.login, "profile_pk": subject.profile_pk, "about": subject.about[:150],
            "severity": rule.severity if finding.state == AlertState.FIRED else Severity.INFO, "state": finding.state,
            "value": finding.value, "limit": finding.limit, "at": at, "evidence": subject.evidence[:300],
            "message": finding.message, "arguments": finding.arguments, "is_silent": rule.is_silent(at),
        },
    )  # fmt: skip
    if not is_new:
        return None
    if not alert.is_silent:
        hint(TOPIC, alert.workspace_id)
        transaction.on_commit(partial(alert_raised.send, sender=Alert, alert_id=alert.pk), robust=True)
    return alert
