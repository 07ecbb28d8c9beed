"""The steps that people take with a login: each one domain call, then back to its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import logins
from accounts.forms_logins import (
    ChannelForm,
    CodeForm,
    HoursForm,
    PaceForm,
    RefusableForm,
    SessionForm,
    SettingsForm,
    SignInForm,
)
from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from accounts.views_logins import find, show
from igsite.ownership import Role, require_role
from igsite.problems import Problem


@sensitive_post_parameters()
@never_cache
@require_POST
def sign_in(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Sign in with the password, on the device the login has."""
    login = _mine(request, login_id)
    return _with_form(request, login, "sign_in_form", SignInForm(request.POST), logins.sign_in)


@sensitive_post_parameters()
@never_cache
@require_POST
def take_session(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Put in another session of a browser."""
    login = _mine(request, login_id)
    return _with_form(request, login, "session_form", SessionForm(request.POST), logins.take_session)


@sensitive_post_parameters()
@never_cache
@require_POST
def take_settings(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Put in the settings of another program."""
    login = _mine(request, login_id)
    return _with_form(request, login, "settings_form", SettingsForm(request.POST), logins.take_settings)


@never_cache
@require_POST
def choose_channel(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Say how Instagram shall send its code."""
    login = _mine(request, login_id)
    return _with_form(request, login, "channel_form", ChannelForm(login, request.POST), logins.choose_channel)


@sensitive_post_parameters()
@never_cache
@require_POST
def submit_code(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Hand in a code: one try."""
    login = _mine(request, login_id)
    return _with_form(request, login, "code_form", CodeForm(request.POST), logins.submit_code)


def _step(act: Callable[..., Any], role: Role = Role.OWNER) -> Callable[..., HttpResponse]:
    """The view of a step that needs nothing but a press."""

    @require_POST
    def view(request: MemberRequest, login_id: UUID) -> HttpResponse:
        login = _mine(request, login_id, role)
        try:
            act(login=login, by=request.user, now=timezone.now())
        except Problem as refused:
            messages.error(request, str(refused))
        return redirect("settings:login", login.pk)

    return view


approved = _step(logins.resume_after_approval)
pause = _step(logins.pause, Role.EDITOR)
resume = _step(logins.resume, Role.EDITOR)
unfreeze = _step(logins.unfreeze)
probe = _step(logins.probe, Role.EDITOR)


@require_POST
def pace(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Change budgets and pauses."""
    login = _mine(request, login_id)
    return _with_form(request, login, "pace_form", PaceForm(request.POST), logins.set_pace)


@require_POST
def hours(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Change its working hours."""
    login = _mine(request, login_id)
    return _with_form(request, login, "hours_form", HoursForm(request.POST), logins.set_hours)


@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Ask, then erase the login's secrets."""
    login = _mine(request, login_id)
    if request.method == "GET":
        return render(request, "logins/remove.html", {"login": login})
    logins.remove(login=login, by=request.user, now=timezone.now())
    messages.success(request, _("@%(name)s was removed, its secrets are erased.") % {"name": login.username})
    return redirect("settings:logins")


def _mine(request: MemberRequest, login_id: UUID, role: Role = Role.OWNER) -> InstagramLogin:
    login = find(request, login_id)
    require_role(request, role)
    return login


def _with_form(
    request: MemberRequest, login: InstagramLogin, name: str, form: RefusableForm, act: Callable[..., Any]
) -> HttpResponse:
    if form.is_valid():
        try:
            act(login=login, by=request.user, now=timezone.now(), **form.cleaned_data)
            return redirect("settings:login", login.pk)
        except Problem as refused:
            form.refuse(refused)
    return show(request, login, **{name: form})
