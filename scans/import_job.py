"""The job that imports an export: reads the files once, looks its people up by name, merges both lists.

Reading is one step, since a ZIP has no middle to go on from; what was read is kept in rows, so that a job that dies
goes on from there and the files can be deleted at once. Nothing reaches a list before the last step of that list.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.gateway.errors import ExportUnreadable
from accounts.gateway.export_zip import Export, read_export
from igsite.figures import number
from igsite.jobs import runner
from igsite.jobs.housekeeping import nightly
from igsite.jobs.kinds import Again, Blocked, Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import Run
from scans import conclusion, export_files, export_import, follow_dates, follower_scan, merge, provisional, staging
from scans.models import Direction, ListScan, Scan, ScanState, Source
from scans.models.imports import ExportUpload, Extent, ImportedName
from scans.models.runs import OPEN_STATES
from scans.paging_rules import Position

#: Names looked up in one piece, and seconds of pieces in one step.
BATCH: Final = 5_000
SLICE: Final = 1.5
#: How long an import waits for a scan of the same account to end before it looks again.
PATIENCE: Final = timedelta(minutes=1)
PATIENCE_WITH_PEOPLE: Final = timedelta(days=7)


@dataclass(slots=True)
class Stand:
    """Where the import stands: in which of its lists, how many names of it were looked up, how many in all."""

    list_scan: int = 0
    position: int = 0
    done: int = 0

    def cursor(self) -> dict[str, Any]:
        """For the job's row."""
        return {"list_scan": self.list_scan, "position": self.position, "done": self.done}


@register
class ImportExport(Kind):
    """Imports an uploaded export."""

    name = export_import.IMPORT_JOB
    label = gettext_lazy("Import of an export")
    can_retry = False  # the files are gone by then: upload them again

    def step(self, run: Run) -> Outcome:
        """Read the files, or look some names up, or merge a list."""
        upload = ExportUpload.objects.select_related("account", "workspace", "scan").filter(
            pk=run.params["upload"]
        ).first()  # fmt: skip
        if upload is None:
            return Done(_("The account is no longer tracked."))
        if not run.cursor or upload.scan is None:
            return _read(run, upload)
        list_scan = ListScan.objects.select_related("scan").filter(
            scan=upload.scan, state__in=OPEN_STATES
        ).order_by("pk").first()  # fmt: skip
        return _finish(run, upload) if list_scan is None else _go_on(run, upload, list_scan)

    def ended(self, job: Job) -> None:
        """Whatever the end was: the scan ends with it, and nothing of the export is kept."""
        upload = ExportUpload.objects.select_related("scan__account").filter(pk=job.params["upload"]).first()
        if upload is None:
            return
        _forget_names(upload)
        transaction.on_commit(lambda: export_files.delete(upload.pk))
        scan = upload.scan
        if scan is not None and scan.is_open and job.finished_at is not None:
            reason = "cancelled" if job.state == JobState.CANCELLED else "crashed"
            sentence = _("The import ended before everything was read. This list was not changed.")
            for list_scan in scan.lists.filter(state__in=OPEN_STATES).order_by("pk"):
                conclusion.abandon_list(list_scan, reason, sentence, now=job.finished_at)
            conclusion.finish_scan(scan, now=job.finished_at)


@nightly("scans.uploads")
def forget_lost_uploads(now: datetime) -> None:
    """Imports whose question nobody answered for a week, and files that no import will read any more."""
    imports = Job.objects.open().filter(kind=export_import.IMPORT_JOB)
    for job in imports.filter(state=JobState.BLOCKED, created_at__lt=now - PATIENCE_WITH_PEOPLE):
        runner.cancel(job, by=None)
    wanted = set(imports.values_list("params__upload", flat=True))
    for upload_id in export_files.kept_since_before(now - timedelta(days=1)):
        if str(upload_id) not in wanted:
            export_files.delete(upload_id)


def _read(run: Run, upload: ExportUpload) -> Outcome:
    """The files into rows. Asks first where they may hold only part of a list."""
    account = upload.account
    if Scan.objects.filter(account=account, state__in=OPEN_STATES).exists():
        return _busy(run, account.username)
    run.heartbeat()
    try:
        with export_files.opened(upload.pk, upload.names) as parts:
            export = read_export(parts)
    except ExportUnreadable as error:
        return Failed(str(error), export_import.UnreadableFile.code)
    except FileNotFoundError:
        return Failed(_("The uploaded file is no longer there. Upload it again."), "export_gone")
    owner = export_import.stranger(account, export)
    if owner:
        sentence = _("This export is of @%(owner)s, not of @%(name)s. Track that account first.")
        return Failed(sentence % {"owner": owner, "name": account.username}, "export_of_another_account")
    doubts = export_import.doubts(account, export)
    if doubts and upload.extent == Extent.UNSAID:
        ExportUpload.objects.filter(pk=upload.pk).update(doubts=doubts)
        return Blocked(_("This export may be incomplete. Say whether it is the whole list."), run.job.subject_url)
    return _keep(run, upload, export)


def _busy(run: Run, username: str) -> Wait:
    why = _("@%(name)s is being scanned. The export is imported when that is done.")
    return Wait(run.now() + PATIENCE, why % {"name": username})


def _keep(run: Run, upload: ExportUpload, export: Export) -> Outcome:
    lists = export_import.lists_of(export)
    total = sum(map(len, lists.values()))
    told = _("%(count)s people were read. Looking them up.") % {"count": number(total)}
    try:
        with run.save(cursor=Stand().cursor(), done=0, total=total, message=told):
            _forget_names(upload)
            _copy_names(upload, lists)
            upload.scan = _open_scan(run, upload, list(lists))
            upload.save(update_fields=["scan"])
    except IntegrityError:  # a scan of the account began at this moment
        return _busy(run, upload.account.username)
    export_files.delete(upload.pk)
    return Again()


def _copy_names(upload: ExportUpload, lists: dict[Direction, tuple[Any, ...]]) -> None:
    columns = "upload_id, direction, position, username, followed_at"
    with connection.cursor() as cursor, cursor.copy(f"copy scans_importedname ({columns}) from stdin") as copy:
        for direction, people in lists.items():
            for position, person in enumerate(people, 1):
                copy.write_row((upload.pk, direction.value, position, person.username, person.followed_at))


def _open_scan(run: Run, upload: ExportUpload, directions: list[Direction]) -> Scan:
    scan = Scan.objects.create(
        workspace_id=upload.workspace_id, account=upload.account, directions=[str(each) for each in directions],
        source=Source.EXPORT, state=ScanState.RUNNING, created_by=upload.created_by, created_at=run.now(),
        started_at=run.now(), job_uuid=run.job.uuid,
    )  # fmt: skip
    for list_scan in follower_scan.open_lists(scan, directions):
        staging.create(list_scan.pk)
    return scan


def _go_on(run: Run, upload: ExportUpload, list_scan: ListScan) -> Outcome:
    """Names of one list, then its merge."""
    stand = Stand(**run.cursor)
    if stand.list_scan != list_scan.pk:
        stand = Stand(list_scan.pk, 0, stand.done)
    if stand.position and staging.is_empty(list_scan.pk):  # the database crashed: what is unlogged is gone
        stand = Stand(list_scan.pk, 0, stand.done - stand.position)
        list_scan.people_seen = 0
    over = time.monotonic() + SLICE
    while names := _names(upload, list_scan, stand.position):
        _look_up(run, upload, list_scan, stand, names)
        if run.cancel_seen or time.monotonic() >= over:
            return Again()
    with run.save(cursor=stand.cursor()):
        merged = _merge(run, upload, list_scan)
    if merged is not None:
        merge.tidy(merged)
    return Again()


def _names(upload: ExportUpload, list_scan: ListScan, position: int) -> list[tuple[int, str]]:
    rows = ImportedName.objects.filter(upload=upload, direction=list_scan.direction, position__gt=position)
    return list(rows.order_by("position").values_list("position", "username")[:BATCH])


def _look_up(run: Run, upload: ExportUpload, list_scan: ListScan, stand: Stand, names: list[tuple[int, str]]) -> None:
    """One batch of names: numbers for them, and into the staging table."""
    stand.done += len(names)
    with run.save(done=stand.done) as progress:
        ids = provisional.ids_of([name for _position, name in names], account_id=upload.account_id)
        list_scan.people_seen += staging.add_names(list_scan.pk, [(ids[name], name) for _position, name in names])
        list_scan.state, list_scan.started_at = ScanState.RUNNING, list_scan.started_at or run.now()
        list_scan.save(update_fields=["people_seen", "state", "started_at"])
        _tie(upload, list_scan, [(position, ids[name]) for position, name in names])
        stand.position = names[-1][0]
        progress.cursor = stand.cursor()


def _tie(upload: ExportUpload, list_scan: ListScan, ids: Iterable[tuple[int, int]]) -> None:
    positions, numbers = zip(*ids, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "update scans_importedname n set profile_id = t.id from unnest(%s::int[], %s::bigint[]) t(position, id)"
            " where n.upload_id = %s and n.direction = %s and n.position = t.position and n.followed_at is not null",
            [list(positions), list(numbers), upload.pk, list_scan.direction],
        )


def _merge(run: Run, upload: ExportUpload, list_scan: ListScan) -> merge.Merged | None:
    seen = staging.count(list_scan.pk) or 0
    position = Position(pages=1, seen=seen, is_over=True)
    verdict = export_import.verdict(seen, upload.extent)
    merged = conclusion.conclude_list(list_scan, position, now=run.now(), verdict=verdict)
    if merged is not None:
        follow_dates.keep(list_scan.edge_list, upload.pk, Direction(list_scan.direction))
    return merged


def _finish(run: Run, upload: ExportUpload) -> Outcome:
    scan = upload.scan
    assert scan is not None  # noqa: S101 - for the type checker: the caller looked
    if scan.is_open:
        with run.save():
            conclusion.finish_scan(scan, now=run.now())
    seen = scan.lists.aggregate(most=Max("people_seen"))["most"]
    return Done(scan.message or _("The export was imported."), {"scan": str(scan.pk), "people": seen})


def _forget_names(upload: ExportUpload) -> None:
    ImportedName.objects.filter(upload=upload).delete()
