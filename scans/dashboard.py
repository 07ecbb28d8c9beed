"""The first page: key figures, what runs, what changed, what needs a person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from scans import overview_figures
from scans.progress import with_progress


@require_safe
def dashboard(request: MemberRequest) -> HttpResponse:
    """The workspace at a glance, from stored figures."""
    now = timezone.now()
    context = {
        "figures": overview_figures.figures(request.workspace, now),
        "running": with_progress(overview_figures.open_scans(request.workspace)),
        "working": overview_figures.other_tasks(request.workspace),
        "changed": overview_figures.recent_changes(request.workspace),
        "waiting_logins": overview_figures.logins_that_wait(request.workspace),
        "growing": overview_figures.growing(request.workspace, now),
        "growth_days": overview_figures.GROWTH.days,
        "has_login": InstagramLogin.objects.for_workspace(request.workspace).exists(),
    }
    return render(request, "scans/dashboard.html", context)


urlpatterns = [path("", dashboard, name="dashboard")]
