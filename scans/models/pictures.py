"""Where people's pictures are, and which of them are kept here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class PictureState(models.TextChoices):
    """What is to be done about a picture.

    *Known*: nobody asked for it. *Wanted*: to be fetched as soon as there is a fresh address. *Stored*: fetched, and
    still the one that scans see. *Refused*: what was at its path is no picture that may be shown. *Gone*: the address
    has run out; a newer one is awaited.
    """

    KNOWN = "known", _("Known")
    WANTED = "wanted", _("Wanted")
    STORED = "stored", _("Stored")
    REFUSED = "refused", _("Refused")
    GONE = "gone", _("Gone")


class ProfilePicture(models.Model):
    """One person's picture, a fact shared by all workspaces as names are; who may see it is decided at each request.

    ``address`` is the newest one that a scan saw, at ``seen_at``; it is signed and runs out after days. ``path`` is its
    part that tells one picture from another. ``fetched_path`` and ``fetched_at`` are about the file that is kept, if
    any (``fetched_at`` None: none), ``size`` its bytes. ``asked_at`` is when a page last showed the person.
    """

    profile_id = models.BigIntegerField(primary_key=True)
    address = models.TextField(default="")
    path = models.TextField(default="")
    seen_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=PictureState.choices, default=PictureState.KNOWN)
    tried_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)
    fetched_path = models.TextField(default="")
    size = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=PictureState.values), name="picture_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-asked_at", "profile_id"], condition=models.Q(state=PictureState.WANTED), name="picture_wanted"
            ),
            models.Index(
                fields=["asked_at", "profile_id"], condition=models.Q(fetched_at__isnull=False), name="picture_kept"
            ),
            models.Index(fields=["seen_at"], condition=models.Q(asked_at__isnull=True), name="picture_unasked"),
        ]

    def __str__(self) -> str:
        return f"picture of {self.profile_id}"
