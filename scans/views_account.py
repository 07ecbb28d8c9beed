"""The account's overview: where its lists stand, how they grew, the last scans."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.figures import number
from scans import people, pictures
from scans.models import Direction, ListScan, Scan
from scans.progress import with_progress

CHART_POINTS = 60
RECENT_SCANS = 6


def account_of(request: MemberRequest, account_id: UUID) -> TrackedAccount:
    """The account, through the door of the request's workspace; 404 for strangers."""
    mine = TrackedAccount.objects.for_workspace(request.workspace).select_related("profile")
    return get_object_or_404(pictures.with_picture(mine), pk=account_id)


@require_safe
def overview(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """Key figures, the followers list over time, the last scans."""
    account = account_of(request, account_id)
    scans = Scan.objects.for_workspace(account.workspace_id).filter(account=account).select_related("account", "login")
    newest = list(scans.order_by("-created_at", "-id")[:RECENT_SCANS])
    history = _history(account)
    totals = [one.total or 0 for one in history]
    context: dict[str, Any] = {
        "account": account,
        "section": "overview",
        "history": history,
        "totals": totals,
        "told": _told(totals),
        "counts": people.counts(account),
        "readings": people.readings(account, people.PeopleList.MUTUALS),
        "scans": with_progress(newest),
    }
    return render(request, "scans/overview.html", context)


def _told(totals: list[int]) -> str:
    """The chart in a sentence."""
    if not totals:
        return ""
    values = {"count": len(totals), "first": number(totals[0]), "last": number(totals[-1])}
    return _("Followers over %(count)d complete scans, from %(first)s to %(last)s") % values


def _history(account: TrackedAccount) -> list[ListScan]:
    """The followers list's complete scans, oldest first."""
    done = ListScan.objects.for_workspace(account.workspace_id).filter(
        edge_list__account=account, direction=Direction.FOLLOWERS, seq__isnull=False, state="complete"
    )
    return list(done.order_by("-seq")[:CHART_POINTS])[::-1]
