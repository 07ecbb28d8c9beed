"""All monitors: the list, a new one, the same act for many, a file of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import redirect, render_page
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from monitoring import acts, due_times, exchange, lists
from monitoring.forms import BulkForm, ImportForm, MonitorForm
from monitoring.models import Monitor, MonitorKind, MonitorState

PAGE = 50


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """The monitors, the newest first."""
    return _list(request, BulkForm())


def _list(request: MemberRequest, bulk: BulkForm, status: int = 200) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:100] for name in ("q", "state", "kind")}
    kind = asked["kind"] if asked["kind"] in MonitorKind.values else ""
    page = lists.page(
        request.workspace, search=asked["q"], state=asked["state"], kind=kind, cursor=request.GET.get("cursor", ""),
        limit=PAGE,
    )  # fmt: skip
    context: dict[str, Any] = {
        "page": page,
        "filters": asked,
        "is_filtered": any(asked.values()),
        "states": MonitorState,
        "kinds": MonitorKind,
        "bulk": bulk,
        "intervals": due_times.NAMED,
        "can_edit": may(request, Role.EDITOR),
    }
    parts = {
        "rows": "monitoring/_rows.html",
        "more-rows": "monitoring/_rows.html",
        "monitors": "monitoring/_table.html",
    }
    if not (request.htmx and request.htmx.target in parts):
        context["demand"] = lists.demand(request.workspace, timezone.now())
    return render_page(request, "monitoring/list.html", context, partials=parts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """The form, and what it makes."""
    require_role(request, Role.EDITOR)
    form = MonitorForm(request.POST or None, initial={"target": request.GET.get("target", "")[:100], "interval": "1h"})
    if request.method == "POST" and form.is_valid():
        try:
            monitor = acts.create(
                workspace=request.workspace, target=form.cleaned_data["target"], rhythm=form.rhythm(), by=request.user,
                now=timezone.now(), follows_posts=form.cleaned_data["follows_posts"],
            )  # fmt: skip
            return redirect(request, "monitoring:detail", monitor.uuid)
        except Problem as refused:
            form.refuse(str(refused), refused.fields)
    context = {"form": form, "intervals": due_times.NAMED}
    return render(request, "monitoring/new.html", context, status=422 if form.errors else 200)


@require_POST
def bulk(request: MemberRequest) -> HttpResponse:
    """The same act for all that are marked."""
    require_role(request, Role.EDITOR)
    form = BulkForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace")
    marked = list(mine.filter(uuid__in=uuids_in(request.POST.getlist("ids")))[: acts.BULK_MOST + 1])
    try:
        done, refused = acts.bulk(
            monitors=marked, act=form.cleaned_data["act"], by=request.user, now=timezone.now(),
            rhythm=form.rhythm(), follows_posts=form.cleaned_data["follows_posts"],
        )  # fmt: skip
    except Problem as problem:
        known = [name for name in problem.fields if name in form.fields]
        form.add_error(known[0] if known else None, str(problem))
        return _list(request, form, status=422)
    said = ngettext("%(count)d monitor was changed.", "%(count)d monitors were changed.", done) % {"count": done}
    if refused:
        said += " " + _("%(count)d had ended and stayed as they were.") % {"count": refused}
    messages.success(request, said)
    return redirect(request, "monitoring:list")


def uuids_in(texts: Sequence[str]) -> list[UUID]:
    """Those of some texts that are public ids of monitors, as many as anything is done with at once."""
    found = []
    for text in texts[: acts.BULK_MOST + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: MemberRequest) -> HttpResponse:
    """A file of monitors; what could not be used is said row by row, the rest stands."""
    require_role(request, Role.EDITOR)
    form = ImportForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        try:
            report = exchange.import_file(
                workspace=request.workspace, upload=form.cleaned_data["file"], by=request.user, now=timezone.now()
            )
        except Problem as refused:
            form.add_error("file", str(refused))
    context = {"form": form, "report": report}
    return render(request, "monitoring/import.html", context, status=422 if form.errors else 200)
