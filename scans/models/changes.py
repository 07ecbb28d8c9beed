"""Events about people that the intervals of edges cannot tell: a changed name, a changed flag."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from igsite.ownership import OwnedQuerySet
from scans.models.lists import EdgeList


class ChangeKind(models.TextChoices):
    """What happened to a person between two scans of a list."""

    NEW = "new", _("New")
    LOST = "lost", _("Lost")
    RETURNED = "returned", _("Returned")
    RENAMED = "renamed", _("Renamed")
    PRIVATE = "private", _("Became private")
    PUBLIC = "public", _("Became public")
    VERIFIED = "verified", _("Became verified")
    UNVERIFIED = "unverified", _("Lost verification")


#: What a merge writes down about people who stay on a list.
NOTED = (ChangeKind.RENAMED, ChangeKind.PRIVATE, ChangeKind.PUBLIC, ChangeKind.VERIFIED, ChangeKind.UNVERIFIED)


class ProfileChange(models.Model):
    """Scan ``seq`` of a list saw a person, whom the list knew as ``old``, as ``new``; or with a flag turned (then both
    are empty).

    Kept per list, so that a workspace learns only what its own scans saw. Written by the merge alone. ``old`` is empty
    when the former name is not on record.
    """

    workspace_path = "edge_list__account__workspace"

    edge_list = models.ForeignKey(EdgeList, on_delete=models.CASCADE, related_name="profile_changes", db_index=False)
    seq = models.PositiveIntegerField()
    profile_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=[(one.value, one.label) for one in NOTED])
    old = models.CharField(max_length=150, default="", blank=True)
    new = models.CharField(max_length=150, default="", blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edge_list", "seq", "profile_id", "kind"], name="profile_change_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["edge_list", "profile_id", "seq"], name="profile_change_person")]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.old} → {self.new}"
