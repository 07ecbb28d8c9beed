"""Settings: oneself and the workspace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import workspaces
from accounts.forms_people import ProfileForm, WorkspaceChoice, WorkspaceForm
from accounts.member_request import MemberRequest
from igsite.ownership import Role, require_role


@require_GET
def index(request: MemberRequest) -> HttpResponse:  # noqa: ARG001
    """Settings begin with one's own profile."""
    return redirect("settings:profile")


@require_http_methods(["GET", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """The person's name and time zone."""
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm.of(request.user)
    if form.is_bound and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(request.user, name, value)
        request.user.save(update_fields=list(form.cleaned_data))
        messages.success(request, _("Your profile was saved."))
        return redirect("settings:profile")
    return render(request, "settings/profile.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def workspace(request: MemberRequest) -> HttpResponse:
    """The workspace's name and time zone; everybody sees them, owners change them."""
    standing = {"name": request.workspace.name, "time_zone": request.workspace.time_zone}
    form = WorkspaceForm(request.POST or None, initial=standing)
    if request.method == "POST":
        require_role(request, Role.OWNER)
        if form.is_valid():
            workspaces.rename(workspace=request.workspace, **form.cleaned_data, by=request.user)
            messages.success(request, _("The workspace was saved."))
            return redirect("settings:workspaces")
    mine = request.user.memberships.select_related("workspace").order_by("workspace__name", "id")
    status = 422 if request.method == "POST" else 200
    return render(request, "settings/workspaces.html", {"form": form, "memberships": mine}, status=status)


@require_POST
def switch(request: MemberRequest) -> HttpResponse:
    """Work in another of one's workspaces."""
    form = WorkspaceChoice(request.POST)
    if not form.is_valid():
        raise workspaces.NotAMember(_("There is no such workspace among yours."))
    chosen = workspaces.switch(request, form.cleaned_data["workspace"])
    messages.info(request, _("You now work in %(workspace)s.") % {"workspace": chosen.workspace})
    return redirect(_way_back(request))


def _way_back(request: MemberRequest) -> str:
    """Where the form came from, when that is on this site; a page of one row would not exist in the other workspace."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "dashboard"
