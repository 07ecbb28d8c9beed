"""The ledger of calls to sources: what budgets are counted from and what the usage page shows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.logins import InstagramLogin
from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class SourceCall(models.Model):
    """One request to a source. Written before it is sent (``outcome`` empty), so that a crash can only over-count."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.CASCADE, related_name="calls")
    source = models.CharField(max_length=30)
    kind = models.CharField(max_length=20)
    endpoint = models.CharField(max_length=60)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=30, default="", blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["login", "kind", "-at"], name="call_by_login")]

    def __str__(self) -> str:
        return f"{self.source} {self.endpoint} {self.at}"
