"""Exports: ordered from the pages of people and changes, listed, fetched, deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import render_page
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.paging import page_of
from igsite.problems import Problem
from igsite.text import whole_number
from scans import list_export_files, list_exports
from scans.file_answers import attachment
from scans.list_exports import ChangesWish, PeopleWish
from scans.models import Direction
from scans.models.list_exports import ExportFormat, ListExport
from scans.people_choice import PeopleList, PeopleSort
from scans.views_account import account_of
from scans.views_changes import loss_filter
from scans.views_people import choice_of

PAGE = 30


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """The workspace's exports, newest first, each with its job while that is open."""
    exports = ListExport.objects.for_workspace(request.workspace).select_related("account", "created_by")
    cursor = request.GET.get("cursor", "")
    page = page_of(exports, name="exports", order=("-created_at", "-id"), cursor=cursor, limit=PAGE)
    jobs = Job.objects.for_workspace(request.workspace).filter(uuid__in=[export.job_uuid for export in page.items])
    by_uuid = {job.uuid: job for job in jobs}
    context = {"page": page, "exports": [(export, by_uuid.get(export.job_uuid)) for export in page.items]}
    return render_page(request, "scans/exports.html", context, partials={"more-rows": "scans/_exports_rows.html"})


@require_POST
def order(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """A file of what the page showed."""
    account = account_of(request, account_id)
    require_role(request, Role.EDITOR)
    asked = request.POST.get("format", "")
    format_ = ExportFormat(asked) if asked in ExportFormat.values else ExportFormat.CSV
    try:
        wish = _changes(request) if request.POST.get("content") == "changes" else _people(request)
        list_exports.order(account=account, wish=wish, format_=format_, by=request.user, now=timezone.now())
    except Problem as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The file is being written. It is kept for a week."))
    return redirect("exports:list")


def _people(request: MemberRequest) -> PeopleWish:
    asked = request.POST.get("list")
    which = PeopleList(asked) if asked in PeopleList.values else PeopleList.FOLLOWERS
    chosen = choice_of(request.POST, which)
    sort = request.POST.get("sort")
    return PeopleWish(which, sort=PeopleSort(sort) if sort in PeopleSort.values else PeopleSort.NAME, **chosen)


def _changes(request: MemberRequest) -> ChangesWish:
    asked = request.POST.get("list")
    numbers = [request.POST.get(name, "") for name in ("since", "until")]
    since, until = (whole_number(text, digits=9) or 0 for text in numbers)
    direction = Direction(asked) if asked in Direction.values else Direction.FOLLOWERS
    return ChangesWish(direction, since, until, loss_filter(request.POST))


@require_safe
def fetch(request: MemberRequest, export_id: UUID) -> HttpResponseBase:
    """The file, streamed; while there is none, the list that says why."""
    export = _export(request, export_id)
    answer = attachment(request, list_export_files.path_of(export.pk), export.file_name) if export.ready_at else None
    if answer is None:
        messages.info(request, _("This file is not there. Look at its state below."))
        return redirect("exports:list")
    return answer


@require_POST
def remove(request: MemberRequest, export_id: UUID) -> HttpResponse:
    """Delete the file before its week is over."""
    export = _export(request, export_id)
    require_role(request, Role.EDITOR)
    list_exports.remove(export, by=request.user)
    messages.success(request, _("The export was deleted."))
    return redirect("exports:list")


def _export(request: MemberRequest, export_id: UUID) -> Any:
    return get_object_or_404(ListExport.objects.for_workspace(request.workspace), pk=export_id)
