"""The job that starts one scheduled scan at the account's own place, and the tick that orders such jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import TrackedAccount
from igsite.jobs.housekeeping import each_minute
from igsite.jobs.kinds import Done, Failed, Kind, Outcome, register
from igsite.jobs.run import Run
from scans import follower_scan, newest_first, schedules
from scans.models import Direction, ListScan, Scan, ScanMode, ScanSchedule, ScanState, ScheduledReading

#: Mixed: whole lists again when the last complete scan is older than this.
WEEK: Final = timedelta(days=6, hours=12)


@each_minute("scans.schedules")
def start_what_is_due(now: datetime) -> None:
    """Schedules that came due."""
    schedules.tick(now)


@register
class ScheduledScan(Kind):
    """Starts a scheduled scan of one account."""

    name = schedules.SCHEDULED_JOB
    label = gettext_lazy("Scheduled scan")
    can_retry = False

    def step(self, run: Run) -> Outcome:
        """The scan, unless the account or its schedule went meanwhile or a scan is at it."""
        schedule = ScanSchedule.objects.filter(pk=run.params["schedule"], is_on=True).first()
        account = TrackedAccount.objects.select_related("workspace").filter(pk=run.params["account"]).first()
        if schedule is None or account is None:
            return Done(_("The schedule was switched off, or the account is no longer tracked."))
        try:
            scan = _start(schedule, account, run.now())
        except follower_scan.ScanRunning:
            return Done(_("The account was being scanned already."))
        except follower_scan.NoLogin as refusal:
            return Failed(str(refusal), refusal.code)
        return Done(_("The scan has started."), {"scan": str(scan.pk)})


def _start(schedule: ScanSchedule, account: TrackedAccount, now: datetime) -> Scan:
    directions = [Direction(each) for each in schedule.directions]
    mode = _mode(schedule, account, directions, now)
    try:
        return follower_scan.start(account=account, directions=directions, by=None, now=now, mode=mode)
    except newest_first.NeverWhole:
        return follower_scan.start(account=account, directions=directions, by=None, now=now)


def _mode(schedule: ScanSchedule, account: TrackedAccount, directions: list[Direction], now: datetime) -> ScanMode:
    if schedule.reading == ScheduledReading.FULL:
        return ScanMode.FULL
    if schedule.reading == ScheduledReading.NEWEST:
        return ScanMode.NEWEST
    whole = ListScan.objects.filter(
        edge_list__account=account, direction__in=directions, state=ScanState.COMPLETE, finished_at__gt=now - WEEK
    )
    fresh = set(whole.values_list("direction", flat=True))
    return ScanMode.NEWEST if fresh >= set(directions) else ScanMode.FULL
