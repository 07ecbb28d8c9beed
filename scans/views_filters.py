"""Keep a filter of people, and forget one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.member_request import MemberRequest
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from scans import saved_filters
from scans.models import SavedFilter
from scans.views_account import account_of


@require_POST
def save(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """Keep what the people page of this account shows, for every account."""
    account = account_of(request, account_id)
    require_role(request, Role.EDITOR)
    fields = request.POST.dict()
    page = reverse("account:people", args=[account.pk])
    try:
        saved_filters.save(
            workspace=request.workspace, name=str(fields.get("name", "")), fields=fields,
            is_shared=fields.get("shared") == "1", by=request.user, now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The filter is kept."))
    except Problem as refused:
        messages.error(request, str(refused))
    return redirect(f"{page}?{saved_filters.query_of(fields)}")


@require_POST
def remove(request: MemberRequest, account_id: UUID, filter_id: UUID) -> HttpResponse:
    """Forget one of one's own."""
    account = account_of(request, account_id)
    require_role(request, Role.EDITOR)
    mine = SavedFilter.objects.for_workspace(request.workspace).filter(created_by=request.user)
    saved_filters.remove(get_object_or_404(mine, pk=filter_id), by=request.user, now=timezone.now())
    messages.success(request, _("The filter was deleted."))
    return redirect("account:people", account.pk)
