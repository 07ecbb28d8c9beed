"""Live hints: "job such-and-such changed", at most five a second for a job, the last one always sent."""

from __future__ import annotations

import time
from typing import Final

from igsite import live
from igsite.jobs.models import Job

PAUSE: Final = 0.2  # seconds between two hints of one job from one process
_REMEMBERED: Final = 1000
_last: dict[int, float] = {}


def send(job: Job) -> None:
    """Hint now, within the caller's transaction: it arrives on commit, or never."""
    if len(_last) > _REMEMBERED:
        _last.clear()
    _last[job.pk] = time.monotonic()
    if job.workspace_id is not None:
        live.hint(job.topic, job.workspace_id)


def send_coalesced(job: Job) -> bool:
    """Hint unless one was sent just now. False: the caller notes that one is owed, and the sweep pays it."""
    if time.monotonic() - _last.get(job.pk, 0.0) < PAUSE:
        return False
    send(job)
    return True
