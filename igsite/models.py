"""The site's own rows: who did what, and the answers kept for repeated requests."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from igsite.ownership import OwnedQuerySet


class AuditEntry(models.Model):
    """One act of one person: written by :func:`igsite.audit.record`, never changed, never a secret in it.

    ``who_label`` and ``target_label`` are the names at that time: they stay when the person or the thing is gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(settings.WORKSPACE_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who_label = models.CharField(max_length=254, blank=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    target_label = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "at", "id"], name="audit_by_workspace")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who_label} {self.action} {self.target_label}"


class KeptAnswer(models.Model):
    """What a request with an ``Idempotency-Key`` was answered, so that its repetition starts nothing twice."""

    workspace = models.ForeignKey(settings.WORKSPACE_MODEL, on_delete=models.CASCADE, related_name="+")
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "who", "key"], name="kept_answer_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
