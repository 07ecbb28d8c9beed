"""Files that people made of a list: whom it holds, or what changed on it, as they had narrowed it down."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount, Workspace
from igsite.ownership import OwnedQuerySet


class ExportContent(models.TextChoices):
    """What is exported."""

    PEOPLE = "people", _("People")
    CHANGES = "changes", _("Changes")


class ExportFormat(models.TextChoices):
    """As what kind of file."""

    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")
    JSON = "json", _("JSON")


class ListExport(models.Model):
    """One file. ``choice`` says what it holds, as the page's address did; the job ``job_uuid`` writes it.

    ``rows_count`` and ``bytes`` are known and ``ready_at`` is set once it can be fetched; after ``expires_at`` the file
    is deleted and the row with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="list_exports")
    content = models.CharField(max_length=7, choices=ExportContent.choices)
    format = models.CharField(max_length=4, choices=ExportFormat.choices)
    choice = models.JSONField(default=dict)
    file_name = models.CharField(max_length=120)
    job_uuid = models.UUIDField(unique=True)
    rows_count = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(content__in=ExportContent.values), name="list_export_content"),
            models.CheckConstraint(condition=models.Q(format__in=ExportFormat.values), name="list_export_format"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="list_export_newest")]

    def __str__(self) -> str:
        return self.file_name
