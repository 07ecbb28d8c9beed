"""The lists whose people are stored: followers and following of one tracked account."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount
from igsite.ownership import OwnedQuerySet


class Direction(models.TextChoices):
    """Which of an account's two lists."""

    FOLLOWERS = "followers", _("Followers")
    FOLLOWING = "following", _("Following")


class EdgeList(models.Model):
    """One list of one tracked account. Its people live in the tables ``edge_current`` and ``edge_past``.

    A scan that stored something has a number in its list, ``seq``, from 1 on. ``baseline_seq`` is the first complete
    scan: nobody is new up to it. ``complete_seq`` is the last complete one. ``people_count`` and ``mutuals_count`` are
    exact and kept by the merge, so that no page counts; ``mutuals_count`` is the same on both lists of an account and
    None until both were read. ``usual_gap`` is the share of the profile's count that complete scans of this list do not
    show (suspended accounts), None until learned. ``source_seqs`` are the scans with which another source began to read
    the list (:mod:`scans.source_changes`), the oldest first: by them nobody is new, returned or lost.
    """

    workspace_path = "account__workspace"

    id = models.AutoField(primary_key=True)
    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="edge_lists")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    last_seq = models.PositiveIntegerField(default=0)
    baseline_seq = models.PositiveIntegerField(null=True)
    complete_seq = models.PositiveIntegerField(null=True)
    people_count = models.BigIntegerField(default=0)
    mutuals_count = models.BigIntegerField(null=True)
    usual_gap = models.FloatField(null=True)
    source_seqs = ArrayField(models.PositiveIntegerField(), default=list, db_default=[], blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "direction"], name="edge_list_once"),
            models.CheckConstraint(condition=models.Q(direction__in=Direction.values), name="edge_list_direction"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} of {self.account_id}"

    @property
    def source_since(self) -> int:
        """The scan with which the source that reads the list now began; 0: it always was this one."""
        return self.source_seqs[-1] if self.source_seqs else 0
