"""Settings: when accounts are scanned by themselves, and what follows a scan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.member_request import MemberRequest
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from scans import loss_checks, schedules
from scans.forms_schedule import PreferencesForm, ScheduleForm, rhythm_words
from scans.models import ScanSchedule, ScheduleRun

RUNS = 20


@require_http_methods(["GET", "HEAD", "POST"])
def schedule_page(request: MemberRequest) -> HttpResponse:
    """The schedules with their next times, the last runs, and the form that sets one."""
    workspace = request.workspace
    if request.method != "POST":
        return _page(request, ScheduleForm(workspace=workspace))
    require_role(request, Role.EDITOR)
    form = ScheduleForm(request.POST, workspace=workspace)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        schedules.save(
            workspace=workspace, account=form.account_chosen(), wish=form.wish(), by=request.user, now=timezone.now()
        )
    except Problem as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=422)
    messages.success(request, _("The schedule was saved."))
    return redirect("settings-scans:schedule")


@require_POST
def switch(request: MemberRequest, schedule_id: UUID) -> HttpResponse:
    """On or off."""
    schedule = _schedule(request, schedule_id)
    require_role(request, Role.EDITOR)
    schedules.switch(schedule, is_on=not schedule.is_on, by=request.user, now=timezone.now())
    messages.success(request, _("The schedule is on.") if schedule.is_on else _("The schedule is off."))
    return redirect("settings-scans:schedule")


@require_POST
def remove(request: MemberRequest, schedule_id: UUID) -> HttpResponse:
    """Remove the schedule of one account; that of the bookmarked ones is switched off."""
    schedule = _schedule(request, schedule_id)
    require_role(request, Role.EDITOR)
    schedules.remove(schedule, by=request.user, now=timezone.now())
    messages.success(request, _("The schedule was removed."))
    return redirect("settings-scans:schedule")


@require_POST
def preferences(request: MemberRequest) -> HttpResponse:
    """What follows a scan."""
    require_role(request, Role.EDITOR)
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _page(request, ScheduleForm(workspace=request.workspace), preferences=form, status=422)
    loss_checks.prefer(workspace=request.workspace, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("settings-scans:schedule")


def _schedule(request: MemberRequest, schedule_id: UUID) -> ScanSchedule:
    mine = ScanSchedule.objects.for_workspace(request.workspace).select_related("workspace", "account")
    return get_object_or_404(mine, pk=schedule_id)


def _page(
    request: MemberRequest, form: ScheduleForm, *, preferences: PreferencesForm | None = None, status: int = 200
) -> HttpResponse:
    workspace = request.workspace
    mine = ScanSchedule.objects.for_workspace(workspace).select_related("account").order_by("account__username", "pk")
    runs = ScheduleRun.objects.for_workspace(workspace).select_related("schedule__account").order_by("-due_at", "-pk")
    context: dict[str, Any] = {
        "form": form,
        "schedules": [(one, rhythm_words(one)) for one in mine],
        "runs": runs[:RUNS],
        "preferences": preferences or PreferencesForm.of(loss_checks.preferences_of(workspace)),
    }
    return render(request, "settings/schedule.html", context, status=status)
