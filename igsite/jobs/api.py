"""Jobs over the API: list, look, cancel, retry. The same functions as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field

from igsite.idempotency import idempotent
from igsite.jobs import board, runner
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX
from igsite.schemas import PageOut

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
State = Literal["", "open", "queued", "running", "waiting", "blocked", "done", "failed", "cancelled"]


class JobOut(Schema):
    """One job. ``total`` is null while the whole is not known; ``due_at`` is when it goes on at the earliest."""

    id: UUID = Field(alias="uuid")
    kind: str
    label: str
    subject: str
    subject_url: str
    state: str
    message: str
    next_url: str
    error: str
    error_code: str
    done: int = Field(alias="done_units")
    total: int | None = Field(alias="total_units")
    percent: int | None
    result: dict[str, Any]
    cancel_requested_at: datetime | None
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    revision: int


@router.get("", response=PageOut[JobOut], url_name="jobs")
def list_jobs(request: HttpRequest, state: State = "", cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's jobs, newest first."""
    page = board.page(getattr(request, "workspace", None), state=state, cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.get("/{uuid}", response=JobOut, url_name="job")
def job_detail(request: HttpRequest, uuid: UUID) -> Job:
    """One job as it stands."""
    return _job(request, uuid)


@router.post("/{uuid}/cancel", response=JobOut, url_name="job_cancel")
@idempotent
def cancel_job(request: HttpRequest, uuid: UUID) -> Any:
    """Stop it: at once when nobody works on it, else after its present step. An ended job stays as it is."""
    job = _job(request, uuid)
    require_role(request, Role.EDITOR)
    return JobOut.from_orm(runner.cancel(job, by=request.user))


@router.post("/{uuid}/retry", response=JobOut, url_name="job_retry")
@idempotent
def retry_job(request: HttpRequest, uuid: UUID) -> Any:
    """Try a failed or cancelled job again from where it stood; 409 for any other."""
    job = _job(request, uuid)
    require_role(request, Role.EDITOR)
    return JobOut.from_orm(runner.retry(job, by=request.user))


def _job(request: HttpRequest, uuid: UUID) -> Job:
    return get_object_or_404(Job.objects.for_workspace(getattr(request, "workspace", None)), uuid=uuid)
