"""Scans: one run over one or both lists of an account, and what came of each list."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, TrackedAccount, Workspace
from igsite.ownership import OwnedQuerySet
from scans.models.lists import Direction, EdgeList


class ScanState(models.TextChoices):
    """Where a scan, or one list of it, stands. Only ``complete`` may say that somebody left."""

    QUEUED = "queued", _("Waiting to start")
    RUNNING = "running", _("Running")
    COMPLETE = "complete", _("Complete")
    PARTIAL = "partial", _("Partial")
    QUARANTINED = "quarantined", _("Quarantined")
    FAILED = "failed", _("Failed")


OPEN_STATES = (ScanState.QUEUED, ScanState.RUNNING)


class Reason(models.TextChoices):
    """Why a list is not complete; of a complete one empty, or what it does not tell."""

    NONE = "", ""
    LIMITED = "limited", _("Instagram shows only part of this list")
    EARLY_END = "early_end", _("The list ended early")
    LOOPING = "looping", _("The list went in circles")
    THROTTLED = "throttled", _("Instagram asked to slow down")
    LOGGED_OUT = "logged_out", _("The login was signed out")
    CANCELLED = "cancelled", _("Cancelled")
    ENDPOINT_BROKEN = "endpoint_broken", _("The source answered nonsense")
    UNREACHABLE = "unreachable", _("Instagram could not be reached")
    PRIVATE = "private", _("The account is private")
    GONE = "gone", _("The account was not found")
    UNCOUNTED = "uncounted", _("No count to compare with")
    MASS_LOSS = "mass_loss", _("Too many people gone at once")
    COUNT_STEADY = "count_steady", _("The list fell while the count did not")
    NEWEST_ONLY = "newest_only", _("Only the newest people were read")
    OTHER_SOURCE = "other_source", _("Read by another source than before")
    NEW_SOURCE = "new_source", _("Read by another source from now on")
    EXPORT_PART = "export_part", _("The export holds only part of the list")
    CRASHED = "crashed", _("The work failed")


class Source(models.TextChoices):
    """Where the people of a scan came from."""

    LOGIN = "login", _("Instagram login")
    EXPORT = "export", _("Instagram's own export")
    WEB = "web", _("Public web")
    APIFY = "apify", _("Apify")


class ScanMode(models.TextChoices):
    """How much of the lists a scan reads. Newest first proves additions only."""

    FULL = "full", _("Whole lists")
    NEWEST = "newest", _("Newest people only")


class Scan(models.Model):
    """One run. ``job_uuid`` is the public id of the job that does it, None for an import. ``message`` is a sentence."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="scans")
    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="scans")
    directions = ArrayField(models.CharField(max_length=10, choices=Direction.choices), size=2)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.LOGIN)
    mode = models.CharField(max_length=6, choices=ScanMode.choices, default=ScanMode.FULL)
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.SET_NULL, related_name="+")
    job_uuid = models.UUIDField(null=True, unique=True)
    state = models.CharField(max_length=12, choices=ScanState.choices, default=ScanState.QUEUED)
    message = models.CharField(max_length=500, default="", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=ScanState.values), name="scan_state_known"),
            models.CheckConstraint(condition=models.Q(mode__in=ScanMode.values), name="scan_mode_known"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state__in=OPEN_STATES), name="scan_one_open_per_account"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="scan_newest")]

    def __str__(self) -> str:
        return f"scan of {self.account_id} at {self.created_at}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in OPEN_STATES


class ListScan(models.Model):
    """What one scan saw of one list.

    ``seq`` is its number in the list, None when it stored nothing (failed, quarantined, still running). Counts:
    ``count_before`` and ``count_after`` are what the profile claimed, ``people_seen`` the different people read,
    ``total`` the people on the stored list afterwards; ``new``, ``lost``, ``returned`` and ``renamed`` are against the
    scan before it. ``sentence`` says what happened and what to do. Of a complete or quarantined reading
    ``gone_count`` of ``known_count`` stored people were absent; both are None for others.
    """

    workspace_path = "scan__workspace"

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="lists")
    edge_list = models.ForeignKey(EdgeList, on_delete=models.CASCADE, related_name="scans")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    seq = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=12, choices=ScanState.choices, default=ScanState.QUEUED)
    reason = models.CharField(max_length=20, choices=Reason.choices, default=Reason.NONE, blank=True)
    sentence = models.CharField(max_length=500, default="", blank=True)
    count_before = models.BigIntegerField(null=True)
    count_after = models.BigIntegerField(null=True)
    people_seen = models.BigIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    new_count = models.BigIntegerField(default=0)
    lost_count = models.BigIntegerField(default=0)
    returned_count = models.BigIntegerField(default=0)
    renamed_count = models.BigIntegerField(default=0)
    known_count = models.BigIntegerField(null=True)
    gone_count = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scan", "edge_list"], name="list_scan_once"),
            models.UniqueConstraint(fields=["edge_list", "seq"], name="list_scan_seq_once"),
            models.CheckConstraint(condition=models.Q(state__in=ScanState.values), name="list_scan_state_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["edge_list", "-id"], name="list_scan_newest")]

    def __str__(self) -> str:
        return f"{self.direction} in {self.scan_id}"

    @property
    def is_complete(self) -> bool:
        """Whether its absences mean something."""
        return self.state == ScanState.COMPLETE
