"""Why people left, over the API: order a check, set what follows a scan. Reasons are shown with the changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts import connect
from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.problems import Conflict
from igsite.schemas import Body
from scans import loss_checks

router = Router()


class CheckOut(Schema):
    """The job that checks (see jobs)."""

    job_id: UUID


class PreferencesOut(Schema):
    """What follows a complete scan."""

    checks_losses: bool
    losses_per_scan: int


class PreferencesIn(Body):
    """What shall follow a complete scan."""

    checks_losses: bool
    losses_per_scan: int = Field(50, ge=1, le=500)


@router.get("/preferences", response=PreferencesOut, url_name="loss_preferences")
def preferences(request: MemberRequest) -> Any:
    """Whether, and how many, losses are checked after a complete scan."""
    return loss_checks.preferences_of(request.workspace)


@router.put("/preferences", response=PreferencesOut, url_name="loss_preferences_set")
def prefer(request: MemberRequest, payload: PreferencesIn) -> Any:
    """Set that."""
    require_role(request, Role.EDITOR)
    return loss_checks.prefer(workspace=request.workspace, by=request.user, **payload.dict())


@router.post("/{account_id}/check", response={202: CheckOut}, url_name="losses_check")
@idempotent
def check(request: MemberRequest, account_id: UUID) -> Any:
    """Check the account's newest losses: 202 with the job. 409 when there are none, or no login can read."""
    account = get_object_or_404(TrackedAccount.objects.for_workspace(request.workspace), pk=account_id)
    require_role(request, Role.EDITOR)
    try:
        job = loss_checks.order(account, by=request.user, now=timezone.now())
    except connect.NotReady as stop:
        raise Conflict(stop.why) from stop
    return Status(202, CheckOut(job_id=job.uuid))
