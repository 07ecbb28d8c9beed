"""One account's network: the people around it and the follows between them and the workspace's tracked accounts.

A line is a follow that a scan of a tracked account saw, nothing else: whether two ordinary people follow each other is
unknown, since nobody's lists but the tracked accounts' are read. So every line has a tracked account at one end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from accounts.models import Profile, TrackedAccount
from scans import bitmaps
from scans.models import Direction, EdgeList
from scans.person_rows import fetch

#: Nodes in one network, and tracked accounts among them.
MOST: Final = 2_000
MOST_HUBS: Final = 20
#: So long may the lists be that are walked for the names of those chosen.
LONGEST_WALK: Final = 1_000_000


class Scope(models.TextChoices):
    """Whose network is drawn."""

    MUTUALS = "mutuals", _("Mutuals")
    SHARED = "shared", _("Shared with other accounts")


@dataclass(frozen=True, slots=True)
class Tie:
    """A follow between somebody and the tracked account number ``hub``: to it, from it, or both."""

    hub: int
    follows: bool
    is_followed: bool

    @property
    def word(self) -> Any:
        """How the person stands to the account."""
        if self.follows and self.is_followed:
            return _("mutual with")
        return _("follows") if self.follows else _("followed by")


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody in the network. ``hub`` is the number of a tracked ``account``; both are None for everybody else."""

    profile_id: int
    username: str
    full_name: str
    ties: tuple[Tie, ...]
    hub: int | None = None
    account: TrackedAccount | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """The network: tracked accounts first (the account itself is number 0), then people, best connected first.

    ``total`` is how many people there are in its scope; only ``MOST`` nodes are shown. ``refused`` says why there is
    no network, if there is none. ``is_behind``: a list was scanned after its figures were worked out.
    """

    hubs: list[TrackedAccount] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    total: int = 0
    is_behind: bool = False
    refused: Any = ""

    @property
    def people(self) -> list[Node]:
        """The nodes that are no tracked accounts."""
        return self.nodes[len(self.hubs) :]

    @property
    def lines(self) -> int:
        """How many lines are drawn."""
        return sum(len(node.ties) for node in self.nodes)


@dataclass(slots=True)
class _Hub:
    """A tracked account with its lists as bitmaps, and its own dense number."""

    account: TrackedAccount
    followers: BitMap = field(default_factory=BitMap)
    following: BitMap = field(default_factory=BitMap)
    n: int | None = None

    def tie(self, number: int, n: int | None) -> Tie | None:
        """How person ``n`` stands to this account, which is hub ``number``."""
        if n is None or n == self.n:
            return None
        tie = Tie(number, n in self.followers, n in self.following)
        return tie if tie.follows or tie.is_followed else None


def network(account: TrackedAccount, scope: Scope) -> Network:
    """The account's network as its and its workspace's lists stand."""
    lists = _lists(account)
    mine = {edges.direction: edges for edges in lists if edges.account_id == account.pk}
    is_behind = bitmaps.stale(EdgeList.objects.filter(pk__in=[edges.pk for edges in lists])).exists()
    if scope == Scope.MUTUALS and len(mine) < 2:
        return Network(is_behind=is_behind, refused=_("Mutuals need followers and following: scan both lists first."))
    hubs = _hubs(account, lists)
    people = _mutuals(hubs[0]) if scope == Scope.MUTUALS else _shared(hubs)
    people -= BitMap(hub.n for hub in hubs if hub.n is not None)
    chosen = best_connected(people, [hub.followers | hub.following for hub in hubs[1:]], MOST - len(hubs))
    walked = _walked(list(mine.values()), scope)
    if sum(edges.people_count for edges in walked) > LONGEST_WALK:
        return Network(is_behind=is_behind, refused=_("These lists are too long for a network."))
    nodes = [*_hub_nodes(hubs), *_people(chosen, [edges.pk for edges in walked], hubs)]
    return Network([hub.account for hub in hubs], nodes, len(people), is_behind)


def _lists(account: TrackedAccount) -> list[EdgeList]:
    """The account's lists and those of the workspace's other accounts that were scanned last; its own come first."""
    others = TrackedAccount.objects.for_workspace(account.workspace_id).filter(last_scanned_at__isnull=False)
    newest = others.exclude(pk=account.pk).order_by("-last_scanned_at", "pk").values_list("pk", flat=True)
    wanted = [account.pk, *newest[: MOST_HUBS - 1]]
    read = EdgeList.objects.for_workspace(account.workspace_id).filter(account__in=wanted, last_seq__gt=0)
    lists = list(read.select_related("account__profile").order_by("pk"))
    return sorted(lists, key=lambda edges: (wanted.index(edges.account_id), edges.pk))


def _hubs(account: TrackedAccount, lists: Sequence[EdgeList]) -> list[_Hub]:
    loaded = bitmaps.load([edges.pk for edges in lists])
    hubs = {account.pk: _Hub(account)}
    for edges in lists:
        hub = hubs.setdefault(edges.account_id, _Hub(edges.account))
        name = "followers" if edges.direction == Direction.FOLLOWERS else "following"
        setattr(hub, name, loaded.get(edges.pk, BitMap()))
    found = list(hubs.values())
    ids = [hub.account.profile_id for hub in found if hub.account.profile_id is not None]
    numbers = dict(fetch("select id, n from accounts_profile where id = any(%s)", [ids]))
    for hub in found:
        hub.n = numbers.get(hub.account.profile_id)
    return found


def _mutuals(own: _Hub) -> BitMap:
    return own.followers & own.following


def _shared(hubs: Sequence[_Hub]) -> BitMap:
    others = BitMap().union(*(each for hub in hubs[1:] for each in (hub.followers, hub.following)))
    return (hubs[0].followers | hubs[0].following) & others


def best_connected(people: BitMap, circles: Sequence[BitMap], most: int) -> BitMap:
    """Up to ``most`` of ``people``, those first who are in most of ``circles``, else by number."""
    in_at_least = [people]
    for circle in circles:
        inside = people & circle
        if inside:
            in_at_least.append(BitMap())
            for k in range(len(in_at_least) - 1, 0, -1):
                in_at_least[k] |= in_at_least[k - 1] & inside
    chosen = BitMap()
    for layer in reversed(in_at_least):
        room = most - len(chosen)
        further = layer - chosen
        chosen |= further if len(further) <= room else further[:room]
    return chosen


def _walked(mine: list[EdgeList], scope: Scope) -> list[EdgeList]:
    """The lists on which everybody chosen is found: for mutuals the shorter one is enough."""
    by_length = sorted(mine, key=lambda edges: edges.people_count)
    return by_length[:1] if scope == Scope.MUTUALS else by_length


_NAMES: Final = """
select distinct on (p.n) p.n, p.id, p.username, p.full_name
from edge_current e join accounts_profile p on p.id = e.profile_id
where e.list_id = any(%s) and p.n = any(%s) order by p.n
"""


def _people(chosen: BitMap, list_ids: list[int], hubs: Sequence[_Hub]) -> list[Node]:
    if not chosen:
        return []
    rows = fetch(_NAMES, [list_ids, list(chosen)])
    nodes = [Node(pk, username, full_name, _ties(n, hubs)) for n, pk, username, full_name in rows]
    return sorted(nodes, key=lambda node: (-len(node.ties), node.username, node.profile_id))


def _hub_nodes(hubs: Sequence[_Hub]) -> list[Node]:
    """Tracked accounts; a follow between two of them that both lists show is drawn once, from the later one."""
    nodes = []
    for number, hub in enumerate(hubs):
        profile: Profile | None = hub.account.profile
        full_name = profile.full_name if profile else ""
        ties = _hub_ties(number, hub, hubs)
        nodes.append(Node(hub.account.profile_id or 0, hub.account.username, full_name, ties, number, hub.account))
    return nodes


def _hub_ties(number: int, hub: _Hub, hubs: Sequence[_Hub]) -> tuple[Tie, ...]:
    ties = []
    for other_number, other in enumerate(hubs[:number]):
        there, here = other.tie(other_number, hub.n), hub.tie(number, other.n)
        follows = bool(there and there.follows) or bool(here and here.is_followed)
        is_followed = bool(there and there.is_followed) or bool(here and here.follows)
        if follows or is_followed:
            ties.append(Tie(other_number, follows, is_followed))
    return tuple(ties)


def _ties(n: int, hubs: Sequence[_Hub]) -> tuple[Tie, ...]:
    ties = (hub.tie(number, n) for number, hub in enumerate(hubs))
    return tuple(tie for tie in ties if tie is not None)
