"""Which alert goes to which channel, and what became of it: one row each, written before anything is sent.

    waiting ─► sending ─► sent
       ▲          ├─────► waiting, later        it is known not to have gone out
       └──────────┤
                  ├─────► failed                 the same, for a whole day
                  └─────► unknown                no answer, or the worker died: never sent again

Everything here may be done twice or by several at once without harm: the unique pair of channel and alert, and the
batch on the rows that are being sent, decide.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.live import hint
from monitoring.alerts import TOPIC
from monitoring.channel_sending import Sent
from monitoring.channel_troubles import stored
from monitoring.channels import times_of
from monitoring.models import (
    Alert,
    ChannelState,
    Delivery,
    DeliveryState,
    NotificationChannel,
    Severity,
)

DELIVER: Final = "notifications.deliver"
#: An alert older than this when it is first seen here is told in the inbox only.
LOOK_BACK: Final = timedelta(days=2)
#: So long an alert is tried to be sent.
GIVE_UP: Final = timedelta(days=1)
#: Longer than any sending takes; then its worker is dead.
TAKEN: Final = timedelta(minutes=3)
#: Pauses after failures in a row.
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
#: From so many failures in a row on a channel counts as bad.
FAILS_OFTEN: Final = 3
#: More than so many at once leave together.
MOST_SINGLE: Final = 5
_MOST: Final = 200
_RANKS: Final = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class Batch:
    """Alerts that are being sent as one message."""

    id: uuid.UUID
    alerts: list[Alert]
    is_digest: bool


def order_for(channel: NotificationChannel, now: datetime) -> int:
    """Rows for the alerts that the channel takes and has none for; how many. Its workspace must be loaded."""
    times, rows = times_of(channel), []
    for alert in missing(channel, now).order_by("at", "pk")[:_MOST].only("pk", "severity"):
        is_urgent = channel.lets_critical_through and alert.severity == Severity.CRITICAL
        due = times.leaves_at(now, is_urgent=is_urgent)
        rows.append(Delivery(channel=channel, alert=alert, due_at=due, is_held=due > now, created_at=now))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def missing(channel: NotificationChannel, now: datetime) -> QuerySet[Alert]:
    """Alerts that the channel takes and that nobody has ordered for it."""
    found = Alert.objects.for_workspace(channel.workspace_id).filter(
        at__gte=max(channel.since, now - LOOK_BACK),
        is_silent=False,
        severity__in=_RANKS[_RANKS.index(Severity(channel.least_severity)) :],
    )
    if channel.kinds:
        found = found.filter(kind__in=channel.kinds)
    return found.exclude(Exists(Delivery.objects.filter(channel=channel, alert=OuterRef("pk"))))


def after_alert(*, alert_id: uuid.UUID, now: datetime, **_other: Any) -> None:
    """An alert was raised: rows for it, and jobs for what leaves at once."""
    workspace = Alert.objects.filter(pk=alert_id).values_list("workspace_id", flat=True).first()
    if workspace is not None:
        look_at(NotificationChannel.objects.for_workspace(workspace), now)


def look_at(channels: QuerySet[NotificationChannel], now: datetime) -> None:
    """Rows for what is missing, and a job for each channel with something due."""
    at_work = channels.filter(is_enabled=True, workspace__closed_at=None).select_related("workspace")
    for channel in at_work.defer("address_sealed").order_by("pk"):
        with transaction.atomic():
            order_for(channel, now)
            if has_work(channel, now):
                order_job(channel, now)


def look_after_all(now: datetime) -> None:
    """What a minute may have missed: alerts without rows, digests and retries that are due, workers that died."""
    fresh = Alert.objects.filter(workspace=OuterRef("workspace"), at__gte=now - LOOK_BACK, is_silent=False)
    due = Delivery.objects.filter(_at_hand(now), channel=OuterRef("pk"))
    look_at(NotificationChannel.objects.filter(Exists(fresh) | Exists(due)), now)


def has_work(channel: NotificationChannel, now: datetime) -> bool:
    """Whether a job has something to do: rows that are due, unless the channel rests; rows whose worker died."""
    overdue = Q(state=DeliveryState.SENDING, taken_until__lt=now)
    rests = channel.retry_at is not None and channel.retry_at > now
    return Delivery.objects.filter(overdue if rests else _at_hand(now), channel=channel).exists()


def order_job(channel: NotificationChannel, now: datetime) -> Job:
    """The job that sends what is due."""
    return runner.enqueue(
        DELIVER,
        workspace=channel.workspace,
        params={"channel": str(channel.pk)},
        subject=channel.name,
        lane=f"channel-{channel.pk}",
        dedupe_key=f"deliver-{channel.pk}",
        due_at=now,
    )


def take(channel: NotificationChannel, now: datetime) -> Batch | None:
    """What leaves next, marked as being sent; None when nothing is due. Commit before it is sent."""
    with transaction.atomic():
        due = Delivery.objects.filter(channel=channel, state=DeliveryState.WAITING, due_at__lte=now)
        _hold_in_quiet_hours(channel, due, now)
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("alert__rule")
            .order_by("due_at", "pk")[:_MOST]
        )
        is_digest = len(rows) > 1 and (len(rows) > MOST_SINGLE or any(row.is_held for row in rows))
        rows = rows if is_digest else rows[:1]
        batch = Batch(uuid.uuid4(), [row.alert for row in rows], is_digest)
        for row in rows:
            row.state, row.batch, row.taken_until = DeliveryState.SENDING, batch.id, now + TAKEN
            row.attempts += 1
        Delivery.objects.bulk_update(rows, ["state", "batch", "taken_until", "attempts"])
    return batch if rows else None


def settle(channel_id: uuid.UUID, batch: uuid.UUID, sent: Sent, now: datetime) -> None:
    """Write down what became of a batch, whoever holds its job now. Rows that were given up meanwhile stay so."""
    with transaction.atomic():
        channel = NotificationChannel.objects.select_for_update(of=("self",)).filter(pk=channel_id).first()
        if channel is None:
            return
        rows = Delivery.objects.filter(channel=channel, batch=batch, state=DeliveryState.SENDING)
        note(channel, sent, now)
        if sent.is_well:
            _end(rows, DeliveryState.SENT, now)
        elif sent.may_have_arrived:
            _end(rows, DeliveryState.UNKNOWN, now, sent.trouble)
        else:
            _later(channel, rows, sent.trouble, now)


def note(channel: NotificationChannel, sent: Sent, now: datetime) -> None:
    """What a message shows of the channel. The row must be locked."""
    was_bad = channel.state == ChannelState.BAD
    if sent.is_well:
        channel.state, channel.failures, channel.retry_at, channel.last_sent_at = ChannelState.GOOD, 0, None, now
    else:
        channel.failures = min(channel.failures + 1, 1_000)
        channel.retry_at = now + PAUSES[min(channel.failures, len(PAUSES)) - 1]
        channel.last_error, channel.last_error_at = sent.trouble, now
        if channel.failures >= FAILS_OFTEN:
            channel.state = ChannelState.BAD
    channel.save(update_fields=["state", "failures", "retry_at", "last_sent_at", "last_error", "last_error_at"])
    hint(channel.topic, channel.workspace_id)
    if was_bad != (channel.state == ChannelState.BAD):
        hint(TOPIC, channel.workspace_id)


def give_up_the_dead(channel: NotificationChannel, now: datetime) -> int:
    """Rows whose worker died while it sent: nobody knows, so nobody sends them again. How many."""
    rows = Delivery.objects.filter(channel=channel, state=DeliveryState.SENDING, taken_until__lt=now)
    count = _end(rows, DeliveryState.UNKNOWN, now, stored("interrupted"))
    if count:
        locked = NotificationChannel.objects.filter(pk=channel.pk)
        locked.update(last_error=stored("interrupted"), last_error_at=now)
        hint(channel.topic, channel.workspace_id)
    return count


def after_restore(now: datetime) -> None:
    """A backup does not know what was sent since it was made: nothing of that time is sent by it."""
    open_rows = Delivery.objects.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    _end(open_rows, DeliveryState.UNKNOWN, now, stored("restored"))
    NotificationChannel.objects.filter(since__lt=now).update(since=now)


def bad_channels(workspace: Any) -> Iterable[NotificationChannel]:
    """Those at work that fail often, for the pages that say so."""
    mine = NotificationChannel.objects.for_workspace(workspace).filter(is_enabled=True, state=ChannelState.BAD)
    return mine.defer("address_sealed").order_by("name", "pk")[:10]


def _hold_in_quiet_hours(channel: NotificationChannel, due: QuerySet[Delivery], now: datetime) -> None:
    """What should have left before they began, and could not."""
    until = times_of(channel).awake(now)
    if until > now:
        held = due.exclude(alert__severity=Severity.CRITICAL) if channel.lets_critical_through else due
        Delivery.objects.filter(pk__in=held.values("pk")).update(due_at=until, is_held=True)


def _at_hand(now: datetime) -> Q:
    return Q(state=DeliveryState.WAITING, due_at__lte=now) | Q(state=DeliveryState.SENDING, taken_until__lt=now)


def _end(rows: QuerySet[Delivery], state: DeliveryState, now: datetime, trouble: str = "") -> int:
    return rows.update(state=state, error=trouble, ended_at=now, taken_until=None)


def _later(channel: NotificationChannel, rows: QuerySet[Delivery], trouble: str, now: datetime) -> None:
    """Not gone out: again after a pause, awake hours permitting; after a day not again. Paused meanwhile: not again."""
    if not channel.is_enabled:
        _end(rows, DeliveryState.FAILED, now, stored("paused"))
        return
    _end(rows.filter(due_at__lt=now - GIVE_UP), DeliveryState.FAILED, now, trouble)
    again = rows.filter(state=DeliveryState.SENDING)
    again.update(state=DeliveryState.WAITING, batch=None, taken_until=None, error=trouble)
