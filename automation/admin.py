"""Actions in the admin: what was sent is to look at, batches can be paused and cancelled. Nothing here sends anything.

Members confirm a batch on its page and choose the pace of a login: neither can be done here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from automation import batches
from automation.models import (
    AlternativeAccount,
    Attempt,
    Batch,
    Comparison,
    GhostReport,
    Item,
    SafelistEntry,
    WritePace,
)
from igsite.admin_tables import BigTable, ByDate, LookOnly, on_each, workspace_of

_NEWEST = ("-created_at", "-id")


@admin.register(Batch)
class BatchAdmin(BigTable[Batch]):
    """Batches, to be stopped where somebody asks the operator to."""

    list_display = ("id", "kind", "workspace", "login", "state", "note", "created_at", "confirmed_at", "ended_at")
    list_filter: ClassVar[Any] = ("state", "kind", ("created_at", ByDate))
    search_fields = ("=id", "=login__username", "=workspace__name")
    list_select_related = ("workspace", "login")
    ordering = _NEWEST
    actions = ("pause", "cancel")

    @admin.action(description=gettext_lazy("Pause"), permissions=["operate"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Batch]) -> None:
        """Send nothing more until a member resumes it."""
        self._each(request, chosen, batches.pause)

    @admin.action(description=gettext_lazy("Cancel"), permissions=["operate"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Batch]) -> None:
        """Send nothing more, for good."""
        self._each(request, chosen, batches.cancel)

    def _each(self, request: HttpRequest, chosen: QuerySet[Batch], act: Callable[..., object]) -> None:
        now = timezone.now()
        on_each(request, chosen.order_by("pk"), lambda one: act(batch=one, by=request.user, now=now))


@admin.register(Item)
class ItemAdmin(BigTable[Item]):
    """People and posts of batches, and what became of each."""

    list_display = ("target_pk", "batch", "state", "exclusion", "reason", "note", "settled_at")
    list_filter: ClassVar[Any] = ("state", "exclusion")
    search_fields = ("=target_pk", "=batch__id")
    list_select_related = ("batch",)


@admin.register(Attempt)
class AttemptAdmin(BigTable[Attempt]):
    """Everything that was sent, with the answer and the later reading."""

    list_display = (
        "item", "kind", "login", workspace_of("workspace"), "state", "answer", "reserved_at", "sent_at", "read_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("state", "kind", ("reserved_at", ByDate))
    search_fields = ("=item__target_pk", "=login__username", "=workspace__name")
    list_select_related = ("item", "login", "workspace")
    exclude = ("token",)


@admin.register(WritePace)
class WritePaceAdmin(LookOnly[WritePace]):
    """How fast logins may act: their members' choice, within ceilings that the database keeps."""

    list_display = ("login", "per_hour", "per_day", "likes_per_hour", "comments_per_hour", "gap_min", "gap_max")
    search_fields = ("=login__username",)
    list_select_related = ("login",)
    ordering = ("login_id",)


@admin.register(SafelistEntry)
class SafelistEntryAdmin(BigTable[SafelistEntry]):
    """Who is safe from actions."""

    list_display = ("target_pk", "safelist", "workspace", "note", "added_by", "added_at")
    list_filter: ClassVar[Any] = ("safelist", ("added_at", ByDate))
    search_fields = ("=target_pk", "=workspace__name")
    list_select_related = ("workspace", "added_by")


@admin.register(AlternativeAccount)
class AlternativeAccountAdmin(BigTable[AlternativeAccount]):
    """Accounts that a workspace holds for one person's."""

    list_display = ("target_pk", "person", "workspace", "note", "added_by", "added_at")
    list_filter: ClassVar[Any] = (("added_at", ByDate),)
    search_fields = ("=target_pk", "=person", "=workspace__name")
    list_select_related = ("workspace", "added_by")


@admin.register(Comparison)
class ComparisonAdmin(BigTable[Comparison]):
    """Left-right comparisons."""

    list_display = ("id", "workspace", "login", "left_count", "right_count", "created_at", "ended_at")
    list_filter: ClassVar[Any] = (("created_at", ByDate),)
    search_fields = ("=id", "=workspace__name")
    list_select_related = ("workspace", "login")
    ordering = _NEWEST


@admin.register(GhostReport)
class GhostReportAdmin(BigTable[GhostReport]):
    """Reports of ghost followers."""

    list_display = ("id", "account", "workspace", "posts_wanted", "created_at", "ended_at")
    list_filter: ClassVar[Any] = (("created_at", ByDate),)
    search_fields = ("=id", "=account__username", "=workspace__name")
    list_select_related = ("workspace", "account")
    ordering = _NEWEST
