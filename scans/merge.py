"""From staged people to the stored list: one transaction that writes only what changed.

Measured choices stand in docs/decisions/0003. In short: one FULL JOIN of staging with the list's present edges, whose
fingerprints tell what changed, finds the difference; what was staged of it makes a small delta, and profiles are
touched for that alone; whatever several scans may write at once is written in the order of its key, since unsorted
writes of two scans deadlock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from scans import flag_changes, losses, names, provisional
from scans.models import EdgeList, ListScan
from scans.staging import table

LOCK_CLASS: Final = 0x5CA9
#: A small sample for each ANALYZE; so little room that each part of the big join, should it be a hash join after all,
#: fits the processor's own memory; and one process, since a small machine serves pages meanwhile.
_SETTINGS: Final = (
    "set local default_statistics_target = 10",
    "set local work_mem = '1MB'",
    "set local max_parallel_workers_per_gather = 0",
)
#: Room for joins and sorts of the difference.
_ROOM: Final = "set local work_mem = '64MB'"
#: Pages at what they cost of tables that were just read or written: by their indexes both sides of the join come in one
#: order, and a small difference is probed for.
_INDEXES: Final = "set local random_page_cost = 1.1"


@dataclass(frozen=True, slots=True)
class Delta:
    """Staged people against the stored list: ``opened`` were not on it, ``gone`` are no longer seen, ``changed``.

    ``is_first``: nobody ever was on it.
    """

    opened: int
    gone: int
    changed: int
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge wrote. ``total`` is the size of the list afterwards."""

    new: int
    returned: int
    lost: int
    renamed: int
    total: int


def lock(list_id: int) -> EdgeList:
    """The list, to this transaction alone until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, list_id])
    return EdgeList.objects.select_for_update(of=("self",)).get(pk=list_id)


def compare(list_scan: ListScan) -> Delta:
    """Work out the difference into a temporary table of this transaction. The caller holds :func:`lock`."""
    words = {"staging": table(list_scan.pk), "list": list_scan.edge_list_id}
    provisional.settle(words)
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)
        cursor.execute(f"analyze {words['staging']} (pk)")
        cursor.execute("drop table if exists scan_apart, scan_delta, scan_known")
        cursor.execute(_FIRST.format(**words))
        (first,) = cursor.fetchone() or (None,)
        if first is not None:
            cursor.execute(_ROOM)
            return Delta(first, 0, 0, is_first=True)
        cursor.execute(_INDEXES)
        cursor.execute(_APART.format(**words))
        cursor.execute("analyze scan_apart")
        cursor.execute(_ROOM)
        cursor.execute(_DELTA.format(**words))
        cursor.execute(_COUNT)
        delta = Delta(*(cursor.fetchone() or (0, 0, 0)))
        if delta.gone or delta.changed:
            # The planner may know nothing of a young list yet: with this no plan is worse than a probe for each row.
            cursor.execute("alter table scan_delta add primary key (pk)")
        cursor.execute("analyze scan_delta")
        return delta


def store(
    list_scan: ListScan, edges: EdgeList, delta: Delta, *, closes: bool, untold: losses.Untold = losses.NOBODY
) -> Merged:  # fmt: skip
    """Write the difference as the next scan of the list, ``edges`` being its row as :func:`lock` gave it.

    ``closes``: absent people are *missing* from now on, or gone ``untold``. It needs a complete reading; a merge
    without it only adds.
    """
    words: dict[str, Any] = {"list": list_scan.edge_list_id, "seq": edges.last_seq + 1}
    words |= {"delta": "scan_delta", "shown": "s.what in (1, 3)"}
    if delta.is_first:  # OFFSET 0: sorted, which is quicker than to fetch a million rows along the index
        words |= {"delta": f"(select * from {table(list_scan.pk)} offset 0)", "shown": "true"}
    renamed = gone = lost = known = shown_again = 0
    with connection.cursor() as cursor:
        if delta.opened or delta.changed:
            _store_people(cursor, words)
        if not delta.is_first and (delta.opened or delta.changed):
            cursor.execute(_RENAMES.format(**words))
            renamed = cursor.fetchone()[0]
            cursor.execute(flag_changes.NOTE.format(**words))
        if delta.changed:
            cursor.execute(_CHANGE.format(**words))
        if delta.opened:
            if not delta.is_first:
                cursor.execute(_KNOWN_BEFORE.format(**words))
                known, shown_again = cursor.fetchone()
            cursor.execute((_OPEN_ALL if delta.is_first else _OPEN).format(**words))
        if delta.gone and closes:
            gone, lost = losses.close(edges.pk, words["seq"], untold)
    total = edges.people_count + delta.opened - gone
    return Merged(delta.opened - known, known - shown_again, lost, renamed, total)


def _store_people(cursor: CursorWrapper, words: dict[str, Any]) -> None:
    """What the delta shows of people: whoever is unseen is stored, whoever looks different is renewed."""
    cursor.execute(_KNOWN.format(**words))
    known = cursor.rowcount
    cursor.execute("analyze scan_known")
    before, unseen = names.aside(), _UNSEEN.format(**words)
    try:
        with transaction.atomic():
            cursor.execute(unseen)
    except IntegrityError:  # another scan stored one of them meanwhile; to reckon with that costs half as much again
        cursor.execute(unseen + "on conflict do nothing")
    names.added(cursor.rowcount, before, _NAMES.format(**words))
    if known:
        for statement in _RENEW:
            cursor.execute(statement.format(**words))


def tidy(merged: Merged) -> None:
    """What may wait until the merge has committed: names, and a true picture for the planner after many new edges."""
    names.fill()
    if merged.new * 5 > merged.total and merged.new > 1_000:
        with connection.cursor() as cursor:
            cursor.execute("analyze edge_current (list_id, profile_id, first_seq)")


def count_mutuals(one: int, other: int) -> int:
    """How many people are on both lists."""
    with connection.cursor() as cursor:
        cursor.execute(_MUTUALS, [one, other])
        row: tuple[Any, ...] = cursor.fetchone() or (0,)
        return int(row[0])


# How many are staged for a list that never had anybody: they are the difference, as they are.
_FIRST = """
select case when not exists (select from edge_current where list_id = {list})
             and not exists (select from edge_past where list_id = {list}) then (select count(*) from {staging}) end
"""
# what: 1 opened, 2 gone, 3 changed. A null fingerprint (a source that shows names only) never means "changed". Numbers
# alone: what this join carries along, it carries for everybody.
_APART = """
create temporary table scan_apart on commit drop as
select coalesce(s.pk, e.profile_id) pk, e.name_fp old_name_fp, coalesce(e.flags, 0::smallint) old_flags,
       case when e.profile_id is null then 1 when s.pk is null then 2 else 3 end::smallint what
from {staging} s
full join (select profile_id, fp, name_fp, flags from edge_current where list_id = {list}) e on e.profile_id = s.pk
where e.profile_id is null or s.pk is null or e.fp <> s.fp
"""
# What was staged of them goes along, so that staging is not looked at again.
_DELTA = """
create temporary table scan_delta on commit drop as
select a.pk, a.old_name_fp, a.old_flags, a.what,
       s.name_fp, s.fp, s.is_private, s.is_verified, s.username, s.full_name, s.picture_path
from scan_apart a left join {staging} s on s.pk = a.pk
"""
_COUNT = """
select count(*) filter (where what = 1), count(*) filter (where what = 2), count(*) filter (where what = 3)
from scan_delta
"""
# A source may not show a flag or a picture: what is known stays then.
_SEEN = """
    s.username, s.full_name, coalesce(s.is_private, p.is_private), coalesce(s.is_verified, p.is_verified),
    case when s.picture_path = '' then p.picture_path else s.picture_path end
"""
_KNOWN = f"""
create temporary table scan_known on commit drop as
select p.id, s.fp is not null and
       (p.username, p.full_name, p.is_private, p.is_verified, p.picture_path) is distinct from ({_SEEN}) is_stale
from {{delta}} s join accounts_profile p on p.id = s.pk where {{shown}}
"""
# Somebody whose number has just taken the place of a name is changed, yet unseen.
_UNSEEN = """
insert into accounts_profile (id, username, full_name, is_private, is_verified, picture_path, biography)
select s.pk, s.username, s.full_name, s.is_private, s.is_verified, s.picture_path, '' from {delta} s
where {shown} and not exists (select 1 from scan_known k where k.id = s.pk)
order by s.pk
"""
_NAMES = """
insert into profile_name (username, profile_id)
select s.username, s.pk from {delta} s
where {shown} and not exists (select 1 from scan_known k where k.id = s.pk)
order by s.username, s.pk on conflict do nothing
"""
_RENEW: Final = (
    """
    select 1 from accounts_profile p where p.id in (select id from scan_known where is_stale)
    order by p.id for no key update
    """,
    f"""
    update accounts_profile p set (username, full_name, is_private, is_verified, picture_path) = (select {_SEEN})
    from {{delta}} s where s.pk = p.id and p.id in (select id from scan_known where is_stale)
    """,
)
# The name under which this list knew the person is found by its fingerprint: another scan may have stored the new name
# before. Somebody who returns is compared with the name at the end of the last stay.
_RENAMES = """
with noted as (
insert into scans_profilechange (edge_list_id, seq, profile_id, kind, old, new)
select {list}, {seq}, d.pk, 'renamed', coalesce(f.username, ''), s.username
from (
    select pk, old_name_fp from scan_delta where what = 3
    union all
    (select distinct on (g.profile_id) g.profile_id, g.name_fp from scan_delta d
     join edge_past g on g.list_id = {list} and g.profile_id = d.pk where d.what = 1
     order by g.profile_id, g.ended_seq desc)
) d
join scan_delta s on s.pk = d.pk and s.name_fp <> d.old_name_fp
left join profile_former_name f on f.profile_id = d.pk and f.name_fp = d.old_name_fp
order by d.pk returning profile_id
)
select count(*) from noted join scan_delta d on d.pk = noted.profile_id where d.what = 3
"""
_OPEN = """
insert into edge_current (profile_id, list_id, first_seq, origin_seq, fp, name_fp, flags)
select s.pk, {list}, {seq}, coalesce(b.origin_seq, {seq}), coalesce(s.fp, 0), s.name_fp, %FLAGS%
from {delta} s left join (
    select g.profile_id, min(g.origin_seq) origin_seq from {delta} d
    join edge_past g on g.list_id = {list} and g.profile_id = d.pk where d.what = 1 group by g.profile_id
) b on b.profile_id = s.pk
where s.what = 1 order by s.pk
""".replace("%FLAGS%", flag_changes.SEEN.format(old="0"))
# Nobody ever was on the list: there is no earlier stay to look for.
_OPEN_ALL = """
insert into edge_current (profile_id, list_id, first_seq, origin_seq, fp, name_fp, flags)
select s.pk, {list}, {seq}, {seq}, coalesce(s.fp, 0), s.name_fp, %FLAGS% from {delta} s order by s.pk
""".replace("%FLAGS%", flag_changes.SEEN.format(old="0"))
# Whom the list knew; and of them those whose last stay ended untold, so that nobody knows whether they return.
_KNOWN_BEFORE = """
select count(*), count(*) filter (where untold) from (
    select distinct on (g.profile_id) g.untold from scan_delta d
    join edge_past g on g.list_id = {list} and g.profile_id = d.pk where d.what = 1
    order by g.profile_id, g.ended_seq desc
) last
"""
_CHANGE = """
update edge_current e set fp = s.fp, name_fp = s.name_fp, flags = %FLAGS%
from scan_delta s where s.what = 3 and e.list_id = {list} and e.profile_id = s.pk
""".replace("%FLAGS%", flag_changes.SEEN.format(old="e.flags"))
_MUTUALS = """
select count(*) from edge_current e join edge_current o on o.profile_id = e.profile_id
where e.list_id = %s and o.list_id = %s
"""
