"""Comparisons of followers: which of some accounts follow each of some others."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, Workspace
from igsite.ownership import OwnedQuerySet


class Side(models.TextChoices):
    """The lists of ``left`` are searched for ``right``."""

    LEFT = "left", _("Followed")
    RIGHT = "right", _("Followers looked for")


class ListReading(models.TextChoices):
    """How far the list of a left account is known. Only ``complete`` lets one say that somebody does not follow."""

    WAITING = "waiting", _("Waiting")
    COMPLETE = "complete", _("Complete")
    PARTIAL = "partial", _("Partial")
    UNREADABLE = "unreadable", _("Cannot be read")
    NONE = "none", _("Not read")


class Comparison(models.Model):
    """One comparison. Its job reads what is not stored; ``ended_at`` is set when nothing is left to read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.SET_NULL, related_name="+")
    job_uuid = models.UUIDField(null=True, unique=True)
    left_count = models.PositiveSmallIntegerField()
    right_count = models.PositiveSmallIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(left_count__range=(1, 50)) & models.Q(right_count__range=(1, 500)),
                name="comparison_size",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="comparison_newest")]

    def __str__(self) -> str:
        return f"{self.left_count} x {self.right_count}"


class ComparedAccount(models.Model):
    """One account of a comparison. ``seen`` people of its list were looked at, as of ``as_of``."""

    workspace_path = "comparison__workspace"

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="accounts")
    side = models.CharField(max_length=5, choices=Side.choices)
    position = models.PositiveSmallIntegerField()
    target_pk = models.BigIntegerField()
    username = models.CharField(max_length=64, default="", blank=True)
    reading = models.CharField(max_length=10, choices=ListReading.choices)
    seen = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, default="", blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comparison", "side", "target_pk"], name="compared_once_a_side"),
            models.UniqueConstraint(fields=["comparison", "side", "position"], name="compared_position_once"),
            models.CheckConstraint(condition=models.Q(target_pk__gt=0), name="compared_is_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.target_pk}: {self.reading}"


class ComparedPair(models.Model):
    """``right_pk`` follows ``left_pk``."""

    workspace_path = "comparison__workspace"

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="pairs")
    left_pk = models.BigIntegerField()
    right_pk = models.BigIntegerField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comparison", "left_pk", "right_pk"], name="compared_pair_once"),
        ]

    def __str__(self) -> str:
        return f"{self.right_pk} follows {self.left_pk}"
