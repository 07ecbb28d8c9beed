"""The jobs of scans."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import source_runs
from igsite.jobs.kinds import Kind, Outcome, register
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import Run
from scans import (
    bitmap_job,
    conclusion,
    follower_scan,
    housekeeping,
    import_job,
    list_export_job,
    loss_job,
    picture_job,
    scan_steps,
    schedule_job,
    search_job,
    staging,
)
from scans.models import Scan
from scans.models.runs import OPEN_STATES

__all__ = [
    "KeepScan",
    "PeopleScan",
    "bitmap_job",
    "housekeeping",
    "import_job",
    "list_export_job",
    "loss_job",
    "picture_job",
    "schedule_job",
    "search_job",
]  # importing a module registers its kinds


@register
class PeopleScan(Kind):
    """Reads the lists of an account and merges them."""

    name = follower_scan.PEOPLE_JOB
    label = _("Scan")
    can_retry = False  # a scan that ended is a fact; another one is started instead

    def step(self, run: Run) -> Outcome:
        """The next piece of the scan."""
        return scan_steps.step(run)

    def ended(self, job: Job) -> None:
        """Ends the scan with its job, keeping who was read. A scan that another job took over goes on."""
        scan = _scan(job)
        if scan is None:
            _clear(job)
        elif scan.is_open and scan.job_uuid == job.uuid and job.finished_at is not None:
            cancelled = job.state == JobState.CANCELLED
            source_runs.give_up(f"scan-{scan.pk}")
            reason = "cancelled" if cancelled else "crashed"
            sentence = follower_scan.CANCELLED_SENTENCE if cancelled else job.error
            follower_scan.job_ended(scan, reason=reason, sentence=sentence, now=job.finished_at)


@register
class KeepScan(Kind):
    """Merges what a scan had read before it was cancelled or broke off."""

    name = follower_scan.KEEP_JOB
    label = _("Keep what a scan read")

    def step(self, run: Run) -> Outcome:
        """Merge and end the scan."""
        return scan_steps.keep(run)

    def ended(self, job: Job) -> None:
        """Whatever happens, the scan ends."""
        scan = _scan(job)
        if scan is None or not scan.is_open or job.finished_at is None:
            return
        sentence = "What was read before the scan ended could not be kept. Nothing was changed."
        for list_scan in scan.lists.filter(state__in=OPEN_STATES):
            conclusion.abandon_list(list_scan, job.params["reason"], sentence, now=job.finished_at)
        conclusion.finish_scan(scan, now=job.finished_at)


def _scan(job: Job) -> Scan | None:
    return Scan.objects.select_related("account", "workspace").filter(pk=job.params.get("scan")).first()


def _clear(job: Job) -> None:
    staged = job.cursor.get("staging")
    if staged is not None:
        staging.drop(staged)
