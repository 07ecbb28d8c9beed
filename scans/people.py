"""Who is on an account's lists: followers, following, and what follows from having both.

Every list is keyset-paged on indexes; counts are stored by the merge, never counted for a page. No request reads a
whole long list, whatever is asked (:mod:`scans.people_walks`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from accounts.models import TrackedAccount
from igsite.paging import BadCursor, Page, open_cursor, seal_cursor
from igsite.problems import Invalid
from igsite.text import clean_text
from scans import names, people_walks
from scans.models import Direction, EdgeList, ListScan, ListSearch
from scans.people_choice import READ_LISTS, Choice, PeopleList, PeopleSort, Standing, Trait
from scans.people_walks import EXAMINED, FEW, FIRST_LOOK, SHORT, Key, Quest, Walk
from scans.person_rows import PersonRow, fetch, like_pattern

__all__ = ["Choice", "PeopleList", "PeopleSort", "Standing", "Trait"]
SEARCH_LIMIT: Final = 60
#: Counts of a choice end here: "10,000+".
COUNT_CAP: Final = 10_000


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


@dataclass(frozen=True, slots=True)
class Count:
    """How many people a choice has: ``at_least`` so many, and no more if ``is_exact``."""

    at_least: int
    is_exact: bool


@dataclass(frozen=True)
class PeoplePage(Page[PersonRow]):
    """One page of people. ``sort`` is the order that it is in, which may not be the one asked for."""

    sort: PeopleSort = PeopleSort.NAME


#: The order of a long list whose people's names are not all sorted yet.
MEANWHILE: Final = PeopleSort.NEWEST


class NoLosses(Invalid):
    """Losses are told of the lists that are read, not of comparisons."""

    code = "no_losses"


def people(
    account: TrackedAccount,
    which: PeopleList,
    *,
    search: str = "",
    standing: Standing = Standing.ALL,
    traits: frozenset[Trait] = frozenset(),
    sort: PeopleSort = PeopleSort.NAME,
    cursor: str = "",
    limit: int = 50,
) -> PeoplePage:
    """One page of a list; empty when a list that it needs was never read.

    ``search`` is found anywhere in user name or full name, whatever the case and the accents. On a long list where few
    match, a page may hold fewer than ``limit`` people, even none, and still name a next one. People who are lost come
    in the order of their loss, the last one first. The cursor is good for the same choice and sort only.

    While the names of very many new people are still being sorted (:mod:`scans.names`), a long list that was asked for
    by name comes in the order :data:`MEANWHILE`, from its first page to its last; the page's ``sort`` says so.

    Raises:
        BadCursor: the cursor belongs to another list, choice or sort.
        NoLosses: losses of a comparison were asked for.
    """
    choice = _choice(which, search, standing, traits)
    name = f"people:{account.pk}:{which.value}:{sort.value}:{choice.name}"
    quest = _quest(account, which, choice, sort, limit + 1)
    after = open_cursor(name, cursor) if cursor else []
    if quest is None:
        return PeoplePage([], sort=sort)
    quest = _in_its_order(quest, after)
    rows, reached = _found(quest)
    items = [PersonRow(*row[:-1]) for row in rows[:limit]]
    key = (rows[limit - 1][-1], items[-1].profile_id) if len(rows) > limit else reached
    # A list that was begun in another order goes on in it.
    order = [quest.sort.value] if quest.sort != sort else []
    return PeoplePage(items, seal_cursor(name, [*key, *order]) if key else "", quest.sort)


@dataclass(frozen=True, slots=True)
class ToldPage:
    """People as text: ``count`` lines, and the cursor to go on from, empty at the end."""

    text: str
    count: int
    next: str


def told(
    account: TrackedAccount, which: PeopleList, line: tuple[str, dict[str, Any]], *, sort: PeopleSort, cursor: str,
    limit: int,
) -> ToldPage | None:  # fmt: skip
    """The next ``limit`` people met on a long list, in the order of :func:`people`, whose cursors these are, too.

    ``line`` is an SQL expression on the row ``r`` of a person, with its parameters. None for a list that is not walked:
    a short one, or one by names that are still being sorted.

    Raises:
        BadCursor: the cursor belongs to another list or sort.
    """
    choice = Choice()
    name = f"people:{account.pk}:{which.value}:{sort.value}:{choice.name}"
    quest = _quest(account, which, choice, sort, limit)
    if quest is None or _is_short(quest):
        return None
    quest = _in_its_order(quest, open_cursor(name, cursor) if cursor else [])
    if quest.is_by_name and names.is_behind():
        return None
    found = people_walks.told(quest, *line)
    order = [quest.sort.value] if quest.sort != sort else []
    onward = seal_cursor(name, [*found.reached, *order]) if found.reached else ""
    return ToldPage(found.text, found.count, onward)


def _in_its_order(quest: Quest, after: list[Any]) -> Quest:
    """The quest behind the values of a cursor, if there are any, in the order that it can be answered in now."""
    was_begun = after[2:] == [MEANWHILE.value]
    if was_begun or (not after and quest.is_by_name and not _is_short(quest) and names.is_behind()):
        quest = replace(quest, sort=MEANWHILE)
    values = after[:2] if was_begun else after
    return replace(quest, after=_key(values, type(quest.order.start[0]))) if after else quest


def count(
    account: TrackedAccount,
    which: PeopleList,
    *,
    search: str = "",
    standing: Standing = Standing.ALL,
    traits: frozenset[Trait] = frozenset(),
) -> Count:
    """How many people a choice has, up to :data:`COUNT_CAP` and without reading a long list to its end.

    Raises:
        NoLosses: losses of a comparison were asked for.
    """
    choice = _choice(which, search, standing, traits)
    quest = _quest(account, which, choice, PeopleSort.OLDEST_ACCOUNT, 1)
    if quest is None:
        return Count(0, is_exact=True)
    most = COUNT_CAP + 1
    few: tuple[Quest, list[int] | None] | None = (quest, None) if _is_short(quest) else _few(quest)
    if few is None:
        found, is_all = people_walks.counted(quest, most)
        return Count(min(found, COUNT_CAP), is_all)
    found = people_walks.counted_among(*few, most)
    return Count(min(found, COUNT_CAP), found <= COUNT_CAP)


def _choice(which: PeopleList, search: str, standing: Standing, traits: frozenset[Trait]) -> Choice:
    if standing == Standing.LOST and which not in READ_LISTS:
        raise NoLosses("Losses are told of followers and following only.")
    return Choice(" ".join(clean_text(search).split()).lstrip("@")[:SEARCH_LIMIT], standing, traits)


def _quest(account: TrackedAccount, which: PeopleList, choice: Choice, sort: PeopleSort, limit: int) -> Quest | None:
    """None where there can be nobody: a list was never read, or nobody counts as new."""
    walk = _walk(account, which, choice.standing)
    if walk is None or (choice.standing == Standing.NEW and walk.fresh_seq is None and walk.probed_fresh is None):
        return None
    folded = fetch("select search_fold(%s)", [choice.search])[0][0] if choice.search else ""
    return Quest(walk, choice, sort, None, limit, like_pattern(folded) if folded else "")


def _found(quest: Quest) -> tuple[list[tuple[Any, ...]], Key | None]:
    """Rows of the page and, if it ended early, the key to go on from."""
    if _is_short(quest) or (quest.is_by_name and names.is_behind()):
        return people_walks.joined(quest), None
    rows, reached = people_walks.walked(quest, FIRST_LOOK)
    if len(rows) >= quest.limit or reached is None:
        return rows, None
    few = _few(quest)
    if few is not None:
        return people_walks.among(*few), None
    onward = replace(quest, after=reached, limit=quest.limit - len(rows))
    further, reached = people_walks.walked(onward, EXAMINED)
    return rows + further, None if len(further) >= onward.limit else reached


def _is_short(quest: Quest) -> bool:
    return quest.walk.size <= SHORT and quest.choice.standing != Standing.LOST


#: What the trigram index can find: three letters or digits in a row.
_INDEXED: Final = re.compile("[a-z0-9]{3}")
_BY_KEY = "select profile_id from profile_search where key like %s and coalesce(text, key) like %s limit %s"
_BUSINESSES = "select id from accounts_profile where is_business limit %s"


def _few(quest: Quest) -> tuple[Quest, list[int]] | None:
    """Everybody who can match, of any list, if these are few and an index tells them; and what is left to ask."""
    if quest.choice.standing == Standing.LOST:
        return None
    if Trait.BUSINESS in quest.choice.traits:
        ids = [pk for (pk,) in fetch(_BUSINESSES, [FEW + 1])]
        if len(ids) <= FEW:
            return quest, ids
    if not quest.pattern:
        return None
    key = fetch("select search_key(%s)", [quest.pattern])[0][0]
    if not _INDEXED.search(key) or not _is_filled(quest.walk.list_id):
        return None
    ids = [pk for (pk,) in fetch(_BY_KEY, [key, quest.pattern, FEW + 1])]
    return (replace(quest, pattern=""), ids) if len(ids) <= FEW else None


def _is_filled(list_id: int) -> bool:
    """Whether everybody on the list has search text."""
    stands = EdgeList.objects.filter(pk=list_id).values_list("last_seq", flat=True)
    return ListSearch.objects.filter(pk=list_id, seq__gte=stands[:1]).exists()


def _walk(account: TrackedAccount, which: PeopleList, standing: Standing) -> Walk | None:
    lists = {edges.direction: edges for edges in EdgeList.objects.filter(account=account, last_seq__gt=0)}
    ours, theirs = lists.get(Direction.FOLLOWERS), lists.get(Direction.FOLLOWING)
    if which in READ_LISTS:
        alone = ours if which == PeopleList.FOLLOWERS else theirs
        return Walk(alone.pk, _size(alone, standing), _fresh(alone)) if alone else None
    if ours is None or theirs is None:
        return None
    if which == PeopleList.MUTUALS:
        short, long = sorted((ours, theirs), key=lambda edges: edges.people_count)
        is_new = standing == Standing.NEW
        probe = people_walks.NEWLY_THERE if is_new else people_walks.THERE
        other_fresh = (_fresh(long) or -1) if is_new and (_fresh(short) or _fresh(long)) else None
        return Walk(short.pk, short.people_count, _fresh(short), probe, long.pk, other_fresh)
    walked, probed = (theirs, ours) if which == PeopleList.DONT_FOLLOW_BACK else (ours, theirs)
    return Walk(walked.pk, _size(walked, standing), _fresh(walked), people_walks.NOT_THERE, probed.pk)


def _fresh(edges: EdgeList) -> int | None:
    """The list's last scan if whoever it opened is new; None for a baseline, and where another source began."""
    is_after = edges.baseline_seq is not None and edges.last_seq > edges.baseline_seq
    return edges.last_seq if is_after and edges.last_seq != edges.source_since else None


def _size(edges: EdgeList, standing: Standing) -> int:
    """How many people a join would read."""
    if standing != Standing.NEW or edges.people_count <= SHORT:
        return edges.people_count
    last = ListScan.objects.filter(edge_list=edges, seq=edges.last_seq).first()
    return last.new_count + last.returned_count if last else edges.people_count


def _key(values: list[Any], first: type) -> Key:
    if len(values) != 2 or not isinstance(values[0], first) or not isinstance(values[1], int):
        raise BadCursor("This cursor cannot be used. Start again from the first page.")
    return values[0], values[1]
