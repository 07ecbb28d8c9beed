"""Lists of any length for measurements, written as a scan writes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import psutil
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import TrackedAccount, Workspace
from scans import conclusion, follower_scan, merge, names, staging
from scans.completeness import Verdict
from scans.models import Direction, ListScan, Scan, ScanState
from scans.paging_rules import Position

FIRST_PK: Final = 9 * 10**17
#: Numbers are scattered as Instagram's are; names are put together from syllables, every tenth in another script.
PEOPLE: Final = """
select {first} + (n::bigint * 2654435761 % 4294967296) * 100 + n % 100 pk,
       (array['ana','leo','mar','tin','zoe','kai','lu','bel','dani','ro'])[1 + n % 10]
           || (array['_','.','x','photo','art','run','cook','kiln','yoga','studio'])[1 + n / 10 % 10]
           || (array['berg','son','ito','ova','ez','mann','ski','ini','dal','oux'])[1 + n / 100 % 10] || n
           || case when {renamed} then '.r' else '' end username,
       case when n % 10 = 9 then (array['李小龙','محمد علي','Пример','Ñandú','Zoë'])[1 + n / 10 % 5] || ' ' || n % 1000
           else 'Person No. ' || n end full_name,
       n % 3 = 0 is_private, n % 50 = 0 is_verified, '/v/t51.2885-19/' || n || '_n.jpg' picture_path
from generate_series({start}, {stop}) n
"""


@dataclass(frozen=True)
class Case:
    """One scan: people numbered ``start`` to ``stop``, every ``renamed``-th under another name (0: nobody)."""

    name: str
    start: int
    stop: int
    renamed: int = 0
    direction: Direction = Direction.FOLLOWERS


@dataclass(frozen=True)
class Measured:
    """What one merge took and wrote. ``cpu`` are seconds of its database process, None where that cannot be seen.

    ``behind`` are the seconds of what the merge left for the time after its commit: names, statistics.
    """

    seconds: float
    cpu: float | None
    wal: int
    growth: int
    behind: float = 0.0


@contextmanager
def account() -> Iterator[TrackedAccount]:
    """A tracked account in a workspace of its own; both and all of the bench's people go at the end."""
    workspace = Workspace.objects.create(name="bench")
    try:
        yield TrackedAccount.objects.create(workspace=workspace, username="bench")
    finally:
        workspace.delete()
        for table, column in (("accounts_profile", "id"), ("profile_search", "profile_id")):
            run(f"delete from {table} where {column} >= %s", FIRST_PK)  # noqa: S608
        run("delete from profile_former_name where profile_id >= %s", FIRST_PK)
        run("delete from profile_search_due where profile_id >= %s", FIRST_PK)


def scan(tracked: TrackedAccount, case: Case) -> Measured:
    """A scan that showed the people of ``case``, from its last page to its end."""
    scanned = Scan.objects.create(
        workspace=tracked.workspace, account=tracked, directions=[case.direction], created_at=timezone.now(),
        state=ScanState.RUNNING,
    )  # fmt: skip
    (row,) = follower_scan.open_lists(scanned, [case.direction])
    seen = _stage(row, case)
    run("checkpoint" if _may_checkpoint() else "select 1")
    wal, size = _wal(), _edge_bytes()
    started, busy = time.perf_counter(), cpu()
    staging.settle(row.pk, seen)
    with transaction.atomic():
        position = Position(seen=seen, pages=1, is_over=True)
        merged = conclusion.conclude_list(row, position, now=timezone.now(), verdict=Verdict("complete"))
    measured = Measured(time.perf_counter() - started, _since(busy), _wal() - wal, _edge_bytes() - size)
    row.refresh_from_db()
    if row.state == ScanState.QUARANTINED:  # the breaker does its work: so many losses need a second look
        Scan.objects.filter(pk=scanned.pk).update(state=ScanState.QUARANTINED)
        return scan(tracked, case)
    started = time.perf_counter()
    if merged is not None:
        merge.tidy(merged)
    measured = replace(measured, behind=time.perf_counter() - started)
    Scan.objects.filter(pk=scanned.pk).update(state=ScanState.COMPLETE)
    run("vacuum analyze edge_current, edge_past, accounts_profile, profile_name")
    return measured


def _stage(row: ListScan, case: Case) -> int:
    staging.create(row.pk)
    return run(
        f"insert into {staging.table(row.pk)} (pk, name_fp, fp, is_private, is_verified, username, full_name,"  # noqa: S608
        " picture_path) select pk, name_fingerprint(username), hashtext(username || full_name || picture_path),"
        f" is_private, is_verified, username, full_name, picture_path from ({people(case)}) p"
    )


def people(case: Case) -> str:
    """A query of the people of a case."""
    renamed = f"n % {case.renamed} = 0" if case.renamed else "false"
    return PEOPLE.format(first=FIRST_PK, renamed=renamed, start=case.start, stop=case.stop)


def cpu() -> float | None:
    """Seconds that this connection's database process has worked: what a busy machine does not blur."""
    try:
        times = psutil.Process(int(value("select pg_backend_pid()"))).cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


def _since(before: float | None) -> float | None:
    now = cpu()
    return now - before if now is not None and before is not None else None


def floor(size: int) -> tuple[float, float | None]:
    """Seconds, and those of the CPU, of one COPY of ``size`` people into an unlogged table: the best of three."""
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table bench_source as {people(Case('', 1, size))}")
        with cursor.copy("copy bench_source to stdout") as copy:
            copied = b"".join(bytes(part) for part in copy)
        cursor.execute("drop table bench_source")
        return min(_copied_in(cursor, copied) for _time in range(3))


def _copied_in(cursor: Any, copied: bytes) -> tuple[float, float | None]:
    cursor.execute(
        "create unlogged table bench_floor (pk bigint, username text, full_name text, is_private boolean,"
        " is_verified boolean, picture_path text)"
    )
    started, busy = time.perf_counter(), cpu()
    with cursor.copy("copy bench_floor from stdin") as copy:
        copy.write(copied)
    taken = time.perf_counter() - started, _since(busy)
    cursor.execute("drop table bench_floor")
    return taken


def run(sql: str, *params: Any) -> int:
    """Execute a statement; the number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return int(cursor.rowcount)


def value(sql: str) -> Any:
    """The first value of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return (cursor.fetchone() or (None,))[0]


def _wal() -> int:
    return int(value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def _edge_bytes() -> int:
    return int(value("select pg_total_relation_size('edge_current') + pg_total_relation_size('edge_past')"))


def _may_checkpoint() -> bool:
    if int(value("show server_version_num")) >= 150_000:
        return bool(value("select pg_has_role(current_user, 'pg_checkpoint', 'usage')"))
    return bool(value("select rolsuper from pg_roles where rolname = current_user"))


def store_strangers(number: int, *, behind: int) -> None:
    """People who are on no list, numbered from ``behind`` on."""
    with transaction.atomic():
        since = names.aside()
        run(
            "insert into accounts_profile (id, username, full_name, is_private, is_verified, picture_path, biography)"  # noqa: S608
            f" select pk, username, full_name, is_private, is_verified, picture_path, '' from"
            f" ({people(Case('', behind, behind + number - 1))}) p order by pk"
        )
        names.added(number, since, "")
    names.fill()
    run("vacuum analyze accounts_profile, profile_name")
