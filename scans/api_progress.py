"""A job's progress as server-sent events: each change as it comes, to the job's end.

An asynchronous server keeps the connection for a while; one that gives each request a thread answers with the present
state and asks to be asked again in two seconds, so that watchers hold no threads. Either way a browser's EventSource
goes on by itself, and knows from ``id`` what it has seen.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from accounts.member_request import MemberRequest
from igsite.jobs.api import JobOut
from igsite.jobs.models import Job
from igsite.text import whole_number

router = Router()
#: Seconds between two looks; after which a silent connection shows a sign of life; of one connection.
LOOK: Final = 1.0
SIGN_OF_LIFE: Final = 15.0
LONGEST: Final = 300.0
_AGAIN: Final = "retry: 2000\n\n"


_SHAPE: Final[dict[str, Any]] = {"responses": {200: {"content": {"text/event-stream": {}}}}}


@router.get("/{job_id}", url_name="progress", openapi_extra=_SHAPE)
def progress(request: MemberRequest, job_id: UUID) -> StreamingHttpResponse:
    """Events `progress` with the job as under /api/v1/jobs, each time that it changed, and `end` with the last."""
    job = get_object_or_404(Job.objects.for_workspace(request.workspace), uuid=job_id)
    seen = _revision(request.headers.get("Last-Event-ID", ""))
    person = request.user.pk
    events: Any = _stream(job, seen, person) if isinstance(request, ASGIRequest) else _once(job, seen)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _revision(text: str) -> int:
    number = whole_number(text, digits=11)
    return -1 if number is None else number


def _once(job: Job, seen: int) -> Iterator[str]:
    yield _AGAIN
    if job.revision != seen or not job.is_open:
        yield _event(job)


async def _stream(job: Job, seen: int, person: UUID) -> AsyncIterator[str]:
    yield _AGAIN
    over, spoke = time.monotonic() + LONGEST, time.monotonic()
    now: Job | None = job
    while now is not None and time.monotonic() < over:
        if now.revision != seen or not now.is_open:
            yield _event(now)
            seen, spoke = now.revision, time.monotonic()
        elif time.monotonic() - spoke > SIGN_OF_LIFE:
            yield ": still here\n\n"
            spoke = time.monotonic()
        if not now.is_open:
            return
        await asyncio.sleep(LOOK)
        now = await sync_to_async(_again)(job, person)


def _again(job: Job, person: UUID) -> Job | None:
    """The job as it stands; None when it is gone, or is no longer the person's to see. The connection goes back to the
    pool until the next look."""
    try:
        mine = Job.objects.for_workspace(job.workspace_id).filter(workspace__memberships__user=person)
        return mine.filter(pk=job.pk).first()
    finally:
        close_old_connections()


def _event(job: Job) -> str:
    name = "progress" if job.is_open else "end"
    told = JobOut.from_orm(job).model_dump(mode="json", by_alias=False)
    return f"id: {job.revision}\nevent: {name}\ndata: {json.dumps(told)}\n\n"
