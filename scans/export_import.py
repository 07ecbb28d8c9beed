"""Instagram's own export as a scan without any login: taken here, imported by a job (:mod:`scans.import_job`).

People in an export have a name and no number, so they are matched by name (:mod:`scans.provisional`). An export never
confirms a loss, since a rename looks like one; and one that may be only part of a list is not taken for the whole
without asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import SEEK_END
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.gateway.errors import ExportUnreadable
from accounts.gateway.export_zip import Export, ExportPart
from accounts.gateway.export_zip.archive import names
from accounts.gateway.results import Person
from accounts.models import TrackedAccount
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.problems import Conflict, Invalid
from scans import export_files, provisional
from scans.completeness import BY_ITSELF, GAP_PEOPLE, GAP_SHARE_LARGEST, Verdict
from scans.models import Direction, EdgeList
from scans.models.imports import ExportUpload, Extent

IMPORT_JOB: Final = "scans.import"
#: Files of one export; Instagram makes a few of very large ones.
PARTS_MOST: Final = 50
#: Exports of one workspace that wait to be read.
WAITING_MOST: Final = 5


class UnreadableFile(Invalid):
    """The file is no export of Instagram, or a damaged one; the message says what to do."""

    code = "export_unreadable"


class TooLarge(Invalid):
    """The files are larger together than the site takes."""

    code = "export_too_large"


class TooMany(Conflict):
    """An export of this account is being imported, or several of the workspace wait."""

    code = "too_many_imports"


class NothingAsked(Conflict):
    """The import does not wait for an answer, or no longer."""

    code = "nothing_asked"


def order(
    *, account: TrackedAccount, parts: Sequence[ExportPart], by: Any, now: datetime, extent: Extent = Extent.UNSAID
) -> ExportUpload:
    """Take an export and have it imported. Its files are kept until they were read.

    Raises:
        TooLarge, UnreadableFile: nothing was kept.
        TooMany: another one has to end first.
    """
    size = _checked_size(parts)
    upload = ExportUpload(
        pk=uuid4(), workspace_id=account.workspace_id, account=account, names=[part.name[:200] for part in parts],
        bytes=size, extent=extent, created_by=by, created_at=now,
    )  # fmt: skip
    export_files.write(upload.pk, parts)
    try:
        with transaction.atomic():
            upload.job_uuid = _enqueue(upload, account, by).uuid
            upload.save(force_insert=True)
            details = {"files": len(parts), "bytes": size}
            audit.record(by, "export.uploaded", account, workspace=account.workspace, details=details)
    except BaseException:
        export_files.delete(upload.pk)
        raise
    return upload


def _checked_size(parts: Sequence[ExportPart]) -> int:
    """The files' bytes, after a look at what they claim to be."""
    size = sum(part.file.seek(0, SEEK_END) for part in parts)
    if size > settings.EXPORT_UPLOAD_MAX_BYTES or len(parts) > PARTS_MOST:
        most = settings.EXPORT_UPLOAD_MAX_BYTES // 2**20
        sentence = _("This is more than %(most)d MB. Ask Instagram for “Followers and following” only.")
        sentence %= {"most": most}
        raise TooLarge(sentence, fields={"file": [sentence]})
    try:
        for part in parts:
            names(part.file)
    except ExportUnreadable as error:
        raise UnreadableFile(str(error), fields={"file": [str(error)]}) from error
    return size


def _enqueue(upload: ExportUpload, account: TrackedAccount, by: Any) -> Job:
    open_ones = Job.objects.open().filter(workspace_id=account.workspace_id, kind=IMPORT_JOB)
    if open_ones.filter(dedupe_key=f"import-{account.pk}").exists():
        raise TooMany(_("An export of @%(name)s is being imported. Wait for it.") % {"name": account.username})
    if open_ones.count() >= WAITING_MOST:
        raise TooMany(_("Several exports wait to be imported. Wait for one of them."))
    return runner.enqueue(
        IMPORT_JOB,
        workspace=account.workspace,
        by=by,
        params={"upload": str(upload.pk)},
        subject=f"@{account.username}",
        subject_url=reverse("account:import-progress", args=[account.pk, upload.pk]),
        dedupe_key=f"import-{account.pk}",
    )


def answer(upload: ExportUpload, *, extent: Extent, by: Any) -> None:
    """The person says whether the export is the whole list; the import goes on.

    Raises:
        NothingAsked: the import did not ask, or has ended.
    """
    with transaction.atomic():
        job = Job.objects.named(upload.job_uuid)
        mine = ExportUpload.objects.select_for_update(of=("self",)).filter(pk=upload.pk, extent=Extent.UNSAID)
        if job is None or not job.is_open or not upload.doubts or not mine.update(extent=extent):
            raise NothingAsked(_("This import does not wait for an answer."))
        runner.resume(job, by=by)


def lists_of(export: Export) -> dict[Direction, tuple[Person, ...]]:
    """The lists that the export holds."""
    found = {Direction.FOLLOWERS: export.followers, Direction.FOLLOWING: export.following}
    return {direction: people for direction, people in found.items() if people is not None}


def stranger(account: TrackedAccount, export: Export) -> str:
    """Whose export it is, if that is told and it is not the account's; else empty."""
    mine = {account.username}
    if account.profile_id is not None:
        mine |= provisional.former_names(account.profile_id)
    owner = export.owner_username
    return owner if owner is not None and owner not in mine else ""


def doubts(account: TrackedAccount, export: Export) -> list[str]:
    """Sentences that say why the export may hold only part of a list; none: it is taken for the whole."""
    found = []
    if export.gaps:
        missing = ", ".join(f"followers_{number}" for number in export.gaps)
        found.append(_("Files are missing between the first and the last one: %(missing)s.") % {"missing": missing})
    if export.missing_parts:
        missing = ", ".join(str(number) for number in export.missing_parts)
        told = _("Parts of the export are missing: %(missing)s. Cancel this and choose all of its files at once.")
        found.append(told % {"missing": missing})
    if len(export.days) > 1:
        days = " and ".join(day.isoformat() for day in export.days)
        told = _("The files were made on different days: %(days)s. Together they may be no list of any one day.")
        found.append(told % {"days": days})
    for direction, people in lists_of(export).items():
        known = _known_count(account, direction)
        if known is not None and known - len(people) > max(GAP_PEOPLE, GAP_SHARE_LARGEST * known):
            sentence = _(
                "%(list)s: the export names %(count)s people, but %(known)s are known. Was it made for a range of"
                " dates?"
            )
            values = {"list": direction.label, "count": f"{len(people):,}", "known": f"{known:,}"}
            found.append(sentence % values)
    return found


def _known_count(account: TrackedAccount, direction: Direction) -> int | None:
    edges = EdgeList.objects.filter(account=account, direction=direction, complete_seq__isnull=False).first()
    claimed = account.followers_count if direction == Direction.FOLLOWERS else account.following_count
    known = [count for count in (claimed, edges.people_count if edges else None) if count is not None]
    return max(known, default=None)


def verdict(seen: int, extent: str) -> Verdict:
    """What a list of the export is worth."""
    if extent == Extent.PART:
        sentence = f"The export holds {seen:,} people, a part of the list. {BY_ITSELF}"
        return Verdict("partial", "export_part", sentence)
    return Verdict("complete", "", f"All {seen:,} people of the export were read.")
