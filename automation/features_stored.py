"""What is stored about people and how they stand to a login, for predictions. A few queries however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from accounts.gateway import results
from accounts.models import InstagramLogin, Profile
from automation.features import Facts
from automation.models import AlternativeAccount, Knowledge, TargetFacts
from scans.models import Direction, EdgeList
from scans.person_rows import fetch, number_array

#: What was read longer ago is read again where reading is wanted; it serves until then.
FRESH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Known:
    """The facts about one person, how much that is, and when profile and relationship were read."""

    facts: Facts
    knowledge: Knowledge
    username: str
    profile_at: datetime | None
    relationship_at: datetime | None

    def is_fresh(self, now: datetime) -> bool:
        """Whether nothing has to be read."""
        return all(at is not None and now - at < FRESH for at in (self.profile_at, self.relationship_at))


@dataclass(frozen=True, slots=True)
class OwnLists:
    """The lists of the login's own account, as far as its workspace tracks it and read them.

    ``ids`` of those that hold somebody; a direction is in ``whole`` when its absences mean something.
    """

    ids: dict[str, int]
    whole: frozenset[str]

    def holding(self, direction: Direction, pks: Iterable[int]) -> set[int]:
        """Who of them is on the list now."""
        if direction not in self.ids:
            return set()
        sql = "select profile_id from edge_current where list_id = %s and profile_id = any(%s::bigint[])"
        return {pk for (pk,) in fetch(sql, [self.ids[direction], number_array(pks)])}

    def count(self, direction: Direction, pks: Collection[int]) -> int | None:
        """How many of them are on it; None where it was never read whole."""
        return len(self.holding(direction, pks)) if direction in self.whole else None


def own_lists(login: InstagramLogin) -> OwnLists:
    """Of the account that the login signs in to."""
    if login.profile_id is None:
        return OwnLists({}, frozenset())
    mine = EdgeList.objects.for_workspace(login.workspace_id).filter(account__profile_id=login.profile_id)
    rows = list(mine.filter(last_seq__gt=0))
    return OwnLists(
        {row.direction: row.pk for row in rows}, frozenset(row.direction for row in rows if row.complete_seq)
    )


def known(login: InstagramLogin, pks: Collection[int]) -> dict[int, Known]:
    """What is known of those of ``pks`` who are stored at all."""
    lists = own_lists(login)
    followers, following = (lists.holding(each, pks) for each in (Direction.FOLLOWERS, Direction.FOLLOWING))
    read = TargetFacts.objects.for_workspace(login.workspace_id).filter(login=login, target_pk__in=pks)
    relations = {row.target_pk: row for row in read}
    others = _other_accounts(login, pks)
    by_another = lists.holding(Direction.FOLLOWERS, {pk for each in others.values() for pk in each})
    found = {}
    for profile in Profile.objects.filter(pk__in=pks, pk__gt=0):
        relation = relations.get(profile.pk)
        follows = _tie(
            profile.pk in followers, Direction.FOLLOWERS in lists.whole, relation.follows_you if relation else None
        )
        followed = _tie(
            profile.pk in following, Direction.FOLLOWING in lists.whole, relation.you_follow if relation else None
        )
        seen = _known(profile, relation, follows=follows, followed=followed)
        is_linked = not by_another.isdisjoint(others.get(profile.pk, ()))
        found[profile.pk] = replace(seen, facts=replace(seen.facts, alternative_follows_you=is_linked))
    return found


def _other_accounts(login: InstagramLogin, pks: Collection[int]) -> dict[int, set[int]]:
    """The other accounts of each of them, as far as they are linked (``alternative-account-links``)."""
    linked = AlternativeAccount.objects.for_workspace(login.workspace_id)
    people = linked.filter(target_pk__in=pks).values("person")
    accounts: dict[object, set[int]] = {}
    for person, pk in linked.filter(person__in=people).values_list("person", "target_pk"):
        accounts.setdefault(person, set()).add(pk)
    return {pk: each - {pk} for each in accounts.values() for pk in each}


def _tie(is_listed: bool, is_whole: bool, read: bool | None) -> bool | None:
    """A tie as a list shows it or a reading told it."""
    if is_listed or read is not None:
        return is_listed or read
    return False if is_whole else None


def _known(profile: Profile, relation: TargetFacts | None, *, follows: bool | None, followed: bool | None) -> Known:
    has_counts = profile.followers_count is not None and profile.following_count is not None
    relation_at = relation.relationship_read_at if relation else None
    facts = Facts(
        is_private=profile.is_private, is_verified=profile.is_verified, is_business=profile.is_business,
        has_category=bool(relation.category) if relation and relation.profile_read_at else None,
        followers=profile.followers_count, following=profile.following_count, posts=profile.posts_count,
        follows_you=follows, you_follow=followed,
        sample=relation.sample if relation else None,
        sample_follow_you=relation.sample_follow_you if relation else None,
        sample_you_follow=relation.sample_you_follow if relation else None,
    )  # fmt: skip
    knowledge = Knowledge.METADATA_ONLY
    if has_counts:
        knowledge = Knowledge.READY if relation_at else Knowledge.PARTIAL
    return Known(facts, knowledge, profile.username, profile.details_at if has_counts else None, relation_at)


def numbers_of(names: Collection[str]) -> dict[str, int]:
    """Who bears these user names, as far as they are stored; of several the one whose number is the youngest."""
    sql = (
        "select n.username, max(n.profile_id) from profile_name n join accounts_profile p on p.id = n.profile_id"
        " where n.username = any(%s) and p.username = n.username and n.profile_id > 0 group by n.username"
    )
    return dict(fetch(sql, [list(names)]))


def keep_profile(login: InstagramLogin, seen: results.Profile, *, now: datetime) -> None:
    """A profile was read; the identity itself is kept by :mod:`accounts.identities`."""
    _keep(login, seen.pk, {"category": seen.category[:100], "profile_read_at": now})


def keep_relationship(
    login: InstagramLogin, tie: results.Friendship, sample: Collection[int] | None, *, now: datetime
) -> None:
    """A friendship was read, and the first page of the person's followers (None: it is not shown)."""
    lists = own_lists(login)
    values: dict[str, object] = {
        "follows_you": tie.followed_by, "you_follow": tie.following, "relationship_read_at": now,
        "sample": None if sample is None else len(sample),
        "sample_follow_you": None if sample is None else lists.count(Direction.FOLLOWERS, sample),
        "sample_you_follow": None if sample is None else lists.count(Direction.FOLLOWING, sample),
    }  # fmt: skip
    _keep(login, tie.pk, values)


def _keep(login: InstagramLogin, pk: int, values: dict[str, object]) -> None:
    TargetFacts.objects.update_or_create(
        login=login, target_pk=pk, defaults={"workspace_id": login.workspace_id, **values}
    )
