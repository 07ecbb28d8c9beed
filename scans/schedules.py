"""Scans that start by themselves: set up, changed, and started when they come due.

The tick runs each minute in the sweep. What it starts is a job for each account, due at the account's own place, so
that one login is not asked by ten scans at once; a job's step does what the "Scan now" button does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.utils.translation import gettext as _

from accounts.models import TrackedAccount, Workspace
from igsite import audit
from igsite.jobs import runner
from igsite.problems import Invalid
from scans import schedule_times
from scans.models import Direction, ScanSchedule, ScheduledReading, ScheduleRun
from scans.models.schedules import INTERVAL_LONGEST, INTERVAL_SHORTEST
from scans.schedule_times import Occurrence, Rhythm

SCHEDULED_JOB: Final = "scans.scheduled"
#: The time at which bookmarked accounts are scanned unless a workspace says otherwise.
NIGHT: Final = time(2)
MINUTE: Final = Value(timedelta(minutes=1))


class BadRhythm(Invalid):
    """Neither a time of day nor an interval, or both, or an interval that is too short or too long."""

    code = "bad_rhythm"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a schedule: ``at_time`` of each day or ``every_minutes``, exactly one of them."""

    directions: Sequence[Direction]
    reading: ScheduledReading = ScheduledReading.FULL
    at_time: time | None = None
    every_minutes: int | None = None
    is_on: bool = True


def rhythm_of(schedule: ScanSchedule) -> Rhythm:
    """When the schedule is due."""
    every = timedelta(minutes=schedule.every_minutes) if schedule.every_minutes else None
    return Rhythm(schedule.zone, schedule.at_time, every)


def save(
    *, workspace: Workspace, account: TrackedAccount | None, wish: Wish, by: Any, now: datetime
) -> ScanSchedule:  # fmt: skip
    """Set the schedule of one account, or (None) that of all bookmarked accounts; there is one of each.

    Raises:
        BadRhythm: the time or interval cannot be used.
        Invalid: no list was chosen.
    """
    _check(wish)
    with transaction.atomic():
        schedule = ScanSchedule.objects.for_workspace(workspace).select_for_update(of=("self",)).filter(
            account=account
        ).first() or ScanSchedule(workspace=workspace, account=account, created_by=by, created_at=now)
        schedule.directions = [direction for direction in Direction if direction in wish.directions]
        schedule.reading, schedule.is_on = wish.reading, wish.is_on
        schedule.at_time, schedule.every_minutes = wish.at_time, wish.every_minutes
        schedule.zone = workspace.time_zone
        schedule.next_at = rhythm_of(schedule).first(now).at
        schedule.save()
        audit.record(by, "schedule.changed", str(account or _("bookmarked accounts")), workspace=workspace)
    return schedule


def _check(wish: Wish) -> None:
    if not wish.directions:
        raise Invalid(_("Choose followers, following or both."), fields={"lists": [_("Choose at least one list.")]})
    if (wish.at_time is None) == (wish.every_minutes is None):
        sentence = _("Choose a time of day or an interval.")
        raise BadRhythm(sentence, fields={"at_time": [sentence]})
    if wish.every_minutes is not None and not INTERVAL_SHORTEST <= wish.every_minutes <= INTERVAL_LONGEST:
        sentence = _("Choose an interval from one hour to thirty days.")
        raise BadRhythm(sentence, fields={"every_minutes": [sentence]})


def switch(schedule: ScanSchedule, *, is_on: bool, by: Any, now: datetime) -> None:
    """On or off. Switched on it waits for its next time; what was missed meanwhile is not made up for."""
    schedule.is_on = is_on
    schedule.next_at = rhythm_of(schedule).first(now).at
    schedule.save(update_fields=["is_on", "next_at"])
    audit.record(by, "schedule.changed", schedule, workspace=schedule.workspace, details={"is_on": is_on})


def remove(schedule: ScanSchedule, *, by: Any, now: datetime) -> None:
    """Away with one account's schedule. That of the bookmarked accounts is switched off: removed, it would return."""
    if schedule.account_id is None:
        switch(schedule, is_on=False, by=by, now=now)
        return
    audit.record(by, "schedule.removed", schedule, workspace=schedule.workspace)
    schedule.delete()


def tick(now: datetime) -> int:
    """Start what is due, once each; returns how many schedules came due. Safe in several sweeps at once."""
    _begin_nights(now)
    _set_right(now)
    due = ScanSchedule.objects.filter(is_on=True, next_at__lte=now).order_by("next_at", "pk")
    return sum(_start(pk, now) for pk in list(due.values_list("pk", flat=True)[:200]))


def _begin_nights(now: datetime) -> None:
    """Each workspace with a bookmark has the nightly schedule, until it says otherwise."""
    general = ScanSchedule.objects.filter(workspace=OuterRef("pk"), account=None)
    bookmarked = TrackedAccount.objects.filter(workspace=OuterRef("pk"), is_bookmarked=True)
    for workspace in Workspace.objects.filter(Exists(bookmarked), ~Exists(general)).order_by("pk")[:200]:
        save(workspace=workspace, account=None, wish=Wish(list(Direction), at_time=NIGHT), by=None, now=now)


def _set_right(now: datetime) -> None:
    """Times worked out for another zone, or while the clock was ahead."""
    daily = Q(at_time__isnull=False, next_at__gt=now + schedule_times.DAILY_LONGEST)
    often = Q(next_at__gt=now + ExpressionWrapper(F("every_minutes") * MINUTE, output_field=DurationField()))
    wrong = ScanSchedule.objects.filter(daily | often | ~Q(zone=F("workspace__time_zone"))).select_related("workspace")
    for schedule in wrong.order_by("pk")[:200]:
        schedule.zone = schedule.workspace.time_zone
        schedule.next_at = rhythm_of(schedule).first(now).at
        schedule.save(update_fields=["zone", "next_at"])


def _start(pk: Any, now: datetime) -> bool:
    with transaction.atomic():
        mine = ScanSchedule.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, is_on=True)
        schedule = mine.filter(next_at__lte=now).select_related("workspace").first()
        if schedule is None:
            return False
        rhythm = rhythm_of(schedule)
        latest = rhythm.latest(schedule.next_at, now)
        schedule.next_at = rhythm.following(schedule.next_at, now).at
        schedule.save(update_fields=["next_at"])
        taken = Q(due_at=latest.at) | (Q(local_date=latest.local_date) if latest.local_date else Q(pk=None))
        if ScheduleRun.objects.filter(taken, schedule=schedule).exists():
            return False
        accounts = _accounts(schedule)
        ScheduleRun.objects.create(
            schedule=schedule, due_at=latest.at, local_date=latest.local_date, started_at=now,
            accounts_count=len(accounts),
        )  # fmt: skip
        for account in accounts:
            _enqueue(schedule, account, latest, now)
    return True


def _accounts(schedule: ScanSchedule) -> list[TrackedAccount]:
    mine = TrackedAccount.objects.for_workspace(schedule.workspace)
    if schedule.account_id is not None:
        return list(mine.filter(pk=schedule.account_id))
    own = ScanSchedule.objects.filter(account=OuterRef("pk"))
    return list(mine.filter(~Exists(own), is_bookmarked=True).order_by("pk"))


def _enqueue(schedule: ScanSchedule, account: TrackedAccount, due: Occurrence, now: datetime) -> None:
    every = rhythm_of(schedule).every
    within = min(schedule_times.SPREAD, every / 4) if every else schedule_times.SPREAD
    runner.enqueue(
        SCHEDULED_JOB,
        workspace=schedule.workspace,
        params={"schedule": str(schedule.pk), "account": str(account.pk)},
        subject=f"@{account.username}",
        # After a downtime all are late: their places count from now.
        due_at=max(due.at, now) + schedule_times.place(str(account.pk), within),
        dedupe_key=f"scheduled-{account.pk}",
    )
