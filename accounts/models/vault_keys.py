"""Data keys of the vault, wrapped by the master key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class DataKey(models.Model):
    """One workspace's key for its secrets, itself encrypted. Its id is part of every ciphertext it made.

    ``workspace`` is None for the site's own key, which seals what belongs to a person and to no workspace (MFA).
    """

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="data_keys")
    wrapped = models.BinaryField()
    master_key_id = models.CharField(max_length=40)
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_current=True),
                nulls_distinct=False,
                name="data_key_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"data key {self.pk}"
