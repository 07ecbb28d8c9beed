"""Accounts that a workspace keeps an eye on."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.people import Profile
from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class TrackedAccount(models.Model):
    """An Instagram account tracked by one workspace.

    ``profile`` is None until a source has resolved the name. ``username`` is what the person typed, lower-case, and
    follows the profile's name afterwards. ``uses_login`` False: no login reads it, whatever the chains of sources say.
    Counts are those that Instagram reported last, None when never read.
    ``trouble`` is a sentence about what kept the last look-up from its answer, else empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tracked_accounts")
    profile = models.ForeignKey(Profile, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    username = models.CharField(max_length=150)
    is_bookmarked = models.BooleanField(default=False)
    uses_login = models.BooleanField(default=True)
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    note = models.CharField(max_length=500, default="", blank=True)
    followers_count = models.BigIntegerField(null=True)
    following_count = models.BigIntegerField(null=True)
    posts_count = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, default="", blank=True)
    last_scanned_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "username"], name="tracked_username_once"),
            models.UniqueConstraint(fields=["workspace", "profile"], name="tracked_profile_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "username", "id"], name="tracked_by_name")]

    def __str__(self) -> str:
        return f"@{self.username}"
