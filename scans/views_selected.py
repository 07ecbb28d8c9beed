"""What is done to several tracked accounts at once: scan, tag, bookmark, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import tagging, tracking
from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from scans import follower_scan
from scans.models import Direction


@require_POST
def selected(request: MemberRequest) -> HttpResponse:
    """One act on the ticked accounts; deleting asks first."""
    require_role(request, Role.EDITOR)
    accounts = tagging.chosen(request.workspace, _ids(request))
    act = request.POST.get("act", "")
    if not accounts:
        messages.warning(request, _("Tick at least one account first. Nothing was changed."))
    elif act == "delete" and request.POST.get("sure") != "yes":
        return render(request, "scans/delete_selected.html", {"accounts": accounts})
    elif act in ACTS:
        ACTS[act](request, accounts)
    return redirect("accounts:list")


def _ids(request: MemberRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("account")[: tagging.MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _tag(request: MemberRequest, accounts: list[TrackedAccount]) -> None:
    act = tagging.add if request.POST["act"] == "tag" else tagging.remove
    try:
        changed = act(
            workspace=request.workspace, ids=[one.pk for one in accounts], tag=request.POST.get("tag", ""),
            by=request.user,
        )  # fmt: skip
    except tagging.InvalidTag as refused:
        messages.error(request, str(refused))
        return
    words = ngettext("The tags of %(n)s account were changed.", "The tags of %(n)s accounts were changed.", changed)
    messages.success(request, words % {"n": changed})


def _bookmark(request: MemberRequest, accounts: list[TrackedAccount]) -> None:
    for account in accounts:
        tracking.set_bookmark(account=account, is_bookmarked=request.POST["act"] == "bookmark")
    words = ngettext("%(n)s account was changed.", "%(n)s accounts were changed.", len(accounts))
    messages.success(request, words % {"n": len(accounts)})


def _scan(request: MemberRequest, accounts: list[TrackedAccount]) -> None:
    started, refused = 0, {}
    for account in accounts:
        try:
            follower_scan.start(account=account, directions=list(Direction), by=request.user, now=timezone.now())
            started += 1
        except Problem as problem:
            refused[str(problem)] = account.username
    words = ngettext("%(n)s scan was ordered.", "%(n)s scans were ordered.", started)
    messages.success(request, words % {"n": started})
    for sentence, name in refused.items():
        messages.warning(request, f"@{name}: {sentence}")


def _delete(request: MemberRequest, accounts: list[TrackedAccount]) -> None:
    for account in accounts:
        tracking.untrack(account=account, by=request.user, now=timezone.now())
    words = ngettext(
        "%(n)s account was deleted with everything stored about it.",
        "%(n)s accounts were deleted with everything stored about them.",
        len(accounts),
    )
    messages.success(request, words % {"n": len(accounts)})


ACTS = {"tag": _tag, "untag": _tag, "bookmark": _bookmark, "unbookmark": _bookmark, "scan": _scan, "delete": _delete}
