"""Logins, tracked accounts, profiles and the ledger in the admin. Secrets are never shown, nor can one be typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import logins, tracking
from accounts.models import InstagramLogin, Profile, Proxy, SourceCall, TrackedAccount
from accounts.tracked_exchange import TrackedAccountExchange
from igsite.problems import Problem

if TYPE_CHECKING:
    _LoginAdmin = admin.ModelAdmin[InstagramLogin]
    _ProfileAdmin = admin.ModelAdmin[Profile]
    _CallAdmin = admin.ModelAdmin[SourceCall]
    _ProxyAdmin = admin.ModelAdmin[Proxy]
else:
    _LoginAdmin = _ProfileAdmin = _CallAdmin = _ProxyAdmin = admin.ModelAdmin


class ReadOnly:
    """To look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False


@admin.register(InstagramLogin)
class LoginAdmin(ReadOnly, _LoginAdmin):
    """Instagram logins and how they stand. Acts go through the same functions as the pages."""

    list_display = ("username", "workspace", "status", "status_note", "status_at", "reads_resume_at")
    list_filter = ("status",)
    list_select_related = ("workspace",)
    search_fields = ("username", "workspace__name")
    ordering = ("username", "id")
    fields = (
        "username", "workspace", "status", "status_note", "status_at", "code_channel", "reads_resume_at",
        "writes_resume_at", "next_read_at", "throttle_level", "reads_per_hour", "reads_per_day", "pause_min",
        "pause_max", "opens", "closes", "time_zone", "proxy", "ready_since",
        "relogin_at", "created_by", "created_at",
    )  # fmt: skip
    actions = ("pause", "remove")

    @admin.action(description=gettext_lazy("Pause"), permissions=["operate"])
    def pause(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """Send nothing with the chosen logins for now."""
        self._each(request, queryset, logins.pause)

    @admin.action(description=gettext_lazy("Remove, with their secrets"), permissions=["operate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """Erase the secrets of the chosen logins."""
        self._each(request, queryset, logins.remove)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may act on logins that are not theirs."""
        return request.user.has_perm("accounts.change_instagramlogin")

    def _each(self, request: HttpRequest, queryset: QuerySet[InstagramLogin], act: Any) -> None:
        for login in queryset.select_related("workspace"):
            try:
                act(login=login, by=request.user, now=timezone.now())
                messages.success(request, _("@%(name)s: done.") % {"name": login.username})
            except Problem as refused:
                messages.error(request, f"@{login.username}: {refused}")


@admin.register(Proxy)
class ProxyAdmin(ReadOnly, _ProxyAdmin):
    """Proxies and how they do. Their credentials are not shown; owners add and remove them on their pages."""

    list_display = ("name", "workspace", "scheme", "host", "port", "state", "last_error", "checked_at")
    list_filter = ("state", "scheme")
    list_select_related = ("workspace",)
    search_fields = ("name", "host", "workspace__name")
    ordering = ("name", "id")
    exclude = ("credentials_sealed",)


@admin.register(TrackedAccount)
class TrackedAccountAdmin(TrackedAccountExchange):
    """Tracked accounts of all workspaces, with import and export."""

    list_display = ("username", "workspace", "followers_count", "following_count", "is_bookmarked", "last_scanned_at")
    list_filter = ("is_bookmarked",)
    list_select_related = ("workspace",)
    search_fields = ("username", "workspace__name")
    ordering = ("username", "id")
    fields = (
        "username", "workspace", "profile", "is_bookmarked", "note", "followers_count", "following_count",
        "posts_count", "counted_at", "last_scanned_at", "trouble", "created_by", "created_at",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name not in {"is_bookmarked", "note"})

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Accounts are tracked in a workspace, or imported into one."""
        return False

    def delete_model(self, request: HttpRequest, obj: TrackedAccount) -> None:
        """As on the page: its open tasks are cancelled, the act is written down."""
        tracking.untrack(account=obj, by=request.user, now=timezone.now())  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TrackedAccount]) -> None:
        """Each as by itself."""
        for account in queryset.select_related("workspace"):
            self.delete_model(request, account)


@admin.register(Profile)
class ProfileAdmin(ReadOnly, _ProfileAdmin):
    """Instagram identities, shared by all workspaces."""

    list_display = ("username", "full_name", "id", "is_private", "is_verified", "followers_count", "details_at")
    search_fields = ("=username", "=id")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(SourceCall)
class SourceCallAdmin(ReadOnly, _CallAdmin):
    """The ledger of requests."""

    list_display = ("at", "login", "kind", "endpoint", "outcome", "source")
    list_filter = ("kind",)
    list_select_related = ("login",)
    ordering = ("-id",)
    show_full_result_count = False
