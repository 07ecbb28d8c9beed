"""Sources in the admin: how they stand and what was paid. Keys are never shown, nor can one be typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import source_health, source_keys
from accounts.admin_logins import ReadOnly
from accounts.models import SourceAccess, SourceChain, SourceHealth, SourceRun

if TYPE_CHECKING:
    _AccessAdmin = admin.ModelAdmin[SourceAccess]
    _ChainAdmin = admin.ModelAdmin[SourceChain]
    _HealthAdmin = admin.ModelAdmin[SourceHealth]
    _RunAdmin = admin.ModelAdmin[SourceRun]
else:
    _AccessAdmin = _ChainAdmin = _HealthAdmin = _RunAdmin = admin.ModelAdmin


@admin.register(SourceAccess)
class AccessAdmin(ReadOnly, _AccessAdmin):
    """How workspaces reach the services."""

    list_display = ("source", "workspace", "status", "note", "checked_at", "resumes_at")
    list_filter = ("source", "status")
    list_select_related = ("workspace",)
    ordering = ("source", "id")
    fields = ("source", "workspace", "own_user_id", "status", "note", "checked_at", "resumes_at", "created_by")
    actions = ("erase",)

    @admin.action(description=gettext_lazy("Erase the key"), permissions=["operate"])
    def erase(self, request: HttpRequest, queryset: QuerySet[SourceAccess]) -> None:
        """Remove the chosen keys."""
        for access in queryset.exclude(workspace=None).select_related("workspace"):
            source_keys.remove(access=access, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("%(source)s: erased.") % {"source": access})

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may act on keys that are not theirs."""
        return request.user.has_perm("accounts.delete_sourceaccess")


@admin.register(SourceHealth)
class HealthAdmin(ReadOnly, _HealthAdmin):
    """What is broken for everybody."""

    list_display = ("source", "part", "state", "since", "note", "probe_at", "probes")
    list_filter = ("source", "state")
    ordering = ("source", "part", "id")
    actions = ("probe",)

    @admin.action(description=gettext_lazy("Look at it now"), permissions=["operate"])
    def probe(self, request: HttpRequest, queryset: QuerySet[SourceHealth]) -> None:
        """Have the chosen parts probed."""
        queryset.exclude(probe_at=None).update(probe_at=timezone.now())
        source_health.look_at_due(timezone.now())
        messages.success(request, _("They are looked at."))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may have sources probed."""
        return request.user.has_perm("accounts.change_sourcehealth")


@admin.register(SourceChain)
class ChainAdmin(ReadOnly, _ChainAdmin):
    """Orders that workspaces chose."""

    list_display = ("workspace", "account", "purpose", "sources", "changed_at")
    list_filter = ("purpose",)
    list_select_related = ("workspace", "account")
    ordering = ("-id",)


@admin.register(SourceRun)
class RunAdmin(ReadOnly, _RunAdmin):
    """Paid runs."""

    list_display = ("ordered_at", "workspace", "what", "target", "state", "results", "cost_dollars", "note")
    list_filter = ("state", "what")
    list_select_related = ("workspace",)
    ordering = ("-ordered_at", "-id")
