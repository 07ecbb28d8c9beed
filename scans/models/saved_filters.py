"""Filters of people that somebody keeps, for themselves or for all members."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from igsite.ownership import OwnedQuerySet


class SavedFilter(models.Model):
    """A choice of people under a name: ``query`` is what stands behind the "?" of any account's people page."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "created_by", "name"], name="saved_filter_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
