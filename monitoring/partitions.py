"""Partitions by month: made ahead, dropped when what they hold is rolled up and old enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection, transaction

PARENTS: Final = ("monitoring_measurement", "monitoring_hourly")
AHEAD: Final = 3


def make_ahead(now: datetime) -> int:
    """The partitions of this month and the next ones. Returns how many were new."""
    made = 0
    with connection.cursor() as cursor:
        for parent in PARENTS:
            for number in range(AHEAD):
                cursor.execute("select monitoring_make_room(%s, %s)", [parent, months_later(now, number)])
                made += bool(cursor.fetchone()[0])
    return made


def drop_before(parent: str, moment: datetime) -> list[str]:
    """Drop the partitions that lie wholly before ``moment``; returns their names."""
    old = [name for name, until in _partitions(parent) if until <= moment]
    for name in old:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '5s'")
            cursor.execute(f"drop table {connection.ops.quote_name(name)}")
    return old


def month_of(moment: datetime) -> datetime:
    """The beginning of its month, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_later(moment: datetime, number: int) -> datetime:
    """The beginning of a month before (negative) or after the moment's own."""
    first = month_of(moment)
    for _month in range(abs(number)):
        first = month_of(first + timedelta(days=32)) if number > 0 else month_of(first - timedelta(days=1))
    return first


def _partitions(parent: str) -> list[tuple[str, datetime]]:
    """The partitions by name, each with the time behind its last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass order by 1", [parent]
        )
        names = [row[0] for row in cursor.fetchall()]
    months = [datetime.strptime(name[-7:], "%Y_%m").replace(tzinfo=UTC) for name in names]
    return [(name, months_later(month, 1)) for name, month in zip(names, months, strict=True)]
