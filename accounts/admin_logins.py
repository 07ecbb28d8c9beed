"""Logins, proxies, tracked accounts, profiles, the ledger in the admin. No secret is shown, nor can one be typed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts import logins, proxies, proxy_marks, tracking
from accounts.models import InstagramLogin, Profile, Proxy, SourceCall, SourceProxy, TrackedAccount
from accounts.models.sources import SourceName
from accounts.tracked_exchange import TrackedAccountExchange
from igsite.admin_tables import BigTable, ByDate, LookOnly, on_each


@admin.register(InstagramLogin)
class LoginAdmin(LookOnly[InstagramLogin]):
    """Instagram logins and how they stand. Acts go through the same functions as the pages."""

    list_display = (
        "username", "workspace", "status", "status_note", "status_at", "reads_resume_at", "writes_resume_at", "proxy",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("status", ("status_at", ByDate))
    list_select_related = ("workspace", "proxy")
    search_fields = ("username", "workspace__name")
    date_hierarchy = "created_at"
    ordering = ("username", "id")
    fields = (
        "username", "workspace", "status", "status_note", "status_at", "code_channel", "reads_resume_at",
        "writes_resume_at", "next_read_at", "throttle_level", "reads_per_hour", "reads_per_day", "pause_min",
        "pause_max", "opens", "closes", "time_zone", "proxy", "ready_since",
        "relogin_at", "created_by", "created_at",
    )  # fmt: skip
    actions = ("pause", "resume", "probe", "unfreeze", "remove")

    @admin.action(description=gettext_lazy("Pause"), permissions=["operate"])
    def pause(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """Send nothing with the chosen logins for now."""
        self._each(request, queryset, logins.pause)

    @admin.action(description=gettext_lazy("Resume"), permissions=["operate"])
    def resume(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """Use paused logins again."""
        self._each(request, queryset, logins.resume)

    @admin.action(description=gettext_lazy("Check the sessions"), permissions=["operate"])
    def probe(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """Ask Instagram by a job each whether the sessions still live."""
        self._each(request, queryset, logins.probe)

    @admin.action(description=gettext_lazy("Allow actions again"), permissions=["operate"])
    def unfreeze(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """After Instagram blocked them; never before its date."""
        self._each(request, queryset, logins.unfreeze)

    @admin.action(description=gettext_lazy("Remove, with their secrets"), permissions=["operate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[InstagramLogin]) -> None:
        """Erase the secrets of the chosen logins."""
        self._each(request, queryset, logins.remove)

    def _each(self, request: HttpRequest, queryset: QuerySet[InstagramLogin], act: Callable[..., object]) -> None:
        now = timezone.now()
        on_each(request, queryset.select_related("workspace"), lambda one: act(login=one, by=request.user, now=now))


@admin.register(Proxy)
class ProxyAdmin(LookOnly[Proxy]):
    """Proxies and how they do. Their credentials are not shown; owners add and remove them on their pages."""

    list_display = (
        "name", "workspace", "scheme", "host", "port", "state", "failures", "last_error", "checked_at", "retry_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("state", "scheme", ("checked_at", ByDate))
    list_select_related = ("workspace",)
    search_fields = ("name", "host", "workspace__name")
    ordering = ("name", "id")
    exclude = ("credentials_sealed",)
    actions = ("test", "mark_good", "mark_bad")

    @admin.action(description=gettext_lazy("Try them now"), permissions=["operate"])
    def test(self, request: HttpRequest, queryset: QuerySet[Proxy]) -> None:
        """By a job each: one request through it."""
        self._each(request, queryset, proxies.order_try)

    @admin.action(description=gettext_lazy("Mark as working"), permissions=["operate"])
    def mark_good(self, request: HttpRequest, queryset: QuerySet[Proxy]) -> None:
        """Work that waits for them goes on at once."""
        self._each(request, queryset, proxy_marks.mark, is_good=True)

    @admin.action(description=gettext_lazy("Mark as not working"), permissions=["operate"])
    def mark_bad(self, request: HttpRequest, queryset: QuerySet[Proxy]) -> None:
        """They rest for a while."""
        self._each(request, queryset, proxy_marks.mark, is_good=False)

    def _each(self, request: HttpRequest, rows: QuerySet[Proxy], act: Callable[..., object], **how: bool) -> None:
        now = timezone.now()
        on_each(request, rows.select_related("workspace"), lambda one: act(proxy=one, by=request.user, now=now, **how))


@admin.register(SourceProxy)
class SourceProxyAdmin(LookOnly[SourceProxy]):
    """Through which proxy sources without a login are read."""

    list_display = ("workspace", "source", "proxy")
    list_select_related = ("workspace", "proxy")
    search_fields = ("workspace__name", "proxy__name")
    ordering = ("source", "id")


@admin.register(TrackedAccount)
class TrackedAccountAdmin(TrackedAccountExchange):
    """Tracked accounts of all workspaces, with import and export."""

    list_display = ("username", "workspace", "followers_count", "following_count", "is_bookmarked", "last_scanned_at")
    list_filter = ("is_bookmarked", "uses_login", ("last_scanned_at", ByDate))
    list_select_related = ("workspace",)
    search_fields = ("username", "workspace__name", "=profile__id")
    date_hierarchy = "created_at"
    ordering = ("username", "id")
    list_per_page = 50
    actions = ("refresh",)
    fields = (
        "username", "workspace", "profile", "is_bookmarked", "note", "followers_count", "following_count",
        "posts_count", "counted_at", "last_scanned_at", "trouble", "created_by", "created_at",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name not in {"is_bookmarked", "note"})

    @admin.action(description=gettext_lazy("Read their counts again"), permissions=["change"])
    def refresh(self, request: HttpRequest, chosen: QuerySet[TrackedAccount]) -> None:
        """By a job each, as on their pages."""
        by: Any = request.user
        on_each(request, chosen.select_related("workspace"), lambda one: tracking.refresh(account=one, by=by))

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
class ProfileAdmin(BigTable[Profile]):
    """Instagram identities, shared by all workspaces."""

    list_display = ("username", "full_name", "id", "is_private", "is_verified", "followers_count", "details_at")
    search_fields = ("=username", "=id")
    search_help_text = gettext_lazy("The whole name, or Instagram's number.")


class BySource(admin.SimpleListFilter):
    """By source, as the code knows them: a ledger of millions is not asked which there are."""

    title = gettext_lazy("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Every source there is."""
        return SourceName.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those of the chosen source."""
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(SourceCall)
class SourceCallAdmin(BigTable[SourceCall]):
    """The ledger of requests."""

    list_display = ("at", "workspace", "login", "source", "kind", "endpoint", "outcome")
    list_filter: ClassVar[Any] = (BySource, ("at", ByDate))
    list_select_related = ("login", "workspace")
    search_fields = ("=login__username", "=workspace__name", "=outcome")
    search_help_text = gettext_lazy("The whole name of a login or a workspace, or an outcome.")
