"""Quiet hours and digests go by the clock on the wall, also in the nights in which it is set."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitoring.quiet_times import Times

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Times("Europe/Berlin", quiet_from=time(22), quiet_until=time(7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-06-01 12:00", "2026-06-01 12:00"),
        ("2026-06-01 22:00", "2026-06-02 07:00"),
        ("2026-06-02 06:59", "2026-06-02 07:00"),
        ("2026-06-02 07:00", "2026-06-02 07:00"),
        ("2026-03-28 23:00", "2026-03-29 07:00"),  # the night has an hour less
        ("2026-10-24 23:00", "2026-10-25 07:00"),  # the night has an hour more
    ],
)
def test_what_comes_in_quiet_hours_leaves_when_they_end(now: str, leaves: str) -> None:
    assert NIGHT.leaves_at(at(now)) == at(leaves)


def test_what_is_urgent_leaves_at_once() -> None:
    assert NIGHT.leaves_at(at("2026-06-01 23:00"), is_urgent=True) == at("2026-06-01 23:00")


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-06-01 07:59", "2026-06-01 08:00"),
        ("2026-06-01 08:00", "2026-06-02 08:00"),
        ("2026-10-24 09:00", "2026-10-25 08:00"),
        ("2026-03-28 09:00", "2026-03-29 08:00"),
    ],
)
def test_a_daily_digest_leaves_once_on_each_date(now: str, leaves: str) -> None:
    assert Times("Europe/Berlin", digest_at=time(8)).leaves_at(at(now)) == at(leaves)


def test_a_time_that_a_night_skips_or_shows_twice_comes_once_on_each_date() -> None:
    for start, skipped in ((datetime(2026, 3, 27, tzinfo=UTC), True), (datetime(2026, 10, 23, tzinfo=UTC), False)):
        times, now = Times("Europe/Berlin", digest_at=time(2, 30)), start
        found: list[datetime] = []
        while now < start + timedelta(days=4):
            leaves = times.leaves_at(now)
            found += [leaves] if not found or leaves != found[-1] else []
            now += timedelta(minutes=10)
        assert len({one.astimezone(BERLIN).date() for one in found}) == len(found), skipped


def test_a_weekly_digest_leaves_on_its_day_and_not_in_quiet_hours() -> None:
    weekly = Times("Europe/Berlin", digest_at=time(6), weekday=0, quiet_from=time(22), quiet_until=time(7))
    assert weekly.leaves_at(at("2026-06-03 12:00")) == at("2026-06-08 07:00")
    assert weekly.leaves_at(at("2026-06-08 06:30")) == at("2026-06-15 07:00")
