"""People, workspaces and memberships in the admin, for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import closing, invitations, members, people_access, workspaces
from accounts.models import Invitation, Membership, User, Workspace
from igsite import audit
from igsite.admin_tables import LookOnly, on_each
from igsite.ownership import Role

if TYPE_CHECKING:
    _UserAdmin = DjangoUserAdmin[User]
    _WorkspaceAdmin = admin.ModelAdmin[Workspace]
    _MembershipInline = admin.TabularInline[Membership, Workspace]
else:
    _UserAdmin, _WorkspaceAdmin = DjangoUserAdmin, admin.ModelAdmin
    _MembershipInline = admin.TabularInline

if admin.site.is_registered(Group):
    admin.site.unregister(Group)  # roles live in workspaces


@admin.register(User)
class UserAdmin(_UserAdmin):
    """Everybody who signs in. Changes of rights are written to the audit log. Nobody is deleted, but kept out."""

    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", ("last_login", admin.DateFieldListFilter))
    search_fields = ("email", "first_name", "last_name")
    date_hierarchy = "date_joined"
    ordering = ("email", "id")
    list_per_page = 50
    filter_horizontal = ("user_permissions",)
    readonly_fields = ("last_login", "date_joined")
    actions = ("sign_out", "keep_out", "let_in")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "time_zone", "language")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never: what they did would be nobody's, and a workspace without an owner."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who has all rights is changed by their like only: another one's new password would be a way to all rights."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights are given by those who have them all: nobody gives themselves more."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.is_superuser else (*fixed, "is_staff", "is_superuser", "user_permissions")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and note who changed what."""
        super().save_model(request, obj, form, change)
        fields = sorted(form.changed_data)
        audit.record(request.user, "user.changed" if change else "user.created", obj, details={"fields": fields})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Django's, and noted too."""
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            person = self.get_object(request, id)
            audit.record(request.user, "user.password_set", person or "")
        return answer

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """End all their sessions."""
        by: Any = request.user
        now = timezone.now()
        on_each(request, people, lambda one: people_access.sign_out_everywhere(person=one, by=by, now=now))

    @admin.action(description=_("Keep out"), permissions=["change"])
    def keep_out(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Switch the accounts off."""
        self._switch(request, people, is_active=False)

    @admin.action(description=_("Let in again"), permissions=["change"])
    def let_in(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Switch the accounts on."""
        self._switch(request, people, is_active=True)

    def _switch(self, request: HttpRequest, people: QuerySet[User], *, is_active: bool) -> None:
        by: Any = request.user
        now = timezone.now()
        on_each(request, people, lambda one: people_access.switch(person=one, is_active=is_active, by=by, now=now))


class MembershipInline(_MembershipInline):
    """Who belongs to a workspace; changed in the table of the memberships."""

    model = Membership
    extra = 0
    fields = readonly_fields = ("user", "role", "created_at")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """By invitation, in the workspace."""
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).select_related("user")


@admin.register(Workspace)
class WorkspaceAdmin(_WorkspaceAdmin):
    """Workspaces with their members. They are founded by people, and closed, not deleted: a job erases their rows."""

    list_display = ("name", "time_zone", "created_at", "closed_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name", "id")
    list_per_page = 50
    fields = ("name", "time_zone", "created_at", "closed_at")
    readonly_fields = ("created_at", "closed_at")
    inlines = (MembershipInline,)
    actions = ("close",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """By people, who then own it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Closed instead."""
        return False

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Who may end a workspace of others."""
        return request.user.has_perm("accounts.delete_workspace")

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:  # noqa: ARG002
        """As on the workspace's own page."""
        by: Any = request.user
        workspaces.rename(workspace=obj, name=obj.name, time_zone=obj.time_zone, by=by)

    @admin.action(description=_("Close, and erase all that is in them"), permissions=["close"])
    def close(self, request: HttpRequest, chosen: QuerySet[Workspace]) -> None:
        """Out of everybody's reach at once; a job erases the rows."""
        by: Any = request.user
        on_each(
            request, chosen.filter(closed_at=None), lambda one: closing.close(workspace=one, typed_name=one.name, by=by)
        )


@admin.register(Membership)
class MembershipAdmin(LookOnly[Membership]):
    """Who is in which workspace as what. Roles change by the acts, which keep an owner in every workspace."""

    list_display = ("user", "workspace", "role", "created_at")
    list_filter: ClassVar[Any] = ("role", ("created_at", admin.DateFieldListFilter))
    search_fields = ("user__email", "workspace__name")
    list_select_related = ("user", "workspace")
    ordering = ("-created_at", "-id")
    actions = ("make_owner", "make_editor", "make_viewer", "remove")

    @admin.action(description=_("Make them owners"), permissions=["operate"])
    def make_owner(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        """They manage the workspace from now on."""
        self._make(request, chosen, Role.OWNER)

    @admin.action(description=_("Make them editors"), permissions=["operate"])
    def make_editor(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        """They change things from now on."""
        self._make(request, chosen, Role.EDITOR)

    @admin.action(description=_("Make them viewers"), permissions=["operate"])
    def make_viewer(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        """They only look from now on."""
        self._make(request, chosen, Role.VIEWER)

    @admin.action(description=_("End the memberships"), permissions=["operate"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        """With their API tokens and sessions."""
        by: Any = request.user
        on_each(request, self._with_names(chosen), lambda one: members.remove(membership=one, by=by))

    def _make(self, request: HttpRequest, chosen: QuerySet[Membership], role: Role) -> None:
        by: Any = request.user
        on_each(request, self._with_names(chosen), lambda one: members.change_role(membership=one, role=role, by=by))

    def _with_names(self, chosen: QuerySet[Membership]) -> QuerySet[Membership]:
        return chosen.select_related("user", "workspace")


@admin.register(Invitation)
class InvitationAdmin(LookOnly[Invitation]):
    """Invitations, to look at and to take back. Their links are known to nobody."""

    list_display = ("email", "workspace", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_filter: ClassVar[Any] = ("role", ("accepted_at", admin.EmptyFieldListFilter))
    list_select_related = ("workspace", "invited_by")
    search_fields = ("email", "workspace__name")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "id")
    exclude = ("token_hash",)
    actions = ("take_back",)

    @admin.action(description=_("Take the invitations back"), permissions=["operate"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        """Their links open nothing any more."""
        by: Any = request.user
        open_ones = chosen.filter(accepted_at=None).select_related("workspace")
        on_each(request, open_ones, lambda one: invitations.revoke(invitation=one, by=by))
