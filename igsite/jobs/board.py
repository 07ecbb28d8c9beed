"""The task board: what every kind of job of a workspace looks like, a page at a time."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from igsite.jobs.models import OPEN_STATES, Job, JobState
from igsite.paging import Page, page_of

ORDER: Final = ("-created_at", "-uuid")
OPEN: Final = "open"
# What the board and the API can be narrowed to, with its words.
FILTERS: Final[dict[str, str | Promise]] = {
    "": _("All"),
    OPEN: _("Open"),
    JobState.BLOCKED: _("Needs you"),
    JobState.DONE: _("Done"),
    JobState.FAILED: _("Failed"),
    JobState.CANCELLED: _("Cancelled"),
}


def page(workspace: Any, *, state: str = "", cursor: str = "", limit: int = 25) -> Page[Job]:
    """One page of a workspace's jobs, newest first. ``state``: one of :class:`JobState`, "open", or "" for all."""
    jobs = Job.objects.for_workspace(workspace)
    if state == OPEN:
        jobs = jobs.filter(state__in=OPEN_STATES)
    elif state:
        jobs = jobs.filter(state=state)
    return page_of(jobs, name=f"jobs-{state}", order=ORDER, cursor=cursor, limit=limit)
