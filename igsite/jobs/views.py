"""The pages of tasks: the board, one live row of it, and the two things one can do."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from igsite.htmx import is_fragment, render_page, toast, way_back
from igsite.jobs import board as boards
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role

#: A page that shows more has been scrolled through long lists; its further rows wait for their hints.
MOST_ROWS = 300
PAIR = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9]{1,9}")


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Every task of the workspace, newest first; ``?state=`` narrows."""
    state = request.GET.get("state", "")
    state = state if state in boards.FILTERS else ""
    page = boards.page(_workspace(request), state=state, cursor=request.GET.get("cursor", ""))
    shown = {"page": page, "state": state, "filters": boards.FILTERS}
    return render_page(request, "jobs/board.html", shown, partials={"more-rows": "jobs/_rows.html"})


@require_GET
def row(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One row as it stands now: what a live hint makes the page read again."""
    job = _job(request, uuid)
    if not is_fragment(request):
        return redirect(f"{reverse('jobs:board')}#job-{job.uuid}")
    return _row(request, job)


@require_GET
def again(request: HttpRequest) -> HttpResponse:
    """Of the rows that a page shows, those that have changed since, each to be put in its place. ``seen``: one
    "uuid.revision" each, as the rows bear it. One answer for all of them when a page may have missed hints."""
    seen = dict(part.split(".", 1) for part in request.GET.getlist("seen")[:MOST_ROWS] if PAIR.fullmatch(part))
    jobs = Job.objects.for_workspace(_workspace(request)).filter(uuid__in=seen).order_by("-created_at", "-uuid")
    changed = [job for job in jobs if str(job.revision) != seen[str(job.uuid)]]
    return render(request, "jobs/_again.html", {"jobs": changed})


@require_POST
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Stop it."""
    job = _job(request, uuid)
    require_role(request, Role.EDITOR)
    job = runner.cancel(job, by=request.user)
    said = _("It was cancelled.") if not job.is_open else _("It stops after its present step.")
    return _answer(request, job, said)


@require_POST
def retry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Try again, from where it stood."""
    job = _job(request, uuid)
    require_role(request, Role.EDITOR)
    try:
        job = runner.retry(job, by=request.user)
    except runner.JobConflict as conflict:
        return _answer(request, job, str(conflict), level="warn")
    return _answer(request, job, _("It starts again."))


def _workspace(request: HttpRequest) -> object:
    return getattr(request, "workspace", None)


def _job(request: HttpRequest, uuid: UUID) -> Job:
    return get_object_or_404(Job.objects.for_workspace(_workspace(request)), uuid=uuid)


def _row(request: HttpRequest, job: Job, *, takes_focus: bool = False) -> HttpResponse:
    return render(request, "jobs/_row.html", {"job": job, "takes_focus": takes_focus})


def _answer(request: HttpRequest, job: Job, said: str, *, level: str = "good") -> HttpResponse:
    """The row for htmx; without scripts a message and the page that the form named, else the board."""
    if is_fragment(request):
        job.refresh_from_db()
        return toast(_row(request, job, takes_focus=True), said, level)
    messages.add_message(request, messages.SUCCESS if level == "good" else messages.WARNING, said)
    return redirect(way_back(request, request.POST.get("next", ""), "jobs:board"))
