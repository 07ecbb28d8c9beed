"""What is watched, how often, and when it is due next."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, Workspace
from igsite.ownership import OwnedQuerySet
from monitoring import due_times

INTERVAL_SHORTEST = 30
INTERVAL_LONGEST = 30 * 24 * 3600
JITTER_MOST = 50


class MonitorKind(models.TextChoices):
    """What is measured."""

    PROFILE = "profile", _("Profile")
    POST = "post", _("Post")


class MonitorState(models.TextChoices):
    """*Paused* rests until somebody resumes it; *stopped* has ended, its history stays; *archived* is out of sight."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    ARCHIVED = "archived", _("Archived")


OPEN_STATES = (MonitorState.ACTIVE, MonitorState.PAUSED)


class MonitorQuerySet(OwnedQuerySet["Monitor"]):
    """Monitors, by what the measuring asks."""

    def due(self, now: datetime) -> MonitorQuerySet:
        """Active ones whose time has come and that nobody is measuring."""
        free = Q(taken_until=None) | Q(taken_until__lte=now)
        return self.filter(free, state=MonitorState.ACTIVE, due_at__lte=now)


class Monitor(models.Model):
    """One target that a workspace measures again and again. There is one monitor a target, ever: stopped and created
    again it goes on with its history.

    ``uuid`` is the public id; ``id`` is short because every measurement carries it. ``due_at`` is the next due time;
    whoever measures takes the monitor until ``taken_until`` and gives it its next due time together with the row that
    was measured. ``checked_at`` is the last time a source answered, ``row_at`` the last time that wrote a row.
    ``latest`` holds the last counts by name (null: the source gave none), ``facts`` the last texts and flags with the
    name of the source that gave them. ``wants_posts``: the posts of a followed profile are to be
    read next. ``revision`` counts the measurements: caches carry it in their keys.
    ``trouble`` is a sentence about the target's own trouble since ``trouble_since``, else empty.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="monitors")
    kind = models.CharField(max_length=7, choices=MonitorKind.choices)
    username = models.CharField(max_length=150, default="", blank=True)
    profile = models.ForeignKey(Profile, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    code = models.CharField(max_length=64, default="", blank=True)
    posted_at = models.DateTimeField(null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")

    interval_seconds = models.PositiveIntegerField()
    jitter_percent = models.PositiveSmallIntegerField(default=0)
    is_spread = models.BooleanField(default=True)
    active_from = models.TimeField(null=True)
    active_until = models.TimeField(null=True)
    follows_posts = models.BooleanField(default=False)
    is_thinning = models.BooleanField(default=False)

    state = models.CharField(max_length=8, choices=MonitorState.choices, default=MonitorState.ACTIVE)
    state_at = models.DateTimeField(default=timezone.now)
    anchor_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True)
    posts_read_at = models.DateTimeField(null=True)
    wants_posts = models.BooleanField(default=False)

    checked_at = models.DateTimeField(null=True)
    row_at = models.DateTimeField(null=True)
    latest = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0)
    trouble_since = models.DateTimeField(null=True)
    trouble_code = models.CharField(max_length=30, default="", blank=True)
    trouble = models.CharField(max_length=300, default="", blank=True)

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = MonitorQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=MonitorState.values), name="monitor_state_known"),
            models.CheckConstraint(
                condition=Q(kind=MonitorKind.PROFILE, code="") & ~Q(username="")
                | Q(kind=MonitorKind.POST) & ~Q(code=""),
                name="monitor_has_its_target",
            ),
            models.CheckConstraint(
                condition=Q(interval_seconds__range=(INTERVAL_SHORTEST, INTERVAL_LONGEST)), name="monitor_interval"
            ),
            models.CheckConstraint(condition=Q(jitter_percent__lte=JITTER_MOST), name="monitor_jitter"),
            models.CheckConstraint(
                condition=Q(active_from=None, active_until=None)
                | Q(active_from__isnull=False, active_until__isnull=False) & ~Q(active_from=models.F("active_until")),
                name="monitor_active_hours",
            ),
            models.UniqueConstraint(
                fields=["workspace", "profile"],
                condition=Q(kind=MonitorKind.PROFILE, profile__isnull=False),
                name="monitor_profile_once",
            ),
            # A name tells who is meant only until the profile is known: names are changed and taken by others.
            models.UniqueConstraint(
                fields=["workspace", "username"],
                condition=Q(kind=MonitorKind.PROFILE, profile__isnull=True),
                name="monitor_name_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "code"], condition=Q(kind=MonitorKind.POST), name="monitor_post_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "due_at", "id"], condition=Q(state="active"), name="monitor_due"),
            models.Index(fields=["workspace", "id"], condition=Q(wants_posts=True), name="monitor_wants_posts"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="monitor_newest"),
            models.Index(fields=["workspace", "state", "-created_at", "-id"], name="monitor_by_state"),
        ]

    def __str__(self) -> str:
        return f"@{self.username}" if self.kind == MonitorKind.PROFILE else self.code

    @property
    def interval(self) -> timedelta:
        """The time between two due times."""
        return timedelta(seconds=self.interval_seconds)

    @property
    def pattern(self) -> due_times.Pattern:
        """When it comes due, on the clock of its workspace."""
        return due_times.Pattern(
            str(self.uuid), self.anchor_at, self.interval, self.jitter_percent, self.workspace.time_zone,
            self.active_from, self.active_until,
        )  # fmt: skip

    @property
    def counts(self) -> dict[str, int | None]:
        """The last counts by name, None for those that were not measured or not given."""
        names = ("followers", "following", "posts", "likes", "comments", "plays")
        return {name: self.latest.get(name) for name in names}

    @property
    def topic(self) -> str:
        """The topic of this monitor's live hints."""
        return f"monitor-{self.uuid}"

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN_STATES

    @property
    def is_profile(self) -> bool:
        """Whether a profile is measured, not a post."""
        return self.kind == MonitorKind.PROFILE
