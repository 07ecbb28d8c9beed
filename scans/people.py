"""Who is on an account's lists: followers, following, and what follows from having both.

Every list is keyset-paged on indexes; counts are stored by the merge, never counted for a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount
from igsite.paging import BadCursor, Page, open_cursor, seal_cursor
from scans.models import Direction, EdgeList, ListScan
from scans.person_rows import PROFILE_COLUMNS, PersonRow, fetch, like_pattern

SEARCH_LIMIT: Final = 60


class PeopleList(models.TextChoices):
    """The lists of people of one account."""

    FOLLOWERS = "followers", _("Followers")
    FOLLOWING = "following", _("Following")
    MUTUALS = "mutuals", _("Mutuals")
    DONT_FOLLOW_BACK = "dont_follow_back", _("Don’t follow back")
    FANS = "fans", _("Fans")


class PeopleSort(models.TextChoices):
    """The orders that a list can be shown in."""

    NAME = "name", _("Name")
    NEWEST = "newest", _("Newest first")


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Exact sizes of the lists; None where a list that is needed was never read."""

    followers: int | None
    following: int | None
    mutuals: int | None
    dont_follow_back: int | None
    fans: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list rests on: its last scan that stored something and its last complete one, None when there is none."""

    direction: Direction
    latest: ListScan | None
    complete: ListScan | None

    @property
    def is_whole(self) -> bool:
        """Whether absence from the list means something: its latest reading was complete."""
        return self.latest is not None and self.latest.is_complete


def edge_list(account: TrackedAccount, direction: Direction) -> EdgeList | None:
    """One list of the account, None when it was never scanned."""
    return EdgeList.objects.filter(account=account, direction=direction).first()


def readings(account: TrackedAccount, which: PeopleList) -> list[Reading]:
    """What ``which`` is derived from: one reading for a list of its own, two for a comparison of both."""
    single = {PeopleList.FOLLOWERS: Direction.FOLLOWERS, PeopleList.FOLLOWING: Direction.FOLLOWING}
    wanted = [single[which]] if which in single else list(Direction)
    return [_reading(account, direction) for direction in wanted]


def _reading(account: TrackedAccount, direction: Direction) -> Reading:
    stored = ListScan.objects.filter(edge_list__account=account, direction=direction, seq__isnull=False)
    stored = stored.select_related("scan").order_by("-seq")
    latest = stored.first()
    complete = latest if latest is None or latest.is_complete else stored.filter(state="complete").first()
    return Reading(direction, latest, complete)


def counts(account: TrackedAccount) -> PeopleCounts:
    """The sizes of all five lists, from what the last scans stored."""
    lists = {edges.direction: edges for edges in EdgeList.objects.filter(account=account, last_seq__gt=0)}
    ours, theirs = lists.get(Direction.FOLLOWERS), lists.get(Direction.FOLLOWING)
    followers = ours.people_count if ours else None
    following = theirs.people_count if theirs else None
    mutuals = ours.mutuals_count if ours and theirs else None
    if followers is None or following is None or mutuals is None:
        return PeopleCounts(followers, following, None, None, None)
    return PeopleCounts(followers, following, mutuals, following - mutuals, followers - mutuals)


def people(
    account: TrackedAccount,
    which: PeopleList,
    *,
    search: str = "",
    sort: PeopleSort = PeopleSort.NAME,
    cursor: str = "",
    limit: int = 50,
) -> Page[PersonRow]:
    """One page of a list; empty when a list that it needs was never read.

    ``search`` is found anywhere in user name or full name, whatever the case. The cursor is good for the same list,
    search and sort only (:class:`igsite.paging.BadCursor` otherwise).
    """
    search = search.strip().lstrip("@")[:SEARCH_LIMIT]
    name = f"people:{account.pk}:{which.value}:{sort.value}:{search}"
    after = open_cursor(name, cursor) if cursor else None
    walk = _walk(account, which)
    if walk is None:
        return Page([])
    rows = (_by_name if sort == PeopleSort.NAME else _newest)(walk, search, after, limit + 1)
    items = [PersonRow(*row) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items)
    last = items[-1]
    key = [last.username, last.profile_id] if sort == PeopleSort.NAME else [last.since_seq, last.profile_id]
    return Page(items, seal_cursor(name, key))


@dataclass(frozen=True, slots=True)
class _Walk:
    """A list to walk along and, for comparisons, the other list to probe for each person."""

    list_id: int
    size: int
    probe: str = ""
    probed_id: int | None = None

    @property
    def params(self) -> list[int]:
        return [self.list_id] if self.probed_id is None else [self.list_id, self.probed_id]


_THERE = " and exists (select 1 from edge_current o where o.list_id = %s and o.profile_id = e.profile_id)"
_NOT_THERE = _THERE.replace(" and exists", " and not exists")


def _walk(account: TrackedAccount, which: PeopleList) -> _Walk | None:
    lists = {edges.direction: edges for edges in EdgeList.objects.filter(account=account, last_seq__gt=0)}
    ours, theirs = lists.get(Direction.FOLLOWERS), lists.get(Direction.FOLLOWING)
    if which == PeopleList.FOLLOWERS:
        return _Walk(ours.pk, ours.people_count) if ours else None
    if which == PeopleList.FOLLOWING:
        return _Walk(theirs.pk, theirs.people_count) if theirs else None
    if ours is None or theirs is None:
        return None
    if which == PeopleList.DONT_FOLLOW_BACK:
        return _Walk(theirs.pk, theirs.people_count, _NOT_THERE, ours.pk)
    if which == PeopleList.FANS:
        return _Walk(ours.pk, ours.people_count, _NOT_THERE, theirs.pk)
    short, long = sorted((ours, theirs), key=lambda edges: edges.people_count)
    return _Walk(short.pk, short.people_count, _THERE, long.pk)


_MATCHES = " and (p.username like %s or p.full_name ilike %s)"


def _match(search: str) -> tuple[str, list[str]]:
    return (_MATCHES, [like_pattern(search.lower()), like_pattern(search)]) if search else ("", [])


# Small lists are joined and sorted; for large ones the index of all names is walked and the list probed, since sorting
# a million people for a page of fifty takes seconds. OFFSET 0 keeps the planner from turning it round.
_JOINED = (
    f"with e as materialized (select profile_id, first_seq, origin_seq from edge_current e where list_id = %s{{probe}})"
    f" select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq from e join accounts_profile p on p.id = e.profile_id"
    " where (p.username, p.id) > (%s, %s){match} order by p.username, p.id limit %s"
)
_WALKED = (
    f"select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq from (select * from accounts_profile"
    " where (username, id) > (%s, %s) order by username, id) p cross join lateral"
    " (select * from edge_current e where list_id = %s and profile_id = p.id{probe} offset 0) e"
    " where true{match} order by p.username, p.id limit %s"
)


def _by_name(walk: _Walk, search: str, after: list[Any] | None, limit: int) -> list[tuple[Any, ...]]:
    position = _typed(after, str) if after else ("", -(2**63))
    match, patterns = _match(search)
    if not search and _is_walk_cheaper(walk.size, limit):
        sql = _WALKED.format(probe=walk.probe, match=match)
        return fetch(sql, [*position, *walk.params, *patterns, limit])
    sql = _JOINED.format(probe=walk.probe, match=match)
    return fetch(sql, [*walk.params, *position, *patterns, limit])


def _is_walk_cheaper(size: int, limit: int) -> bool:
    """Whether meeting ``limit`` members along all names costs fewer probes than reading all of the list."""
    if size < 20_000:
        return False
    known = fetch("select greatest(reltuples, 1) from pg_class where oid = 'accounts_profile'::regclass", [])[0][0]
    return bool(limit * known < size * size)


# The partial index holds whoever came after the first scan; the first scan's people follow in the order of the key.
_ARRIVED = (
    f"select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq from (select e.* from edge_current e{{join}}"
    " where list_id = %s and first_seq > 1{probe} and (first_seq, profile_id) < (%s, %s){match}"
    " order by first_seq desc, profile_id desc limit %s) e join accounts_profile p on p.id = e.profile_id"
    " order by e.first_seq desc, e.profile_id desc"
)
_FIRST = _ARRIVED.replace("first_seq > 1", "first_seq = 1").replace(
    "(first_seq, profile_id) < (%s, %s)", "(1, profile_id) < (%s, %s)"
)
_SEARCH_JOIN = " join accounts_profile p on p.id = e.profile_id"


def _newest(walk: _Walk, search: str, after: list[Any] | None, limit: int) -> list[tuple[Any, ...]]:
    position = _typed(after, int) if after else (2**31 - 1, 2**63 - 1)
    match, patterns = _match(search)
    rows: list[tuple[Any, ...]] = []
    for sql in (_ARRIVED, _FIRST):
        if len(rows) < limit:
            statement = sql.format(probe=walk.probe, match=match, join=_SEARCH_JOIN if search else "")
            rows += fetch(statement, [*walk.params, *position, *patterns, limit - len(rows)])
    return rows


def _typed(values: list[Any], first: type) -> tuple[Any, int]:
    if len(values) != 2 or not isinstance(values[0], first) or not isinstance(values[1], int):
        raise BadCursor("This cursor cannot be used. Start again from the first page.")
    return values[0], values[1]
