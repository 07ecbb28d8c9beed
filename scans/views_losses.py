"""Acts about losses: have them checked, and scan again what was quarantined."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import connect
from accounts.member_request import MemberRequest
from igsite.htmx import redirect
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from scans import follower_scan, loss_checks
from scans.models import Direction, Scan, ScanState
from scans.views_account import account_of


@require_POST
def check_losses(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """Order the check of why people left."""
    account = account_of(request, account_id)
    require_role(request, Role.EDITOR)
    try:
        loss_checks.order(account, by=request.user, now=timezone.now())
        messages.success(request, _("The newest losses are being checked. Tasks shows how far it is."))
    except loss_checks.NothingToCheck as nothing:
        messages.info(request, str(nothing))
    except connect.NotReady as stop:
        messages.error(request, stop.why)
    return redirect(request, "account:changes", account.pk)


@require_POST
def rescan(request: MemberRequest, scan_id: UUID) -> HttpResponse:
    """Scan the quarantined lists of a scan again, with the same login if it is still there."""
    scans = Scan.objects.for_workspace(request.workspace).select_related("account", "login")
    scan = get_object_or_404(scans, pk=scan_id)
    require_role(request, Role.EDITOR)
    lists = scan.lists.filter(state=ScanState.QUARANTINED).values_list("direction", flat=True)
    directions = [Direction(each) for each in lists or scan.directions]
    try:
        again = follower_scan.start(account=scan.account, directions=directions, by=request.user, now=timezone.now())
    except follower_scan.ScanRunning as running:
        messages.info(request, str(running))
        return redirect(request, "scans:detail", running.scan.pk if running.scan else scan.pk)
    except Problem as refusal:
        messages.error(request, str(refusal))
        return redirect(request, "scans:detail", scan.pk)
    messages.success(request, _("The scan of @%(name)s has started.") % {"name": scan.account.username})
    return redirect(request, "scans:detail", again.pk)
