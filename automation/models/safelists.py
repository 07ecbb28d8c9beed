"""Safelists: people whom no batch touches, by Instagram's number, so that a rename does not lose them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from igsite.ownership import OwnedQuerySet


class Safelist(models.TextChoices):
    """From what they are safe. *Never unfollow* protects from being removed as a follower as well."""

    DO_NOT_FOLLOW = "do_not_follow", _("Do not follow")
    NEVER_UNFOLLOW = "never_unfollow", _("Never unfollow")


class SafelistEntry(models.Model):
    """One person on one safelist of a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="safelist_entries")
    safelist = models.CharField(max_length=20, choices=Safelist.choices)
    target_pk = models.BigIntegerField()
    note = models.CharField(max_length=200, default="", blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "safelist", "target_pk"], name="safelist_person_once"),
            models.CheckConstraint(condition=models.Q(safelist__in=Safelist.values), name="safelist_known"),
            models.CheckConstraint(condition=models.Q(target_pk__gt=0), name="safelist_target_is_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.safelist}: {self.target_pk}"
