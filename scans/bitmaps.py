"""Each list as a roaring bitmap of people's dense numbers, with the figures that would need counting.

Built behind the scan by a job (:mod:`scans.bitmap_job`), whole each time: an erased person, a settled name or a flag
that changed can't leave a stale bit behind. A million people take about 0.6 s; loading and comparing, a millisecond.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import F, Q, QuerySet
from pyroaring import BitMap

from accounts.models import TrackedAccount, Workspace
from igsite.jobs import runner
from scans.models import EdgeList, ListBitmap, Scan

FIGURES_JOB: Final = "scans.figures"
_READ = """
select (select last_seq from scans_edgelist where id = %(list)s), string_agg(int4send(p.n::int4), ''::bytea),
       count(*) filter (where p.is_private), count(p.is_private),
       count(*) filter (where p.is_verified), count(p.is_verified)
from edge_current e join accounts_profile p on p.id = e.profile_id where e.list_id = %(list)s
"""


def stale(lists: QuerySet[EdgeList]) -> QuerySet[EdgeList]:
    """Those of ``lists`` that changed since their bitmap was built (a scan, a loss taken back), or have none yet."""
    behind = Q(bitmap=None) | Q(bitmap__seq__lt=F("last_seq")) | ~Q(bitmap__people_count=F("people_count"))
    return lists.filter(behind, last_seq__gt=0).order_by("pk")


def build(list_id: int, *, now: datetime) -> ListBitmap | None:
    """Work out a list's bitmap, not yet saved; one statement sees one state of the list. None: the list is gone."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    with psycopg.Cursor(raw) as cursor:  # Django's own cursors take a result as text, which is twice as long
        row = cursor.execute(_READ, {"list": list_id}, binary=True).fetchone()
    if row is None or row[0] is None:
        return None
    seq, packed, *figures = row
    bits = BitMap(_numbers(packed or b""))
    bits.run_optimize()
    return ListBitmap(
        edge_list_id=list_id, seq=seq, bits=bits.serialize(), people_count=len(bits), private_count=figures[0],
        private_known=figures[1], verified_count=figures[2], verified_known=figures[3], built_at=now,
    )  # fmt: skip


def _numbers(packed: bytes) -> array[int]:
    """Big-endian 32-bit numbers, as Postgres sends them."""
    numbers = array("I", packed)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def store(bitmap: ListBitmap) -> None:
    """Keep it, unless the list has gone or a newer one is there."""
    if not EdgeList.objects.filter(pk=bitmap.edge_list_id).exists():
        return
    values = {field.attname: getattr(bitmap, field.attname) for field in ListBitmap._meta.fields}
    key = values.pop("edge_list_id")
    kept, made = ListBitmap.objects.get_or_create(pk=key, defaults=values)
    if not made and kept.seq <= bitmap.seq:
        ListBitmap.objects.filter(pk=key, seq__lte=bitmap.seq).update(**values)


def load(list_ids: Collection[int]) -> dict[int, BitMap]:
    """The bitmaps of these lists; those that were never built are missing. The caller got the ids through the door."""
    rows = ListBitmap.objects.filter(pk__in=list_ids).values_list("pk", "bits")
    return {pk: BitMap.deserialize(bytes(bits)) for pk, bits in rows}


def order(account: TrackedAccount) -> None:
    """Have the figures of an account's lists worked out by a job; one at a time for each account."""
    runner.enqueue(
        FIGURES_JOB,
        workspace=account.workspace,
        params={"account": str(account.pk)},
        subject=f"@{account.username}",
        dedupe_key=f"figures-{account.pk}",
    )


def order_missing(workspace: Workspace, account_ids: Collection[UUID]) -> bool:
    """Have what is stale of these accounts worked out; whether anything is."""
    behind = stale(EdgeList.objects.for_workspace(workspace).filter(account__in=account_ids))
    waiting = TrackedAccount.objects.for_workspace(workspace).filter(pk__in=behind.values("account"))
    accounts = list(waiting.select_related("workspace").order_by("pk"))
    for account in accounts:
        order(account)
    return bool(accounts)


def after_scan(scan: Scan, **_: Any) -> None:
    """A scan ended: what it stored is worked out. Receives :data:`scans.signals.scan_completed`."""
    if stale(EdgeList.objects.filter(account=scan.account_id)).exists():
        order(scan.account)
