"""How a workspace reaches the sources that need no login of Instagram's, and in which order its sources are asked."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tracked import TrackedAccount
from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class SourceName(models.TextChoices):
    """The sources that a chain may name. The values are those of :mod:`accounts.gateway`."""

    WEB = "web_public", _("Public web")
    LOGIN = "instagrapi_private", _("Instagram login")
    APIFY = "apify", _("Apify")
    TIKHUB = "tikhub", _("TikHub")
    META = "meta_graph", _("Meta Graph")


class Purpose(models.TextChoices):
    """What a chain is for."""

    PROFILE = "profile", _("Profiles")
    PEOPLE = "people", _("Followers and following")
    POSTS = "posts", _("Posts")
    COMMENTS = "comments", _("Comments")


class KeyStatus(models.TextChoices):
    """How a key stood when it was used last."""

    NONE = "", _("No key")
    GOOD = "good", _("Works")
    REFUSED = "refused", _("Refused")
    EMPTY = "empty", _("Out of credit")
    UNKNOWN = "unknown", _("Not checked")


class SourceAccess(models.Model):
    """How one source is reached: with whose key, how fast, and since when it rests.

    ``workspace`` None is the site's own access, for the public web: Instagram counts its requests by address, whoever
    asked for them. ``key_sealed`` is the key of a service; ``own_user_id`` the number of one's own professional
    account, which Meta's interface asks through. ``resumes_at`` is in the future while the source rests,
    ``next_read_at`` is when the pause after the last request is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="source_accesses")
    source = models.CharField(max_length=30, choices=SourceName.choices)
    key_sealed = models.BinaryField(null=True)
    own_user_id = models.CharField(max_length=40, default="", blank=True)
    status = models.CharField(max_length=10, choices=KeyStatus.choices, default=KeyStatus.NONE, blank=True)
    note = models.CharField(max_length=300, default="", blank=True)
    checked_at = models.DateTimeField(null=True)
    throttle_level = models.PositiveSmallIntegerField(default=0)
    next_read_at = models.DateTimeField(null=True)
    resumes_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "source"], nulls_distinct=False, name="source_access_once"),
            models.CheckConstraint(condition=models.Q(source__in=SourceName.values), name="source_access_known"),
            models.CheckConstraint(condition=models.Q(status__in=KeyStatus.values), name="source_access_status_known"),
            # Only a workspace has keys: the site's own access is nobody's to pay for.
            models.CheckConstraint(
                condition=models.Q(key_sealed=None) | models.Q(workspace__isnull=False), name="source_key_has_an_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.get_source_display()


class SourceChain(models.Model):
    """The order in which sources are asked for one purpose: of a workspace, or of one tracked account of it.

    A workspace without a row has the default order of :mod:`accounts.source_chains`.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(TrackedAccount, null=True, on_delete=models.CASCADE, related_name="source_chains")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    sources = ArrayField(models.CharField(max_length=30, choices=SourceName.choices), size=len(SourceName))
    changed_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "purpose"], nulls_distinct=False, name="source_chain_once"
            ),
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="source_chain_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {', '.join(self.sources)}"
