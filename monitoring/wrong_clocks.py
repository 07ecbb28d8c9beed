"""What was written down while the clock was ahead, put right: a time that cannot be that far away holds nothing up.

Due times of monitors are looked after where they are made (:mod:`monitoring.measuring_orders`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from monitoring.alert_rules import SNOOZES
from monitoring.channels import times_of
from monitoring.deliveries import PAUSES
from monitoring.models import AlertRule, Delivery, DeliveryState, NotificationChannel

#: A weekly digest is a week away, its quiet hours end within a day of it, and a night in between may be an hour longer.
DIGEST_LONGEST: Final = timedelta(days=8, hours=2)
SNOOZE_LONGEST: Final = timedelta(hours=max(SNOOZES))
_MOST: Final = 1_000


def set_right(now: datetime) -> None:
    """Channels that would rest, alerts that would wait, rules that would sleep for longer than any of them can."""
    _channels(now)
    _deliveries(now)
    AlertRule.objects.filter(snoozed_until__gt=now + SNOOZE_LONGEST).update(snoozed_until=None)


def _channels(now: datetime) -> None:
    NotificationChannel.objects.filter(retry_at__gt=now + PAUSES[-1]).update(retry_at=None)
    NotificationChannel.objects.filter(since__gt=now).update(since=now)


def _deliveries(now: datetime) -> None:
    far = Delivery.objects.filter(
        Q(state=DeliveryState.WAITING, due_at__gt=now + DIGEST_LONGEST), channel__workspace__closed_at=None
    )
    rows = list(far.select_related("channel__workspace").order_by("pk")[:_MOST])
    for row in rows:
        row.due_at = times_of(row.channel).leaves_at(now)
    Delivery.objects.bulk_update(rows, ["due_at"])
