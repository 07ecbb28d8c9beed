"""The list of tracked accounts: search, add, bookmark, look up again, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import tagging, tracking
from accounts.forms_accounts import AccountFilter, TrackForm
from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.htmx import is_fragment, render_page
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem

PAGE = 50


@require_http_methods(["GET", "POST"])
def listing(request: MemberRequest) -> HttpResponse:
    """The accounts by name; a POST tracks another one."""
    form = TrackForm(request.POST or None)
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        if form.is_valid():
            try:
                account = tracking.track(
                    workspace=request.workspace, by=request.user, now=timezone.now(), **form.cleaned_data
                )
                messages.success(request, _("@%(name)s is tracked.") % {"name": account.username})
                return redirect("accounts:list")
            except Problem as refused:
                form.refuse(refused)
    return _page(request, form)


@require_GET
def row(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """One row, for a page that waits for the look-up."""
    account = get_object_or_404(_accounts(request), pk=account_id)
    shown = {"account": account, "can_edit": may(request, Role.EDITOR)}
    return render(request, "accounts/_row.html", shown)


@require_POST
def bookmark(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """Bookmark the account, or take the bookmark back."""
    account = _mine(request, account_id)
    tracking.set_bookmark(account=account, is_bookmarked=request.POST.get("on") == "1")
    if not is_fragment(request):
        return redirect("accounts:list")
    account.refresh_from_db()
    return render(request, "accounts/_row.html", {"account": account, "can_edit": True})


@require_POST
def refresh(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """Look the account up again."""
    account = _mine(request, account_id)
    job = tracking.refresh(account=account, by=request.user)
    if job is None:
        messages.error(request, _("No Instagram login is ready. Add one in the settings."))
    else:
        messages.info(request, _("@%(name)s is looked up again.") % {"name": account.username})
    return redirect("accounts:list")


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """Ask, then delete the account with everything that was stored about it in this workspace."""
    account = _mine(request, account_id)
    if request.method == "GET":
        return render(request, "accounts/delete.html", {"account": account})
    tracking.untrack(account=account, by=request.user, now=timezone.now())
    messages.success(request, _("@%(name)s was deleted with everything stored about it.") % {"name": account.username})
    return redirect("accounts:list")


def _mine(request: MemberRequest, account_id: UUID) -> TrackedAccount:
    account = get_object_or_404(_accounts(request), pk=account_id)
    require_role(request, Role.EDITOR)
    return account


def _accounts(request: MemberRequest) -> QuerySet[TrackedAccount]:
    return TrackedAccount.objects.for_workspace(request.workspace).select_related("profile")


def _page(request: MemberRequest, form: TrackForm) -> HttpResponse:
    wanted = AccountFilter(request.GET)
    wanted.is_valid()
    filters = {
        "q": wanted.cleaned_data.get("q", ""),
        "bookmarked": wanted.cleaned_data.get("bookmarked", False),
        "tag": wanted.cleaned_data.get("tag", ""),
    }
    page = tracking.page(
        request.workspace, cursor=wanted.cleaned_data.get("cursor", ""), limit=PAGE,
        search=filters["q"], only_bookmarked=filters["bookmarked"], tag=filters["tag"],
    )  # fmt: skip
    shown = {
        "page": page,
        "form": form,
        "filters": filters,
        "is_filtered": any(filters.values()),
        "tags": tagging.tags_of(request.workspace),
        "can_edit": may(request, Role.EDITOR),
    }
    parts = {"rows": "accounts/_rows.html", "more-rows": "accounts/_rows.html", "accounts": "accounts/_table.html"}
    return render_page(request, "accounts/list.html", shown, partials=parts, status=422 if form.errors else 200)
