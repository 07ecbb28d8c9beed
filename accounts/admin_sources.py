"""Sources in the admin: how they stand and what was paid. Keys are never shown, nor can one be typed in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts import source_health, source_keys
from accounts.models import (
    SourceAccess,
    SourceAnswer,
    SourceChain,
    SourceHealth,
    SourceRun,
    SourceWait,
)
from igsite import audit
from igsite.admin_tables import BigTable, ByDate, LookOnly, on_each


@admin.register(SourceAccess)
class AccessAdmin(LookOnly[SourceAccess]):
    """How workspaces reach the services."""

    list_display = ("source", "workspace", "status", "note", "checked_at", "resumes_at")
    list_filter: ClassVar[Any] = ("source", "status", ("checked_at", ByDate))
    list_select_related = ("workspace",)
    ordering = ("source", "id")
    fields = ("source", "workspace", "own_user_id", "status", "note", "checked_at", "resumes_at", "created_by")
    search_fields = ("workspace__name", "own_user_id")
    actions = ("try_keys", "erase")

    @admin.action(description=gettext_lazy("Check the keys"), permissions=["operate"])
    def try_keys(self, request: HttpRequest, queryset: QuerySet[SourceAccess]) -> None:
        """One request each that costs nothing."""
        self._each(request, queryset, source_keys.check)

    @admin.action(description=gettext_lazy("Erase the key"), permissions=["operate"])
    def erase(self, request: HttpRequest, queryset: QuerySet[SourceAccess]) -> None:
        """Remove the chosen keys."""
        self._each(request, queryset, source_keys.remove)

    def _each(self, request: HttpRequest, queryset: QuerySet[SourceAccess], act: Any) -> None:
        by, now = request.user, timezone.now()
        keyed = queryset.exclude(key_sealed=None).select_related("workspace")
        on_each(request, keyed, lambda one: act(access=one, by=by, now=now))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may act on keys that are not theirs."""
        return request.user.has_perm("accounts.delete_sourceaccess")


@admin.register(SourceHealth)
class HealthAdmin(LookOnly[SourceHealth]):
    """What is broken for everybody."""

    list_display = ("source", "part", "state", "since", "note", "probe_at", "probes")
    list_filter: ClassVar[Any] = ("source", "part", "state", ("since", ByDate))
    search_fields = ("note",)
    ordering = ("source", "part", "id")
    actions = ("probe",)

    @admin.action(description=gettext_lazy("Look at it now"), permissions=["operate"])
    def probe(self, request: HttpRequest, queryset: QuerySet[SourceHealth]) -> None:
        """Have the chosen parts probed."""
        now = timezone.now()
        for health in queryset.exclude(probe_at=None):
            audit.record(request.user, "sources.tried_again", health, now=now)
        queryset.exclude(probe_at=None).update(probe_at=now)
        source_health.look_at_due(now)
        self.message_user(request, gettext_lazy("They are looked at."))


@admin.register(SourceWait)
class WaitAdmin(LookOnly[SourceWait]):
    """Jobs that wait for a part of a source to be sound again."""

    list_display = ("health", "job_uuid", "since")
    list_filter: ClassVar[Any] = (("since", ByDate),)
    list_select_related = ("health",)
    search_fields = ("=job_uuid",)
    ordering = ("-since", "-id")


@admin.register(SourceAnswer)
class AnswerAdmin(BigTable[SourceAnswer]):
    """What sources answered within the last day."""

    list_display = ("question", "source", "workspace", "answered_at", "expires_at")
    list_filter: ClassVar[Any] = ("source", ("answered_at", ByDate))
    list_select_related = ("workspace",)
    search_fields = ("^question", "=workspace__name")


@admin.register(SourceChain)
class ChainAdmin(LookOnly[SourceChain]):
    """Orders that workspaces chose."""

    list_display = ("workspace", "account", "purpose", "sources", "changed_at")
    list_filter: ClassVar[Any] = ("purpose", ("changed_at", ByDate))
    list_select_related = ("workspace", "account")
    search_fields = ("workspace__name", "account__username")
    ordering = ("-id",)


@admin.register(SourceRun)
class RunAdmin(BigTable[SourceRun]):
    """Paid runs."""

    list_display = ("ordered_at", "workspace", "what", "target", "state", "results", "cost_dollars", "note")
    list_filter: ClassVar[Any] = ("state", ("ordered_at", ByDate))
    list_select_related = ("workspace",)
    search_fields = ("^target", "=run_id", "=what", "=workspace__name")
    ordering = ("-ordered_at", "-id")
