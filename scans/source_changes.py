"""A list that is read by another source than before: for this once, or from now on.

No two sources show the same people, so an absence means something between readings of one kind of source only. What a
reading is worth when its source is not the list's (:class:`Reach`):

- **once**: the chain names another source first, which could not read this time, or a person took a login for one scan.
  People are added; nobody is closed.
- **from now on**: the chain names this source first. Its first complete reading begins anew: whoever it shows is
  *there*, neither new nor returned; whoever it does not show is no longer on the list, *untold*: nobody saw them leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django.utils.translation import gettext as _

from accounts import source_chains, sources
from accounts.gateway.abilities import SOURCES
from accounts.models import Purpose, SourceName, TrackedAccount
from igsite.problems import Conflict
from scans import scan_sources
from scans.models import Direction, EdgeList, ListScan, Reason, Scan
from scans.person_rows import fetch, number_array

_SHOWN_AGAIN = """
select n.id from unnest(%s::bigint[]) n(id) cross join lateral (
    select untold from edge_past where list_id = %s and profile_id = n.id order by ended_seq desc limit 1
) last where last.untold
"""


class NotToBeKept(Conflict):
    """The scan's source reads the account already, or cannot from now on."""

    code = "source_not_to_be_kept"


class Reach(Enum):
    """How far a reading's source is that of the list."""

    SAME = auto()
    ONCE = auto()
    FROM_NOW_ON = auto()


def reach_of(list_scan: ListScan, edges: EdgeList) -> Reach:
    """Whether absences from a complete reading mean something, and if not, whether the list begins anew with it."""
    last = last_complete(edges)
    if last is None or scan_sources.are_alike(last.scan.source, list_scan.scan.source):
        return Reach.SAME
    scan = list_scan.scan
    chosen = first_choice(scan.account, Direction(list_scan.direction))
    return Reach.FROM_NOW_ON if scan_sources.name_of(scan.source) == chosen else Reach.ONCE


def last_complete(edges: EdgeList) -> ListScan | None:
    """The list's last complete reading."""
    if not edges.complete_seq:
        return None
    return ListScan.objects.select_related("scan").filter(edge_list=edges, seq=edges.complete_seq).first()


def first_choice(account: TrackedAccount, direction: Direction) -> SourceName | None:
    """The source that is to read this list whenever it can: the first of the account's chain that is able to."""
    ability = scan_sources.ability_of(direction)
    chain = sources.chain_for(account.workspace, Purpose.PEOPLE, account=account)
    return next((name for name in chain if SOURCES[name].can(ability)), None)


def shown_by_others(list_scan: ListScan, edges: EdgeList) -> list[int]:
    """The scans since the list's last complete one that were made by other sources: whom they added, this reading's
    source may never have shown."""
    since = ListScan.objects.filter(edge_list=edges, seq__gt=edges.complete_seq or 0)
    source = list_scan.scan.source
    return [
        seq
        for seq, other in since.values_list("seq", "scan__source")
        if seq is not None and not scan_sources.are_alike(other, source)
    ]


def shown_again(edges: EdgeList, people: Iterable[int]) -> set[int]:
    """Whose stay before the present one ended *untold*: nobody saw them leave, so nobody knows that they return."""
    return {person for (person,) in fetch(_SHOWN_AGAIN, [number_array(people), edges.pk])}


def may_stay(scan: Scan) -> bool:
    """Whether the scan was another source's for once, and a person may have that one read from now on."""
    name = scan_sources.name_of(scan.source)
    if name is None or (name == SourceName.LOGIN and not scan.account.uses_login):
        return False
    lists = scan.lists.filter(reason=Reason.OTHER_SOURCE).values_list("direction", flat=True)
    return any(first_choice(scan.account, Direction(each)) != name for each in lists)


def stay(scan: Scan, *, by: Any, now: datetime) -> SourceName:
    """From now on the account's lists are read by the scan's source first; its next complete reading begins anew.

    Raises:
        NotToBeKept: there is nothing to change.
    """
    name = scan_sources.name_of(scan.source)
    if name is None or not may_stay(scan):
        raise NotToBeKept(_("This source reads the account already, or cannot read it from now on."))
    account = scan.account
    others = [one for one in sources.chain_for(scan.workspace, Purpose.PEOPLE, account=account) if one != name]
    source_chains.choose(
        workspace=scan.workspace, account=account, purpose=Purpose.PEOPLE, sources=[name, *others], by=by, now=now
    )
    return name
