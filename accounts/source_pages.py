"""Where a person looks after a source, and what goes on when that was done."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from igsite.jobs import runner
from igsite.jobs.models import Job, JobState


def page_of(source: str) -> str:
    """The page of one source."""
    return reverse("settings:source", args=[source])


def wake_blocked(workspace_id: UUID, source: str) -> None:
    """Jobs that a person had to act for on this source's page go on."""
    blocked = Job.objects.for_workspace(workspace_id).filter(state=JobState.BLOCKED, next_url=page_of(source))
    for job in blocked:
        runner.resume(job)
