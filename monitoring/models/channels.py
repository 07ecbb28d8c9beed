"""Where alerts are sent to, and what became of each."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from igsite.ownership import OwnedQuerySet
from monitoring.models.alerts import Alert, AlertKind, Severity


class ChannelKind(models.TextChoices):
    """What a channel speaks."""

    EMAIL = "email", _("E-mail")
    TELEGRAM = "telegram", "Telegram"
    DISCORD = "discord", "Discord"
    SLACK = "slack", "Slack"
    NTFY = "ntfy", "ntfy"
    WEBHOOK = "webhook", _("Webhook (JSON)")
    OTHER = "other", _("Other Apprise address")


class ChannelState(models.TextChoices):
    """What is known of a channel. A bad one goes on trying, ever more seldom."""

    UNTRIED = "untried", _("Not tried yet")
    GOOD = "good", _("Works")
    BAD = "bad", _("Does not work")


class Pace(models.TextChoices):
    """When alerts leave."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day, together")
    WEEKLY = "weekly", _("Once a week, together")


class NotificationChannel(models.Model):
    """One place that a workspace's alerts are sent to.

    ``address_sealed`` holds where it leads as sealed JSON (:mod:`monitoring.channel_addresses`); ``goes_to`` says it in
    words without secrets. It takes alerts of ``least_severity`` and above, of ``kinds`` (none named: all), raised after
    ``since``. ``at_time`` and ``weekday`` (0 is Monday) are those of digests, ``quiet_from`` and ``quiet_until`` the
    quiet hours, all by the clock of the workspace's zone. ``failures`` counts messages in a row that did not go out;
    until ``retry_at`` nothing is tried. ``last_error`` stays as history after it works again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="notification_channels")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    address_sealed = models.BinaryField()
    goes_to = models.CharField(max_length=200, default="", blank=True)

    least_severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.INFO)
    kinds = ArrayField(models.CharField(max_length=12, choices=AlertKind.choices), default=list, blank=True)
    language = models.CharField(max_length=10, default="en")
    pace = models.CharField(max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)
    at_time = models.TimeField(null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    lets_critical_through = models.BooleanField(default=False)
    title_template = models.CharField(max_length=200, default="", blank=True)
    body_template = models.CharField(max_length=2_000, default="", blank=True)

    is_enabled = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=ChannelState.choices, default=ChannelState.UNTRIED)
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, default="", blank=True)
    last_error_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="channel_name_once"),
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="channel_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ChannelState.values), name="channel_state_known"),
            models.CheckConstraint(condition=Q(least_severity__in=Severity.values), name="channel_severity_known"),
            models.CheckConstraint(
                condition=Q(pace=Pace.AT_ONCE, at_time=None, weekday=None)
                | Q(pace=Pace.DAILY, at_time__isnull=False, weekday=None)
                | Q(pace=Pace.WEEKLY, at_time__isnull=False, weekday__range=(0, 6)),
                name="channel_pace",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until")),
                name="channel_quiet_hours",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        """The topic of this channel's live hints."""
        return f"channel-{self.pk}"


class DeliveryState(models.TextChoices):
    """*Unknown*: handed over, and the answer never came. It is not sent again: it may have arrived."""

    WAITING = "waiting", _("Waits")
    SENDING = "sending", _("Is being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("May have arrived")


class Delivery(models.Model):
    """One alert for one channel: at most one message, ever, that is not known to have failed.

    ``is_held``: for a digest, or because of quiet hours; what is held leaves together. Whoever sends puts its ``batch``
    on the rows and has until ``taken_until``; then nobody knows what became of them.
    """

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(
        NotificationChannel, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    is_held = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    batch = models.UUIDField(null=True)
    taken_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "alert"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENDING) | Q(batch__isnull=False, taken_until__isnull=False),
                name="delivery_sending_taken",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["channel", "due_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["taken_until"], condition=Q(state="sending"), name="delivery_taken"),
            models.Index(fields=["channel", "-id"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} by {self.channel_id}: {self.state}"
