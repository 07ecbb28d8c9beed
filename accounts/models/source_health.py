"""Which parts of which sources are broken, for everybody, and which jobs wait for that to end."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.logins import InstagramLogin
from accounts.models.sources import SourceAccess, SourceName
from accounts.models.workspaces import Workspace


class Part(models.TextChoices):
    """What breaks by itself: one kind of answer of a source."""

    PROFILE = "profile", _("Profiles")
    FOLLOWERS = "followers", _("Followers")
    FOLLOWING = "following", _("Following")
    POSTS = "posts", _("Posts")
    POST = "post", _("Single posts")
    COMMENTS = "comments", _("Comments")


class Circuit(models.TextChoices):
    """``closed``: used. ``suspect``: somebody met an answer that nobody understands, and a probe is on its way, while
    everybody else goes on. ``broken``: the probe met the same; everybody waits, and a probe looks again from time to
    time."""

    CLOSED = "closed", _("Works")
    SUSPECT = "suspect", _("Being checked")
    BROKEN = "broken", _("Broken for everybody")


class SourceHealth(models.Model):
    """One part of one source, for all workspaces. No row: never in doubt.

    ``since`` is when the present state began, ``note`` the sentence of what was met. ``probe_at`` is when the next
    probe is due, ``probes`` how many failed in a row; ``cleared_at`` is when a probe last showed it sound. ``login``
    or ``access`` is with what the next probe is made, ``asked_for`` the workspace that asks: of those who met it; they
    are shown to nobody else.
    """

    source = models.CharField(max_length=30, choices=SourceName.choices)
    part = models.CharField(max_length=10, choices=Part.choices)
    state = models.CharField(max_length=8, choices=Circuit.choices, default=Circuit.CLOSED)
    since = models.DateTimeField()
    note = models.CharField(max_length=300, default="", blank=True)
    probe_at = models.DateTimeField(null=True)
    probes = models.PositiveIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True)
    asked_for = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")
    access = models.ForeignKey(SourceAccess, null=True, on_delete=models.SET_NULL, related_name="+")
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "part"], name="source_health_once"),
            models.CheckConstraint(condition=models.Q(state__in=Circuit.values), name="source_health_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.part}: {self.state}"


class SourceWait(models.Model):
    """A job that waits for a part of a source to be sound again. Goes with the wait."""

    health = models.ForeignKey(SourceHealth, on_delete=models.CASCADE, related_name="waits")
    job_uuid = models.UUIDField(unique=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job_uuid} waits for {self.health_id}"
