"""Monitoring in the admin: monitors with the acts of their pages; what was seen is to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from igsite.admin_tables import BigTable, ByDate, LookOnly, on_each, workspace_of
from monitoring import acts, admin_alerts, admin_channels
from monitoring.models import FactChange, Gap, Monitor, Note, Outage

__all__ = ["admin_alerts", "admin_channels"]


@admin.register(Monitor)
class MonitorAdmin(BigTable[Monitor]):
    """What is watched, and when it is due."""

    list_display = (
        "__str__", "kind", "workspace", "state", "interval_seconds", "due_at", "checked_at", "trouble",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("state", "kind", ("due_at", ByDate), ("created_at", ByDate))
    search_fields = ("=uuid", "^username", "=code", "=trouble_code", "=workspace__name")
    list_select_related = ("workspace",)
    actions = ("pause", "resume", "stop", "archive")

    @admin.action(description=gettext_lazy("Pause"), permissions=["operate"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Monitor]) -> None:
        """Rest from now on."""
        self._each(request, chosen, acts.pause)

    @admin.action(description=gettext_lazy("Resume"), permissions=["operate"])
    def resume(self, request: HttpRequest, chosen: QuerySet[Monitor]) -> None:
        """Go on."""
        self._each(request, chosen, acts.resume)

    @admin.action(description=gettext_lazy("Stop"), permissions=["operate"])
    def stop(self, request: HttpRequest, chosen: QuerySet[Monitor]) -> None:
        """End; the history stays."""
        self._each(request, chosen, acts.stop)

    @admin.action(description=gettext_lazy("Archive"), permissions=["operate"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Monitor]) -> None:
        """End and put out of sight."""
        self._each(request, chosen, acts.archive)

    def _each(self, request: HttpRequest, chosen: QuerySet[Monitor], act: Callable[..., object]) -> None:
        now = timezone.now()
        on_each(request, chosen.order_by("pk"), lambda one: act(monitor=one, by=request.user, now=now))


@admin.register(FactChange)
class FactChangeAdmin(BigTable[FactChange]):
    """Texts and flags that changed."""

    list_display = ("monitor", "fact", "old", "new", "seen_at")
    list_filter: ClassVar[Any] = (("seen_at", ByDate),)
    search_fields = ("=monitor__username", "=fact")
    list_select_related = ("monitor",)


@admin.register(Gap)
class GapAdmin(BigTable[Gap]):
    """Times without measurements of one monitor, and why."""

    list_display = ("monitor", "since", "until", "code", "why")
    list_filter: ClassVar[Any] = (("until", ByDate),)
    search_fields = ("=monitor__username", "=code")
    list_select_related = ("monitor",)


@admin.register(Outage)
class OutageAdmin(BigTable[Outage]):
    """Times in which a login, or a whole workspace, could not measure."""

    list_display = ("workspace", "login", "since", "until", "code", "why")
    list_filter: ClassVar[Any] = (("until", admin.EmptyFieldListFilter), ("since", ByDate))
    search_fields = ("=workspace__name", "=login__username", "=code")
    list_select_related = ("workspace", "login")


@admin.register(Note)
class NoteAdmin(LookOnly[Note]):
    """Notes of people."""

    list_display = ("monitor", workspace_of("monitor__workspace"), "at", "text", "created_by")
    list_filter: ClassVar[Any] = (("at", ByDate),)
    search_fields = ("text", "=monitor__username")
    list_select_related = ("monitor__workspace", "created_by")
    ordering = ("-at", "-id")
