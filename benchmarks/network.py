"""``manage.py bench network``: overlaps of twenty lists from bitmaps beside the self-join that they replace.

Twenty lists of 200,000 people out of 600,000; ``IGSITE_BENCH_SIZES=1000000`` takes a million each. Everything in one
run on one database: compare the ratios, not the seconds. The bench deletes its workspace and its people afterwards.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Final, TextIO, TypeVar

from django.db import connection
from django.utils import timezone

from accounts.models import TrackedAccount, Workspace
from scans import bitmaps, overlaps
from scans.models import Direction, EdgeList, ListBitmap

LISTS: Final = 20
PEOPLE: Final = 200_000
POOL: Final = 3  # so many people for each place of a list
GOAL: Final = 1 / 100
FIRST_PK: Final = 8 * 10**17
T = TypeVar("T")

_PROFILES: Final = """
insert into accounts_profile (id, username, full_name, is_private, is_verified, picture_path, biography)
select %(first)s + n::bigint * 2654435761 %% 4294967296 * 100, 'bench.' || n, 'Person No. ' || n, n %% 3 = 0,
       n %% 50 = 0, '', ''
from generate_series(1, %(pool)s) n order by 1
"""
# The list number turns another third of the pool into members: any two lists share about a third of their people.
_EDGES: Final = """
insert into edge_current (profile_id, list_id, first_seq, origin_seq, fp, name_fp)
select id, %(list)s, 1, 1, 0, 0 from accounts_profile
where id >= %(first)s and abs(hashint8extended(id, %(list)s)) %% %(share)s = 0
"""
_SELF_JOIN: Final = """
select a.list_id, b.list_id, count(*) from edge_current a join edge_current b on b.profile_id = a.profile_id
where a.list_id = any(%(lists)s) and b.list_id = any(%(lists)s) and a.list_id < b.list_id group by 1, 2
"""


def main(stdout: TextIO) -> None:
    """Measure and print."""
    people = int(os.environ.get("IGSITE_BENCH_SIZES", "").split(",")[0] or PEOPLE)
    workspace = Workspace.objects.create(name="bench network")
    try:
        lists = _fill(workspace, people)
        _measure(stdout, workspace, lists)
    finally:
        workspace.delete()
        _run("delete from accounts_profile where id >= %(first)s and username like 'bench.%%'", first=FIRST_PK)


def _fill(workspace: Workspace, people: int) -> list[EdgeList]:
    _run(_PROFILES, first=FIRST_PK, pool=people * POOL)
    _run("analyze accounts_profile")
    lists = []
    for number in range(LISTS):
        account = TrackedAccount.objects.create(workspace=workspace, username=f"bench{number}")
        edges = EdgeList.objects.create(account=account, direction=Direction.FOLLOWERS, last_seq=1)
        edges.people_count = _run(_EDGES, list=edges.pk, first=FIRST_PK, share=POOL)
        edges.save()
        lists.append(edges)
    _run("vacuum analyze edge_current")
    return lists


def _measure(stdout: TextIO, workspace: Workspace, lists: list[EdgeList]) -> None:
    ids = [edges.pk for edges in lists]
    building, made = _timed(lambda: [bitmaps.build(each, now=timezone.now()) for each in ids])
    kept: list[ListBitmap] = [bitmap for bitmap in made if bitmap is not None]
    for bitmap in kept:
        bitmaps.store(bitmap)
    sizes = sum(len(bytes(bitmap.bits)) for bitmap in kept)
    members = sum(bitmap.people_count for bitmap in kept)
    accounts = list(TrackedAccount.objects.for_workspace(workspace).order_by("pk"))
    page, matrix = _timed(lambda: overlaps.matrix(workspace, Direction.FOLLOWERS, accounts))
    bits = bitmaps.load(ids)
    pairs = [(a, b) for a in ids for b in ids if a < b]
    loaded, shared = _timed(lambda: {(a, b): overlaps.compare(bits[a], bits[b]).shared for a, b in pairs})
    joined, rows = _timed(lambda: _rows(_SELF_JOIN, lists=ids))
    if {(a, b): count for a, b, count in rows} != shared or len(matrix.rows) != LISTS:
        raise SystemExit("The bitmaps and the self-join disagree.")
    verdict = "reached" if page / joined <= GOAL else "MISSED"
    lines = (
        f"{LISTS} lists, {members:,} people on them, {len(pairs)} pairs, equal either way",
        f"self-join                      {joined:9.3f} s",
        f"matrix, bitmaps loaded         {loaded:9.4f} s   ratio 1/{joined / loaded:,.0f}",
        f"matrix as the page does it     {page:9.4f} s   ratio 1/{joined / page:,.0f}   goal 1/100 {verdict}",
        f"bitmaps built behind the scans {building:9.3f} s   {members / building:,.0f} people/s",
        f"bytes a person                 {sizes / members:9.2f}     {sizes / 2**20:.1f} MB in all",
    )
    stdout.writelines(f"{line}\n" for line in lines)


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def _run(sql: str, **params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return int(cursor.rowcount)


def _rows(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
