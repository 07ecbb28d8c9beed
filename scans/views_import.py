"""Instagram's own export, uploaded as a scan of one's account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from scans import export_import
from scans.forms import ExportUpload
from scans.views_account import account_of


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """How to get the export, and the form that takes it. A doubtful one is asked about before anything is stored."""
    account = account_of(request, account_id)
    require_role(request, Role.EDITOR)
    if request.method != "POST":
        return _page(request, account, ExportUpload())
    form = ExportUpload(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, account, form, status=422)
    try:
        scan = export_import.import_export(
            account=account, parts=form.parts(), by=request.user, extent=form.extent_said()
        )
    except export_import.ExtentUnknown as question:
        return _page(request, account, form, status=422, doubts=question.doubts)
    except Problem as refusal:
        form.add_error("file", str(refusal))
        return _page(request, account, form, status=422)
    messages.success(request, _("The export was imported."))
    return redirect("scans:detail", scan.pk)


def _page(
    request: MemberRequest,
    account: TrackedAccount,
    form: ExportUpload,
    *,
    status: int = 200,
    doubts: list[str] | None = None,
) -> HttpResponse:
    context = {"account": account, "section": "import", "form": form, "doubts": doubts}
    return render(request, "scans/import.html", context, status=status)
