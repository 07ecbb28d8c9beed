"""The derived figures of one monitor, from its stored counts and those of its posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from monitoring import derived, measurement_rows
from monitoring.measuring import HEARTBEAT
from monitoring.models import Monitor
from scans.schedule_times import zone_of

POSTS_READ: Final = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page and the API tell beside the counts. Rates are percent; None: too little is known."""

    growth_day: float | None
    growth_week: float | None
    growth_month: float | None
    engagement: float | None
    ratio: float | None
    posts_a_week: float | None
    best_hours: list[derived.HourShare]


def figures_of(monitor: Monitor, now: datetime) -> Figures:
    """Work them out: three looks at the history, one query for the posts."""
    leading = "followers" if monitor.is_profile else "likes"
    followers = _followers(monitor)
    posts = _posts(monitor) if monitor.is_profile else []
    if monitor.is_profile:
        rate = derived.account_engagement(posts, followers, now)
    else:
        rate = derived.engagement(monitor.latest.get("likes"), monitor.latest.get("comments"), followers)
    return Figures(
        growth_day=_growth(monitor, leading, timedelta(days=1)),
        growth_week=_growth(monitor, leading, timedelta(days=7)),
        growth_month=_growth(monitor, leading, timedelta(days=30)),
        engagement=rate,
        ratio=derived.follower_ratio(monitor.latest.get("followers"), monitor.latest.get("following")),
        posts_a_week=derived.posts_per_week([post.posted_at for post in posts], now),
        best_hours=derived.best_hours(posts, followers, zone_of(monitor.workspace.time_zone), now),
    )


def _growth(monitor: Monitor, name: str, span: timedelta) -> float | None:
    """A day's growth over a span that ends with the last look; over what there is when the history is shorter."""
    if monitor.checked_at is None:
        return None
    begin = monitor.checked_at - span
    old = measurement_rows.last_at(monitor.pk, begin)
    # A row stands for the hour behind it, in which another would have been written had it changed.
    old_at = begin if old is None or begin - old.at <= HEARTBEAT else old.at
    if old is None:
        first = measurement_rows.first_at(monitor.pk)
        old = measurement_rows.last_at(monitor.pk, first) if first else None
        old_at = first or begin
    return derived.per_day(old.counts.get(name) if old else None, old_at, monitor.latest.get(name), monitor.checked_at)


def _followers(monitor: Monitor) -> int | None:
    owner = monitor if monitor.is_profile else monitor.parent
    followers: int | None = owner.latest.get("followers") if owner else None
    return followers


def _posts(monitor: Monitor) -> list[derived.PostCounts]:
    found = Monitor.objects.filter(parent=monitor, posted_at__isnull=False).order_by("-posted_at", "-pk")
    rows = found.values_list("posted_at", "latest")[:POSTS_READ]
    return [derived.PostCounts(at, counts.get("likes"), counts.get("comments")) for at, counts in rows if at]
