"""Accounts that belong to one person: a judgement of the workspace, by Instagram's numbers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from igsite.ownership import OwnedQuerySet


class AlternativeAccount(models.Model):
    """One account of a person who has several; rows with the same ``person`` belong together."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    person = models.UUIDField(default=uuid.uuid4, editable=False)
    target_pk = models.BigIntegerField()
    note = models.CharField(max_length=200, default="", blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "target_pk"], name="alternative_one_person"),
            models.CheckConstraint(condition=models.Q(target_pk__gt=0), name="alternative_target_is_a_person"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "person", "target_pk"], name="alternative_of_person")]

    def __str__(self) -> str:
        return f"{self.target_pk} of {self.person}"
