"""Working hours: by the wall clock, over midnight, in nights when clocks change; nothing is read outside of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import logins, pace
from accounts.models import InstagramLogin, LoginStatus, Workspace
from accounts.working_hours import WorkingHours, is_zone
from scans import estimate

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
#: Around the nights in which clocks change, and a plain day.
DAYS = [datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC),
        datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC),
        datetime(2026, 7, 1, tzinfo=UTC)]  # fmt: skip
TIMES = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    day=st.sampled_from(DAYS),
    seconds=st.integers(0, 2 * 86_400),
    zone=st.sampled_from(ZONES),
    opens=TIMES,
    closes=TIMES,
)
def test_the_next_opening_is_the_first_minute_that_is_open(
    day: datetime, seconds: int, zone: str, opens: time, closes: time
) -> None:
    if opens == closes:
        return
    hours, now = WorkingHours(opens, closes, zone), day + timedelta(seconds=seconds)
    found = hours.next_opening(now)
    assert hours.holds(found)
    probe = now.replace(second=0, microsecond=0)
    closed = 0
    while not (probe >= now and hours.holds(probe)) and not (closed == 0 and hours.holds(now)):
        probe, closed = probe + timedelta(minutes=1), closed + 1
    assert found == (now if hours.holds(now) else probe)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [("2026-03-28T21:59", False), ("2026-03-28T22:00", True), ("2026-03-29T00:59", True), ("2026-03-29T03:59", True),
     ("2026-03-29T04:00", False)],
)  # fmt: skip
def test_hours_over_midnight_in_the_night_of_the_spring(at: str, is_open: bool) -> None:
    """23:00 to 06:00 in Berlin, where 02:00 becomes 03:00 on 29 March."""
    hours = WorkingHours(time(23), time(6), "Europe/Berlin")
    assert hours.holds(datetime.fromisoformat(at).replace(tzinfo=UTC)) is is_open


def test_what_is_no_zone_is_told_from_one() -> None:
    assert is_zone("Asia/Kathmandu")
    assert not any(is_zone(name) for name in ("", "Nowhere/Town", "../../etc/passwd", "/etc/passwd", "a\x00b"))


@pytest.fixture
def login(workspace: Workspace) -> InstagramLogin:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return InstagramLogin.objects.create(
        workspace=workspace, username="reader", status=LoginStatus.READY, ready_since=start
    )


def set_hours(login: InstagramLogin, opens: time | None, closes: time | None, zone: str) -> None:
    logins.set_hours(login=login, opens=opens, closes=closes, zone=zone, by=None, now=datetime(2026, 7, 1, tzinfo=UTC))


def test_nothing_is_read_outside_the_hours(login: InstagramLogin, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    set_hours(login, time(9), time(17), "Europe/Berlin")
    at_six = datetime(2026, 7, 1, 4, tzinfo=UTC)
    answer = pace.reserve_read(login.pk, "users/*/info", now=at_six, source="test")
    assert isinstance(answer, pace.NotBefore)
    assert answer.at == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert "09:00" in answer.why
    assert isinstance(pace.reserve_read(login.pk, "x", now=answer.at, source="test"), pace.Reserved)
    set_hours(login, None, None, "Europe/Berlin")
    assert isinstance(pace.reserve_read(login.pk, "x", now=at_six - timedelta(hours=2), source="test"), pace.NotBefore)
    assert pace.why_not_now(InstagramLogin.objects.get(), answer.at + timedelta(hours=14)) is None


@pytest.mark.parametrize(
    ("opens", "closes", "zone", "field"),
    [(time(9), None, "UTC", "closes"), (None, time(9), "UTC", "opens"), (time(9), time(9), "UTC", "closes"),
     (time(9), time(17), "Nowhere/Town", "zone")],
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused(
    login: InstagramLogin, opens: time | None, closes: time | None, zone: str, field: str
) -> None:
    with pytest.raises(logins.LoginInvalid) as refused:
        set_hours(login, opens, closes, zone)
    assert field in refused.value.fields


@pytest.mark.parametrize(
    "values", [{"opens": time(9), "closes": None}, {"opens": time(9), "closes": time(9)}, {"pause_min": 0},
               {"pause_min": 9, "pause_max": 5}, {"pause_max": 121}],
)  # fmt: skip
def test_the_database_keeps_hours_and_pauses_in_bounds(login: InstagramLogin, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        InstagramLogin.objects.filter(pk=login.pk).update(**values)


def test_a_login_pauses_as_long_as_it_was_told(login: InstagramLogin, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    logins.set_pace(login=login, reads_per_hour=100, reads_per_day=1000, pause_min=20, pause_max=30, by=None, now=now)
    for _ in range(20):
        answer = pace.reserve_read(login.pk, "x", now=now, source="test")
        assert isinstance(answer, pace.Reserved)
        login.refresh_from_db()
        assert login.next_read_at is not None
        assert 20 <= (login.next_read_at - now).total_seconds() <= 30
        now = login.next_read_at


@pytest.mark.parametrize(("low", "high"), [(0, 5), (6, 5), (1, 121)])
def test_pauses_out_of_bounds_are_refused(login: InstagramLogin, low: int, high: int) -> None:
    with pytest.raises(logins.LoginInvalid):
        logins.set_pace(
            login=login, reads_per_hour=1, reads_per_day=1, pause_min=low, pause_max=high, by=None,
            now=datetime(2026, 7, 1, tzinfo=UTC),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("begun", "work", "end"),
    [
        ("2026-07-01T10:00", timedelta(hours=2), "2026-07-01T12:00"),
        ("2026-07-01T10:00", timedelta(hours=8), "2026-07-01T18:00"),
        ("2026-07-01T10:00", timedelta(hours=9), "2026-07-02T10:00"),
        ("2026-07-01T20:00", timedelta(hours=1), "2026-07-02T10:00"),
        ("2026-07-01T10:00", timedelta(hours=30), "2026-07-04T13:00"),
    ],
)
def test_work_of_hours_ends_when_so_much_open_time_has_passed(begun: str, work: timedelta, end: str) -> None:
    hours = WorkingHours(time(9), time(18), "UTC")
    found = hours.end_of(work, begun_at=datetime.fromisoformat(begun).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_work_over_midnight_ends_in_the_night() -> None:
    hours = WorkingHours(time(22), time(2), "UTC")
    begun = datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
    assert hours.end_of(timedelta(hours=1), begun_at=begun) == datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


def test_a_scans_estimate_counts_the_nights_in_which_its_login_rests(settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = InstagramLogin(reads_per_hour=100, reads_per_day=1_000, pause_min=2, pause_max=5)
    login.ready_since = datetime(2026, 1, 1, tzinfo=UTC)
    now = datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert estimate.duration(900, login, now) == timedelta(hours=8)
    login.opens, login.closes, login.time_zone = time(9), time(13), "UTC"
    assert estimate.duration(900, login, now) == timedelta(hours=48)
    login.opens = login.closes = None
    login.pause_min = login.pause_max = 100
    assert estimate.duration(90, login, now) == timedelta(seconds=90 * 100.7)
