"""Turns within a lane: a long job lends it for its pauses to kinds that go between, which give it back at theirs.

So a measurement that is due every half minute does not wait for the end of a scan of hours, and never more than one
job of a lane is in a step. A turn lasts until its job got further: two that wait for the same moment alternate,
whichever of them is woken first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from igsite.jobs.kinds import find_kind, kinds_between
from igsite.jobs.models import DUE_STATES, Job

#: Whoever lends the lane comes behind whom it lends it to, also where a clock stands still.
BEHIND: Final = timedelta(microseconds=1)


def turn_of_another(job: Job, *, until: datetime) -> datetime | None:
    """When the first of those is due who may have the lane while ``job`` pauses until then; None: it keeps the lane.

    A job that got no further in its turn keeps it. A job of hours lends it to kinds that go between; these lend it to
    anybody.
    """
    got_further = job.attempts == 0  # counted at each claim, and from none again with progress
    if not job.lane or not got_further:
        return None
    others = Job.objects.filter(lane=job.lane, state__in=DUE_STATES, lease_token=None, due_at__lte=until)
    kind = find_kind(job.kind)
    if kind is None or not kind.goes_between:
        others = others.filter(kind__in=kinds_between())
    return others.exclude(pk=job.pk).order_by("due_at", "pk").values_list("due_at", flat=True).first()
