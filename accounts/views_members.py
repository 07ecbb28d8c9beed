"""Settings: members and invitations."""

from __future__ import annotations

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import invitations, members, workspaces
from accounts.forms_people import InvitationForm, RoleForm
from accounts.member_request import MemberRequest
from accounts.models import Invitation, Membership
from accounts.sign_in import INVITATION_KEY
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem


@require_GET
def listing(request: MemberRequest) -> HttpResponse:
    """Everybody in the workspace, and who was invited."""
    return _page(request, InvitationForm())


@require_POST
def invite(request: MemberRequest) -> HttpResponse:
    """Invite an address. The link is shown this once, for the case that no mail goes out."""
    require_role(request, Role.OWNER)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        invitation, address = invitations.invite(
            workspace=request.workspace,
            email=form.cleaned_data["email"],
            role=Role(form.cleaned_data["role"]),
            by=request.user,
            link=lambda token: request.build_absolute_uri(reverse("settings:join", args=[token])),
        )
    except Problem as refused:
        form.add_error("email", str(refused))
        return _page(request, form, status=422)
    return _page(request, InvitationForm(), fresh=invitation, address=address)


@require_POST
def change_role(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """Give a member another role."""
    membership = get_object_or_404(_members(request), pk=membership_id)
    require_role(request, Role.OWNER)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("settings:members")
    try:
        members.change_role(membership=membership, role=Role(form.cleaned_data["role"]), by=request.user)
        messages.success(request, _("%(person)s has another role now.") % {"person": membership.user})
    except Problem as refused:
        messages.error(request, str(refused))
    return redirect("settings:members")


@require_POST
def remove(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """Remove a member; everybody may remove themselves."""
    membership = get_object_or_404(_members(request), pk=membership_id)
    leaving = membership.user_id == request.user.pk
    if not leaving:
        require_role(request, Role.OWNER)
    try:
        members.remove(membership=membership, by=request.user)
    except Problem as refused:
        messages.error(request, str(refused))
        return redirect("settings:members")
    if leaving:
        request.session.pop(workspaces.SESSION_KEY, None)
        messages.success(request, _("You have left %(workspace)s.") % {"workspace": request.workspace})
        return redirect("dashboard")
    messages.success(request, _("%(person)s was removed.") % {"person": membership.user})
    return redirect("settings:members")


@require_POST
def revoke_invitation(request: MemberRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(invitations.open_invitations(request.workspace), pk=invitation_id)
    require_role(request, Role.OWNER)
    invitations.revoke(invitation=invitation, by=request.user)
    messages.success(request, _("The invitation was taken back."))
    return redirect("settings:members")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation's link leads: see who invites, sign in or up, accept."""
    try:
        invitation = invitations.find(token)
        if request.method == "POST" and request.user.is_authenticated:
            membership = invitations.accept(token=token, by=request.user)
            workspaces.switch(request, membership.workspace_id)
            request.session.pop(INVITATION_KEY, None)
            messages.success(request, _("Welcome to %(workspace)s.") % {"workspace": membership.workspace})
            return redirect("dashboard")
    except Problem as refused:
        return render(request, "settings/join.html", {"refused": refused}, status=refused.status)
    if not request.user.is_authenticated:
        # The link came by mail: whoever holds it reads that mailbox.
        request.session[INVITATION_KEY] = token
        get_adapter(request).stash_verified_email(request, invitation.email)
    return render(request, "settings/join.html", {"invitation": invitation, "token": token})


def _members(request: MemberRequest) -> QuerySet[Membership]:
    return Membership.objects.for_workspace(request.workspace).select_related("user", "workspace")


def _page(
    request: MemberRequest,
    form: InvitationForm,
    *,
    status: int = 200,
    fresh: Invitation | None = None,
    address: str = "",
) -> HttpResponse:
    shown = {
        "members": _members(request).order_by("created_at", "id"),
        "invitations": invitations.open_invitations(request.workspace).order_by("-created_at", "id"),
        "form": form,
        "fresh": fresh,
        "address": address,
        "roles": Role.choices,
        "is_owner": may(request, Role.OWNER),
        "now": timezone.now(),
    }
    return render(request, "settings/members.html", shown, status=status)
