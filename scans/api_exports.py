"""Exports over the API: order a file, look how far it is, fetch it, delete it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, page_of
from igsite.problems import Conflict
from igsite.schemas import Body, PageOut
from scans import list_export_files, list_exports, people
from scans.diffing import LossFilter
from scans.file_answers import attachment
from scans.list_exports import ChangesWish, PeopleWish
from scans.models import Direction, LossReason, LossState
from scans.models.list_exports import ExportFormat, ListExport

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Seq = Annotated[int, Field(ge=1, le=2**31 - 1)]


class NotReady(Conflict):
    """The file is not written yet, or will not be."""

    code = "export_not_ready"


class PeopleIn(Body):
    """Whom to export, as the list of people takes it."""

    list: people.PeopleList = people.PeopleList.FOLLOWERS
    q: str = Field("", max_length=people.SEARCH_LIMIT)
    only: people.Standing = people.Standing.ALL
    trait: set[people.Trait] = Field(default_factory=set)
    sort: people.PeopleSort = people.PeopleSort.NAME
    format: ExportFormat = ExportFormat.CSV


class ChangesIn(Body):
    """Which changes to export, as the list of changes takes it; all kinds, one after the other."""

    list: Direction = Direction.FOLLOWERS
    since: Seq
    until: Seq
    state: LossState | None = None
    reason: LossReason | None = None
    unchecked: bool = False
    format: ExportFormat = ExportFormat.CSV


class ExportOut(Schema):
    """One file. ``ready_at`` is null until it can be fetched; ``job_id`` tells how far it is. Deleted at
    ``expires_at``.
    """

    id: UUID
    account_id: UUID
    content: str
    format: str
    choice: dict[str, Any]
    file_name: str
    job_id: UUID
    rows: int | None
    bytes: int | None
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime

    @classmethod
    def of(cls, export: ListExport) -> Self:
        """From the export's row."""
        return cls(
            id=export.pk, account_id=export.account_id, content=export.content, format=export.format,
            choice=export.choice, file_name=export.file_name, job_id=export.job_uuid, rows=export.rows_count,
            bytes=export.bytes, created_at=export.created_at, ready_at=export.ready_at, expires_at=export.expires_at,
        )  # fmt: skip


@router.get("", response=PageOut[ExportOut], url_name="exports")
def list_all(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's exports, newest first."""
    exports = ListExport.objects.for_workspace(request.workspace)
    page = page_of(
        exports, name="exports", order=("-created_at", "-id"), cursor=cursor, limit=limit, show=ExportOut.of
    )  # fmt: skip
    return {"items": list(page.items), "next": page.next}


@router.post("/of/{account_id}/people", response={202: ExportOut}, url_name="export_people")
@idempotent
def export_people(request: MemberRequest, account_id: UUID, payload: PeopleIn) -> Any:
    """A file of one of the account's lists: 202 with the export, which a job writes. 409 while several are written."""
    wish = PeopleWish(payload.list, payload.q, payload.only, frozenset(payload.trait), payload.sort)
    return Status(202, _ordered(request, account_id, wish, payload.format))


@router.post("/of/{account_id}/changes", response={202: ExportOut}, url_name="export_changes")
@idempotent
def export_changes(request: MemberRequest, account_id: UUID, payload: ChangesIn) -> Any:
    """A file of what changed between two scans of one of the account's lists."""
    losses = LossFilter(payload.state, payload.reason, payload.unchecked)
    wish = ChangesWish(payload.list, payload.since, payload.until, losses)
    return Status(202, _ordered(request, account_id, wish, payload.format))


@router.get("/{export_id}", response=ExportOut, url_name="export")
def detail(request: MemberRequest, export_id: UUID) -> ExportOut:
    """One export."""
    return ExportOut.of(_export(request, export_id))


@router.get("/{export_id}/file", url_name="export_file")
def fetch(request: MemberRequest, export_id: UUID) -> StreamingHttpResponse:
    """The file. 409 until it is ready."""
    export = _export(request, export_id)
    answer = attachment(request, list_export_files.path_of(export.pk), export.file_name) if export.ready_at else None
    if answer is None:
        raise NotReady("The file is not written yet. Ask for the export to see how far it is.")
    return answer


@router.delete("/{export_id}", response={204: None}, url_name="export_delete")
def remove(request: MemberRequest, export_id: UUID) -> Any:
    """Delete the file before its week is over."""
    export = _export(request, export_id)
    require_role(request, Role.EDITOR)
    list_exports.remove(export, by=request.user)
    return Status(204, None)


def _ordered(
    request: MemberRequest, account_id: UUID, wish: PeopleWish | ChangesWish, format_: ExportFormat
) -> ExportOut:  # fmt: skip
    account = get_object_or_404(TrackedAccount.objects.for_workspace(request.workspace), pk=account_id)
    require_role(request, Role.EDITOR)
    export = list_exports.order(account=account, wish=wish, format_=format_, by=request.user, now=timezone.now())
    return ExportOut.of(export)


def _export(request: MemberRequest, export_id: UUID) -> ListExport:
    return get_object_or_404(ListExport.objects.for_workspace(request.workspace), pk=export_id)
