"""Scans: the list, one scan live, a new one, stopping one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import is_fragment, render_page, toast
from igsite.ownership import Role, require_role
from igsite.paging import Page, page_of
from igsite.problems import Problem
from scans import follower_scan, scan_orders, source_changes
from scans.estimate import Estimate
from scans.estimate import estimate as cost
from scans.forms import BOTH, NewScan
from scans.models import Scan
from scans.progress import Progress, with_progress

PAGE = 24


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """Every scan of the workspace, newest first."""
    workspace = request.workspace
    found = page_of(
        Scan.objects.for_workspace(workspace).select_related("account", "login"),
        name="scans",
        order=("-created_at", "-id"),
        cursor=request.GET.get("cursor", ""),
        limit=PAGE,
    )
    page: Page[Progress] = Page(with_progress(found.items), found.next)
    return render_page(request, "scans/list.html", {"page": page}, partials={"more-rows": "scans/_cards.html"})


@require_safe
def detail(request: MemberRequest, scan_id: UUID) -> HttpResponse:
    """One scan; its card alone when the card asks for itself."""
    scan = _scan(request, scan_id)
    context = {"progress": with_progress([scan])[0], "account": scan.account, "section": "scans"}
    context["may_stay"] = not scan.is_open and source_changes.may_stay(scan)
    return render_page(request, "scans/detail.html", context, partials={f"scan-{scan.pk}": "scans/_card.html"})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """The form of a new scan, in the dialog or as a page; a good one starts the scan and shows it live."""
    require_role(request, Role.EDITOR)
    workspace = request.workspace
    if request.method != "POST":
        wanted = {"account": request.GET.get("account", "")[:100], "lists": BOTH}
        return _form(request, NewScan(workspace=workspace, initial=wanted))
    form = NewScan(request.POST, workspace=workspace)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        scan = scan_orders.order(
            workspace=workspace,
            account=form.cleaned_data["account"],
            directions=form.directions(),
            login_id=form.login_id(),
            mode=form.mode_chosen(),
            by=request.user,
            now=timezone.now(),
        )
    except follower_scan.ScanRunning as refusal:
        form.add_error("account", str(refusal))
        return _form(request, form, status=422, running=refusal.scan)
    except Problem as refusal:
        _blame(form, refusal)
        return _form(request, form, status=422)
    return _started(request, scan)


@require_safe
def estimate(request: MemberRequest) -> HttpResponse:
    """What the scan in the form would cost, while it is filled in."""
    require_role(request, Role.EDITOR)
    said = _estimate(request, NewScan(request.GET, workspace=request.workspace))
    return render(request, "scans/_estimate.html", {"estimate": said})


@require_POST
def cancel(request: MemberRequest, scan_id: UUID) -> HttpResponse:
    """Stop the scan after its present page."""
    scan = _scan(request, scan_id)
    require_role(request, Role.EDITOR)
    follower_scan.cancel(scan, by=request.user)
    said = _("The scan of @%(name)s stops.") % {"name": scan.account.username}
    if is_fragment(request):
        progress = with_progress([_scan(request, scan_id)])[0]
        return toast(render(request, "scans/_card.html", {"progress": progress}), said)
    messages.info(request, said)
    return redirect("scans:detail", scan.pk)


@require_POST
def stay_with_source(request: MemberRequest, scan_id: UUID) -> HttpResponse:
    """Have the account's lists read from now on by the source that read this scan."""
    scan = _scan(request, scan_id)
    require_role(request, Role.EDITOR)
    try:
        name = source_changes.stay(scan, by=request.user, now=timezone.now())
        said = _("@%(name)s is read by %(source)s first from now on. The next complete scan begins anew with it.")
        messages.success(request, said % {"name": scan.account.username, "source": name.label})
    except Problem as refused:
        messages.error(request, str(refused))
    return redirect("scans:detail", scan.pk)


def _scan(request: MemberRequest, scan_id: UUID) -> Scan:
    mine = Scan.objects.for_workspace(request.workspace).select_related("account__profile", "login")
    return get_object_or_404(mine, pk=scan_id)


def _form(request: MemberRequest, form: NewScan, *, status: int = 200, running: Scan | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "running": running,
        "in_dialog": is_fragment(request),
        "estimate": _estimate(request, NewScan(form.initial, workspace=request.workspace)) if form.initial else None,
    }
    return render_page(request, "scans/new.html", context, partials={"modal-body": "scans/_new.html"}, status=status)


def _estimate(request: MemberRequest, form: NewScan) -> Estimate | None:
    """The cost of what the form asks for; None while it names no account that is tracked."""
    form.is_valid()
    account = scan_orders.known(request.workspace, form.cleaned_data.get("account", ""))
    if account is None or "lists" not in form.cleaned_data:
        return None
    now, lists, mode = timezone.now(), form.directions(), form.mode_chosen()
    reader = scan_orders.reader(account, lists, login_id=form.login_id(), mode=mode, now=now)
    return cost(account, lists, reader=reader, now=now, mode=mode)


def _blame(form: NewScan, refusal: Problem) -> None:
    """Put a refusal's sentences to the fields that they are about."""
    for name, sentences in refusal.fields.items() or {"": [refusal.message]}.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _started(request: MemberRequest, scan: Scan) -> HttpResponse:
    said = _("The scan of @%(name)s has started.") % {"name": scan.account.username}
    if is_fragment(request):
        progress = with_progress([_scan(request, scan.pk)])[0]
        return toast(render(request, "scans/_started.html", {"progress": progress}), said, "good")
    messages.success(request, said)
    return redirect("scans:detail", scan.pk)
