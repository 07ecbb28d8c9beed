"""When schedules come due: nights of summer time, downtime, clocks that jump; and what they start."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import TrackedAccount, Workspace
from igsite.jobs.housekeeping import tick_the_minute
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import schedules
from scans.models import Direction, Scan, ScanMode, ScanSchedule, ScheduledReading, ScheduleRun
from scans.schedule_times import SPREAD, Rhythm, moment, place
from scans.schedules import BadRhythm, Wish
from tests.scans.world_of_people import World
from tests.scans.world_reader import Reader

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
#: Dates around the nights in which each zone's clocks change.
MARCH_AND_OCTOBER = {
    "Europe/Berlin": (date(2026, 3, 27), date(2026, 10, 23)),
    "America/New_York": (date(2026, 3, 6), date(2026, 10, 30)),
    "Australia/Lord_Howe": (date(2026, 4, 3), date(2026, 10, 2)),
}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BOTH = list(Direction)


@pytest.fixture
def workspace(db: None) -> Workspace:
    place = Workspace.objects.create(name="Night", time_zone="Europe/Berlin")
    TrackedAccount.objects.create(workspace=place, username="owl", is_bookmarked=True)
    return place


def nightly(workspace: Workspace, now: datetime, at: time = time(2)) -> ScanSchedule:
    wish = Wish(BOTH, at_time=at)
    return schedules.save(workspace=workspace, account=None, wish=wish, by=None, now=now)


def dates(schedule: ScanSchedule) -> list[date]:
    return [run.local_date for run in schedule.runs.order_by("due_at") if run.local_date]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("season", [0, 1])
@pytest.mark.parametrize("at", [time(1, 30), time(2), time(2, 30), time(0)])
def test_once_per_local_date_through_the_nights_of_summer_time(
    workspace: Workspace, zone: str, season: int, at: time
) -> None:
    workspace.time_zone = zone
    workspace.save()
    first = MARCH_AND_OCTOBER[zone][season]
    now = moment(first, time(0), zone) - MINUTE
    schedule = nightly(workspace, now, at)
    while now < moment(first + 4 * DAY, time(0), zone) - MINUTE:
        schedules.tick(now)
        now += 29 * MINUTE
    assert dates(schedule) == [first + days * DAY for days in range(4)]
    for run in schedule.runs.all():
        shown = run.due_at.astimezone(ZoneInfo(zone))
        assert shown.date() == run.local_date
        assert (
            timedelta(0)
            <= datetime.combine(date.min, shown.time()) - datetime.combine(date.min, at)
            <= timedelta(hours=1)
        )


def test_a_time_that_the_spring_night_skips_is_taken_right_behind_the_gap() -> None:
    due = moment(date(2026, 3, 29), time(2), "Europe/Berlin")
    assert due == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert due.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3)


def test_a_time_that_the_autumn_night_shows_twice_is_taken_once_the_first_time() -> None:
    assert moment(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_after_three_nights_of_downtime_there_is_one_catch_up(workspace: Workspace) -> None:
    schedule = nightly(workspace, datetime(2026, 11, 1, 12, tzinfo=UTC))
    up_again = datetime(2026, 11, 4, 9, tzinfo=UTC)
    assert schedules.tick(up_again) == 1
    assert schedules.tick(up_again + MINUTE) == 0
    assert dates(schedule) == [date(2026, 11, 4)]
    schedule.refresh_from_db()
    assert schedule.next_at == moment(date(2026, 11, 5), time(2), "Europe/Berlin")


def test_a_clock_that_is_set_back_starts_nothing_twice(workspace: Workspace) -> None:
    schedule = nightly(workspace, datetime(2026, 11, 1, 12, tzinfo=UTC))
    night = moment(date(2026, 11, 2), time(2), "Europe/Berlin")
    assert schedules.tick(night) == 1
    for minutes in range(-120, 60, 10):
        assert schedules.tick(night + minutes * MINUTE) == 0
    assert schedules.tick(night + DAY) == 1
    assert dates(schedule) == [date(2026, 11, 2), date(2026, 11, 3)]


def test_a_clock_that_was_a_year_ahead_keeps_no_schedule_waiting(workspace: Workspace) -> None:
    schedule = nightly(workspace, datetime(2026, 11, 1, 12, tzinfo=UTC))
    schedules.tick(datetime(2027, 11, 1, 12, tzinfo=UTC))
    schedules.tick(datetime(2026, 11, 1, 13, tzinfo=UTC))
    night = moment(date(2026, 11, 2), time(2), "Europe/Berlin")
    schedule.refresh_from_db()
    assert schedule.next_at == night
    assert schedules.tick(night) == 1


def test_another_zone_of_the_workspace_moves_the_night(workspace: Workspace) -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    schedule = nightly(workspace, now)
    workspace.time_zone = "Asia/Tokyo"
    workspace.save()
    schedules.tick(now + MINUTE)
    schedule.refresh_from_db()
    assert schedule.next_at == moment(date(2026, 11, 2), time(2), "Asia/Tokyo")


def test_an_interval_keeps_its_step_and_makes_up_once(workspace: Workspace) -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    TrackedAccount.objects.update(is_bookmarked=False)
    account = TrackedAccount.objects.get(workspace=workspace)
    wish = Wish([Direction.FOLLOWERS], every_minutes=120)
    schedule = schedules.save(workspace=workspace, account=account, wish=wish, by=None, now=now)
    assert [schedules.tick(now + timedelta(hours=h)) for h in (1, 2, 3, 4)] == [0, 1, 0, 1]
    assert schedules.tick(now + timedelta(hours=15)) == 1
    schedule.refresh_from_db()
    assert schedule.next_at == now + timedelta(hours=16)


@given(hours=st.floats(0, 15 * 365 * 24), at=st.times(), zone=st.sampled_from(ZONES))
def test_the_next_moment_is_the_only_one_of_its_date(hours: float, at: time, zone: str) -> None:
    rhythm = Rhythm(zone, at_time=at.replace(tzinfo=None))
    moment_, found = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours), []
    for _night in range(4):
        occurrence = rhythm.following(moment_, moment_)
        assert moment_ < occurrence.at <= moment_ + timedelta(hours=26)
        assert rhythm.latest(moment_, occurrence.at) == occurrence
        found.append(occurrence.local_date)
        moment_ = occurrence.at
    assert found == [found[0] + days * DAY for days in range(4) if found[0]]


def test_accounts_start_at_places_of_their_own_spread_over_the_window() -> None:
    places = [place(str(number), SPREAD) for number in range(1000)]
    assert places == [place(str(number), SPREAD) for number in range(1000)]
    assert all(timedelta(0) <= one < SPREAD for one in places)
    tenths = [sum(1 for one in places if one // (SPREAD / 10) == tenth) for tenth in range(10)]
    assert min(tenths) > 60


def test_a_bookmark_gives_the_workspace_its_night_and_only_bookmarked_accounts_are_scanned(
    workspace: Workspace,
) -> None:
    TrackedAccount.objects.create(workspace=workspace, username="unmarked")
    special = TrackedAccount.objects.create(workspace=workspace, username="special", is_bookmarked=True)
    wish = Wish([Direction.FOLLOWERS], at_time=time(5))
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    schedules.save(workspace=workspace, account=special, wish=wish, by=None, now=now)
    tick_the_minute(now)
    schedule = ScanSchedule.objects.get(workspace=workspace, account=None)
    assert (schedule.at_time, schedule.is_on) == (time(2), True)
    schedules.tick(schedule.next_at)
    jobs = Job.objects.filter(kind=schedules.SCHEDULED_JOB)
    assert [job.subject for job in jobs] == ["@owl"]
    assert schedule.next_at <= jobs[0].due_at < schedule.next_at + SPREAD
    assert ScheduleRun.objects.get(schedule=schedule).accounts_count == 1


def test_switched_off_stays_off(workspace: Workspace) -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    schedules.remove(nightly(workspace, now), by=None, now=now)
    assert schedules.tick(now + 3 * DAY) == 0
    assert not ScanSchedule.objects.get(workspace=workspace).is_on


def test_a_date_that_had_its_run_has_no_other(workspace: Workspace) -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    schedule = nightly(workspace, now)
    ScheduleRun.objects.create(schedule=schedule, due_at=schedule.next_at, local_date=date(2026, 11, 2), started_at=now)
    assert schedules.tick(schedule.next_at) == 0
    assert not Job.objects.filter(kind=schedules.SCHEDULED_JOB).exists()


@pytest.mark.parametrize(
    "wish",
    [
        Wish(BOTH),
        Wish(BOTH, at_time=time(2), every_minutes=60),
        Wish(BOTH, every_minutes=59),
        Wish(BOTH, every_minutes=10**6),
    ],
)
def test_a_rhythm_must_be_a_time_or_an_interval_within_bounds(workspace: Workspace, wish: Wish) -> None:
    with pytest.raises(BadRhythm):
        schedules.save(workspace=workspace, account=None, wish=wish, by=None, now=datetime.now(UTC))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("reading", "modes"),
    [
        (ScheduledReading.FULL, [ScanMode.FULL, ScanMode.FULL]),
        (ScheduledReading.NEWEST, [ScanMode.FULL, ScanMode.NEWEST]),
        (ScheduledReading.MIXED, [ScanMode.FULL, ScanMode.NEWEST]),
    ],
)
def test_the_scheduled_job_starts_the_scan_that_its_schedule_names(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, reading: ScheduledReading, modes: list[ScanMode]
) -> None:
    settings.PACE_SCALE = 0
    reader = Reader(monkeypatch, World(list(range(100, 160))))
    wish = Wish([Direction.FOLLOWERS], reading=reading, at_time=time(2))
    schedule = schedules.save(
        workspace=reader.workspace, account=reader.account, wish=wish, by=None, now=reader.clock()
    )
    for _night in range(2):
        schedule.refresh_from_db()
        reader.clock.move_to(schedule.next_at)
        schedules.tick(reader.clock())
        run_inline(Job.objects.get(kind=schedules.SCHEDULED_JOB, state="queued"), clock=reader.clock)
        for job in Job.objects.open().filter(kind="scans.people"):
            run_inline(job, clock=reader.clock)
    assert list(Scan.objects.order_by("created_at").values_list("mode", flat=True)) == modes
