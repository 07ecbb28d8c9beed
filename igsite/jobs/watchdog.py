"""The watchdog: tells when the cluster has to be started again as a whole.

django-q2's workers share one lock; when the idle worker that holds it is killed, no other gets work, for ever, although
every process is alive. Then the canary falls silent. Whoever supervises the cluster asks :func:`cluster_is_stuck` every
few seconds and, when it is true, kills the whole process group (so that no orphan works on) and starts it again; jobs
of killed workers are taken up by the sweep within a second or two.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from igsite.jobs import canary
from igsite.jobs.leases import is_surely_dead
from igsite.jobs.models import Job

logger = logging.getLogger(__name__)
SILENCE: Final = timedelta(seconds=30)


def cluster_is_stuck(since: datetime, *, now: datetime | None = None) -> bool:
    """Whether no work goes through although some is due. ``since`` is when the cluster was started: it gets its time.

    False when every worker is at work (a long step is not a stall) and when the database is away (not its fault).
    """
    now = now or timezone.now()
    if now - since < SILENCE:
        return False
    try:
        heard = canary.last_heard()
        return now - max(heard or since, since) >= SILENCE and _busy_workers() < settings.WORKERS
    except Error as error:
        logger.debug("nothing can be said about the cluster: %s", error)
        connection.close()
        return False


def _busy_workers() -> int:
    """How many living workers hold a job."""
    owners = Job.objects.held().values_list("lease_owner", flat=True)
    return sum(not is_surely_dead(owner) for owner in set(owners))
