"""Settings: the Instagram logins of the workspace, a new one, and how one stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts import login_states, logins
from accounts.forms_logins import (
    AddLoginForm,
    AddSessionForm,
    AddSettingsForm,
    ChannelForm,
    CodeForm,
    HoursForm,
    PaceForm,
    RefusableForm,
    SessionForm,
    SettingsForm,
    SignInForm,
    channel_label,
)
from accounts.forms_proxies import LoginProxyForm
from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, LoginStatus
from accounts.pace import lane
from accounts.usage import usage_of
from accounts.usage_history import next_read
from igsite.jobs.models import Job
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem


@require_GET
def listing(request: MemberRequest) -> HttpResponse:
    """Every login with its state."""
    mine = InstagramLogin.objects.for_workspace(request.workspace).order_by("created_at", "id")
    shown = {"logins": list(mine[:200]), "is_owner": may(request, Role.OWNER), "now": timezone.now()}
    return render(request, "logins/list.html", shown)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest, way: str) -> HttpResponse:
    """A new login: by its password, by a session of a browser, or by the settings of another program."""
    require_role(request, Role.OWNER)
    form_class, act = _WAYS[way]
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            login = act(workspace=request.workspace, by=request.user, now=timezone.now(), **form.cleaned_data)
            return redirect("settings:login", login.pk)
        except Problem as refused:
            form.refuse(refused)
    return render(request, "logins/add.html", {"form": form, "way": way}, status=422 if form.errors else 200)


_WAYS: Final[dict[str, tuple[type[RefusableForm], Callable[..., InstagramLogin]]]] = {
    "password": (AddLoginForm, logins.add_by_password),
    "session": (AddSessionForm, logins.add_by_sessionid),
    "settings": (AddSettingsForm, logins.add_by_settings),
}


@never_cache
@require_GET
def detail(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """One login: where it stands, what to do next, what it used."""
    return show(request, find(request, login_id))


@never_cache
@require_GET
def status(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """The live part of the page; nothing at all while nothing changed, so that no half-typed code is lost."""
    login = find(request, login_id)
    if request.GET.get("seen") == version_of(login):
        return HttpResponse(status=204)
    return render(request, "logins/_status.html", context(request, login))


def find(request: MemberRequest, login_id: UUID) -> InstagramLogin:
    """The login behind the door, or 404."""
    return get_object_or_404(
        InstagramLogin.objects.for_workspace(request.workspace).select_related("proxy"), pk=login_id
    )


def show(request: MemberRequest, login: InstagramLogin, **forms: Any) -> HttpResponse:
    """The login's page; with a refused form it says so."""
    is_refused = any(form.errors for form in forms.values())
    page = context(request, login) | {
        "usage": usage_of(login, timezone.now()),
        "pace_form": PaceForm.of(login),
        "hours_form": HoursForm.of(login),
        "next_read": next_read(login, timezone.now()),
        "work": list(_work_of(login)[:6]),
        "proxy_form": LoginProxyForm(login),
    }
    return render(request, "logins/detail.html", page | forms, status=422 if is_refused else 200)


def context(request: MemberRequest, login: InstagramLogin) -> dict[str, Any]:
    """What the live part needs."""
    now = timezone.now()
    ways = {way["name"]: channel_label(way) for way in login.code_channels}
    return {
        "login": login,
        "proxy": login.proxy,
        "version": version_of(login),
        "topic": login_states.topic(login),
        "is_owner": may(request, Role.OWNER),
        "can_edit": may(request, Role.EDITOR),
        "is_cooling": login.reads_resume_at is not None and login.reads_resume_at > now,
        "may_unfreeze": login.writes_resume_at is None or login.writes_resume_at <= now,
        "way": ways.get(login.code_channel, ""),
        "code_form": CodeForm(),
        "channel_form": ChannelForm(login),
        "sign_in_form": SignInForm(),
        "session_form": SessionForm(),
        "settings_form": SettingsForm(),
        "Status": LoginStatus,
    }


def version_of(login: InstagramLogin) -> str:
    """Changes with everything that the live part shows."""
    proxy = login.proxy
    moments = (login.status_at, login.reads_resume_at, login.writes_resume_at, proxy.retry_at if proxy else None)
    return ".".join([login.status, *(f"{moment.timestamp():.0f}" if moment else "-" for moment in moments)])


def _work_of(login: InstagramLogin) -> QuerySet[Job]:
    """The open jobs that use it: the one at work first, then those that come after it, one at a time."""
    jobs = Job.objects.for_workspace(login.workspace_id).open().filter(lane=lane(login.pk))
    return jobs.order_by(F("lease_until").asc(nulls_last=True), "due_at", "id")
