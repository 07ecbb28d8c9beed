"""``manage.py bench metrics``: rows of counts at a million and at ten: written, drawn, served, stored.

Two sizes are measured and the growth between them is printed; a hundred million is extrapolated from it. The bench
makes a workspace of its own and deletes it. ``IGSITE_BENCH_SIZES`` names other sizes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TextIO

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Workspace
from benchmarks.lists_parts.timing import kept, machine, quickest, sizes
from monitoring import history, kept_histories, measurement_rows, rollups
from monitoring.measurement_rows import Row
from monitoring.models import Monitor, MonitorKind

START: Final = datetime(2025, 1, 1, tzinfo=UTC)
YEAR: Final = timedelta(days=365)
MONITORS: Final = 100
WRITTEN: Final = 20_000
#: The goal is that of a chart of a million rows, a tenth of all.
GOAL_POINTS: Final = 10_000_000
COUNTS: Final = {"followers": 1_000_000, "following": 500, "posts": 70}


@dataclass(frozen=True)
class Measured:
    """One size. Times in milliseconds, rates in rows a second. ``chart``: all that a page asks for one, gaps included;
    ``query``: the rows of the one of the year alone, as ``binned`` and ``full_read`` are."""

    points: int
    chart: dict[str, float]
    query: float
    full_read: float
    binned: float
    page: float
    cached: float
    bytes_a_point: float
    rolled_a_second: float


def main(stdout: TextIO) -> None:
    """Measure and print."""
    stdout.write(f"metrics: {machine()}")
    workspace = Workspace.objects.create(name="bench")
    try:
        _writing(stdout, workspace)
        found = [_size(workspace, points) for points in sizes((1_000_000, 10_000_000))]
        for one in found:
            _print(stdout, one)
        if len(found) == 2:
            _growth(stdout, *found)
    finally:
        _empty()
        workspace.delete()


def _monitor(workspace: Workspace, number: int) -> Monitor:
    return Monitor.objects.create(
        workspace=workspace, kind=MonitorKind.PROFILE, username=f"bench{number}", interval_seconds=30, anchor_at=START,
        due_at=START, created_at=START, checked_at=START + YEAR, latest=COUNTS, facts={"bio": "words"},
    )  # fmt: skip


def _writing(stdout: TextIO, workspace: Workspace) -> None:
    """As measuring does it, one commit a row; a batch; and COPY of the same rows, into the same table and into none."""
    monitor = _monitor(workspace, 0)
    rows = [Row(START + number * timedelta(seconds=30), COUNTS) for number in range(WRITTEN)]
    copied = WRITTEN / _seconds(lambda: _copy(monitor.pk, rows, "monitoring_measurement"))
    with connection.cursor() as cursor:
        cursor.execute("delete from monitoring_measurement")
        cursor.execute("create unlogged table bench_floor (like monitoring_measurement)")
    floor = WRITTEN / _seconds(lambda: _copy(monitor.pk, rows, "bench_floor"))
    with connection.cursor() as cursor:
        cursor.execute("drop table bench_floor")
    batch = WRITTEN / _seconds(lambda: _in_batches(monitor.pk, rows))
    single = 2_000 / _seconds(lambda: _one_by_one(monitor.pk, _later(rows[:2_000])))
    stdout.write(f"  COPY into an unlogged table {floor:10,.0f} rows/s = 1.0 (the floor)")
    for name, rate in (("COPY into the partitions", copied), ("batches of 1,000", batch), ("a commit a row", single)):
        stdout.write(f"  {name:<27} {rate:10,.0f} rows/s = {rate / floor:.3f}")
    monitor.delete()


def _copy(monitor_id: int, rows: list[Row], table: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select monitoring_make_room('monitoring_measurement', %s)", [START])
        with cursor.copy(f"copy {table} (monitor_id, taken_at, followers, following, posts) from stdin") as copy:
            for row in rows:
                counts = row.counts
                copy.write_row((monitor_id, row.at, counts["followers"], counts["following"], counts["posts"]))


def _in_batches(monitor_id: int, rows: list[Row]) -> None:
    for begin in range(0, len(rows), 1_000):
        with transaction.atomic():
            measurement_rows.add(monitor_id, rows[begin : begin + 1_000])


def _one_by_one(monitor_id: int, rows: list[Row]) -> None:
    for row in rows:
        measurement_rows.add(monitor_id, [row])


def _later(rows: list[Row]) -> list[Row]:
    return [Row(row.at + YEAR, row.counts) for row in rows]


def _size(workspace: Workspace, points: int) -> Measured:
    """A hundred monitors share the points over a year, the first has a tenth of them all."""
    _empty()
    monitors = [_monitor(workspace, number) for number in range(MONITORS)]
    _fill(monitors[0].pk, points // 10)
    for monitor in monitors[1:]:
        _fill(monitor.pk, (points - points // 10) // (MONITORS - 1))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze monitoring_measurement")
        cursor.execute("select sum(pg_total_relation_size(inhrelid)) from pg_inherits"
                       " where inhparent = 'monitoring_measurement'::regclass")  # fmt: skip
        size = float(cursor.fetchone()[0])
    one, end = monitors[0], START + YEAR
    spans = {"a day": timedelta(days=1), "30 days": timedelta(days=30), "the year": YEAR}
    chart = {name: quickest(_chart(one, end - span, end)) for name, span in spans.items()}
    query = quickest(lambda: measurement_rows.last_in_slices(one.pk, since=START, until=end, slices=history.POINTS - 2))
    cache.clear()
    page = quickest(lambda: _page_anew(one, end), 5)
    cached = quickest(lambda: kept_histories.page(one, limit=1_000, now=end))
    seconds = _seconds(lambda: rollups.roll_up(START + timedelta(days=8)))
    return Measured(
        points, chart, query, quickest(lambda: _read_all(one.pk), 3), quickest(lambda: _bin(one.pk), 3), page, cached,
        size / points, points * 7 / 365 / seconds,
    )  # fmt: skip


def _page_anew(monitor: Monitor, now: datetime) -> None:
    cache.clear()
    kept_histories.page(monitor, limit=1_000, now=now)


def _chart(monitor: Monitor, since: datetime, until: datetime) -> Callable[[], Any]:
    return lambda: history.between(monitor, since, until, now=until)


def _fill(monitor_id: int, points: int) -> None:
    with connection.cursor() as cursor:
        for month in range(13):
            cursor.execute(
                "select monitoring_make_room('monitoring_measurement', %s + %s * interval '1 month')", [START, month]
            )
        cursor.execute(
            "insert into monitoring_measurement (monitor_id, taken_at, followers, following, posts)"
            " select %s, %s + n * (%s * interval '1 second'), 1000000 + n, 500, 70 from generate_series(0, %s - 1) n",
            [monitor_id, START, YEAR.total_seconds() / points, points],
        )


def _read_all(monitor_id: int) -> int:
    return len(measurement_rows.newest(monitor_id, before=timezone.now() + YEAR, limit=2_000_000))


def _bin(monitor_id: int) -> None:
    """The usual way to thin a chart: an aggregate over every row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select date_bin(%s * interval '1 second', taken_at, %s) bin, max(followers) from monitoring_measurement"
            " where monitor_id = %s group by bin order by bin",
            [YEAR.total_seconds() / 300, START, monitor_id],
        )
        cursor.fetchall()


def _print(stdout: TextIO, one: Measured) -> None:
    stdout.write(f"{one.points:,} points, a tenth of them of one monitor")
    for name, taken in one.chart.items():
        stdout.write(f"  chart of {name:<9} {taken:8.1f} ms")
    stdout.write(f"  its query alone    {one.query:8.1f} ms")
    goal = f" ({kept(one.query / one.binned, 1 / 50)})" if one.points >= GOAL_POINTS else ""
    stdout.write(f"  date_bin aggregate {one.binned:8.1f} ms; the query ÷ it {one.query / one.binned:.4f}{goal}")
    stdout.write(f"  full read          {one.full_read:8.1f} ms; the query ÷ it {one.query / one.full_read:.5f}")
    stdout.write(f"  page of 1,000 rows {one.page:8.1f} ms, cached {one.cached:.1f} ms")
    stdout.write(f"  stored             {one.bytes_a_point:8.1f} bytes a point, indexes included")
    stdout.write(f"  rolled up          {one.rolled_a_second:8,.0f} rows/s")


def _growth(stdout: TextIO, small: Measured, large: Measured) -> None:
    times = large.points / small.points
    stdout.write(f"from {small.points:,} to {large.points:,} ({times:g} ×), and {100_000_000:,} extrapolated from that")
    for name, old, new in (
        ("chart of the year, ms", small.chart["the year"], large.chart["the year"]),
        ("its query alone, ms", small.query, large.query),
        ("page, ms", small.page, large.page),
        ("bytes a point", small.bytes_a_point, large.bytes_a_point),
    ):
        stdout.write(f"  {name:<22} {new / old:6.2f} ×  →  {new * (new / old):,.1f}")
    stdout.write(
        f"  stored in all          {large.bytes_a_point * (large.bytes_a_point / small.bytes_a_point) / 10:,.1f} GB"
    )


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate monitoring_measurement, monitoring_hourly, monitoring_daily, monitoring_rolled")
    Monitor.objects.filter(username__startswith="bench").delete()


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
