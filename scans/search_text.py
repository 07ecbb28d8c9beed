"""What people are found by: both names, folded, in a side table that is filled behind the scans.

A merge writes nothing here, so that a first scan does not pay for the trigram index. Filling is exact at its end:
whoever came onto a list is found along its edges, whoever changed a name is in ``profile_search_due``, by a trigger.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.db import connection
from django.db.models import F, Q, QuerySet

from igsite.jobs import runner
from scans.models import EdgeList, ListSearch, Scan
from scans.person_rows import fetch

SEARCH_JOB: Final = "scans.search_text"
#: People of one transaction: well under a second, the index included.
BATCH: Final = 5_000
#: Held while texts are written: two fillers at once could leave the older of two names.
_LOCK: Final = 0x5EA2C4


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list is filled: up to the edge with this key, of those that the scans ``since`` to ``until`` opened."""

    list_id: int
    since: int
    until: int
    first_seq: int = 0
    profile_id: int = -(2**63)


def behind(lists: QuerySet[EdgeList]) -> QuerySet[EdgeList]:
    """Those of ``lists`` with people whose text may be missing."""
    return lists.filter(Q(search=None) | Q(search__seq__lt=F("last_seq")), last_seq__gt=0).order_by("pk")


def start(edges: EdgeList) -> Place:
    """Where filling the list begins."""
    done = ListSearch.objects.filter(pk=edges.pk).values_list("seq", flat=True).first() or 0
    return Place(edges.pk, done, edges.last_seq)


def lock() -> None:
    """Nobody else fills until this transaction ends."""
    fetch("select pg_advisory_xact_lock(%s)", [_LOCK])


def renew(limit: int = BATCH) -> int:
    """Write anew up to ``limit`` texts that a changed name made out of date. Returns how many were due."""
    return int(fetch(_RENEW, [limit])[0][0])


def fill(place: Place, limit: int = BATCH) -> Place | None:
    """Write the missing texts of the next ``limit`` people; None when everybody has one."""
    part = _SINCE if place.since else _WHOLE
    rows = fetch(_FILL.format(part=part), asdict(place) | {"limit": limit})
    return replace(place, first_seq=rows[0][0], profile_id=rows[0][1]) if rows else None


def finish(place: Place) -> None:
    """The list is filled up to the scan that ``place`` aimed at."""
    if EdgeList.objects.filter(pk=place.list_id).exists():
        ListSearch.objects.update_or_create(pk=place.list_id, defaults={"seq": place.until})


def tidy() -> None:
    """Sort what was written into the index; else every search reads it from end to end. Outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select gin_clean_pending_list('profile_search_trigram')")


def after_scan(scan: Scan, **_: Any) -> None:
    """A scan ended: texts are filled by a job. Receives :data:`scans.signals.scan_completed`."""
    if behind(EdgeList.objects.filter(account=scan.account_id)).exists():
        runner.enqueue(
            SEARCH_JOB,
            workspace=scan.account.workspace,
            params={"account": str(scan.account_id)},
            subject=f"@{scan.account.username}",
            dedupe_key=f"search-{scan.account_id}",
        )


_RENEW = """
with taken as (
    delete from profile_search_due where ctid = any(array(select ctid from profile_search_due limit %s))
    returning profile_id
), written as (
    insert into profile_search (profile_id, key, text)
    select p.id, search_key(n.text), nullif(n.text, search_key(n.text)) from accounts_profile p
    cross join lateral (select search_text(p.username, p.full_name) as text offset 0) n
    where p.id in (select profile_id from taken) order by p.id
    on conflict (profile_id) do update set key = excluded.key, text = excluded.text
    where (profile_search.key, profile_search.text) is distinct from (excluded.key, excluded.text)
)
select count(*) from taken
"""
# A list that was never filled is walked along its key, later ones along the index of arrivals.
_WHOLE = "select 0 first_seq, profile_id from edge_current where list_id = %(list_id)s and profile_id > %(profile_id)s"
_WHOLE += " order by profile_id limit %(limit)s"
_SINCE = """
select first_seq, profile_id from edge_current where list_id = %(list_id)s and first_seq > 1
  and first_seq > %(since)s and first_seq <= %(until)s and (first_seq, profile_id) > (%(first_seq)s, %(profile_id)s)
order by first_seq, profile_id limit %(limit)s
"""
_FILL = """
with batch as materialized ({part}), written as (
    insert into profile_search (profile_id, key, text)
    select p.id, search_key(n.text), nullif(n.text, search_key(n.text))
    from batch b join accounts_profile p on p.id = b.profile_id
    cross join lateral (select search_text(p.username, p.full_name) as text offset 0) n
    where not exists (select 1 from profile_search t where t.profile_id = p.id) order by p.id
    on conflict do nothing
)
select first_seq, profile_id from batch order by first_seq desc, profile_id desc limit 1
"""
