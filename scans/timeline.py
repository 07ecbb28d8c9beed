"""One person over time, on every list of a workspace: when they came, left, returned, and what turned meanwhile.

Who is on none of the workspace's lists, now or before, is not there at all: names and pictures are shared facts, but
that somebody was seen is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from accounts.models import Profile, Workspace
from scans import follow_dates
from scans.models import EdgeList, ListScan, LossReason, LossState, LossVerdict, ProfileChange
from scans.models.verdicts import Basis
from scans.person_rows import fetch

#: Events shown at most, the newest first.
MOST: Final = 500


class EventKind(StrEnum):
    """What happened. *There*: seen by the first reading of the list, so nobody knows since when. *Followed*: the day
    on which the tie began, as an export tells it. *Shown* and *unshown*: by another source than before, which tells
    neither when somebody came nor that they left (:mod:`scans.source_changes`).
    """

    THERE = "there"
    CAME = "came"
    LEFT = "left"
    RETURNED = "returned"
    RENAMED = "renamed"
    PRIVATE = "private"
    PUBLIC = "public"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FOLLOWED = "followed"
    SHOWN = "shown"
    UNSHOWN = "unshown"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that scan ``seq`` of a list showed at ``at``; *followed* happened then.

    For losses ``state`` and, once checked, ``reason`` and what *unfollowed* rests on; a loss that was taken back has
    the state *withdrawn*.
    """

    kind: EventKind
    edges: EdgeList
    seq: int
    at: datetime | None
    old: str = ""
    new: str = ""
    state: LossState | None = None
    reason: LossReason | None = None
    basis: Basis | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the person stands to one list: on it since ``since_seq``, or no longer. ``is_untold``: the source that reads
    it now does not show them, and nobody saw them leave."""

    edges: EdgeList
    is_there: bool
    since_seq: int
    is_untold: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The person, the lists that know them, and what happened, newest first."""

    person: Profile
    standings: list[Standing]
    events: list[Event]


_STAYS = """
select l.id, s.first_seq, s.origin_seq, s.ended_seq, s.confirmed_seq, s.untold,
       coalesce(lag(s.untold) over (partition by l.id order by s.first_seq), false)
from scans_edgelist l join accounts_trackedaccount t on t.id = l.account_id cross join lateral (
    select first_seq, origin_seq, null::int ended_seq, null::int confirmed_seq, false untold from edge_current
    where list_id = l.id and profile_id = %(person)s
    union all
    select first_seq, origin_seq, ended_seq, confirmed_seq, untold from edge_past
    where list_id = l.id and profile_id = %(person)s
) s where t.workspace_id = %(workspace)s order by l.id, s.first_seq desc limit %(most)s
"""


def timeline(workspace: Workspace, profile_id: int) -> Timeline | None:
    """The person's timeline; None when the workspace never saw them. Six queries, whatever their number of lists."""
    params = {"person": profile_id, "workspace": workspace.pk, "most": MOST}
    stays = fetch(_STAYS, params)
    person = Profile.objects.filter(pk=profile_id).first() if stays else None
    if person is None:
        return None
    ids = {stay[0] for stay in stays}
    lists = EdgeList.objects.for_workspace(workspace).filter(pk__in=ids).select_related("account").in_bulk()
    verdicts = _verdicts(workspace, profile_id)
    events = [
        *_comings_and_goings(stays, lists, verdicts),
        *_taken_back(lists, verdicts),
        *_turns(workspace, profile_id, lists),
        *_follow_dates(profile_id, lists),
    ]
    return Timeline(person, _standings(stays, lists), _dated(workspace, events))


def _standings(stays: list[tuple[Any, ...]], lists: dict[int, EdgeList]) -> list[Standing]:
    newest: dict[int, tuple[Any, ...]] = {}
    for stay in stays:
        newest.setdefault(stay[0], stay)
    found = [Standing(lists[list_id], stay[3] is None, stay[1], stay[5]) for list_id, stay in newest.items()]
    return sorted(found, key=lambda one: (one.edges.account.username, one.edges.direction))


Verdicts = dict[tuple[int, int], LossVerdict]


def _verdicts(workspace: Workspace, profile_id: int) -> Verdicts:
    found = LossVerdict.objects.for_workspace(workspace).filter(profile_id=profile_id)
    return {(verdict.edge_list_id, verdict.ended_seq): verdict for verdict in found.order_by("pk")[:MOST]}


def _comings_and_goings(
    stays: list[tuple[Any, ...]], lists: dict[int, EdgeList], verdicts: Verdicts
) -> list[Event]:  # fmt: skip
    events = []
    for list_id, first, origin, ended, confirmed, is_untold, was_untold in stays:
        edges = lists[list_id]
        events.append(Event(_coming(edges, first, origin, was_untold=was_untold), edges, first, None))
        if is_untold:
            events.append(Event(EventKind.UNSHOWN, edges, ended, None))
        elif ended is not None:
            events.append(_left(edges, ended, confirmed, verdicts.get((list_id, ended))))
    return events


def _coming(edges: EdgeList, first: int, origin: int, *, was_untold: bool) -> EventKind:
    """How a stay began; ``was_untold``: the one before it ended so."""
    if was_untold or first in edges.source_seqs:
        return EventKind.SHOWN
    if origin < first:
        return EventKind.RETURNED
    return EventKind.THERE if edges.baseline_seq is None or first <= edges.baseline_seq else EventKind.CAME


def _left(edges: EdgeList, ended: int, confirmed: int | None, verdict: LossVerdict | None) -> Event:
    is_confirmed = confirmed is not None or (verdict is not None and verdict.state == LossState.CONFIRMED)
    state = LossState.CONFIRMED if is_confirmed else LossState.MISSING
    event = Event(EventKind.LEFT, edges, ended, None, state=state)
    if verdict is None:
        return event
    return replace(event, reason=LossReason(verdict.reason), basis=verdict.basis, checked_at=verdict.checked_at)


def _taken_back(lists: dict[int, EdgeList], verdicts: Verdicts) -> list[Event]:
    """Losses that were none: they left no ended stay, but they were shown once and are told."""
    return [
        Event(
            EventKind.LEFT, lists[list_id], ended, None, state=LossState.WITHDRAWN, reason=LossReason(verdict.reason),
            checked_at=verdict.checked_at,
        )
        for (list_id, ended), verdict in verdicts.items()
        if verdict.state == LossState.WITHDRAWN and list_id in lists
    ]  # fmt: skip


def _turns(workspace: Workspace, profile_id: int, lists: dict[int, EdgeList]) -> list[Event]:
    changes = ProfileChange.objects.for_workspace(workspace).filter(edge_list__in=lists, profile_id=profile_id)
    return [
        Event(EventKind(change.kind), lists[change.edge_list_id], change.seq, None, change.old, change.new)
        for change in changes.order_by("-seq", "pk")[:MOST]
    ]


def _follow_dates(profile_id: int, lists: dict[int, EdgeList]) -> list[Event]:
    return [
        Event(EventKind.FOLLOWED, lists[date.edge_list_id], date.since_seq, date.followed_at)
        for date in follow_dates.told(lists, profile_id)
    ]


def _dated(workspace: Workspace, events: list[Event]) -> list[Event]:
    """The events with the time of their scans, newest first. The same turn seen by several lists stays several."""
    scans = ListScan.objects.for_workspace(workspace).filter(
        edge_list__in={event.edges.pk for event in events}, seq__in={event.seq for event in events}
    )
    times = {(row[0], row[1]): row[2] for row in scans.values_list("edge_list", "seq", "finished_at")}
    dated = [replace(event, at=event.at or times.get((event.edges.pk, event.seq))) for event in events]
    dated.sort(key=lambda one: (one.at.timestamp() if one.at else 0.0, one.edges.pk, one.seq), reverse=True)
    return dated[:MOST]
