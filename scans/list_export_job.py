"""The job that writes an export: rows are gathered page by page, and made into the file at the end."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from igsite.figures import number
from igsite.jobs.housekeeping import nightly
from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import Run
from scans import list_export_files, list_exports
from scans.models.list_exports import ExportFormat, ListExport

#: Seconds of gathering in one step; rows between two commits.
SLICE: Final = 1.5
BATCH: Final = 5_000


@register
class WriteExport(Kind):
    """Writes an exported list into a file."""

    name = list_exports.EXPORT_JOB
    label = gettext_lazy("Export")

    def step(self, run: Run) -> Outcome:
        """Some rows more, or the file."""
        export = ListExport.objects.select_related("account").filter(pk=run.params["export"]).first()
        if export is None:
            return Done(_("The export was deleted."))
        stand: dict[str, Any] = {"next": "", "offset": 0, "rows": 0, "is_over": False} | run.cursor
        if not list_export_files.holds(export.pk, stand["offset"]):
            stand = {"next": "", "offset": 0, "rows": 0, "is_over": False}
        return _finish(run, export, stand["rows"]) if stand["is_over"] else _gather(run, export, stand)

    def ended(self, job: Job) -> None:
        """Nothing is left of one that failed or was cancelled."""
        if job.state != JobState.DONE:
            export_id = UUID(job.params["export"])
            transaction.on_commit(lambda: list_export_files.delete(export_id))

    def retried(self, job: Job) -> None:
        """From the beginning: what was gathered is gone."""
        job.cursor = {}


def _gather(run: Run, export: ListExport, stand: dict[str, Any]) -> Outcome:
    source, over = list_exports.lines_of(export), time.monotonic() + SLICE
    while not stand["is_over"]:
        lines, count = "", 0
        while count < BATCH and not stand["is_over"] and time.monotonic() < over:
            part = source(stand["next"], list_exports.PAGE)
            lines, count, stand["next"] = lines + part.text, count + part.count, part.next
            stand["is_over"] = not part.next
        stand["offset"] = list_export_files.gather(export.pk, stand["offset"], lines)
        stand["rows"] += count
        told = _("%(count)s rows so far") % {"count": number(stand["rows"])}
        with run.save(cursor=stand, done=stand["rows"], message=told):
            pass
        if run.cancel_seen or time.monotonic() >= over:
            return Again()
    return Again()


def _finish(run: Run, export: ListExport, rows: int) -> Outcome:
    size = list_export_files.finish(
        export.pk, ExportFormat(export.format), list_exports.heading(export), run.heartbeat
    )  # fmt: skip
    with run.save(done=rows, total=rows):
        ListExport.objects.filter(pk=export.pk).update(rows_count=rows, bytes=size, ready_at=run.now())
    return Done(_("%(count)s rows. Fetch the file on the page of exports.") % {"count": number(rows)})


@nightly("scans.exports")
def forget_expired_exports(now: datetime) -> None:
    """Files that were kept for their week."""
    for export in ListExport.objects.filter(expires_at__lt=now).order_by("expires_at")[:1_000]:
        export_id = export.pk
        export.delete()
        list_export_files.delete(export_id)
