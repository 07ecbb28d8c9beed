"""How a page of a list is found without reading the list: three ways to the same rows, in the same order.

A short list is joined and sorted. A long one is walked along an index in the order wanted, and each person met is
looked at; no more than :data:`EXAMINED` of them in one request, so that a page may end early with a cursor to go on
from. Where few people can match, these are fetched from their own index and looked up on the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scans.people_choice import TRAIT_SQL, Choice, PeopleSort, Standing
from scans.person_rows import PROFILE_COLUMNS, fetch

#: So long a list is joined: cheaper than walking, and its pages are always full.
SHORT: Final = 10_000
#: People met at most in one request beyond the first look, after which another way than walking is thought of.
EXAMINED: Final = 6_000
FIRST_LOOK: Final = 1_000
#: Up to so many people are looked up one by one.
FEW: Final = 5_000
#: People met at most for a count.
COUNTED: Final = 50_000
#: Beyond both ends of every key.
LOW, HIGH = -(2**63), 2**63 - 1
Key = tuple[Any, int]
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Walk:
    """A list to walk along and, for comparisons, the other list to probe for each person.

    ``fresh_seq`` is the last scan if whoever it opened is new; ``probe`` is a condition on the edge ``e``. ``size`` is
    how many people a join would read.
    """

    list_id: int
    size: int
    fresh_seq: int | None
    probe: str = ""
    probed_id: int | None = None
    probed_fresh: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: the first part of its key, told of the edge ``e`` and the profile ``p``. The profile's id follows."""

    first: str
    is_down: bool
    lowest: Any = LOW
    highest: Any = HIGH

    @property
    def start(self) -> Key:
        """The key before all others."""
        return (self.highest, HIGH) if self.is_down else (self.lowest, LOW)

    @property
    def words(self) -> dict[str, str]:
        """Comparison and direction."""
        return {"behind": "<", "way": "desc"} if self.is_down else {"behind": ">", "way": "asc"}


ORDERS: Final = {
    PeopleSort.NAME: Order("p.username", is_down=False, lowest=""),
    PeopleSort.NAME_DOWN: Order("p.username", is_down=True, highest="\U0010ffff"),
    PeopleSort.NEWEST: Order("e.first_seq", is_down=True, lowest=0, highest=2**31 - 1),
    PeopleSort.OLDEST: Order("e.first_seq", is_down=False, lowest=0),
    PeopleSort.YOUNGEST_ACCOUNT: Order("0::int", is_down=True),
    PeopleSort.OLDEST_ACCOUNT: Order("0::int", is_down=False),
}
#: Losses have an order of their own: the last one first.
LOSSES: Final = Order("e.ended_seq", is_down=True, lowest=0, highest=2**31 - 1)


@dataclass(frozen=True, slots=True)
class Quest:
    """One question about a list: whom to show, in which order, behind which key. ``pattern`` is the search, folded."""

    walk: Walk
    choice: Choice
    sort: PeopleSort
    after: Key | None
    limit: int
    pattern: str = ""

    @property
    def order(self) -> Order:
        """What pages are sorted by."""
        return LOSSES if self.choice.standing == Standing.LOST else ORDERS[self.sort]

    @property
    def is_by_name(self) -> bool:
        """Whether pages are sorted by user name."""
        return self.order.first == "p.username"

    @property
    def key(self) -> Key:
        """The key that the page begins behind."""
        return self.after or self.order.start

    @property
    def edge_condition(self) -> str:
        """On the edge ``e``."""
        if self.choice.standing == Standing.NEW and self.walk.probed_fresh is None:
            return f" and e.first_seq = %(fresh)s{self.walk.probe}"
        return self.walk.probe

    @property
    def person_condition(self) -> str:
        """On the profile ``p``, the search excepted."""
        return "".join(f" and {TRAIT_SQL[trait]}" for trait in sorted(self.choice.traits))

    def match_condition(self, number: str) -> str:
        """The search, told of the profile's id, ``number``. It does not need the profile while there is search text."""
        return _MATCH.format(id=number) if self.pattern else ""

    def params(self, key: Key, **more: Any) -> dict[str, Any]:
        """For a statement of this quest that begins behind ``key``."""
        walk = self.walk
        return {
            "list": walk.list_id, "other": walk.probed_id, "fresh": walk.fresh_seq, "other_fresh": walk.probed_fresh,
            "pattern": self.pattern, "k1": key[0], "k2": key[1], "limit": self.limit, **more,
        }  # fmt: skip


# OFFSET 0 keeps the planner from reading a whole list, or all profiles, instead of probing for each person.
_PROBE = " and exists (select 1 from edge_current o where o.list_id = %(other)s and o.profile_id = e.profile_id{and_}"
_PROBE += " offset 0)"
THERE: Final = _PROBE.format(and_="")
NOT_THERE: Final = THERE.replace(" and exists", " and not exists")
NEWLY_THERE: Final = _PROBE.format(and_=" and (e.first_seq = %(fresh)s or o.first_seq = %(other_fresh)s)")
_MATCH = (
    " and coalesce((select coalesce(t.text, t.key) from profile_search t where t.profile_id = {id}),"
    " (select search_text(w.username, w.full_name) from accounts_profile w where w.id = {id})) like %(pattern)s"
)

_JOINED = (
    "with e as materialized (select profile_id, first_seq, origin_seq from edge_current e"
    " where list_id = %(list)s{edge})"
    f" select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq, {{first}} from e"
    " join accounts_profile p on p.id = e.profile_id"
    " where ({first}, p.id) {behind} (%(k1)s, %(k2)s){person} order by {first} {way}, p.id {way} limit %(limit)s"
)
_FEW = (
    f"select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq, {{first}} from unnest(%(ids)s::bigint[]) few(id)"
    " cross join lateral (select * from edge_current e where e.list_id = %(list)s and e.profile_id = few.id{edge}"
    " offset 0) e join accounts_profile p on p.id = few.id"
    " where ({first}, p.id) {behind} (%(k1)s, %(k2)s){person} order by {first} {way}, p.id {way} limit %(limit)s"
)
_ALONG_EDGES = (
    f"select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq, e.k1 from ({{stream}} limit %(look)s) e"
    " cross join lateral (select * from accounts_profile p where p.id = e.profile_id{edge}{person} offset 0) p"
    " where true{match}"
)
_ALONG_NAMES = (
    f"select {PROFILE_COLUMNS}, e.first_seq, e.origin_seq, n.k1 from ({{stream}} limit %(look)s) n"
    " cross join lateral (select * from edge_current e where e.list_id = %(list)s and e.profile_id = n.profile_id{edge}"
    "{match} offset 0) e cross join lateral (select * from accounts_profile p where p.id = n.profile_id"
    " and p.username = n.k1{person} offset 0) p"
)


@dataclass(frozen=True, slots=True)
class _Stream:
    """An index in its order: ``sql`` gives people behind a key. ``statement`` looks at each."""

    sql: str
    keys: str
    statement: str = _ALONG_EDGES
    extra: str = ""


_EDGES = "select profile_id, first_seq, origin_seq, {k1} k1 from edge_current where list_id = %(list)s and "
_ARRIVED = _Stream(
    _EDGES.format(k1="first_seq") + "first_seq > 1{fresh} and (first_seq, profile_id) {behind} (%(k1)s, %(k2)s)"
    " order by first_seq {way}, profile_id {way}",
    "e.k1 {way}, e.profile_id {way}",
)
_FOUNDING = _Stream(
    _EDGES.format(k1="1") + "profile_id {behind} %(k2)s order by profile_id {way}",
    "e.profile_id {way}",
    extra=" and e.first_seq = 1",
)
_MEMBERS = _Stream(_EDGES.format(k1="0") + "profile_id {behind} %(k2)s order by profile_id {way}", "e.profile_id {way}")
_NAMES = _Stream(
    "select username k1, profile_id from profile_name where (username, profile_id) {behind} (%(k1)s, %(k2)s)"
    " order by username {way}, profile_id {way}",
    "n.k1 {way}, n.profile_id {way}",
    _ALONG_NAMES,
)
_GONE = _Stream(
    "select profile_id, first_seq, origin_seq, ended_seq k1 from edge_past where list_id = %(list)s and not untold"
    " and (ended_seq, profile_id) {behind} (%(k1)s, %(k2)s) order by ended_seq {way}, profile_id {way}",
    "e.k1 {way}, e.profile_id {way}",
    extra=" and not exists (select 1 from edge_current c where c.list_id = %(list)s and c.profile_id = e.profile_id)"
    " and not exists (select 1 from edge_past l where l.list_id = %(list)s and l.profile_id = e.profile_id"
    " and l.ended_seq > e.k1)",
)


def joined(quest: Quest) -> Rows:
    """The page by reading all of a short list."""
    return fetch(_sorted(_JOINED, quest), quest.params(quest.key))


def among(quest: Quest, ids: Sequence[int]) -> Rows:
    """The page, if nobody but ``ids`` can be on it."""
    return fetch(_sorted(_FEW, quest), quest.params(quest.key, ids=list(ids)))


def _sorted(sql: str, quest: Quest) -> str:
    words = quest.order.words | {"first": quest.order.first}
    person = quest.person_condition + quest.match_condition("p.id")
    return sql.format(edge=quest.edge_condition, person=person, **words)


def walked(quest: Quest, look: int) -> tuple[Rows, Key | None]:
    """Up to ``limit`` of the next ``look`` people of each index; and the key up to which people were met, None for all.

    With the page full the second means nothing.
    """
    rows: Rows = []
    for stream, key in _streams(quest):
        sql = _in_words(_along(stream, quest) + f" order by {stream.keys} limit %(limit)s", quest)
        params = quest.params(key, look=look)
        rows += fetch(sql, params | {"limit": quest.limit - len(rows)})
        if len(rows) >= quest.limit:
            break
        reached = _reached(stream, quest, params)
        if reached is not None:
            return rows, reached
    return rows, None


@dataclass(frozen=True, slots=True)
class Told:
    """People as text: ``count`` lines, and the key up to which people were met, None for all."""

    text: str
    count: int
    reached: Key | None


# The rows come in their order, and so they are put together.
_TOLD = "select count(*), coalesce(string_agg({line}, ''), '') from ({rows}) r"
_TOLD += " (id, username, full_name, is_private, is_verified, picture_path, first_seq, origin_seq, k1)"


def told(quest: Quest, line: str, line_params: dict[str, Any]) -> Told:
    """The next ``limit`` people of each index who are wanted, each as ``line``: an expression on the row ``r``."""
    text, count = "", 0
    for stream, key in _streams(quest):
        rows = _in_words(_along(stream, quest) + f" order by {stream.keys}", quest)
        params = quest.params(key, look=quest.limit)
        ((found, part),) = fetch(_TOLD.replace("{rows}", rows).replace("{line}", line), params | line_params)
        text, count = text + part, count + found
        reached = _reached(stream, quest, params)
        if reached is not None:
            return Told(text, count, reached)
    return Told(text, count, None)


def _streams(quest: Quest) -> list[tuple[_Stream, Key]]:
    """The indexes that hold the list in this order, one after the other, each with the key to begin behind."""
    key, sort = quest.key, quest.sort
    if quest.choice.standing == Standing.LOST:
        return [(_GONE, key)]
    if quest.is_by_name:
        return [(_NAMES, key)]
    if quest.order.first == "0::int":
        return [(_MEMBERS, key)]
    founding = (_FOUNDING, (1, key[1] if key[0] == 1 else quest.order.start[1]))
    if sort == PeopleSort.NEWEST:
        return [(_ARRIVED, key), founding] if key[0] > 1 else [founding]
    return [founding, (_ARRIVED, key)] if key[0] <= 1 else [(_ARRIVED, key)]


def _along(stream: _Stream, quest: Quest) -> str:
    """Each person met on the way who is wanted."""
    edge, match = quest.edge_condition + stream.extra, quest.match_condition("e.profile_id")
    return stream.statement.format(stream=stream.sql, edge=edge, person=quest.person_condition, match=match)


def _in_words(sql: str, quest: Quest) -> str:
    only_new = quest.choice.standing == Standing.NEW and quest.walk.probed_fresh is None
    fresh = " and first_seq = %(fresh)s" if only_new else ""
    return sql.format(fresh=fresh, **quest.order.words)


def _reached(stream: _Stream, quest: Quest, params: dict[str, Any]) -> Key | None:
    sql = _in_words(f"select k1, profile_id from ({stream.sql} offset %(look)s - 1 limit 1) s", quest)
    rows = fetch(sql, params)
    return (rows[0][0], rows[0][1]) if rows else None


def counted(quest: Quest, most: int) -> tuple[int, bool]:
    """How many people there are, at most ``most``; and whether these are all. Looks at :data:`COUNTED` at most."""
    total, is_all = 0, True
    for stream, key in _streams(quest):
        sql = _in_words(f"select count(*) from ({_along(stream, quest)} limit %(limit)s) found", quest)
        params = quest.params(key, look=COUNTED) | {"limit": most - total}
        total += int(fetch(sql, params)[0][0])
        if total >= most:
            return total, False
        is_all = is_all and _reached(stream, quest, params) is None
    return total, is_all


def counted_among(quest: Quest, ids: Sequence[int] | None, most: int) -> int:
    """How many of ``ids``, or of a short list for None, there are, at most ``most``."""
    sql = _sorted(_JOINED if ids is None else _FEW, quest)
    params = quest.params(quest.key, ids=list(ids or ())) | {"limit": most}
    return int(fetch(f"select count(*) from ({sql}) found", params)[0][0])
