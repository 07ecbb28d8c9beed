"""Instagram's own export on its way into the lists, and the dates of following that only it knows."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount, Workspace
from igsite.ownership import OwnedQuerySet
from scans.models.lists import Direction, EdgeList
from scans.models.runs import Scan


class Extent(models.TextChoices):
    """What the person says of an export that may be incomplete; empty while nobody was asked."""

    UNSAID = "", ""
    WHOLE = "whole", _("The whole list")
    PART = "part", _("A part of the list")


class ExportUpload(models.Model):
    """An export that somebody uploaded. The job ``job_uuid`` imports it; ``scan`` is what comes of it.

    ``names`` are those of the files in the person's browser, for their eyes and for whose export it is. ``doubts`` are
    sentences that say why it may be only a part; while there are some and ``extent`` is empty, the job waits for an
    answer. The files are deleted as soon as they were read, or the job ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="export_uploads")
    job_uuid = models.UUIDField(unique=True)
    names = ArrayField(models.CharField(max_length=200))
    bytes = models.BigIntegerField()
    extent = models.CharField(max_length=5, choices=Extent.choices, default=Extent.UNSAID, blank=True)
    doubts = ArrayField(models.TextField(), default=list, blank=True)
    scan = models.ForeignKey(Scan, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(extent__in=Extent.values), name="export_upload_extent"),
        ]
        indexes: ClassVar = [models.Index(fields=["account", "-created_at", "-id"], name="export_upload_newest")]

    def __str__(self) -> str:
        return f"export of {self.account_id}, {self.created_at}"


class ImportedName(models.Model):
    """A person of an export that is being imported; gone when that ended. ``profile_id`` is None until looked up."""

    workspace_path = "upload__workspace"

    pk = models.CompositePrimaryKey("upload_id", "direction", "position")
    upload = models.ForeignKey(
        ExportUpload, on_delete=models.CASCADE, related_name="people", db_index=False, db_constraint=False
    )
    direction = models.CharField(max_length=10, choices=Direction.choices)
    position = models.PositiveIntegerField()
    username = models.CharField(max_length=64)
    followed_at = models.DateTimeField(null=True)
    profile_id = models.BigIntegerField(null=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.username


class FollowDate(models.Model):
    """The tie between a person and a list's account began at ``followed_at``, as an export says.

    ``since_seq`` is the scan that opened the stay that it belongs to: it is the present one's as long as that did not
    begin later. No live list tells such dates, so few edges have one: a table beside them costs the others nothing.
    """

    workspace_path = "edge_list__account__workspace"

    pk = models.CompositePrimaryKey("edge_list_id", "profile_id", "followed_at")
    edge_list = models.ForeignKey(EdgeList, on_delete=models.CASCADE, related_name="follow_dates", db_index=False)
    profile_id = models.BigIntegerField()
    followed_at = models.DateTimeField()
    since_seq = models.PositiveIntegerField()

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.profile_id} on {self.edge_list_id} since {self.followed_at}"
