"""What the API answers about scans: shapes only."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from ninja import Schema
from pydantic import AliasChoices, Field

from scans import people
from scans.diffing import Change
from scans.follow_dates import NEVER_TOLD, Since
from scans.models import Scan
from scans.person_rows import PersonRow


class ListScanOut(Schema):
    """What one scan saw of one list. ``seq`` is null when nothing was stored; ``sentence`` says what happened."""

    direction: str
    seq: int | None
    state: str
    reason: str
    sentence: str
    count_before: int | None
    count_after: int | None
    people_seen: int
    total: int | None
    new: int = Field(validation_alias=AliasChoices("new_count", "new"))
    lost: int = Field(validation_alias=AliasChoices("lost_count", "lost"))
    returned: int = Field(validation_alias=AliasChoices("returned_count", "returned"))
    renamed: int = Field(validation_alias=AliasChoices("renamed_count", "renamed"))
    finished_at: datetime | None


class ScanOut(Schema):
    """A scan. ``job_id`` is the job that does it (see jobs), null for an import."""

    id: UUID
    account_id: UUID
    username: str
    source: str
    mode: str
    state: str
    message: str
    job_id: UUID | None
    login_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lists: list[ListScanOut]


class PersonOut(Schema):
    """One person. ``pk`` is null while only the name is known; ``since_seq`` is the scan that opened this stay.
    ``follows_since`` and ``followed_since``: when they began to follow the account, and the account to follow them,
    where an imported export told it.
    """

    pk: int | None
    username: str
    full_name: str
    is_private: bool | None
    is_verified: bool | None
    since_seq: int
    first_seen_seq: int
    follows_since: datetime | None = None
    followed_since: datetime | None = None

    @classmethod
    def of(cls, row: PersonRow, since: Since = NEVER_TOLD) -> Self:
        """From a row of a list."""
        return cls(
            pk=row.pk, username=row.username, full_name=row.full_name, is_private=row.is_private,
            is_verified=row.is_verified, since_seq=row.since_seq, first_seen_seq=row.first_seen_seq,
            follows_since=since.follows, followed_since=since.followed,
        )  # fmt: skip


class PeopleOut(Schema):
    """One page of people. ``is_whole``: absence means something, since each scan that it rests on is complete.

    ``sort``: the order it is in; a long list asked for by name comes newest first while names are still being sorted.
    """

    items: list[PersonOut]
    next: str = ""
    sort: people.PeopleSort
    rests_on: list[ListScanOut]
    is_whole: bool


class PeopleQuery(Schema):
    """Whom to show: found by `q` in either name, `only` new or lost ones, with each `trait`."""

    q: str = Field("", max_length=people.SEARCH_LIMIT)
    only: people.Standing = people.Standing.ALL
    trait: list[people.Trait] = Field(default_factory=list)

    @property
    def choice(self) -> dict[str, Any]:
        """As :func:`scans.people.people` takes it."""
        return {"search": self.q, "standing": self.only, "traits": frozenset(self.trait)}


class PeopleCountOut(Schema):
    """How many people were found. Not exact: there are more, or the list is too long to look at everybody."""

    at_least: int
    is_exact: bool


class ChangeOut(Schema):
    """One change. ``is_confirmed`` is null but for losses: false while the person is only missing. ``reason`` of a
    loss, once it was checked: unfollowed, unavailable (deactivated, suspended or blocked you: cannot be told apart) or
    unknown. ``basis`` of unfollowed: checked (the friendship was read, which works for one's own account only) or
    inferred (their profile is there, and complete scans no longer show them).
    """

    kind: str
    seq: int
    pk: int | None
    username: str
    full_name: str
    is_confirmed: bool | None
    old_name: str
    new_name: str
    reason: str | None = None
    basis: str | None = None
    checked_at: datetime | None = None

    @classmethod
    def of(cls, change: Change) -> Self:
        """From a change of the domain."""
        person = change.person
        return cls(
            kind=change.kind.value, seq=change.seq, pk=person.pk, username=person.username,
            full_name=person.full_name, is_confirmed=change.is_confirmed, old_name=change.old_name,
            new_name=change.new_name, reason=change.reason.value if change.reason else None,
            basis=change.basis.value if change.basis else None, checked_at=change.checked_at,
        )  # fmt: skip


class CountsOut(Schema):
    """Sizes of the lists; null where a list that is needed was never read."""

    followers: int | None
    following: int | None
    mutuals: int | None
    dont_follow_back: int | None
    fans: int | None


class EstimateOut(Schema):
    """The cost of a scan before its start; ``duration`` is an ISO 8601 span. ``source`` is who would read, null while
    nobody can; ``dollars`` is null where the source tells its price afterwards only."""

    people: int | None
    requests: int | None
    duration: timedelta | None
    source: str | None
    dollars: Decimal | None


def scan_out(scan: Scan) -> ScanOut:
    """A scan with its lists."""
    return ScanOut(
        id=scan.pk, account_id=scan.account_id, username=scan.account.username, source=scan.source, mode=scan.mode,
        state=scan.state,
        message=scan.message, job_id=scan.job_uuid, login_id=scan.login_id, created_at=scan.created_at,
        started_at=scan.started_at, finished_at=scan.finished_at,
        lists=[ListScanOut.from_orm(row) for row in sorted(scan.lists.all(), key=lambda row: row.pk)],
    )  # fmt: skip
