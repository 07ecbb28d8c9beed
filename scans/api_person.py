"""One person over time, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from accounts.member_request import MemberRequest
from scans.timeline import Event, Standing
from scans.views_person import timeline_of

router = Router()


class StandingOut(Schema):
    """One list of the workspace that knows the person. ``is_untold``: they are not on it only because another source
    reads it now, which does not show them; nobody saw them leave."""

    account_id: UUID
    username: str
    direction: str
    is_there: bool
    is_untold: bool
    since_seq: int


class EventOut(Schema):
    """One event: there (at the first reading), came, left, returned, renamed, private, public, verified, unverified,
    followed (the day that an imported export tells); shown, unshown (by another source than before: neither a coming
    nor a loss).

    Of losses ``state`` is missing, confirmed or withdrawn; ``reason`` and ``basis`` as with changes.
    """

    kind: str
    account_id: UUID
    direction: str
    seq: int
    at: datetime | None
    old: str
    new: str
    state: str | None
    reason: str | None
    basis: str | None
    checked_at: datetime | None


class PersonTimelineOut(Schema):
    """The person as known today, and what the workspace's scans saw, newest first."""

    id: int
    username: str
    full_name: str
    is_private: bool | None
    is_verified: bool | None
    lists: list[StandingOut]
    events: list[EventOut]


@router.get("/{person_id}", response=PersonTimelineOut, url_name="person")
def person(request: MemberRequest, person_id: str) -> Any:
    """The timeline of a person (Instagram's number) across the workspace's accounts; 404 when none ever listed them."""
    found = timeline_of(request, person_id)
    profile = found.person
    return PersonTimelineOut(
        id=profile.pk, username=profile.username, full_name=profile.full_name, is_private=profile.is_private,
        is_verified=profile.is_verified, lists=[_standing(one) for one in found.standings],
        events=[_event(one) for one in found.events],
    )  # fmt: skip


def _standing(one: Standing) -> StandingOut:
    return StandingOut(
        account_id=one.edges.account_id, username=one.edges.account.username, direction=one.edges.direction,
        is_there=one.is_there, is_untold=one.is_untold, since_seq=one.since_seq,
    )  # fmt: skip


def _event(one: Event) -> EventOut:
    return EventOut(
        kind=one.kind.value, account_id=one.edges.account_id, direction=one.edges.direction, seq=one.seq, at=one.at,
        old=one.old, new=one.new, state=one.state.value if one.state else None,
        reason=one.reason.value if one.reason else None, basis=one.basis.value if one.basis else None,
        checked_at=one.checked_at,
    )  # fmt: skip
