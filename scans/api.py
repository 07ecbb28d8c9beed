"""Scans, people and changes over the API: the same functions as the pages."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, TrackedAccount
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, page_of
from igsite.schemas import Body, PageOut
from scans import diffing, estimate, follow_dates, follower_scan, people, scan_orders
from scans.api_shapes import (
    ChangeOut,
    CountsOut,
    EstimateOut,
    ListScanOut,
    PeopleCountOut,
    PeopleOut,
    PeopleQuery,
    PersonOut,
    ScanOut,
    scan_out,
)
from scans.follow_dates import NEVER_TOLD
from scans.models import ChangeKind, Direction, EdgeList, LossReason, LossState, Scan, ScanMode

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]
_LISTED = ("account", "login")


class ScanIn(Body):
    """A scan to start. An account that is not tracked yet is tracked."""

    account: str = Field(max_length=2_000, description="@name, or the address of the profile.")
    lists: list[Direction] = Field(min_length=1, max_length=2)
    login: UUID | None = Field(None, description="The login to read with; null takes the first that is ready.")
    mode: ScanMode = Field(ScanMode.FULL, description="newest: only the newest people; shows who came, never who left.")


@router.get("", response=PageOut[ScanOut], url_name="scans")
def list_scans(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's scans, newest first."""
    scans = Scan.objects.for_workspace(request.workspace).select_related(*_LISTED).prefetch_related("lists")
    page = page_of(scans, name="scans", order=("-created_at", "-id"), cursor=cursor, limit=limit, show=scan_out)
    return {"items": list(page.items), "next": page.next}


@router.post("", response={202: ScanOut}, url_name="scans_start")
@idempotent
def start_scan(request: MemberRequest, payload: ScanIn) -> Any:
    """Start a scan: 202, with the job that does it. 409 while the account is being scanned."""
    require_role(request, Role.EDITOR)
    scan = scan_orders.order(
        workspace=request.workspace, account=payload.account, directions=payload.lists, login_id=payload.login,
        by=request.user, now=timezone.now(), mode=ScanMode(payload.mode),
    )  # fmt: skip
    return Status(202, scan_out(scan))


@router.get("/{scan_id}", response=ScanOut, url_name="scan")
def scan_detail(request: MemberRequest, scan_id: UUID) -> ScanOut:
    """One scan as it stands, with what came of each list."""
    return scan_out(_scan(request, scan_id))


@router.post("/{scan_id}/cancel", response=ScanOut, url_name="scan_cancel")
@idempotent
def cancel_scan(request: MemberRequest, scan_id: UUID) -> Any:
    """Stop it at the next page. Who was read stays; nobody is counted as lost. An ended scan stays as it is."""
    scan = _scan(request, scan_id)
    require_role(request, Role.EDITOR)
    follower_scan.cancel(scan, by=request.user)
    return scan_out(_scan(request, scan_id))


@router.get("/of/{account_id}/estimate", response=EstimateOut, url_name="scan_estimate")
def scan_estimate(
    request: MemberRequest, account_id: UUID, lists: str = "followers", login: UUID | None = None,
    mode: ScanMode = ScanMode.FULL,
) -> Any:  # fmt: skip
    """What a scan would cost. `lists`: followers, following, or both with a comma; nulls while a size is unknown."""
    account = _account(request, account_id)
    wanted = [direction for direction in Direction if direction.value in lists.split(",")]
    if login:
        get_object_or_404(InstagramLogin.objects.for_workspace(request.workspace), pk=login)
    now = timezone.now()
    reader = scan_orders.reader(account, wanted, login_id=login, mode=mode, now=now)
    return estimate.estimate(account, wanted, reader=reader, now=now, mode=mode)


@router.get("/of/{account_id}/counts", response=CountsOut, url_name="people_counts")
def people_counts(request: MemberRequest, account_id: UUID) -> Any:
    """Exact sizes of the account's lists; null where a list that is needed was never read."""
    return people.counts(_account(request, account_id))


@router.get("/of/{account_id}/people/{which}", response=PeopleOut, url_name="people")
def people_list(
    request: MemberRequest, account_id: UUID, which: people.PeopleList,
    narrowed: Query[PeopleQuery], sort: people.PeopleSort = people.PeopleSort.NAME,
    cursor: str = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """One of the account's lists. `rests_on` says from which scans it is, and whether they were complete.

    On a long list of which few people match, a page may hold fewer than `limit`, even none: read on while `next` is
    there.
    """
    account = _account(request, account_id)
    page = people.people(account, which, sort=sort, cursor=cursor, limit=limit, **narrowed.choice)
    since = follow_dates.of(account, [row.profile_id for row in page.items])
    rests_on = [reading.latest for reading in people.readings(account, which)]
    return PeopleOut(
        items=[PersonOut.of(row, since.get(row.profile_id, NEVER_TOLD)) for row in page.items],
        next=page.next,
        sort=page.sort,
        rests_on=[ListScanOut.from_orm(scan) for scan in rests_on if scan is not None],
        is_whole=all(scan is not None and scan.is_complete for scan in rests_on),
    )


@router.get("/of/{account_id}/people/{which}/count", response=PeopleCountOut, url_name="people_count")
def people_count(
    request: MemberRequest, account_id: UUID, which: people.PeopleList, narrowed: Query[PeopleQuery]
) -> Any:
    """How many people of a list are found, up to 10,000; no more than `at_least` if `is_exact`."""
    return people.count(_account(request, account_id), which, **narrowed.choice)


@router.get("/of/{account_id}/history/{direction}", response=list[ListScanOut], url_name="list_history")
def list_history(request: MemberRequest, account_id: UUID, direction: Direction) -> Any:
    """The scans of one list that stored something, newest first: their `seq` is what changes are asked between."""
    return diffing.comparable(_edges(request, account_id, direction))


@router.get("/of/{account_id}/changes/{direction}/{kind}", response=PageOut[ChangeOut], url_name="changes")
def changes(
    request: MemberRequest, account_id: UUID, direction: Direction, kind: ChangeKind, since: Seq = 0, until: Seq = 0,
    cursor: str = "", limit: Limit = 50, state: LossState | None = None, reason: LossReason | None = None,
    unchecked: bool = False,
) -> Any:  # fmt: skip
    """What changed between the scans numbered `since` and `until`, newest first; by default the last two complete.

    Of the lost `state` (missing, confirmed), `reason` or `unchecked` choose some.
    """
    edges = _edges(request, account_id, direction)
    pair = diffing.default_pair(edges) if not (since and until) else None
    if pair is not None:
        since, until = pair[0].seq or 0, pair[1].seq or 0
    chosen = diffing.LossFilter(state, reason, unchecked)
    page = diffing.changes(edges, kind, since=since, until=until, cursor=cursor, limit=limit, losses=chosen)
    return {"items": [ChangeOut.of(change) for change in page.items], "next": page.next}


def _scan(request: MemberRequest, scan_id: UUID) -> Scan:
    scans = Scan.objects.for_workspace(request.workspace).select_related(*_LISTED)
    return get_object_or_404(scans, pk=scan_id)


def _account(request: MemberRequest, account_id: UUID) -> TrackedAccount:
    return get_object_or_404(TrackedAccount.objects.for_workspace(request.workspace), pk=account_id)


def _edges(request: MemberRequest, account_id: UUID, direction: Direction) -> EdgeList:
    lists = EdgeList.objects.for_workspace(request.workspace)
    return get_object_or_404(lists, account_id=account_id, direction=direction)
