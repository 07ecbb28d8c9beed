"""The short addresses of scans: one call for what most programs want. The same functions as under /api/v1/scans."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.idempotency import idempotent
from igsite.jobs import api as jobs_api
from igsite.jobs.api import JobOut
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, page_of
from igsite.problems import Conflict, Problem
from igsite.schemas import Body, PageOut
from igsite.text import clean_text
from scans import diffing, follower_scan, overview_figures, people, scan_orders
from scans.api import ScanIn
from scans.api_shapes import ChangeOut, CountsOut, ScanOut, scan_out
from scans.models import ChangeKind, Direction, ListScan, Scan, ScanMode
from scans.models.runs import OPEN_STATES
from scans.progress import with_progress
from scans.views_pictures import image

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
#: Accounts of one call of /api/scrape.
ACCOUNTS_MOST = 50
Changes = list[ChangeOut]


class NothingRuns(Conflict):
    """No scan of the workspace is open, so there is nothing to cancel."""

    code = "nothing_runs"


class NothingToCompare(Conflict):
    """The list has no two scans yet, or this one stored nothing or is its first."""

    code = "nothing_to_compare"


class ScrapeIn(Body):
    """Accounts to scan, each by a scan of its own."""

    accounts: list[Annotated[str, Field(max_length=2_000)]] = Field(min_length=1, max_length=ACCOUNTS_MOST)
    lists: list[Direction] = Field(default=list(Direction), min_length=1, max_length=2)


class StatusOut(Schema):
    """Whether a scan runs, the one that was asked for or the newest, and how far it is; ``expected`` as the profile
    claims, null while that is not known."""

    is_running: bool
    scan: ScanOut | None
    people_read: int
    expected: int | None
    message: str


class OrderedOut(Schema):
    """What became of one account: its scan, or why there is none (``error`` as everywhere)."""

    account: str
    scan: ScanOut | None
    error: dict[str, Any] | None


class ScrapeOut(Schema):
    """One entry for each account, in the order asked."""

    scans: list[OrderedOut]


class HistoryOut(Schema):
    """One reading of one list, newest first; ``scan_id`` names its difference."""

    scan_id: UUID
    account_id: UUID
    username: str
    list: str
    state: str
    sentence: str
    total: int | None
    new: int
    lost: int
    returned: int
    renamed: int
    finished_at: datetime | None


class DiffOut(Schema):
    """What one scan showed against the complete one before it. Each kind holds its first people; where ``next`` names
    a cursor, /api/v1/scans/of/{account_id}/changes/{list}/{kind} goes on with it and the same ``since`` and ``until``.
    """

    scan_id: UUID
    account_id: UUID
    username: str
    list: str
    since: int
    until: int
    is_complete: bool
    counts: dict[str, int]
    changes: dict[str, Changes]
    next: dict[str, str]


class SummaryOut(Schema):
    """The workspace in figures; with ``account``, the sizes of that account's lists too."""

    accounts: int
    people: int
    new: int
    lost: int
    last_scan: ScanOut | None
    lists: CountsOut | None


@router.post("/scan", response={202: ScanOut}, url_name="short_scan")
@idempotent
def start_scan(request: MemberRequest, payload: ScanIn) -> Any:
    """Start a scan: 202 with its job, whose progress /api/progress/{job_id} tells."""
    require_role(request, Role.EDITOR)
    return Status(202, scan_out(_order(request, payload.account, payload.lists, payload.login, payload.mode)))


@router.get("/scan/status", response=StatusOut, url_name="short_status")
def status(request: MemberRequest, scan_id: UUID | None = None) -> Any:
    """How the scan stands; without `scan_id` the newest one of the workspace."""
    scan = _scan(request, scan_id) if scan_id else _scans(request).order_by("-created_at", "-id").first()
    if scan is None:
        return StatusOut(is_running=False, scan=None, people_read=0, expected=None, message="")
    (progress,) = with_progress([scan])
    return StatusOut(
        is_running=scan.is_open, scan=scan_out(scan), people_read=progress.seen, expected=progress.expected,
        message=progress.sentence,
    )  # fmt: skip


@router.post("/scan/cancel", response=ScanOut, url_name="short_cancel")
@idempotent
def cancel(request: MemberRequest, scan_id: UUID | None = None) -> Any:
    """Stop the scan; without `scan_id` the newest one that runs. Who was read stays; nobody is counted as lost."""
    opened = _scans(request).filter(state__in=OPEN_STATES).order_by("-created_at", "-id")
    scan = _scan(request, scan_id) if scan_id else opened.first()
    require_role(request, Role.EDITOR)
    if scan is None:
        raise NothingRuns("No scan is running.")
    follower_scan.cancel(scan, by=request.user)
    return scan_out(_scan(request, scan.pk))


@router.post("/scrape", response={202: ScrapeOut}, url_name="short_scrape")
@idempotent
def scrape(request: MemberRequest, payload: ScrapeIn) -> Any:
    """Start a scan of each account: 202, also when some were refused; each entry says what became of it."""
    require_role(request, Role.EDITOR)
    return Status(202, ScrapeOut(scans=[_ordered(request, name, payload.lists) for name in payload.accounts]))


@router.get("/history", response=PageOut[HistoryOut], url_name="short_history")
def history(
    request: MemberRequest, account: str = "", list_: Annotated[Direction | None, Query(alias="list")] = None,
    cursor: str = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """Every reading of every list, newest first; of one `account` (its name) or one `list` only."""
    readings = ListScan.objects.for_workspace(request.workspace).select_related("scan__account")
    readings = readings.filter(finished_at__isnull=False)
    readings = readings.filter(direction=list_) if list_ else readings
    readings = readings.filter(scan__account=_account(request, account)) if account else readings
    page = page_of(readings, name="history", order=("-id",), cursor=cursor, limit=limit, show=_reading)
    return {"items": list(page.items), "next": page.next}


@router.get("/diff/latest", response=DiffOut, url_name="short_diff_latest")
def latest_diff(
    request: MemberRequest, account: str = "", list_: Annotated[Direction, Query(alias="list")] = Direction.FOLLOWERS,
    limit: Limit = 50,
) -> DiffOut:  # fmt: skip
    """What the newest complete scan showed: of `account` (its name), or of whichever was scanned last."""
    newest = _comparable(request).filter(direction=list_, state="complete")
    newest = newest.filter(scan__account=_account(request, account)) if account else newest
    return _diff(newest.order_by("-id").first(), limit)


@router.get("/diff/{scan_id}", response=DiffOut, url_name="short_diff")
def diff(
    request: MemberRequest, scan_id: UUID, list_: Annotated[Direction, Query(alias="list")] = Direction.FOLLOWERS,
    limit: Limit = 50,
) -> DiffOut:  # fmt: skip
    """What one scan showed against the complete one before it. 409 when there is none, or it stored nothing."""
    return _diff(_comparable(request).filter(scan=_scan(request, scan_id), direction=list_).first(), limit)


@router.get("/summary", response=SummaryOut, url_name="short_summary")
def summary(request: MemberRequest, account: str = "") -> Any:
    """The workspace's figures, as on the dashboard: new and lost are followers of the last seven days."""
    figures = overview_figures.figures(request.workspace, timezone.now())
    return SummaryOut(
        accounts=figures.accounts, people=figures.people, new=figures.new, lost=figures.lost,
        last_scan=scan_out(figures.last_scan) if figures.last_scan else None,
        lists=CountsOut.from_orm(people.counts(_account(request, account))) if account else None,
    )  # fmt: skip


@router.get("/tasks", response=PageOut[JobOut], url_name="short_tasks")
def tasks(request: HttpRequest, state: jobs_api.State = "", cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's jobs of every kind, newest first."""
    return jobs_api.list_jobs(request, state, cursor, limit)


@router.get("/image/{profile_id}", url_name="short_image")
def picture(request: MemberRequest, profile_id: int) -> HttpResponse:
    """A person's picture as WebP, or their initials as SVG: for those who may see the person, 404 for others."""
    return image(request, profile_id)


def _order(
    request: MemberRequest, account: str, lists: list[Direction], login: UUID | None, mode: ScanMode
) -> Scan:  # fmt: skip
    return scan_orders.order(
        workspace=request.workspace, account=account, directions=lists, login_id=login, by=request.user,
        now=timezone.now(), mode=ScanMode(mode),
    )  # fmt: skip


def _ordered(request: MemberRequest, account: str, lists: list[Direction]) -> OrderedOut:
    try:
        scan = _order(request, account, lists, None, ScanMode.FULL)
    except Problem as refusal:
        error = {"code": refusal.code, "message": refusal.message}
        return OrderedOut(account=account, scan=None, error=error)
    return OrderedOut(account=account, scan=scan_out(scan), error=None)


def _scans(request: MemberRequest) -> Any:
    return Scan.objects.for_workspace(request.workspace).select_related("account", "login")


def _scan(request: MemberRequest, scan_id: UUID) -> Scan:
    scan: Scan = get_object_or_404(_scans(request), pk=scan_id)
    return scan


def _account(request: MemberRequest, name: str) -> TrackedAccount:
    mine = TrackedAccount.objects.for_workspace(request.workspace)
    return get_object_or_404(mine, username=clean_text(name).strip().lstrip("@").lower())


def _reading(row: ListScan) -> HistoryOut:
    return HistoryOut(
        scan_id=row.scan_id, account_id=row.scan.account_id, username=row.scan.account.username, list=row.direction,
        state=row.state, sentence=row.sentence, total=row.total, new=row.new_count, lost=row.lost_count,
        returned=row.returned_count, renamed=row.renamed_count, finished_at=row.finished_at,
    )  # fmt: skip


def _comparable(request: MemberRequest) -> Any:
    stored = ListScan.objects.for_workspace(request.workspace).filter(seq__isnull=False)
    return stored.select_related("scan__account", "edge_list")


def _diff(row: ListScan | None, limit: int) -> DiffOut:
    since = diffing.complete_before(row) if row else None
    if row is None or row.seq is None or since is None:
        raise NothingToCompare("There are no two scans of this list to compare yet.")
    edges, until = row.edge_list, row.seq
    pages = {kind: diffing.changes(edges, kind, since=since, until=until, limit=limit) for kind in ChangeKind}
    counts = diffing.count_changes(edges, since=since, until=until)
    return DiffOut(
        scan_id=row.scan_id, account_id=row.scan.account_id, username=row.scan.account.username, list=row.direction,
        since=since, until=until, is_complete=row.is_complete,
        counts={kind.value: getattr(counts, kind.value) for kind in ChangeKind},
        changes={kind.value: [ChangeOut.of(change) for change in page.items] for kind, page in pages.items()},
        next={kind.value: page.next for kind, page in pages.items() if page.next},
    )  # fmt: skip
