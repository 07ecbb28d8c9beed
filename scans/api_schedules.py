"""Schedules over the API: the same functions as the page."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.ownership import Role, require_role
from igsite.schemas import Body
from scans import schedules
from scans.models import Direction, ScanSchedule, ScheduledReading
from scans.schedules import Wish

router = Router()
MOST = 1_000


class ScheduleIn(Body):
    """A schedule: `at_time` of every day on the workspace's clock, or `every_minutes`; exactly one of them."""

    account_id: UUID | None = Field(None, description="Null: all bookmarked accounts without a schedule of their own.")
    lists: list[Direction] = Field(min_length=1, max_length=2)
    reading: ScheduledReading = ScheduledReading.FULL
    at_time: time | None = None
    every_minutes: int | None = Field(None, ge=60, le=43_200)
    is_on: bool = True


class ScheduleOut(Schema):
    """A schedule, and when it comes due next."""

    id: UUID
    account_id: UUID | None
    directions: list[str]
    reading: str
    at_time: time | None
    every_minutes: int | None
    is_on: bool
    zone: str
    next_at: datetime


@router.get("", response=list[ScheduleOut], url_name="schedules")
def listing(request: MemberRequest) -> Any:
    """All schedules of the workspace; there is at most one an account, and one of the bookmarked accounts."""
    return ScanSchedule.objects.for_workspace(request.workspace).order_by("created_at", "pk")[:MOST]


@router.put("", response=ScheduleOut, url_name="schedule_set")
def save(request: MemberRequest, payload: ScheduleIn) -> Any:
    """Set the schedule of one account or of the bookmarked ones, in the place of the one before."""
    mine = TrackedAccount.objects.for_workspace(request.workspace)
    account = get_object_or_404(mine, pk=payload.account_id) if payload.account_id else None
    require_role(request, Role.EDITOR)
    wish = Wish(
        payload.lists, ScheduledReading(payload.reading), payload.at_time, payload.every_minutes, payload.is_on
    )  # fmt: skip
    return schedules.save(workspace=request.workspace, account=account, wish=wish, by=request.user, now=timezone.now())


@router.delete("/{schedule_id}", response={204: None}, url_name="schedule_remove")
def remove(request: MemberRequest, schedule_id: UUID) -> Any:
    """Remove it; the one of the bookmarked accounts is switched off instead."""
    mine = ScanSchedule.objects.for_workspace(request.workspace).select_related("workspace")
    schedule = get_object_or_404(mine, pk=schedule_id)
    require_role(request, Role.EDITOR)
    schedules.remove(schedule, by=request.user, now=timezone.now())
    return Status(204, None)
