"""When accounts are scanned by themselves, and what a workspace wants done after a scan."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount, Workspace
from igsite.ownership import OwnedQuerySet
from scans.models.lists import Direction

INTERVAL_SHORTEST = 60
INTERVAL_LONGEST = 30 * 24 * 60


class ScheduledReading(models.TextChoices):
    """What a scheduled scan reads. *Mixed*: whole lists once a week, only the newest people on the days between."""

    FULL = "full", _("Whole lists")
    MIXED = "mixed", _("Whole lists weekly, the newest people in between")
    NEWEST = "newest", _("Only the newest people")


class ScanSchedule(models.Model):
    """When to scan: one account, or (``account`` None) every bookmarked account that has no schedule of its own.

    Daily at ``at_time`` on the clock of the workspace's zone, or every ``every_minutes``; exactly one of them is set.
    ``next_at`` is worked out with ``zone``; the tick works it out anew when the workspace moves to another zone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="scan_schedules")
    account = models.ForeignKey(TrackedAccount, null=True, on_delete=models.CASCADE, related_name="scan_schedules")
    directions = ArrayField(models.CharField(max_length=10, choices=Direction.choices), size=2)
    reading = models.CharField(max_length=6, choices=ScheduledReading.choices, default=ScheduledReading.FULL)
    at_time = models.TimeField(null=True)
    every_minutes = models.PositiveIntegerField(null=True)
    is_on = models.BooleanField(default=True)
    zone = models.CharField(max_length=64)
    next_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account"], name="scan_schedule_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(at_time__isnull=False, every_minutes__isnull=True)
                | models.Q(at_time__isnull=True, every_minutes__range=(INTERVAL_SHORTEST, INTERVAL_LONGEST)),
                name="scan_schedule_time_or_interval",
            ),
            models.CheckConstraint(
                condition=models.Q(reading__in=ScheduledReading.values), name="scan_schedule_reading"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["next_at"], condition=models.Q(is_on=True), name="scan_schedule_due")]

    def __str__(self) -> str:
        return f"schedule of {self.account_id or 'bookmarks'}"


class ScheduleRun(models.Model):
    """One time that a schedule came due and was acted on. ``local_date`` is the workspace's date, None for intervals.

    The constraints are what makes it once per date, however often the clock is set back or two sweeps tick at once.
    """

    workspace_path = "schedule__workspace"

    schedule = models.ForeignKey(ScanSchedule, on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    local_date = models.DateField(null=True)
    started_at = models.DateTimeField()
    accounts_count = models.PositiveIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "local_date"], name="schedule_run_once_a_date"),
            models.UniqueConstraint(fields=["schedule", "due_at"], name="schedule_run_once_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} at {self.due_at}"


class ScanPreferences(models.Model):
    """What a workspace wants of its scans; a workspace without a row has the defaults."""

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="scan_preferences"
    )
    checks_losses = models.BooleanField(default=True)
    losses_per_scan = models.PositiveSmallIntegerField(default=50)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(losses_per_scan__range=(1, 500)), name="scan_preferences_losses")
        ]

    def __str__(self) -> str:
        return f"preferences of {self.workspace_id}"
