"""Notification channels in the admin: how they do, and what became of each alert. To look at; no address is shown."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin

from igsite.admin_tables import BigTable, ByDate, LookOnly, workspace_of
from monitoring.models import Delivery, NotificationChannel


@admin.register(NotificationChannel)
class NotificationChannelAdmin(LookOnly[NotificationChannel]):
    """Where alerts are sent to."""

    list_display = (
        "name",
        "workspace",
        "kind",
        "goes_to",
        "is_enabled",
        "state",
        "failures",
        "retry_at",
        "last_sent_at",
    )
    list_filter: ClassVar[Any] = ("kind", "state", "is_enabled", "pace", ("last_sent_at", ByDate))
    search_fields = ("name", "workspace__name")
    list_select_related = ("workspace",)
    ordering = ("name", "id")
    exclude = ("address_sealed",)


@admin.register(Delivery)
class DeliveryAdmin(BigTable[Delivery]):
    """What became of each alert."""

    list_display = (
        "channel",
        workspace_of("channel__workspace"),
        "alert",
        "state",
        "attempts",
        "due_at",
        "ended_at",
        "error",
    )
    list_filter: ClassVar[Any] = ("state", "is_held", ("due_at", ByDate), ("ended_at", ByDate))
    search_fields = ("=channel__id", "=channel__name", "=channel__workspace__name")
    list_select_related = ("channel__workspace", "alert")
