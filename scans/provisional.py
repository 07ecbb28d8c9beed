"""People of whom only the user name is known: Instagram's own export has no numbers.

They get a provisional, negative profile id, one per name. A live scan that meets the name with its number on the same
list puts the number in its place, so that nobody is lost and new at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from scans import names as name_index

# Known first from this account's own lists, else from anywhere if only one profile bears the name.
_KNOWN = """
with bearers as materialized ({bearers}), known as (
    select b.username, min(b.id) first_id, count(*) many, min(b.id) filter (where exists (
        select 1 from edge_current e join scans_edgelist l on l.id = e.list_id
        where l.account_id = %(account)s and e.profile_id = b.id)) own_id
    from bearers b group by b.username
)
select n.name, coalesce(
    k.own_id, case when k.many = 1 then k.first_id end,
    (select p.id from accounts_profile p where lower(p.username) = n.name and p.id < 0)
) from unnest(%(names)s::text[]) n(name) left join known k on k.username = n.name
"""
_BEARERS = """
select p.id, p.username from profile_name x join accounts_profile p on p.id = x.profile_id and p.username = x.username
where x.username = any(%(names)s::text[]) and p.id > 0
"""
#: While names are still to be written.
_ALL_BEARERS = "select p.id, p.username from accounts_profile p where p.username = any(%(names)s::text[]) and p.id > 0"
_CREATE = """
insert into accounts_profile (id, username, full_name, picture_path, biography)
select -nextval('profile_provisional_id'), name, '', '', '' from unnest(%(names)s::text[]) name order by name
on conflict (lower(username)) where id < 0 do nothing
"""


def ids_of(names: Sequence[str], *, account_id: Any) -> dict[str, int]:
    """A profile id for each lower-case user name, provisional where no profile is known."""
    params: dict[str, Any] = {"account": account_id, "names": list(names)}
    known = _KNOWN.format(bearers=_ALL_BEARERS if name_index.is_behind() else _BEARERS)
    with connection.cursor() as cursor:
        cursor.execute(known, params)
        found = dict(cursor.fetchall())
        unknown = sorted(name for name, profile_id in found.items() if profile_id is None)
        if unknown:
            cursor.execute(_CREATE, {"names": unknown})
            cursor.execute(known, params | {"names": unknown})
            found |= dict(cursor.fetchall())
    return found


_MATCH = """
create temporary table scan_settled on commit drop as
select distinct on (s.pk) old.id old_id, s.pk new_id, s.fp, s.name_fp
from (select profile_id from edge_current where list_id = {list} and profile_id < 0
      union select profile_id from edge_past where list_id = {list} and profile_id < 0) e
join accounts_profile old on old.id = e.profile_id
join {staging} s on s.pk > 0 and s.name_fp = name_fingerprint(lower(old.username)) and s.username = lower(old.username)
"""
# A person whom the list also knows by number: the stay under the name alone goes on as the numbered one's, and a gap
# that was only a change of the source's way of naming is closed.
_SETTLE: Final = (
    """
    update edge_current e set first_seq = g.first_seq, origin_seq = least(e.origin_seq, g.origin_seq)
    from scan_settled t join edge_past g on g.profile_id = t.new_id and g.list_id = {list} and g.confirmed_seq is null
    where e.list_id = {list} and e.profile_id = t.old_id and e.first_seq = g.ended_seq
    """,
    """
    delete from edge_past g using scan_settled t, edge_current e
    where g.list_id = {list} and g.profile_id = t.new_id and e.list_id = {list} and e.profile_id = t.old_id
      and e.first_seq = g.first_seq
    """,
    """
    delete from edge_current e using scan_settled t where e.list_id = {list} and e.profile_id = t.old_id
    and exists (select 1 from edge_current o where o.list_id = {list} and o.profile_id = t.new_id)
    """,
    """
    update edge_current e set profile_id = t.new_id from scan_settled t
    where e.list_id = {list} and e.profile_id = t.old_id
    """,
    """
    delete from edge_past g using scan_settled t where g.list_id = {list} and g.profile_id = t.old_id and exists (
        select 1 from edge_past o where o.list_id = {list} and o.ended_seq = g.ended_seq and o.profile_id = t.new_id)
    """,
    """
    update edge_past g set profile_id = t.new_id from scan_settled t
    where g.list_id = {list} and g.profile_id = t.old_id
    """,
)
TIDY: Final = "drop table if exists scan_settled"


def settle(names: dict[str, Any]) -> None:
    """Put staged people's numbers in the place of provisional ids on the list that is being merged.

    ``names`` holds ``list`` (its id) and ``staging`` (the table's name).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from edge_current where list_id = %(list)s and profile_id < 0)"
            " or exists (select 1 from edge_past where list_id = %(list)s and profile_id < 0)",
            names,
        )
        if not cursor.fetchone()[0]:
            return
        cursor.execute(TIDY)
        cursor.execute(_MATCH.format(**names))
        for statement in _SETTLE:
            cursor.execute(statement.format(**names))


def former_names(profile_id: int) -> set[str]:
    """The names that a profile had before its present one, lower-case."""
    with connection.cursor() as cursor:
        cursor.execute("select lower(username) from profile_former_name where profile_id = %s", [profile_id])
        return {name for (name,) in cursor.fetchall()}
