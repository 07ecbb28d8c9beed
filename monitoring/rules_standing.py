"""Where a rule stands with a subject, turned at most once a change of state, whoever looks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from monitoring import alerts
from monitoring.alerts import Finding, Subject
from monitoring.models import Alert, AlertRule, AlertState, RuleStand
from monitoring.rules_levels import Level

#: Looks in a row, well on the quiet side, after which a number's rule has ended.
CALM_LOOKS: Final = 2
logger = logging.getLogger(__name__)


def settle(
    rule: AlertRule, subject: Subject, level: Level, fired: Finding, ended: Finding, *, at: datetime,
    looks: int = CALM_LOOKS,
) -> Alert | None:  # fmt: skip
    """Turn the rule if its level says so and write the alert of that turn. None: nothing turned.

    ``change_key`` of ``fired`` tells apart what may be told one after the other while the rule stays fired (a login
    that needed a code is frozen now); empty for a number. That of ``ended`` is not used.
    """
    stand = RuleStand.objects.filter(rule=rule, subject=subject.key).first()
    if not level.is_beyond and (stand is None or not stand.is_fired):
        return None
    with transaction.atomic():
        RuleStand.objects.bulk_create([RuleStand(rule=rule, subject=subject.key)], ignore_conflicts=True)
        stand = RuleStand.objects.select_for_update().get(rule=rule, subject=subject.key)
        if level.is_beyond:
            return _fire(rule, subject, stand, fired, at)
        return _calm(rule, subject, stand, level, ended, at, looks) if stand.is_fired else None


def guarded(ask: Callable[[], object], about: str) -> None:
    """Ask a rule within somebody else's transaction: one that cannot be worked out must not undo what was measured or
    scanned. Its own writes are undone, and the log says why."""
    try:
        with transaction.atomic():
            ask()
    except Exception:
        logger.exception("alerts: the rules could not be asked about %s", about)


def _fire(rule: AlertRule, subject: Subject, stand: RuleStand, fired: Finding, at: datetime) -> Alert | None:
    if stand.is_fired and not fired.change_key:
        if stand.calm:
            stand.calm = 0
            stand.save(update_fields=["calm"])
        return None
    if not stand.is_fired:
        stand.is_fired, stand.turns, stand.since = True, stand.turns + 1, at
    stand.calm = 0
    stand.save()
    key = f"{stand.turns}:{fired.change_key or 'on'}"
    return alerts.write(rule, subject, replace(fired, change_key=key), at=at)


def _calm(
    rule: AlertRule, subject: Subject, stand: RuleStand, level: Level, ended: Finding, at: datetime, looks: int
) -> Alert | None:
    stand.calm = stand.calm + 1 if level.is_calm else 0
    is_over = stand.calm >= looks
    if is_over:
        stand.is_fired, stand.calm, stand.since = False, 0, at
    stand.save()
    if not is_over:
        return None
    finding = replace(ended, change_key=f"{stand.turns}:off", state=AlertState.RESOLVED)
    return alerts.write(rule, subject, finding, at=at)
