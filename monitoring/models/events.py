"""What stands beside the counts: texts that changed, times without measurements and why, notes of people."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import InstagramLogin, Workspace
from igsite.ownership import OwnedQuerySet
from monitoring.models.monitors import Monitor


class FactChange(models.Model):
    """A text or flag of the target that was another one at the measurement before: bio, name, picture, privacy …

    ``old`` and ``new`` are text; flags are ``yes`` and ``no``. The first sighting writes no row: nothing changed.
    """

    workspace_path = "monitor__workspace"

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="fact_changes")
    fact = models.CharField(max_length=20)
    old = models.TextField(default="", blank=True)
    new = models.TextField(default="", blank=True)
    seen_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["monitor", "-seen_at", "-id"], name="fact_by_time")]

    def __str__(self) -> str:
        return f"{self.fact} of {self.monitor_id} at {self.seen_at}"


class Gap(models.Model):
    """A time without measurements, with what kept them away: a stable ``code`` and a sentence. It has ended."""

    workspace_path = "monitor__workspace"

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="gaps")
    since = models.DateTimeField()
    until = models.DateTimeField()
    code = models.CharField(max_length=30)
    why = models.CharField(max_length=300)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(since__lte=models.F("until")), name="gap_forwards")
        ]
        indexes: ClassVar = [models.Index(fields=["monitor", "-until", "-id"], name="gap_by_time")]

    def __str__(self) -> str:
        return f"{self.code} {self.since} – {self.until}"


class Outage(models.Model):
    """A time in which a login (None: the whole workspace) could not measure; open while ``until`` is None."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    code = models.CharField(max_length=30)
    why = models.CharField(max_length=300)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "login"], condition=models.Q(until=None), nulls_distinct=False,
                name="outage_open_once",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["workspace", "-since"], name="outage_by_time")]

    def __str__(self) -> str:
        return f"{self.code} since {self.since}"


class Note(models.Model):
    """What somebody wants to remember about a moment of a history."""

    workspace_path = "monitor__workspace"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    text = models.CharField(max_length=300)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["monitor", "-at"], name="note_by_time")]

    def __str__(self) -> str:
        return self.text
