"""People, workspaces and memberships in the admin, for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Membership, User, Workspace
from igsite import audit

if TYPE_CHECKING:
    _UserAdmin = DjangoUserAdmin[User]
    _WorkspaceAdmin = admin.ModelAdmin[Workspace]
    _MembershipInline = admin.TabularInline[Membership, Workspace]
    _InvitationAdmin = admin.ModelAdmin[Invitation]
else:
    _UserAdmin, _WorkspaceAdmin, _InvitationAdmin = DjangoUserAdmin, admin.ModelAdmin, admin.ModelAdmin
    _MembershipInline = admin.TabularInline

if admin.site.is_registered(Group):
    admin.site.unregister(Group)  # roles live in workspaces


@admin.register(User)
class UserAdmin(_UserAdmin):
    """Everybody who signs in. Changes of rights are written to the audit log."""

    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email", "id")
    filter_horizontal = ("user_permissions",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "time_zone")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and note who changed what."""
        super().save_model(request, obj, form, change)
        fields = sorted(form.changed_data)
        audit.record(request.user, "user.changed" if change else "user.created", obj, details={"fields": fields})


class MembershipInline(_MembershipInline):
    """Who belongs to a workspace."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Workspace)
class WorkspaceAdmin(_WorkspaceAdmin):
    """Workspaces with their members."""

    list_display = ("name", "time_zone", "created_at")
    search_fields = ("name",)
    ordering = ("name", "id")
    inlines = (MembershipInline,)


@admin.register(Invitation)
class InvitationAdmin(_InvitationAdmin):
    """Invitations, to look at and to delete. Their links are known to nobody."""

    list_display = ("email", "workspace", "role", "created_at", "expires_at", "accepted_at")
    list_select_related = ("workspace",)
    search_fields = ("email",)
    ordering = ("-created_at", "id")
    exclude = ("token_hash",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Invitations are made in the workspace, by its owners."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nothing about an invitation changes."""
        return False
