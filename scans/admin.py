"""Scans in the admin: to look at. A row changed by hand would lie about what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from igsite.admin_tables import BigTable, ByDate, LookOnly, on_each, workspace_of
from scans import follower_scan, list_exports, schedules
from scans.models import (
    EdgeList,
    ExportUpload,
    ListExport,
    ListScan,
    LossVerdict,
    ProfileChange,
    ProfilePicture,
    SavedFilter,
    Scan,
    ScanPreferences,
    ScanSchedule,
    ScheduleRun,
)

if TYPE_CHECKING:
    ListScanInlineBase = admin.TabularInline[ListScan, Scan]
else:
    ListScanInlineBase = admin.TabularInline


class ListScanInline(ListScanInlineBase):
    """The lists of a scan."""

    model = ListScan
    fields = readonly_fields = (
        "direction", "seq", "state", "reason", "sentence", "count_before", "count_after", "people_seen", "total",
        "new_count", "lost_count", "returned_count", "renamed_count",
    )  # fmt: skip
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False


@admin.register(Scan)
class ScanAdmin(BigTable[Scan]):
    """Runs, with what came of each list."""

    list_display = ("account", "state", "source", "mode", "message", "workspace", "created_at", "finished_at")
    list_filter: ClassVar[Any] = ("state", "source", "mode", ("created_at", ByDate))
    search_fields = ("=id", "=job_uuid", "=account__username", "=workspace__name")
    list_select_related = ("account", "workspace")
    ordering = ("-created_at", "-id")
    inlines = (ListScanInline,)
    actions = ("cancel_chosen",)

    @admin.action(description=gettext_lazy("Cancel the chosen scans"), permissions=["operate"])
    def cancel_chosen(self, request: HttpRequest, scans: QuerySet[Scan]) -> None:
        """As the scan's page does."""
        on_each(request, scans.order_by("pk"), lambda scan: follower_scan.cancel(scan, by=request.user))


@admin.register(ListScan)
class ListScanAdmin(BigTable[ListScan]):
    """What each scan saw of each list: the table for everything that is not complete."""

    list_display = (
        "edge_list", "direction", "state", "reason", "count_after", "people_seen", "total", "new_count", "lost_count",
        "finished_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("state", "reason", "direction", ("finished_at", ByDate))
    search_fields = ("=scan__id", "=edge_list__account__username")
    list_select_related = ("edge_list__account",)


@admin.register(EdgeList)
class EdgeListAdmin(LookOnly[EdgeList]):
    """The lists, with the figures kept of them."""

    list_display = (
        "account", "direction", "people_count", "mutuals_count", "last_seq", "baseline_seq", "complete_seq",
        "usual_gap",
    )  # fmt: skip
    list_filter = ("direction",)
    search_fields = ("account__username",)
    list_select_related = ("account",)
    ordering = ("-id",)


@admin.register(ProfileChange)
class ProfileChangeAdmin(BigTable[ProfileChange]):
    """Names and flags that scans saw change."""

    list_display = ("edge_list", "seq", "profile_id", "kind", "old", "new")
    list_filter = ("kind",)
    search_fields = ("=profile_id", "=edge_list__account__username")
    list_select_related = ("edge_list__account",)


@admin.register(LossVerdict)
class LossVerdictAdmin(BigTable[LossVerdict]):
    """What checks of losses found."""

    list_display = ("profile_id", "edge_list", "state", "reason", "tries", "checked_at", "checked_by")
    list_filter: ClassVar[Any] = ("state", "reason", ("checked_at", ByDate))
    search_fields = ("=profile_id",)
    list_select_related = ("edge_list__account", "checked_by")


@admin.register(ScanSchedule)
class ScanScheduleAdmin(LookOnly[ScanSchedule]):
    """When accounts are scanned by themselves."""

    list_display = ("workspace", "account", "reading", "at_time", "every_minutes", "is_on", "zone", "next_at")
    list_filter: ClassVar[Any] = ("is_on", "reading", ("next_at", ByDate))
    search_fields = ("account__username", "workspace__name")
    list_select_related = ("workspace", "account")
    ordering = ("next_at", "id")
    actions = ("resume", "pause")

    @admin.action(description=gettext_lazy("Switch on"), permissions=["operate"])
    def resume(self, request: HttpRequest, chosen: QuerySet[ScanSchedule]) -> None:
        """They wait for their next time."""
        self._switch(request, chosen, is_on=True)

    @admin.action(description=gettext_lazy("Switch off"), permissions=["operate"])
    def pause(self, request: HttpRequest, chosen: QuerySet[ScanSchedule]) -> None:
        """Nothing is scanned by them for now."""
        self._switch(request, chosen, is_on=False)

    def _switch(self, request: HttpRequest, chosen: QuerySet[ScanSchedule], *, is_on: bool) -> None:
        now, rows = timezone.now(), chosen.select_related("workspace", "account")
        on_each(request, rows, lambda one: schedules.switch(one, is_on=is_on, by=request.user, now=now))


@admin.register(ScheduleRun)
class ScheduleRunAdmin(BigTable[ScheduleRun]):
    """Times that schedules came due and were acted on."""

    list_display = ("due_at", workspace_of("schedule__workspace"), "local_date", "started_at", "accounts_count")
    list_filter: ClassVar[Any] = (("due_at", ByDate),)
    search_fields = ("=schedule__account__username", "=schedule__workspace__name")
    list_select_related = ("schedule__workspace",)


@admin.register(ScanPreferences)
class ScanPreferencesAdmin(LookOnly[ScanPreferences]):
    """What workspaces want done after a scan."""

    list_display = ("workspace", "checks_losses", "losses_per_scan")
    list_filter = ("checks_losses",)
    search_fields = ("workspace__name",)
    list_select_related = ("workspace",)
    ordering = ("workspace_id",)


@admin.register(ExportUpload)
class ExportUploadAdmin(LookOnly[ExportUpload]):
    """Exports of Instagram's that were uploaded."""

    list_display = ("account", "workspace", "extent", "bytes", "created_by", "created_at")
    list_filter: ClassVar[Any] = ("extent", ("created_at", ByDate))
    search_fields = ("account__username", "workspace__name", "=job_uuid")
    list_select_related = ("account", "workspace", "created_by")
    ordering = ("-created_at", "-id")


@admin.register(ListExport)
class ListExportAdmin(LookOnly[ListExport]):
    """Files that people made of lists."""

    list_display = ("file_name", "workspace", "content", "format", "rows_count", "bytes", "ready_at", "expires_at")
    list_filter: ClassVar[Any] = ("content", "format", ("created_at", ByDate))
    search_fields = ("file_name", "account__username", "workspace__name")
    list_select_related = ("workspace",)
    ordering = ("-created_at", "-id")
    actions = ("remove",)

    @admin.action(description=gettext_lazy("Delete, with their files"), permissions=["operate"])
    def remove(self, request: HttpRequest, chosen: QuerySet[ListExport]) -> None:
        """As on the page of the exports."""
        rows = chosen.select_related("workspace")
        on_each(request, rows, lambda one: list_exports.remove(one, by=request.user))


@admin.register(SavedFilter)
class SavedFilterAdmin(LookOnly[SavedFilter]):
    """Filters of people under a name."""

    list_display = ("name", "workspace", "query", "is_shared", "created_by", "created_at")
    list_filter: ClassVar[Any] = ("is_shared", ("created_at", ByDate))
    search_fields = ("name", "workspace__name")
    list_select_related = ("workspace", "created_by")
    ordering = ("name", "id")


@admin.register(ProfilePicture)
class ProfilePictureAdmin(BigTable[ProfilePicture]):
    """Profile pictures: known, fetched, refused."""

    list_display = ("profile_id", "state", "size", "failures", "seen_at", "fetched_at")
    list_filter: ClassVar[Any] = ("state", ("fetched_at", ByDate))
    search_fields = ("=profile_id",)
    fields = ("profile_id", "state", "seen_at", "asked_at", "tried_at", "failures", "fetched_at", "size")
    ordering = ("-profile_id",)
