"""Since when somebody follows: told by Instagram's own export alone, kept beside the edges and shown with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import TrackedAccount
from scans.models import Direction, EdgeList, FollowDate
from scans.person_rows import fetch, number_array

# Only for who is on the list after the merge. The same date again writes nothing, unless it tells that a stay which
# looked like a new one began before it.
_KEEP = """
insert into scans_followdate (edge_list_id, profile_id, followed_at, since_seq)
select %(list)s, n.profile_id, max(n.followed_at), max(e.first_seq)
from scans_importedname n join edge_current e on e.list_id = %(list)s and e.profile_id = n.profile_id
where n.upload_id = %(upload)s and n.direction = %(direction)s and n.followed_at is not null
group by n.profile_id order by n.profile_id
on conflict (edge_list_id, profile_id, followed_at)
do update set since_seq = excluded.since_seq where scans_followdate.since_seq < excluded.since_seq
"""
# Names turned out to be numbered people: the dates go along.
_MOVE = """
with moved as (
    delete from scans_followdate d using {pairs} t
    where d.edge_list_id = %(list)s and d.profile_id = t.old_id
    returning d.edge_list_id, t.new_id, d.followed_at, d.since_seq
)
insert into scans_followdate (edge_list_id, profile_id, followed_at, since_seq) select * from moved order by new_id
on conflict do nothing
"""
_OF = """
select distinct on (l.direction, d.profile_id) l.direction, d.profile_id, d.followed_at
from scans_edgelist l join scans_followdate d on d.edge_list_id = l.id
join edge_current e on e.list_id = l.id and e.profile_id = d.profile_id and e.first_seq <= d.since_seq
where l.account_id = %(account)s and d.profile_id = any(%(people)s::bigint[])
order by l.direction, d.profile_id, d.followed_at desc
"""


@dataclass(frozen=True, slots=True)
class Since:
    """When the person began to follow the account, and the account the person; None where that is not known."""

    follows: datetime | None = None
    followed: datetime | None = None


NEVER_TOLD = Since()


def keep(edges: EdgeList, upload_id: UUID, direction: Direction) -> int:
    """The dates of an upload's people who are on the list now. Returns how many were new or moved."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"list": edges.pk, "upload": upload_id, "direction": direction.value})
        return int(cursor.rowcount)


def move(list_id: int, old: int, new: int) -> None:
    """``old``, of whom only the name was known, is ``new``."""
    with connection.cursor() as cursor:
        pairs = "(select %(old)s::bigint old_id, %(new)s::bigint new_id)"
        cursor.execute(_MOVE.format(pairs=pairs), {"list": list_id, "old": old, "new": new})


def move_settled(list_id: int) -> None:
    """The same for everybody whose name a merge of this transaction tied to a number (:mod:`scans.provisional`)."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('pg_temp.scan_settled') is not null")
        if (cursor.fetchone() or (False,))[0]:
            cursor.execute(_MOVE.format(pairs="scan_settled"), {"list": list_id})


def of(account: TrackedAccount, people: Iterable[int]) -> dict[int, Since]:
    """What is known of these people's present ties with the account, by their number. One query."""
    wanted = list(people)
    if not wanted:
        return {}
    found: dict[int, dict[str, datetime]] = {}
    params: dict[str, Any] = {"account": account.pk, "people": number_array(wanted)}
    for direction, profile_id, followed_at in fetch(_OF, params):
        field = "follows" if direction == Direction.FOLLOWERS else "followed"
        found.setdefault(profile_id, {})[field] = followed_at
    return {profile_id: Since(**dates) for profile_id, dates in found.items()}


def are_known(account: TrackedAccount) -> bool:
    """Whether an export told dates of anybody on the account's lists."""
    return FollowDate.objects.filter(edge_list__account=account).exists()


def told(lists: Iterable[int], profile_id: int) -> list[FollowDate]:
    """All dates of one person on these lists, those of former stays too."""
    dates = FollowDate.objects.filter(edge_list__in=list(lists), profile_id=profile_id)
    return list(dates.order_by("-followed_at", "edge_list_id")[:500])
