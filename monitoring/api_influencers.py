"""Monitoring of profiles over the API, by the paths and shapes that its design promises."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from igsite.idempotency import idempotent
from monitoring import api_tasks
from monitoring.api_shapes import (
    Envelope,
    InfluencerIn,
    InfluencerTask,
    InfluencerTaskRow,
    PagedEnvelope,
    StopIn,
    StoppedOut,
    TaskState,
    TaskStatus,
    UserHistory,
    answers,
)
from monitoring.models import Monitor, MonitorKind
from monitoring.targets import Target, profile_in

router = Router()
KIND = MonitorKind.PROFILE
NAMES = {"follower_count": "followers", "following_count": "following", "post_count": "posts", "bio": "bio"}


def _task(monitor: Monitor) -> dict[str, Any]:
    return {
        "task_id": monitor.uuid,
        "username": monitor.username,
        "status": monitor.state,
        "interval_seconds": monitor.interval_seconds,
        "created_at": monitor.created_at,
        "updated_at": monitor.updated_at,
    }


@router.post("/create_monitor_task", response=answers(Envelope[InfluencerTask], 201), url_name="influencer_create")
@idempotent
def create_monitor_task(request: MemberRequest, payload: InfluencerIn) -> Any:
    """Start monitoring a profile. 409 while it is monitored already; a stopped one goes on with its history."""
    target = Target(KIND, profile_in(payload.username))
    task = InfluencerTask(**_task(api_tasks.create(request, target, payload.interval)))
    return Status(201, Envelope[InfluencerTask](status_code=201, data=task))


@router.get("/tasks", response=answers(PagedEnvelope[list[InfluencerTaskRow]]), url_name="influencer_tasks")
def tasks(request: MemberRequest, cursor: str = "", limit: api_tasks.Limit = 1_000) -> Any:
    """All monitored profiles, newest first."""
    page = api_tasks.tasks(request, KIND, cursor, limit)
    return {"data": [_task(monitor) for monitor in page.items], "next": page.next}


@router.post("/stop_tasks", response=answers(Envelope[StoppedOut]), url_name="influencer_stop")
def stop_tasks(request: MemberRequest, payload: StopIn) -> Any:
    """Stop tasks; their histories stay."""
    return {"data": {"deleted_task_ids": api_tasks.stop(request, KIND, payload.task_ids)}}


@router.get("/task_status/{task_id}", response=answers(Envelope[TaskStatus]), url_name="influencer_status")
def task_status(request: MemberRequest, task_id: UUID) -> Any:
    """How a task stands."""
    return {"data": api_tasks.status(api_tasks.find(request, KIND, task_id))}


@router.post("/pause_task/{task_id}", response=answers(Envelope[TaskState]), url_name="influencer_pause")
def pause_task(request: MemberRequest, task_id: UUID) -> Any:
    """Rest from now on, what is being read at this moment included. 409 for a stopped one."""
    return {"data": api_tasks.pause(request, KIND, task_id)}


@router.post("/resume_task/{task_id}", response=answers(Envelope[TaskState]), url_name="influencer_resume")
def resume_task(request: MemberRequest, task_id: UUID) -> Any:
    """Go on, beginning at once. 409 for a stopped one: create it again."""
    return {"data": api_tasks.resume(request, KIND, task_id)}


@router.get("/user_history/{user_id}", response=answers(Envelope[UserHistory]), url_name="influencer_history")
def user_history(
    request: MemberRequest,
    user_id: Annotated[str, Field(max_length=100, description="Instagram's number of the profile, or its name.")],
    cursor: str = "",
    limit: api_tasks.Limit = 1_000,
) -> Any:
    """What was measured of a profile, newest first."""
    monitor = api_tasks.profile_named(request, user_id)
    told = api_tasks.history_of(monitor, cursor=cursor, limit=limit, names=NAMES)
    return {"data": {"username": monitor.username, **told}}
