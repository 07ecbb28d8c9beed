"""``manage.py bench merge``: what a merge costs beside the floor, one COPY of the same rows into an unlogged table.

Everything in one run on one database: compare the ratios, not the seconds. The bench makes a workspace of its own and
deletes it with all its people afterwards. ``IGSITE_BENCH_SIZES`` names other sizes, such as ``5000000``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TextIO

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import TrackedAccount, Workspace
from scans import conclusion, follower_scan, merge, staging
from scans.completeness import Verdict
from scans.models import Direction, ListScan, Scan, ScanState
from scans.paging_rules import Position

SIZES: Final = (100_000, 1_000_000)
FIRST_PK: Final = 9 * 10**17
GOALS: Final = {"first": 8.0, "no change": 1.2, "0.5 % churn": 1.5, "10 % churn": 3.5}

# Numbers are scattered as Instagram's are.
_PEOPLE = """
select {first} + (n::bigint * 2654435761 % 4294967296) * 100 + n % 100 pk,
       'person.' || n || case when {renamed} then '.r' else '' end username,
       'Person No. ' || n full_name, n % 3 = 0 is_private, n % 50 = 0 is_verified,
       '/v/t51.2885-19/' || n || '_n.jpg' picture_path
from generate_series({start}, {stop}) n
"""


@dataclass(frozen=True)
class Case:
    """One scan: people numbered ``start`` to ``stop``, every ``renamed``-th under another name (0: nobody)."""

    name: str
    start: int
    stop: int
    renamed: int = 0


@dataclass(frozen=True)
class Measured:
    """What one merge took and wrote."""

    seconds: float
    wal: int
    growth: int


def main(stdout: TextIO) -> None:
    """Measure and print."""
    sizes = [int(text) for text in os.environ.get("IGSITE_BENCH_SIZES", "").split(",") if text] or list(SIZES)
    for size in sizes:
        with _account() as account:
            _measure(stdout, account, size)


@contextmanager
def _account() -> Iterator[TrackedAccount]:
    workspace = Workspace.objects.create(name="bench")
    try:
        yield TrackedAccount.objects.create(workspace=workspace, username="bench")
    finally:
        workspace.delete()
        _run("delete from accounts_profile where id >= %s", FIRST_PK)
        _run("delete from profile_former_name where profile_id >= %s", FIRST_PK)


def _measure(stdout: TextIO, account: TrackedAccount, size: int) -> None:
    half, tenth = size // 200, size // 10
    cases = (
        Case("first", 1, size),
        Case("no change", 1, size),
        Case("0.5 % churn", 1 + half, size + half, 200),
        Case("10 % churn", 1 + half + tenth, size + half + tenth, 200),
    )
    floor = min(_floor(size) for _time in range(3))
    stdout.write(f"{size:,} people; floor (COPY into an unlogged table): {floor:.2f} s = 1.0")
    for case in cases:
        measured = _scan(account, case)
        ratio, goal = measured.seconds / floor, GOALS[case.name]
        kept = f"{'ok' if ratio <= goal else 'MISSED'}, goal ≤ {goal}"
        stdout.write(f"  {case.name:<12} {measured.seconds:7.2f} s  ÷ floor {ratio:5.2f}  ({kept})")
        if case.name == "no change":
            wal, growth = measured.wal / size, measured.growth / size
            stdout.write(f"  {'':<12} per unchanged edge: {wal:.4f} B of WAL, {growth:.4f} B of table")


def _scan(account: TrackedAccount, case: Case) -> Measured:
    scan = Scan.objects.create(
        workspace=account.workspace, account=account, directions=["followers"], created_at=timezone.now(),
        state=ScanState.RUNNING,
    )  # fmt: skip
    (row,) = follower_scan.open_lists(scan, [Direction.FOLLOWERS])
    seen = _stage(row, case)
    _run("checkpoint" if _is_superuser() else "select 1")
    wal, size = _wal(), _edge_bytes()
    started = time.perf_counter()
    with transaction.atomic():
        position = Position(seen=seen, pages=1, is_over=True)
        merged = conclusion.conclude_list(row, position, now=timezone.now(), verdict=Verdict("complete"))
    seconds = time.perf_counter() - started
    measured = Measured(seconds, _wal() - wal, _edge_bytes() - size)
    if (
        merged is None and row.state == ScanState.QUARANTINED
    ):  # the breaker does its work: ten percent need a second look
        Scan.objects.filter(pk=scan.pk).update(state=ScanState.QUARANTINED)
        return _scan(account, case)
    if merged is not None:
        merge.tidy(merged)
    Scan.objects.filter(pk=scan.pk).update(state=ScanState.COMPLETE)
    _run("vacuum analyze edge_current, edge_past, accounts_profile")
    return measured


def _stage(row: ListScan, case: Case) -> int:
    staging.create(row.pk)
    return _run(
        f"insert into {staging.table(row.pk)} (pk, name_fp, fp, is_private, is_verified, username, full_name,"  # noqa: S608
        " picture_path) select pk, name_fingerprint(username), hashtext(username || full_name || picture_path),"
        f" is_private, is_verified, username, full_name, picture_path from ({_people(case)}) p"
    )


def _people(case: Case) -> str:
    renamed = f"n % {case.renamed} = 0" if case.renamed else "false"
    return _PEOPLE.format(first=FIRST_PK, renamed=renamed, start=case.start, stop=case.stop)


def _floor(size: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table bench_source as {_people(Case('', 1, size))}")
        copied = b"".join(_copy_out(cursor))
        cursor.execute("drop table bench_source")
        cursor.execute("drop table if exists bench_floor")
        cursor.execute(
            "create unlogged table bench_floor (pk bigint, username text, full_name text, is_private boolean,"
            " is_verified boolean, picture_path text)"
        )
        started = time.perf_counter()
        with cursor.copy("copy bench_floor from stdin") as copy:
            copy.write(copied)
        seconds = time.perf_counter() - started
        cursor.execute("drop table bench_floor")
        return seconds


def _copy_out(cursor: Any) -> Iterator[bytes]:
    with cursor.copy("copy bench_source to stdout") as copy:
        yield from (bytes(part) for part in copy)


def _run(sql: str, *params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return int(cursor.rowcount)


def _value(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return (cursor.fetchone() or (None,))[0]


def _wal() -> int:
    return int(_value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def _edge_bytes() -> int:
    return int(_value("select pg_total_relation_size('edge_current') + pg_total_relation_size('edge_past')"))


def _is_superuser() -> bool:
    return bool(_value("select rolsuper from pg_roles where rolname = current_user"))
