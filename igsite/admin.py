"""The site's own rows in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from igsite.admin_csv import as_csv
from igsite.admin_tables import BigTable, ByDate
from igsite.models import AuditEntry

admin.site.add_action(as_csv, "as_csv")


@admin.register(AuditEntry)
class AuditEntryAdmin(BigTable[AuditEntry]):
    """To read only: an audit log that can be edited is none."""

    list_display = ("at", "who_label", "action", "target_label", "workspace")
    list_filter = (("at", ByDate),)
    search_fields = ("^who_label", "^action", "^target_label", "=workspace__name")
    search_help_text = _("How the person, the act (login.paused) or the thing begins, or the name of the workspace.")
    list_select_related = ("workspace",)
    ordering = ("-at", "-id")


@admin.register(LogEntry)
class LogEntryAdmin(BigTable[LogEntry]):
    """What was changed in the admin itself."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "change_message")
    list_filter: ClassVar[Any] = (("action_time", ByDate), "action_flag")
    search_fields = ("=user__email", "^object_repr")
    list_select_related = ("user", "content_type")
