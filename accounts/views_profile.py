"""Settings: oneself and the workspace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import closing, workspaces
from accounts.forms_people import NewWorkspaceForm, ProfileForm, WorkspaceChoice, WorkspaceForm
from accounts.member_request import MemberRequest
from igsite.htmx import way_back
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
    return _workspaces(request, form, NewWorkspaceForm())


@require_POST
def new_workspace(request: MemberRequest) -> HttpResponse:
    """One more workspace of one's own, in which one then works."""
    form = NewWorkspaceForm(request.POST)
    if not form.is_valid():
        standing = {"name": request.workspace.name, "time_zone": request.workspace.time_zone}
        return _workspaces(request, WorkspaceForm(initial=standing), form)
    made = workspaces.create_workspace(name=form.cleaned_data["name"], by=request.user)
    workspaces.switch(request, made.workspace_id)
    messages.success(request, _("You now work in %(workspace)s.") % {"workspace": made.workspace})
    return redirect("dashboard")


@require_http_methods(["GET", "POST"])
def delete_workspace(request: MemberRequest) -> HttpResponse:
    """Delete the workspace with all that is in it, once its name was typed."""
    require_role(request, Role.OWNER)
    refused = None
    if request.method == "POST":
        try:
            closing.close(workspace=request.workspace, typed_name=request.POST.get("name", ""), by=request.user)
        except closing.NotItsName as error:
            refused = error
        else:
            request.session.pop(workspaces.SESSION_KEY, None)
            messages.success(request, _("%(workspace)s was deleted.") % {"workspace": request.workspace})
            return redirect("dashboard")
    return render(request, "settings/delete_workspace.html", {"refused": refused}, status=422 if refused else 200)


@require_POST
def switch(request: MemberRequest) -> HttpResponse:
    """Work in another of one's workspaces."""
    form = WorkspaceChoice(request.POST)
    if not form.is_valid():
        raise workspaces.NotAMember(_("There is no such workspace among yours."))
    chosen = workspaces.switch(request, form.cleaned_data["workspace"])
    messages.info(request, _("You now work in %(workspace)s.") % {"workspace": chosen.workspace})
    return redirect(way_back(request, request.POST.get("next", ""), "dashboard"))


def _workspaces(request: MemberRequest, form: WorkspaceForm, new_form: NewWorkspaceForm) -> HttpResponse:
    mine = request.user.memberships.select_related("workspace").order_by("workspace__name", "id")
    shown = {"form": form, "new_form": new_form, "memberships": mine}
    is_refused = form.is_bound or new_form.is_bound
    return render(request, "settings/workspaces.html", shown, status=422 if is_refused else 200)
