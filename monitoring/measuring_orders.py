"""Ordering the work: one reading job for each login that may read, for as long as its workspace monitors something.

Ten thousand monitors are ten thousand due times in rows, not jobs: a reading job takes what is due (``for update skip
locked``, so that several logins share one queue), reads it at its login's pace, and sleeps until the next due time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts import connect, pace
from accounts.models import InstagramLogin, Workspace
from igsite.jobs import doorbell, runner
from igsite.jobs.models import OPEN_STATES as OPEN_JOBS
from igsite.jobs.models import Job, JobState
from igsite.live import hint
from monitoring import measuring_source, outages
from monitoring.models import Monitor, MonitorState

READ: Final = "monitoring.read"
#: Monitors of one workspace that are taken at once, and how long they stay taken should their worker die.
BATCH: Final = 20
TAKEN_SECONDS: Final = 90


def name_of(login_id: UUID) -> str:
    """The name of a login's one reading job, which takes turns with the scans in the login's lane."""
    return f"monitoring-{login_id}"


def ensure(workspace: Workspace, *, now: datetime) -> int:
    """A reading job for each login that reads, awake for what is due. Returns how many there are.

    Without a login it is one job, if the workspace chose a source that needs none.
    """
    first = first_due(workspace.pk)
    if first is None:
        return 0
    readers = reading_logins(workspace)
    for login in readers:
        job = runner.enqueue(
            READ, workspace=workspace, params={"login": str(login.pk)}, subject=f"@{login.username}",
            lane=connect.lane(login.pk), dedupe_key=name_of(login.pk), due_at=max(first, now),
        )  # fmt: skip
        _wake(job, first, now)
    if not readers and measuring_source.measures_without_login(workspace):
        name = f"monitoring-{workspace.pk}"
        job = runner.enqueue(READ, workspace=workspace, params={"login": None}, dedupe_key=name, due_at=max(first, now))
        _wake(job, first, now)
        return 1
    if not readers:
        why = _("No Instagram login is ready. Add one, or finish signing in.")
        outages.begin(workspace.pk, None, code="no_login", why=why, now=now)
    return len(readers)


def reading_logins(workspace: Workspace) -> list[InstagramLogin]:
    """The workspace's logins that may read."""
    mine = InstagramLogin.objects.for_workspace(workspace).filter(status__in=pace.READING)
    return list(mine.defer("session_sealed", "pending_sealed").order_by("created_at", "pk"))


def _wake(job: Job, first: datetime, now: datetime) -> None:
    """One that sleeps until a later due time wakes for the earlier one; what waits for its login's sake sleeps on."""
    asleep = Job.objects.filter(
        pk=job.pk, state__in=(JobState.QUEUED, JobState.WAITING), lease_token=None, cursor__waits_for="due"
    )
    due = max(first, now)
    if asleep.filter(due_at__gt=due).update(due_at=due):
        doorbell.announce_due(due, now)
    beyond = asleep.filter(due_at__lte=due).values_list("due_at", flat=True).first()
    if beyond is not None and beyond <= now:
        doorbell.announce_due(now, now)


def first_due(workspace_id: UUID) -> datetime | None:
    """The earliest due time of the workspace's active monitors, taken or not."""
    active = Monitor.objects.filter(workspace_id=workspace_id, state=MonitorState.ACTIVE)
    return active.order_by("due_at", "pk").values_list("due_at", flat=True).first()


def next_due(workspace_id: UUID, now: datetime) -> datetime | None:
    """When there may be something to take again: the next due time, or the end of what others have taken."""
    active = Monitor.objects.filter(workspace_id=workspace_id, state=MonitorState.ACTIVE)
    free = active.exclude(taken_until__gt=now).order_by("due_at", "pk").values_list("due_at", flat=True).first()
    taken = active.filter(taken_until__gt=now).order_by("taken_until").values_list("taken_until", flat=True).first()
    return min((at for at in (free, taken) if at is not None), default=None)


_TAKE: Final = """
update monitoring_monitor set taken_until = %(now)s + make_interval(secs => %(seconds)s)
where id in (
    select id from monitoring_monitor
    where workspace_id = %(workspace)s and state = 'active' and due_at <= %(now)s
      and (taken_until is null or taken_until <= %(now)s)
    order by due_at, id limit %(most)s for no key update skip locked
)
returning id, due_at
"""


def take(workspace_id: UUID, *, now: datetime, most: int = BATCH) -> list[tuple[int, datetime]]:
    """Take what is due, the longest due first: ids with the due times that they were taken for."""
    values: dict[str, Any] = {"workspace": workspace_id, "now": now, "seconds": TAKEN_SECONDS, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]))


def give_back(ids: Iterable[int]) -> None:
    """Let others have what was taken and not measured."""
    Monitor.objects.filter(pk__in=list(ids)).update(taken_until=None)


def look_after_all(now: datetime) -> None:
    """Each minute: every workspace that monitors something has its reading jobs. Safe in several sweeps at once."""
    active = Monitor.objects.filter(workspace=OuterRef("pk"), state=MonitorState.ACTIVE)
    reading = Job.objects.filter(workspace=OuterRef("pk"), kind=READ, state__in=OPEN_JOBS)
    late = active.filter(due_at__lt=now)
    outages.end_of_removed(now)
    monitoring = Workspace.objects.filter(Exists(active), closed_at=None)
    for workspace in monitoring.filter(Exists(late) | ~Exists(reading)).order_by("pk"):
        ensure(workspace, now=now)
    for monitor in _wrongly_due(now):
        due = monitor.pattern.after(now)
        if Monitor.objects.filter(pk=monitor.pk, due_at=monitor.due_at).update(due_at=due):
            hint(monitor.topic, monitor.workspace_id)


def _wrongly_due(now: datetime) -> list[Monitor]:
    """Those whose due time was worked out while the clock was ahead."""
    far = Monitor.objects.filter(state=MonitorState.ACTIVE, due_at__gt=now).select_related("workspace")
    found = far.order_by("-due_at", "-pk")[:200]
    return [one for one in found if one.pattern.is_out_of_reach(one.due_at, now)]
