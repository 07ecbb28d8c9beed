"""Old measurements made coarser: raw rows become one an hour, hours one a day. Set-based, a day at a time.

A roll-up row carries the last counts of its span and the lowest and highest of the leading one (followers, likes).
Rolling up again what was rolled up changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from monitoring import partitions

DAY: Final = timedelta(days=1)
#: Days rolled up in one night at most; after a long downtime the following nights go on.
DAYS_MOST: Final = 40

_HOURLY: Final = """
insert into monitoring_hourly
    (monitor_id, taken_at, followers, following, posts, likes, comments, plays, low, high, rows)
select distinct on (monitor_id, hour) monitor_id, taken_at, followers, following, posts, likes, comments, plays,
       min(coalesce(followers, likes)) over hours, max(coalesce(followers, likes)) over hours, count(*) over hours
from (
    select *, date_trunc('hour', taken_at, 'UTC') as hour from monitoring_measurement
    where taken_at >= %(since)s and taken_at < %(until)s
) measured
window hours as (partition by monitor_id, hour)
order by monitor_id, hour, taken_at desc
on conflict (monitor_id, taken_at) do nothing
"""
_DAILY: Final = """
insert into monitoring_daily
    (monitor_id, taken_at, followers, following, posts, likes, comments, plays, low, high, rows)
select distinct on (monitor_id, day) monitor_id, taken_at, followers, following, posts, likes, comments, plays,
       min(low) over days, max(high) over days, sum(rows) over days
from (
    select *, date_trunc('day', taken_at, 'UTC') as day from monitoring_hourly
    where taken_at >= %(since)s and taken_at < %(until)s
) hours
window days as (partition by monitor_id, day)
order by monitor_id, day, taken_at desc
on conflict (monitor_id, taken_at) do nothing
"""


def roll_up(now: datetime) -> int:
    """Roll up the days that have ended since the last time. Returns how many."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 0
    while days < DAYS_MOST:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('monitoring_rollups'))")
            since = _begin(today)
            if since is None or since >= today:
                return days
            span = {"since": since, "until": since + DAY}
            cursor.execute("select monitoring_make_room('monitoring_hourly', %(since)s)", span)
            cursor.execute(_HOURLY, span)
            cursor.execute(_DAILY, span)
            cursor.execute(
                "insert into monitoring_rolled (name, until) values ('all', %(until)s)"
                " on conflict (name) do update set until = excluded.until",
                span,
            )
        days += 1
    return days


def _begin(today: datetime) -> datetime | None:
    """The first day that is to be rolled up. One that lies ahead was written while the clock was: those days were
    rolled up before they had ended, or came, and it is done again from as far back as one night reaches."""
    rolled = _rolled_until()
    if rolled is not None and rolled <= today:
        return rolled
    first = _first_day()
    return first if first is None or rolled is None else max(first, today - DAYS_MOST * DAY)


def drop_old(now: datetime) -> list[str]:
    """Drop raw and hourly months that are past their keeping and rolled up. Returns the partitions' names."""
    rolled = _rolled_until()
    if rolled is None:
        return []
    dropped = []
    kept = {"monitoring_measurement": settings.METRICS_RAW_MONTHS, "monitoring_hourly": settings.METRICS_HOURLY_MONTHS}
    for parent, months in kept.items():
        dropped += partitions.drop_before(parent, min(partitions.months_later(now, -months), rolled))
    return dropped


def _rolled_until() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("select until from monitoring_rolled where name = 'all'")
        found = cursor.fetchone()
    return found[0] if found else None


def _first_day() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("select min(taken_at) from monitoring_measurement")
        found = cursor.fetchone()
    first: datetime | None = found[0] if found else None
    return first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if first else None
