"""Instagram's own export: the form that takes it, and the page on which its import is watched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.htmx import render_page
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from scans import export_import
from scans.forms import ExportUpload as UploadForm
from scans.forms import ExtentAnswer
from scans.models import ExportUpload, Extent
from scans.views_account import account_of


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """How to get the export, and the form that takes it. A good one leads to the page of its import."""
    account = account_of(request, account_id)
    require_role(request, Role.EDITOR)
    if request.method != "POST":
        return _form(request, account, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, account, form, status=422)
    try:
        upload = export_import.order(account=account, parts=form.parts(), by=request.user, now=timezone.now())
    except Problem as refusal:
        form.add_error("file", str(refusal))
        return _form(request, account, form, status=422)
    return redirect("account:import-progress", account.pk, upload.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def progress_page(request: MemberRequest, account_id: UUID, upload_id: UUID) -> HttpResponse:
    """One import: how far it is, what it asks, what came of it. A POST answers whether it is the whole list."""
    account = account_of(request, account_id)
    uploads = ExportUpload.objects.for_workspace(request.workspace).select_related("scan")
    upload = get_object_or_404(uploads, pk=upload_id, account=account)
    form, status = ExtentAnswer(), 200
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        form = ExtentAnswer(request.POST)
        if form.is_valid():
            return _answer(request, upload, Extent(form.cleaned_data["extent"]))
        status = 422
    job = Job.objects.for_workspace(request.workspace).named(upload.job_uuid)
    context: dict[str, Any] = {"account": account, "section": "import", "upload": upload, "job": job, "form": form}
    partials = {f"import-{upload.pk}": "scans/_import_card.html"}
    return render_page(request, "scans/import_progress.html", context, partials=partials, status=status)


def _answer(request: MemberRequest, upload: ExportUpload, extent: Extent) -> HttpResponse:
    try:
        export_import.answer(upload, extent=extent, by=request.user)
    except Problem as refusal:
        messages.warning(request, str(refusal))
    return redirect("account:import-progress", upload.account_id, upload.pk)


def _form(request: MemberRequest, account: TrackedAccount, form: UploadForm, *, status: int = 200) -> HttpResponse:
    latest = ExportUpload.objects.for_workspace(request.workspace).filter(account=account)
    context = {
        "account": account, "section": "import", "form": form, "latest": latest.order_by("-created_at", "-id").first(),
    }  # fmt: skip
    return render(request, "scans/import.html", context, status=status)
