"""Times without measurements, written down when they end: by the measurement after them, or by an act in the middle."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from monitoring import outages
from monitoring.models import Gap, Monitor, MonitorState

#: Lateness up to one interval is lateness; beyond that due times were missed, and that is a gap.
LEAST: Final = timedelta(minutes=2)


def is_missed(monitor: Monitor, due: datetime, now: datetime) -> bool:
    """Whether due times were missed, if ``due`` was the first that was not kept."""
    return now - due > max(monitor.interval, LEAST)


def ended(monitor: Monitor, due: datetime, now: datetime) -> Gap | None:
    """The time without measurements that a measurement ends now, with what kept them away; None: nothing was missed."""
    since = monitor.checked_at
    if since is None or since >= now:
        return None
    if monitor.trouble_since is not None:
        return Gap.objects.create(
            monitor=monitor, since=since, until=now, code=monitor.trouble_code, why=monitor.trouble
        )
    return _missed(monitor, since, due, now)


def before_act(monitor: Monitor, now: datetime) -> None:
    """Somebody pauses, stops or changes a monitor that is overdue: its due time goes, what was missed stays told.

    What is the target's own trouble lasts on, and is written when that ends.
    """
    since = monitor.checked_at
    if monitor.state == MonitorState.ACTIVE and since is not None and since < now and monitor.trouble_since is None:
        _missed(monitor, since, monitor.due_at, now)


def _missed(monitor: Monitor, since: datetime, due: datetime, now: datetime) -> Gap | None:
    if not is_missed(monitor, due, now):
        return None
    outage = outages.during(monitor.workspace_id, due, now)
    code = outage.code if outage else "not_running"
    why = outage.why if outage else _("The site was not measuring: it was switched off, or had no time for it.")
    return Gap.objects.create(monitor=monitor, since=max(since, due - monitor.interval), until=now, code=code, why=why)
