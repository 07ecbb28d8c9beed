"""Attempts: the record that makes it impossible to send an action twice."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, Workspace
from automation.models.batches import ActionKind, Item
from igsite.ownership import OwnedQuerySet


class AttemptState(models.TextChoices):
    """``void`` was never sent and gives its place in the budget back; all others but ``intent`` may have been."""

    INTENT = "intent", _("About to be sent")
    SENT = "sent", _("On its way")
    DONE = "done", _("Accepted")
    FAILED = "failed", _("Refused")
    UNKNOWN = "unknown", _("Answer lost")
    VOID = "void", _("Never sent")


class Attempt(models.Model):
    """One attempt at one item: written before the request leaves, kept for ever as the log of what was sent.

    ``post_pk`` is set for what is done to a post: a login does it there once. ``token`` is the worker's; only its
    holder moves the attempt on, until ``lease_until``. ``answer`` is the code of what Instagram said, ``reading`` what
    a later look at the friendship or the post showed.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    login = models.ForeignKey(InstagramLogin, on_delete=models.CASCADE, related_name="action_attempts")
    # An item with attempts goes with its workspace or login only: its place in the budget must not.
    item = models.ForeignKey(Item, on_delete=models.RESTRICT, related_name="attempts")
    kind = models.CharField(max_length=10, choices=ActionKind.choices)
    post_pk = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=AttemptState.choices, default=AttemptState.INTENT)
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    reserved_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=30, default="", blank=True)
    reading = models.JSONField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(state__in=["intent", "sent"]), name="attempt_open_once"
            ),
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(sent_at__isnull=False), name="attempt_sent_once"
            ),
            models.UniqueConstraint(
                fields=["login"], condition=models.Q(state__in=["intent", "sent"]), name="attempt_one_write_a_login"
            ),
            models.UniqueConstraint(
                fields=["login", "kind", "post_pk"],
                condition=models.Q(state__in=["intent", "sent", "done", "unknown"]),
                name="attempt_post_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["like", "unlike", "comment"], post_pk__isnull=False)
                | models.Q(kind__in=["follow", "unfollow", "remove"], post_pk=None),
                name="attempt_names_its_post",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=ActionKind.values), name="attempt_kind_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=["intent", "void"], sent_at=None)
                | models.Q(state__in=["sent", "done", "failed", "unknown"], sent_at__isnull=False),
                name="attempt_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["intent", "sent"], ended_at=None)
                | models.Q(state__in=["done", "failed", "unknown", "void"], ended_at__isnull=False),
                name="attempt_ended_has_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["login", "-reserved_at"], name="attempt_by_login")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}: {self.state}"
