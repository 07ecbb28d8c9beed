"""Reports of ghost followers: who neither liked nor commented on the last posts, as far as Instagram shows it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import InstagramLogin, TrackedAccount, Workspace
from igsite.ownership import OwnedQuerySet


class GhostReport(models.Model):
    """One report on the followers of an account, over its ``posts_wanted`` newest posts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="+")
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.SET_NULL, related_name="+")
    job_uuid = models.UUIDField(null=True, unique=True)
    posts_wanted = models.PositiveSmallIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(posts_wanted__range=(1, 30)), name="ghost_report_posts"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="ghost_report_newest")]

    def __str__(self) -> str:
        return f"@{self.account.username}: {self.posts_wanted} posts"


class GhostPost(models.Model):
    """One post of a report. ``likes`` and ``comments`` are what it claims, None unknown; the rest is what was shown."""

    workspace_path = "report__workspace"

    report = models.ForeignKey(GhostReport, on_delete=models.CASCADE, related_name="posts")
    position = models.PositiveSmallIntegerField()
    post_pk = models.BigIntegerField()
    code = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    likers_seen = models.PositiveIntegerField(default=0)
    comments = models.PositiveBigIntegerField(null=True)
    comments_seen = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    is_readable = models.BooleanField(default=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "post_pk"], name="ghost_post_once"),
            models.UniqueConstraint(fields=["report", "position"], name="ghost_post_position_once"),
        ]

    def __str__(self) -> str:
        return self.code


class ActivePerson(models.Model):
    """Somebody who liked or commented on a post of the report."""

    workspace_path = "report__workspace"

    report = models.ForeignKey(GhostReport, on_delete=models.CASCADE, related_name="active")
    target_pk = models.BigIntegerField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "target_pk"], name="ghost_active_once"),
        ]

    def __str__(self) -> str:
        return str(self.target_pk)
