"""Monitoring of posts over the API, by the paths and shapes that its design promises."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from igsite.idempotency import idempotent
from igsite.text import clean_text
from monitoring import api_tasks
from monitoring.api_shapes import (
    Envelope,
    PagedEnvelope,
    PostIn,
    PostTask,
    PostTaskRow,
    StopIn,
    StoppedOut,
    TaskState,
    TaskStatus,
    VideoHistory,
    answers,
)
from monitoring.models import Monitor, MonitorKind
from monitoring.targets import Target, post_in

router = Router()
KIND = MonitorKind.POST
NAMES = {"like_count": "likes", "comment_count": "comments", "play_count": "plays"}


def _task(monitor: Monitor) -> dict[str, Any]:
    return {
        "task_id": monitor.uuid,
        "post_code": monitor.code,
        "status": monitor.state,
        "interval_seconds": monitor.interval_seconds,
        "created_at": monitor.created_at,
        "updated_at": monitor.updated_at,
    }


@router.post("/create_monitor_task", response=answers(Envelope[PostTask], 201), url_name="post_create")
@idempotent
def create_monitor_task(request: MemberRequest, payload: PostIn) -> Any:
    """Start monitoring a post. 409 while it is monitored already; a stopped one goes on with its history."""
    target = Target(KIND, post_in(payload.post_url))
    task = PostTask(**_task(api_tasks.create(request, target, payload.interval)))
    return Status(201, Envelope[PostTask](status_code=201, data=task))


@router.get("/tasks", response=answers(PagedEnvelope[list[PostTaskRow]]), url_name="post_tasks")
def tasks(request: MemberRequest, cursor: str = "", limit: api_tasks.Limit = 1_000) -> Any:
    """All monitored posts, newest first."""
    page = api_tasks.tasks(request, KIND, cursor, limit)
    return {"data": [_task(monitor) for monitor in page.items], "next": page.next}


@router.post("/stop_tasks", response=answers(Envelope[StoppedOut]), url_name="post_stop")
def stop_tasks(request: MemberRequest, payload: StopIn) -> Any:
    """Stop tasks; their histories stay."""
    return {"data": {"deleted_task_ids": api_tasks.stop(request, KIND, payload.task_ids)}}


@router.get("/task_status/{post_task_id}", response=answers(Envelope[TaskStatus]), url_name="post_status")
def task_status(request: MemberRequest, post_task_id: UUID) -> Any:
    """How a task stands."""
    return {"data": api_tasks.status(api_tasks.find(request, KIND, post_task_id))}


@router.post("/pause_task/{post_task_id}", response=answers(Envelope[TaskState]), url_name="post_pause")
def pause_task(request: MemberRequest, post_task_id: UUID) -> Any:
    """Rest from now on, what is being read at this moment included. 409 for a stopped one."""
    return {"data": api_tasks.pause(request, KIND, post_task_id)}


@router.post("/resume_task/{post_task_id}", response=answers(Envelope[TaskState]), url_name="post_resume")
def resume_task(request: MemberRequest, post_task_id: UUID) -> Any:
    """Go on, beginning at once. 409 for a stopped one: create it again."""
    return {"data": api_tasks.resume(request, KIND, post_task_id)}


@router.get("/video_history/{post_code}", response=answers(Envelope[VideoHistory]), url_name="post_history")
def video_history(
    request: MemberRequest,
    post_code: Annotated[str, Field(max_length=64, description="The short code in the post's address.")],
    cursor: str = "",
    limit: api_tasks.Limit = 1_000,
) -> Any:
    """What was measured of a post, newest first."""
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace")
    monitor = get_object_or_404(mine, kind=KIND, code=clean_text(post_code))
    told = api_tasks.history_of(monitor, cursor=cursor, limit=limit, names=NAMES)
    return {"data": {"post_code": monitor.code, **told}}
