"""Imports of Instagram's own export over the API: how far one is, what it asks, what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, BinaryIO, Literal, Self, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import Field

from accounts.gateway.export_zip import ExportPart
from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.idempotency import idempotent
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.problems import Invalid
from igsite.schemas import Body
from scans import export_import
from scans.models import ExportUpload, Extent

router = Router()
NO_FILES: list[UploadedFile] = []


class ImportOut(Schema):
    """One import. ``state`` is that of its job: blocked means that ``doubts`` want an answer. ``error`` says why it
    failed, with its ``error_code``; ``scan_id`` is the scan that comes of it, once the file was read.
    """

    id: UUID
    account_id: UUID
    job_id: UUID
    state: str
    message: str
    error: str
    error_code: str
    doubts: list[str]
    extent: str
    done: int
    total: int | None
    scan_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, upload: ExportUpload, job: Job) -> Self:
        """From the upload and its job."""
        return cls(
            id=upload.pk, account_id=upload.account_id, job_id=upload.job_uuid, state=job.state, message=job.message,
            error=job.error, error_code=job.error_code, doubts=upload.doubts, extent=upload.extent,
            done=job.done_units, total=job.total_units, scan_id=upload.scan_id, created_at=upload.created_at,
        )  # fmt: skip


class AnswerIn(Body):
    """Whether the export is the whole list, or a part of it that closes nobody."""

    extent: Literal["whole", "part"]


@router.post("/of/{account_id}", response={202: ImportOut}, url_name="import_start")
def import_export(
    request: MemberRequest,
    account_id: UUID,
    file: Annotated[list[UploadedFile], File()] = NO_FILES,
    extent: Annotated[str, Field(max_length=5)] = "",
) -> Any:
    """Import Instagram's own export (all of its ZIP files, as `file`): 202 with the import, which a job does.

    With `extent` whole or part nothing is asked. 409 while an export of this account is being imported.
    """
    account = get_object_or_404(TrackedAccount.objects.for_workspace(request.workspace), pk=account_id)
    require_role(request, Role.EDITOR)
    if not file:
        sentence = "Send the export’s ZIP as `file`."
        raise Invalid(sentence, fields={"file": [sentence]})
    parts = [ExportPart(part.name or "", cast("BinaryIO", part.file)) for part in file]
    said = Extent(extent) if extent in Extent.values else Extent.UNSAID
    upload = export_import.order(account=account, parts=parts, by=request.user, now=timezone.now(), extent=said)
    return Status(202, _shown(request, upload.pk))


@router.get("/{upload_id}", response=ImportOut, url_name="import")
def import_detail(request: MemberRequest, upload_id: UUID) -> ImportOut:
    """One import as it stands."""
    return _shown(request, upload_id)


@router.post("/{upload_id}/answer", response=ImportOut, url_name="import_answer")
@idempotent
def answer(request: MemberRequest, upload_id: UUID, payload: AnswerIn) -> Any:
    """Say whether it is the whole list; the import goes on. 409 when it did not ask."""
    upload = _upload(request, upload_id)
    require_role(request, Role.EDITOR)
    export_import.answer(upload, extent=Extent(payload.extent), by=request.user)
    return _shown(request, upload_id)


def _upload(request: MemberRequest, upload_id: UUID) -> ExportUpload:
    return get_object_or_404(ExportUpload.objects.for_workspace(request.workspace), pk=upload_id)


def _shown(request: MemberRequest, upload_id: UUID) -> ImportOut:
    upload = _upload(request, upload_id)
    return ImportOut.of(upload, get_object_or_404(Job.objects.for_workspace(request.workspace), uuid=upload.job_uuid))
