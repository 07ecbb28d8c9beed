"""Old alerts, and what became of them, forgotten: each night, a workspace at a time, as much as a night allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Workspace
from monitoring.models import Alert, Delivery, DeliveryState

#: Rows that go with one commit, and in one night at most; the following nights go on.
BATCH: Final = 1_000
MOST: Final = 50_000
_ENDED: Final = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)
#: What is old of a workspace's rows.
Old = Callable[[Any], QuerySet[Any]]


def forget(now: datetime) -> int:
    """Delete what is past its keeping; returns how many alerts and deliveries.

    A delivery that still waits stays, and its alert with it: it has not been told yet. Alerts are kept for longer than
    deliveries look back for them, so that none is ordered a second time.
    """
    return _clear(_deliveries(now), MOST) + _clear(_alerts(now), MOST)


def _deliveries(now: datetime) -> Old:
    before = now - timedelta(days=min(settings.DELIVERIES_DAYS, settings.ALERTS_DAYS))
    ended = Delivery.objects.filter(state__in=_ENDED, ended_at__lt=before)
    return lambda workspace: ended.filter(channel__workspace=workspace)


def _alerts(now: datetime) -> Old:
    old = Alert.objects.filter(at__lt=now - timedelta(days=settings.ALERTS_DAYS)).exclude(
        deliveries__state__in=(DeliveryState.WAITING, DeliveryState.SENDING)
    )
    return lambda workspace: old.filter(workspace=workspace)


def _clear(old: Old, most: int) -> int:
    gone = 0
    for workspace in Workspace.objects.order_by("pk").values_list("pk", flat=True):
        rows = old(workspace).order_by("pk")
        while gone < most and (keys := list(rows.values_list("pk", flat=True)[:BATCH])):
            rows.model.objects.filter(pk__in=keys).delete()
            gone += len(keys)
    return gone
