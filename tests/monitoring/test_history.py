"""Histories: any range in few points, roll-ups that keep them, partitions that come and go; derived figures; posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import Workspace
from monitoring import derived, history, measurement_rows, partitions, rollups, thinning
from monitoring.derived import PostCounts
from monitoring.measurement_rows import Row
from monitoring.models import Gap, Monitor, MonitorKind, MonitorState
from tests.monitoring.watcher import FOREVER

START = datetime(2026, 3, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def monitor(db: None) -> Monitor:
    workspace = Workspace.objects.create(name="Studio")
    return Monitor.objects.create(
        workspace=workspace, kind=MonitorKind.PROFILE, username="aurora.studio", interval_seconds=600,
        anchor_at=START, due_at=START + 200 * DAY, created_at=START, checked_at=START + 100 * DAY,
    )  # fmt: skip


def write(monitor: Monitor, count: int, step: timedelta, start: datetime = START) -> list[Row]:
    rows = [Row(start + number * step, {"followers": 1_000 + number, "following": 7}) for number in range(count)]
    measurement_rows.add(monitor.pk, rows)
    return rows


def table(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {connection.ops.quote_name(name)}")  # noqa: S608 - a name of ours
        return int(cursor.fetchone()[0])


def names(parent: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass", [parent])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize("span", [HOUR, DAY, 40 * DAY, 400 * DAY])
def test_a_chart_of_any_range_has_at_most_300_points_and_ends_with_the_last(monitor: Monitor, span: timedelta) -> None:
    rows = write(monitor, 2_000, timedelta(minutes=30))
    end = rows[-1].at + timedelta(seconds=1)
    told = history.between(monitor, end - span, end, now=end)
    assert 2 <= len(told.points) <= history.POINTS
    assert told.points[-1].counts["followers"] == rows[-1].counts["followers"]
    known = {row.at: row.counts["followers"] for row in rows}
    inside = [point for point in told.points if point.at in known]
    assert all(point.counts["followers"] == known[point.at] for point in inside)
    assert [point.at for point in told.points] == sorted(point.at for point in told.points)


def test_a_range_without_rows_shows_what_was_known_before_it(monitor: Monitor) -> None:
    rows = write(monitor, 3, HOUR)
    told = history.between(monitor, START + 10 * DAY, START + 11 * DAY, now=START + 11 * DAY)
    assert {point.counts["followers"] for point in told.points} == {rows[-1].counts["followers"]}
    before = history.between(monitor, START - 2 * DAY, START - DAY, now=START + 11 * DAY)
    assert before.points == []


def test_gaps_of_the_range_are_told_and_others_are_not(monitor: Monitor) -> None:
    for day in (1, 5, 9):
        since = START + day * DAY
        Gap.objects.create(monitor=monitor, since=since, until=since + HOUR, code="throttled", why=str(day))
    told = history.between(monitor, START + 4 * DAY, START + 6 * DAY, now=START + 100 * DAY)
    assert [gap.why for gap in told.gaps] == ["5"]


def test_a_month_that_nobody_foresaw_gets_its_room(monitor: Monitor) -> None:
    far = datetime(2031, 7, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    measurement_rows.add(
        monitor.pk, [Row(far, {"followers": 1}), Row(far + timedelta(microseconds=1), {"followers": 2})]
    )
    assert {"monitoring_measurement_2031_07", "monitoring_measurement_2031_08"} <= names("monitoring_measurement")
    assert [row.counts["followers"] for row in measurement_rows.newest(monitor.pk, before=FOREVER, limit=9)] == [2, 1]


def test_partitions_are_made_ahead_once(db: None) -> None:
    now = datetime(2029, 11, 30, 12, tzinfo=UTC)
    assert partitions.make_ahead(now) == 2 * partitions.AHEAD
    assert partitions.make_ahead(now) == 0
    assert {f"monitoring_hourly_{month}" for month in ("2029_11", "2029_12", "2030_01")} <= names("monitoring_hourly")


def test_days_that_ended_are_rolled_up_once_with_last_lowest_and_highest(monitor: Monitor) -> None:
    values = [5, 9, 2, 7, 100, 50]
    times = [START + timedelta(minutes=minute) for minute in (0, 10, 20, 59, 60, 26 * 60)]
    measurement_rows.add(monitor.pk, [Row(at, {"followers": n}) for at, n in zip(times, values, strict=True)])
    assert rollups.roll_up(START + 2 * DAY) == 2
    assert rollups.roll_up(START + 2 * DAY) == 0
    with connection.cursor() as cursor:
        cursor.execute("select followers, low, high, rows from monitoring_hourly order by taken_at")
        assert cursor.fetchall() == [(7, 2, 9, 4), (100, 100, 100, 1), (50, 50, 50, 1)]
        cursor.execute("select followers, low, high, rows from monitoring_daily order by taken_at")
        assert cursor.fetchall() == [(100, 2, 100, 5), (50, 50, 50, 1)]


def test_old_months_go_when_they_are_rolled_up_and_never_before(monitor: Monitor, settings: Settings) -> None:
    settings.METRICS_RAW_MONTHS, settings.METRICS_HOURLY_MONTHS = 1, 2
    rows = write(monitor, 60, DAY)
    later = START + 130 * DAY
    assert rollups.drop_old(later) == []
    while rollups.roll_up(later):
        pass
    dropped = rollups.drop_old(later)
    assert "monitoring_measurement_2026_03" in dropped
    assert "monitoring_hourly_2026_03" in dropped
    assert table("monitoring_measurement") == 0
    assert table("monitoring_daily") == 60
    told = history.between(monitor, START, START + 60 * DAY, now=later)
    assert [point.counts["followers"] for point in told.points][:60] == [row.counts["followers"] for row in rows]
    assert measurement_rows.first_at(monitor.pk) == START


def test_what_is_rolled_up_and_what_is_raw_make_one_line(monitor: Monitor, settings: Settings) -> None:
    settings.METRICS_RAW_MONTHS = 1
    rows = write(monitor, 60, DAY)
    later = datetime(2026, 5, 10, tzinfo=UTC)
    while rollups.roll_up(later):
        pass
    assert rollups.drop_old(later) == ["monitoring_measurement_2026_03"]
    told = history.between(monitor, START, START + 60 * DAY, now=later)
    followers = [point.counts["followers"] for point in told.points]
    assert followers[:60] == [row.counts["followers"] for row in rows]


numbers = st.none() | st.integers(0, 10**9)


@given(numbers, numbers, numbers)
def test_engagement_is_a_share_or_nothing(likes: int | None, comments: int | None, followers: int | None) -> None:
    rate = derived.engagement(likes, comments, followers)
    assert (rate is None) == (likes is None or not followers)
    assert rate is None or rate >= 0


def posts(*rates: tuple[int, int, int]) -> list[PostCounts]:
    """Posts by day, hour and likes."""
    return [PostCounts(START + day * DAY + hour * HOUR, likes, 0) for day, hour, likes in rates]


def test_the_best_hours_are_those_of_the_reader_with_two_ripe_posts_or_more() -> None:
    made = posts((0, 8, 50), (1, 8, 70), (0, 20, 10), (1, 20, 10), (2, 3, 900), (9, 8, 10_000))
    best = derived.best_hours(made, 1_000, ZoneInfo("Europe/Berlin"), START + 9 * DAY + 9 * HOUR)
    assert [(one.hour, one.posts, round(one.rate, 3)) for one in best] == [(9, 2, 6.0), (21, 2, 1.0)]


def test_an_accounts_engagement_is_the_mean_of_its_ripe_newest_posts() -> None:
    made = posts(*((day, 0, 1_000 if day < 3 else 20) for day in range(15)), (20, 0, 99_999))
    assert derived.account_engagement(made, 1_000, START + 20 * DAY + HOUR) == pytest.approx(2.0)
    assert derived.account_engagement([], 1_000, START) is None


def test_growth_ratio_and_posting_rate() -> None:
    assert derived.per_day(100, START, 170, START + 7 * DAY) == pytest.approx(10)
    assert derived.per_day(100, START, 170, START + timedelta(minutes=5)) is None
    assert derived.per_day(None, START, 170, START + DAY) is None
    assert derived.follower_ratio(100, 50) == 2
    assert derived.follower_ratio(100, 0) is None
    assert derived.posts_per_week([START + day * DAY for day in range(28)], START + 28 * DAY) == 7
    assert derived.posts_per_week([], START) is None


@pytest.mark.parametrize(
    ("age", "seconds"),
    [(0, 1_800), (5, 1_800), (7, 3_600), (49, 6 * 3_600), (24 * 8, 86_400), (24 * 31, 604_800), (24 * 91, None)],
)
def test_posts_are_measured_thinner_as_they_age(age: int, seconds: int | None) -> None:
    assert thinning.interval_at(timedelta(hours=age)) == seconds


def test_an_old_post_stops_by_itself(monitor: Monitor) -> None:
    fields: dict[str, Any] = {"is_thinning": True, "posted_at": START, "interval_seconds": 1_800}
    post = Monitor(kind=MonitorKind.POST, code="CxYQJO8xuC6", **fields)
    thinning.thin(post, START + 3 * HOUR)
    assert (post.interval_seconds, post.state) == (1_800, MonitorState.ACTIVE)
    thinning.thin(post, START + 100 * DAY)
    assert post.state == MonitorState.STOPPED


def test_a_history_goes_on_by_hours_and_days_where_rows_are_no_longer_kept(
    monitor: Monitor, settings: Settings
) -> None:
    settings.METRICS_RAW_MONTHS, settings.METRICS_HOURLY_MONTHS = 1, 2
    rows = write(monitor, 80, DAY)
    later = datetime(2026, 6, 10, tzinfo=UTC)
    while rollups.roll_up(later):
        pass
    assert rollups.drop_old(later)
    pages: list[Row] = []
    while found := measurement_rows.newest(monitor.pk, before=pages[-1].at if pages else later, limit=7):
        pages += found
    assert [(one.at, one.counts["followers"]) for one in pages] == [
        (one.at, one.counts["followers"]) for one in rows[::-1]
    ]
