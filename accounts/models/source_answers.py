"""The read cache: what sources answered within the last day, for one workspace."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.sources import SourceName
from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class SourceAnswer(models.Model):
    """The last answer to one question, as plain JSON. Shown with its age; never an input of a scan or a measurement.

    ``question`` is ``profile:<user name>`` or the like. Expired answers are deleted at night and never shown.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=120)
    source = models.CharField(max_length=30, choices=SourceName.choices)
    answer = models.JSONField()
    answered_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "question"], name="source_answer_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="source_answer_expiry")]

    def __str__(self) -> str:
        return f"{self.question} by {self.source}"
