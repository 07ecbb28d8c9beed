"""The first page: key figures, what runs, what changed, what needs a person."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from igsite.htmx import is_fragment, render_page
from scans import overview_figures
from scans.progress import with_progress

#: What reads itself again, by the id of its element.
PARTS: Final = {"now": "scans/_now.html", "alerts-panel": "alerts/_panel.html"}


@require_safe
def dashboard(request: MemberRequest) -> HttpResponse:
    """The workspace at a glance, from stored figures; a part of it pays for what it shows."""
    workspace, now = request.workspace, timezone.now()
    part = request.htmx.target if is_fragment(request) else ""
    context: dict[str, object] = {}
    if part != "alerts-panel":
        context |= {
            "figures": overview_figures.figures(workspace, now),
            "running": with_progress(overview_figures.open_scans(workspace)),
            "working": overview_figures.other_tasks(workspace),
        }
    if part not in PARTS:
        context |= {
            "changed": overview_figures.recent_changes(workspace),
            "waiting_logins": overview_figures.logins_that_wait(workspace),
            "growing": overview_figures.growing(workspace, now),
            "growth_days": overview_figures.GROWTH.days,
            "has_login": InstagramLogin.objects.for_workspace(workspace).exists(),
        }
    return render_page(request, "scans/dashboard.html", context, partials=PARTS)


urlpatterns = [path("", dashboard, name="dashboard")]
