"""Posts that are followed by themselves: densely in their first days, then thinner, in the end no more.

The figures are ours: most of a post's likes come within two days, so that hours matter then and weeks later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from monitoring.models import Monitor, MonitorState

#: Up to this age a post is measured every so many seconds.
STEPS: Final = (
    (timedelta(hours=6), 1_800),
    (timedelta(days=2), 3_600),
    (timedelta(days=7), 6 * 3_600),
    (timedelta(days=30), 86_400),
    (timedelta(days=90), 7 * 86_400),
)


def interval_at(age: timedelta) -> int | None:
    """Seconds between measurements of a post of this age; None: no more."""
    return next((seconds for until, seconds in STEPS if age < until), None)


def thin(monitor: Monitor, now: datetime) -> None:
    """Give a post that is followed by itself the interval of its age; one that is old enough stops. Saves nothing."""
    if not monitor.is_thinning or monitor.posted_at is None:
        return
    seconds = interval_at(now - monitor.posted_at)
    if seconds is None:
        monitor.state, monitor.state_at = MonitorState.STOPPED, now
    else:
        monitor.interval_seconds = seconds
