"""Batches of actions and their items: what was asked for, what is left out and why, what became of each."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, Workspace
from igsite.ownership import OwnedQuerySet


class ActionKind(models.TextChoices):
    """What is done to each person, or to each post. Each of them shows in what is read afterwards."""

    FOLLOW = "follow", _("Follow")
    UNFOLLOW = "unfollow", _("Unfollow")
    REMOVE = "remove", _("Remove follower")
    LIKE = "like", _("Like")
    UNLIKE = "unlike", _("Take like back")
    COMMENT = "comment", _("Comment")


#: Kinds whose targets are posts.
ON_POSTS = (ActionKind.LIKE, ActionKind.UNLIKE, ActionKind.COMMENT)


class BatchState(models.TextChoices):
    """Where a batch stands. Nothing is sent but while it runs."""

    STAGED = "staged", _("Waits for your confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    FROZEN = "frozen", _("Frozen: Instagram blocked actions")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class ItemState(models.TextChoices):
    """What became of one person. ``answered``: it was sent once, and what came of it has still to be read."""

    WAITING = "waiting", _("Waiting")
    EXCLUDED = "excluded", _("Left out")
    ANSWERED = "answered", _("Sent, not yet read")
    DONE = "done", _("Done")
    REQUESTED = "requested", _("Requested")
    ALREADY = "already", _("Was so already")
    FAILED = "failed", _("Refused")
    UNKNOWN = "unknown", _("Unknown: look at it yourself")
    CANCELLED = "cancelled", _("Cancelled")


class Exclusion(models.TextChoices):
    """Why somebody is left out."""

    SAFELIST = "safelist", _("On a safelist")
    FOLLOWS_YOU = "follows_you", _("Already follows you")
    PRIVATE = "private", _("Private account")
    RECENTLY = "recently", _("Followed not long ago")
    ELSEWHERE = "elsewhere", _("In another batch that is not over")
    CAP = "cap", _("More than a batch may hold")
    OUTSIDE_BUDGET = "outside_budget", _("More than a week's budget")
    NOT_ACCESSIBLE = "not_accessible", _("Not known here, or not to be reached")
    YOURSELF = "yourself", _("The login itself")
    BY_HAND = "by_hand", _("Left out by a person")
    ALTERNATIVE = "alternative", _("You know another account of theirs")
    DONE_BEFORE = "done_before", _("Done under this post before")


#: Characters of a comment, as Instagram takes them.
LONGEST_COMMENT = 2_200
#: States of batches that are not over.
OPEN_STATES = (
    BatchState.STAGED, BatchState.CONFIRMED, BatchState.RUNNING, BatchState.PAUSED, BatchState.FROZEN,
)  # fmt: skip


class Batch(models.Model):
    """Actions of one kind by one login, reviewed and confirmed as a whole. ``note`` is a sentence for the person.

    Nothing is sent before ``starts_at``; ``undoes`` is the batch whose follows or likes this one takes back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="action_batches")
    login = models.ForeignKey(InstagramLogin, on_delete=models.CASCADE, related_name="action_batches")
    kind = models.CharField(max_length=10, choices=ActionKind.choices)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.STAGED)
    note = models.CharField(max_length=500, default="", blank=True)
    job_uuid = models.UUIDField(null=True, unique=True)
    starts_at = models.DateTimeField(null=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="undone_by")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=ActionKind.values), name="batch_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=False, job_uuid__isnull=False)
                | models.Q(state__in=["staged", "cancelled"]),
                name="batch_works_once_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "cancelled"], ended_at__isnull=False)
                | (~models.Q(state__in=["done", "cancelled"]) & models.Q(ended_at=None)),
                name="batch_ended_has_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="batch_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Item(models.Model):
    """One person of a batch, or one post. ``risk`` is a word of warning for the review.

    ``target_pk`` is Instagram's number of the person, or of the post for :data:`ON_POSTS`; ``text`` is the comment.
    """

    workspace_path = "batch__workspace"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    target_pk = models.BigIntegerField()
    reason = models.CharField(max_length=200, default="", blank=True)
    risk = models.CharField(max_length=200, default="", blank=True)
    text = models.CharField(max_length=LONGEST_COMMENT, default="", blank=True)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.WAITING)
    exclusion = models.CharField(max_length=20, choices=Exclusion.choices, default="", blank=True)
    note = models.CharField(max_length=300, default="", blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "target_pk"], name="item_target_once"),
            models.UniqueConstraint(fields=["batch", "position"], name="item_position_once"),
            models.CheckConstraint(condition=models.Q(target_pk__gt=0), name="item_target_is_a_person"),
            models.CheckConstraint(condition=models.Q(state__in=ItemState.values), name="item_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="excluded", exclusion__in=Exclusion.values)
                | (~models.Q(state="excluded") & models.Q(exclusion="")),
                name="item_excluded_has_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["batch", "state", "position"], name="item_next"),
            models.Index(fields=["target_pk"], name="item_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.target_pk}: {self.state}"
