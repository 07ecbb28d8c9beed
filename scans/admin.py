"""Scans in the admin: to look at. A row changed by hand would lie about what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scans import follower_scan
from scans.models import EdgeList, ListScan, LossVerdict, Scan, ScanSchedule

if TYPE_CHECKING:
    ScanModelAdmin = admin.ModelAdmin[Scan]
    ListModelAdmin = admin.ModelAdmin[EdgeList]
    VerdictModelAdmin = admin.ModelAdmin[LossVerdict]
    ScheduleModelAdmin = admin.ModelAdmin[ScanSchedule]
    ListScanInlineBase = admin.TabularInline[ListScan, Scan]
else:
    ScanModelAdmin = ListModelAdmin = VerdictModelAdmin = ScheduleModelAdmin = admin.ModelAdmin
    ListScanInlineBase = admin.TabularInline


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False


class ListScanInline(_ReadOnly, ListScanInlineBase):
    """The lists of a scan."""

    model = ListScan
    fields = (
        "direction", "seq", "state", "reason", "sentence", "count_before", "count_after", "people_seen", "total",
        "new_count", "lost_count", "returned_count", "renamed_count",
    )  # fmt: skip
    extra = 0


@admin.register(Scan)
class ScanAdmin(_ReadOnly, ScanModelAdmin):
    """Runs, with what came of each list."""

    list_display = ("account", "state", "source", "message", "workspace", "created_at", "finished_at")
    list_filter = ("state", "source")
    search_fields = ("=id", "account__username")
    list_select_related = ("account", "workspace")
    ordering = ("-created_at", "-id")
    show_full_result_count = False
    inlines = (ListScanInline,)
    actions = ("cancel_chosen",)

    @admin.action(description=gettext_lazy("Cancel the chosen scans"), permissions=["view"])
    def cancel_chosen(self, request: HttpRequest, scans: QuerySet[Scan]) -> None:
        """As the scan's page does."""
        for scan in scans.order_by("pk"):
            follower_scan.cancel(scan, by=request.user)
        self.message_user(request, _("Scans that still ran were asked to stop."), messages.SUCCESS)


@admin.register(EdgeList)
class EdgeListAdmin(_ReadOnly, ListModelAdmin):
    """The lists, with the figures kept of them."""

    list_display = ("account", "direction", "people_count", "last_seq", "baseline_seq", "complete_seq", "usual_gap")
    list_filter = ("direction",)
    search_fields = ("account__username",)
    list_select_related = ("account",)
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(LossVerdict)
class LossVerdictAdmin(_ReadOnly, VerdictModelAdmin):
    """What checks of losses found."""

    list_display = ("profile_id", "edge_list", "state", "reason", "checked_at", "checked_by")
    list_filter = ("state", "reason")
    search_fields = ("=profile_id",)
    list_select_related = ("edge_list__account", "checked_by")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(ScanSchedule)
class ScanScheduleAdmin(_ReadOnly, ScheduleModelAdmin):
    """When accounts are scanned by themselves."""

    list_display = ("workspace", "account", "reading", "at_time", "every_minutes", "is_on", "zone", "next_at")
    list_filter = ("is_on", "reading")
    search_fields = ("account__username", "workspace__name")
    list_select_related = ("workspace", "account")
    ordering = ("next_at", "id")
    show_full_result_count = False
