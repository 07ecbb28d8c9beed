"""Alerts in the admin: what people wanted to be told, and what they were told. To look at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin

from igsite.admin_tables import BigTable, ByDate, LookOnly, workspace_of
from monitoring.models import Alert, AlertFeed, AlertRule, RuleStand


@admin.register(AlertRule)
class AlertRuleAdmin(LookOnly[AlertRule]):
    """Rules of workspaces."""

    list_display = ("kind", "workspace", "scope", "severity", "is_enabled", "is_muted", "snoozed_until", "created_at")
    list_filter: ClassVar[Any] = ("kind", "scope", "severity", "is_enabled", "is_built_in", ("created_at", ByDate))
    search_fields = ("workspace__name", "person_name")
    list_select_related = ("workspace",)
    ordering = ("-created_at", "-id")


@admin.register(RuleStand)
class RuleStandAdmin(BigTable[RuleStand]):
    """Where rules stand with what they are about."""

    list_display = ("rule", workspace_of("rule__workspace"), "subject", "is_fired", "turns", "since")
    list_filter: ClassVar[Any] = ("is_fired", ("since", ByDate))
    search_fields = ("^subject", "=rule__workspace__name")
    list_select_related = ("rule__workspace",)


@admin.register(Alert)
class AlertAdmin(BigTable[Alert]):
    """What rules saw."""

    list_display = ("at", "workspace", "kind", "about", "severity", "state", "value", "limit", "is_silent")
    list_filter: ClassVar[Any] = ("kind", "severity", "state", "is_silent", ("at", ByDate))
    search_fields = ("^subject", "=about", "=profile_pk", "=workspace__name")
    list_select_related = ("workspace",)
    ordering = ("-at", "-id")


@admin.register(AlertFeed)
class AlertFeedAdmin(LookOnly[AlertFeed]):
    """Feeds of alerts. Their addresses are known to nobody."""

    list_display = ("account", "workspace", "language", "made_by", "created_at", "read_at")
    list_filter: ClassVar[Any] = ("language", ("created_at", ByDate))
    search_fields = ("account__username", "workspace__name")
    list_select_related = ("account", "workspace", "made_by")
    ordering = ("-created_at", "-id")
    exclude = ("token_hash",)
