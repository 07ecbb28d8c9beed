"""The histories that bands are made of. What was not measured in time is left out, never filled in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from monitoring import measurement_rows
from monitoring.anomalies import DAYS_SEEN
from monitoring.models import Monitor, MonitorKind

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
POSTS_SEEN: Final = 20


def around(monitor: Monitor, span: timedelta) -> timedelta:
    """How long after a moment the look lies at most that stands for it, for the count over ``span``: looks are late by
    seconds or by their jitter, and the one that is nearest counts, not the one a whole interval before."""
    return min(monitor.interval, span) / 2


def slack(monitor: Monitor) -> timedelta:
    """How old a row may be to stand for a moment: one is written hourly, or at each of rarer looks."""
    return HOUR + monitor.interval / 2


def count_ago(monitor: Monitor, name: str, at: datetime, span: timedelta) -> int | None:
    """A count so long before ``at``; None where it was not measured around then, or not given."""
    moment = at - span
    row = measurement_rows.last_at(monitor.pk, moment + around(monitor, span))
    return row.counts.get(name) if row is not None and moment - row.at <= slack(monitor) else None


def daily_growth(monitor: Monitor, name: str, now: int, at: datetime) -> tuple[int | None, dict[int, float]]:
    """The growth of the day that ends at ``at`` with the count ``now``, and that of the days before by their age.

    Days whose beginning or end was not measured are left out. One query.
    """
    edge = at + around(monitor, DAY)
    since = edge - (DAYS_SEEN + 2) * DAY
    rows = measurement_rows.last_in_slices(monitor.pk, since=since, until=edge - DAY, slices=DAYS_SEEN + 1)
    ends: dict[int, int] = {}  # by age in days: the count when that day ended
    for row in rows:
        age = -((row.at - edge) // DAY) - 1  # the row lies in the day that ended `age` days ago
        value, end = row.counts.get(name), at - age * DAY
        if value is not None and end - row.at <= slack(monitor):
            ends[age] = value
    growth = {age: float(ends[age] - ends[age + 1]) for age in ends if age + 1 in ends}
    return (now - ends[1] if 1 in ends else None), growth


def reactions(likes: int | None, comments: int | None) -> int | None:
    """Likes and comments; hidden likes are unknown, not zero."""
    return None if likes is None else likes + (comments or 0)


def others_at_age(post: Monitor, age: timedelta) -> list[float]:
    """Likes and comments of the newest other posts of the same profile, when they were so old. A query a post."""
    others = Monitor.objects.filter(
        parent_id=post.parent_id, kind=MonitorKind.POST, posted_at__lte=(post.posted_at or post.created_at)
    )
    found = []
    for other in others.exclude(pk=post.pk).order_by("-posted_at", "-pk")[:POSTS_SEEN]:
        moment = other.posted_at + age if other.posted_at else None
        row = measurement_rows.last_at(other.pk, moment) if moment else None
        if row is None or moment is None or moment - row.at > max(age / 4, HOUR):
            continue
        value = reactions(row.counts.get("likes"), row.counts.get("comments"))
        if value is not None:
            found.append(float(value))
    return found
