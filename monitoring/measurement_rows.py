"""The rows of counts: written one a change or heartbeat, read for charts without reading them all.

The tables have no model: they are partitioned by month, and their key is the monitor with the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

#: The counts, in the order of the tables' columns. A monitor of a profile has the first three, one of a post the rest.
PROFILE_COUNTS: Final = ("followers", "following", "posts")
POST_COUNTS: Final = ("likes", "comments", "plays")
COUNTS: Final = (*PROFILE_COUNTS, *POST_COUNTS)
Counts = Mapping[str, int | None]
#: Postgres's integer; what is larger cannot be a count of these.
_LARGEST: Final = dict.fromkeys(COUNTS, 2**31 - 1) | {"plays": 2**63 - 1}


@dataclass(frozen=True, slots=True)
class Row:
    """The counts at one time; a count that the source did not give is None."""

    at: datetime
    counts: Counts


def can_be(name: str, value: int | None) -> bool:
    """Whether the value can be that count: not negative, and it fits its column."""
    return value is None or 0 <= value <= _LARGEST[name]


def add(monitor_id: int, rows: Iterable[Row]) -> None:
    """Write rows; one that is there already stays. Makes room for a month that nobody foresaw."""
    add_all([(monitor_id, row) for row in rows])


def add_all(found: Sequence[tuple[int, Row]]) -> None:
    """The same for rows of several monitors, each with its monitor's id."""
    ids, rows = [monitor_id for monitor_id, _row in found], [row for _id, row in found]
    columns = [[row.counts.get(name) for row in rows] for name in COUNTS]
    with connection.cursor() as cursor:
        for month in sorted({row.at.strftime("%Y-%m-15") for row in rows}):
            cursor.execute("select monitoring_make_room('monitoring_measurement', %s::timestamptz)", [month])
        cursor.execute(_ADD, [ids, [row.at for row in rows], *columns])


_ADD: Final = """
insert into monitoring_measurement (monitor_id, taken_at, followers, following, posts, likes, comments, plays)
select * from unnest(
    %s::bigint[], %s::timestamptz[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::bigint[]
)
on conflict do nothing
"""


#: Each is coarser than the one before it, and is kept for longer.
_TABLES: Final = ("monitoring_measurement", "monitoring_hourly", "monitoring_daily")
_NEWEST: Final = """
select taken_at, followers, following, posts, likes, comments, plays from {table}
where monitor_id = %s and taken_at < %s order by taken_at desc limit %s
"""


def newest(monitor_id: int, *, before: datetime, limit: int) -> list[Row]:
    """Rows before a time, newest first: as they were measured, behind these one an hour, behind those one a day."""
    rows: list[Row] = []
    with connection.cursor() as cursor:
        for table in _TABLES:
            if len(rows) == limit:
                break
            edge = rows[-1].at if rows else before
            cursor.execute(_NEWEST.format(table=table), [monitor_id, edge, limit - len(rows)])
            rows += [_row(found) for found in cursor.fetchall()]
    return rows


# Of each slice of time the last row that lies in it: each look goes down an index and ends at its first row, so that a
# chart of a million rows reads a few hundred.
_SLICES: Final = """
select found.* from generate_series(0, %(slices)s - 1) slice
cross join lateral (
    select taken_at, followers, following, posts, likes, comments, plays from monitoring_measurement
    where monitor_id = %(monitor)s and taken_at >= %(since)s + slice * %(width)s
      and taken_at < %(since)s + (slice + 1) * %(width)s
    order by taken_at desc limit 1
) found
order by slice
"""
# The same where raw rows are no longer kept.
_ROLLED_SLICES: Final = """
select found.* from generate_series(0, %(slices)s - 1) slice
cross join lateral (
    select * from (
        (select taken_at, followers, following, posts, likes, comments, plays from monitoring_hourly
         where monitor_id = %(monitor)s and taken_at >= %(since)s + slice * %(width)s
           and taken_at < %(since)s + (slice + 1) * %(width)s order by taken_at desc limit 1)
        union all
        (select taken_at, followers, following, posts, likes, comments, plays from monitoring_daily
         where monitor_id = %(monitor)s and taken_at >= %(since)s + slice * %(width)s
           and taken_at < %(since)s + (slice + 1) * %(width)s order by taken_at desc limit 1)
    ) either order by taken_at desc limit 1
) found
order by slice
"""


def last_in_slices(monitor_id: int, *, since: datetime, until: datetime, slices: int) -> list[Row]:
    """At most ``slices`` rows of the time from ``since`` to before ``until``: the last one of each equal slice."""
    width = (until - since) / slices
    values: dict[str, Any] = {"monitor": monitor_id, "since": since, "width": width, "slices": slices}
    with connection.cursor() as cursor:
        cursor.execute(_SLICES, values)
        raw = [_row(found) for found in cursor.fetchall()]
        older = min(slices, (raw[0].at - since) // width if raw else slices)
        if not older:
            return raw
        cursor.execute(_ROLLED_SLICES, values | {"slices": older})
        return [_row(found) for found in cursor.fetchall()] + raw


_BEFORE: Final = """
select * from (
    (select taken_at, followers, following, posts, likes, comments, plays from monitoring_measurement
     where monitor_id = %(monitor)s and taken_at <= %(at)s order by taken_at desc limit 1)
    union all
    (select taken_at, followers, following, posts, likes, comments, plays from monitoring_hourly
     where monitor_id = %(monitor)s and taken_at <= %(at)s order by taken_at desc limit 1)
    union all
    (select taken_at, followers, following, posts, likes, comments, plays from monitoring_daily
     where monitor_id = %(monitor)s and taken_at <= %(at)s order by taken_at desc limit 1)
) any_table order by taken_at desc limit 1
"""


def last_at(monitor_id: int, at: datetime) -> Row | None:
    """The counts as known at a time: the last row up to it; None where nothing was measured before."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, {"monitor": monitor_id, "at": at})
        found = cursor.fetchone()
    return _row(found) if found else None


def first_at(monitor_id: int) -> datetime | None:
    """When the history begins, as far as it is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select least((select min(taken_at) from monitoring_daily where monitor_id = %(monitor)s),"
            " (select min(taken_at) from monitoring_hourly where monitor_id = %(monitor)s),"
            " (select min(taken_at) from monitoring_measurement where monitor_id = %(monitor)s))",
            {"monitor": monitor_id},
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _row(found: Sequence[object]) -> Row:
    at, *values = found
    assert isinstance(at, datetime)  # noqa: S101 - for the type checker: the column's type
    return Row(at, dict(zip(COUNTS, values, strict=True)))  # type: ignore[arg-type]
