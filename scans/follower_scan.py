"""Start and cancel a scan of an account's followers, following or both. The work is a job (:mod:`scans.scan_steps`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import sources
from accounts.models import InstagramLogin, TrackedAccount
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.problems import Conflict, Invalid
from scans import conclusion, newest_first, scan_sources
from scans.models import Direction, EdgeList, ListScan, Scan, ScanMode, Source
from scans.models.runs import OPEN_STATES
from scans.scan_sources import NoLogin

__all__ = ["NoLogin", "ScanRunning", "cancel", "is_import", "job_ended", "open_lists", "scan_url", "start"]
PEOPLE_JOB: Final = "scans.people"
KEEP_JOB: Final = "scans.keep"
CANCELLED_SENTENCE: Final = "The scan was cancelled."


class ScanRunning(Conflict):
    """This account is being scanned already; ``scan`` is that scan."""

    code = "scan_running"

    def __init__(self, message: str, scan: Scan | None) -> None:
        super().__init__(message)
        self.scan = scan


def start(
    *,
    account: TrackedAccount,
    directions: Sequence[Direction],
    by: Any,
    login: InstagramLogin | None = None,
    now: datetime | None = None,
    mode: ScanMode = ScanMode.FULL,
) -> Scan:
    """A new scan of the account with its job; followers are read first.

    ``login`` None takes the first source of the account's chain that can read. ``by`` is the person, None for a
    schedule. ``mode`` newest reads newest first and adds people only (:mod:`scans.newest_first`).

    Raises:
        ScanRunning: the account's last scan has not ended.
        NoLogin: no source can read, or the login belongs to another workspace.
        Invalid: no list was chosen.
        newest_first.NeverWhole: newest first was asked for a list that has no complete scan.
    """
    now = now or timezone.now()
    wanted = [direction for direction in Direction if direction in directions]
    if not wanted:
        raise Invalid("Choose followers, following or both.", fields={"lists": ["Choose at least one list."]})
    reader = scan_sources.choose(account, wanted, login=login, mode=mode, now=now)
    if mode == ScanMode.NEWEST:
        lists = {edges.direction: edges for edges in EdgeList.objects.filter(account=account)}
        newest_first.check([lists.get(direction) for direction in wanted])
    try:
        with transaction.atomic():
            scan = Scan.objects.create(
                workspace_id=account.workspace_id, account=account, directions=[str(each) for each in wanted],
                source=scan_sources.kind_of(reader), login=reader.login, mode=mode, created_by=by, created_at=now,
            )  # fmt: skip
            open_lists(scan, wanted)
            job = enqueue(scan, reader, is_chosen=login is not None, by=by)
            scan.job_uuid = job.uuid
            scan.save(update_fields=["job_uuid"])
            return scan
    except IntegrityError as error:
        running = Scan.objects.filter(account=account, state__in=OPEN_STATES).first()
        raise ScanRunning(
            f"@{account.username} is being scanned already. Wait for it, or cancel it.", running
        ) from error


def open_lists(scan: Scan, directions: Sequence[Direction]) -> list[ListScan]:
    """The rows of the lists that ``scan`` is to read, in this order."""
    opened = []
    for direction in directions:
        edges, _made = EdgeList.objects.get_or_create(account_id=scan.account_id, direction=direction)
        opened.append(ListScan.objects.create(scan=scan, edge_list=edges, direction=direction))
    return opened


def enqueue(scan: Scan, reader: sources.Reader, *, is_chosen: bool, by: Any, tried: Sequence[str] = ()) -> Job:
    """The job of a scan. ``is_chosen``: a person chose the login, so that no other source takes over; ``tried`` are the
    sources that could not begin."""
    return runner.enqueue(
        PEOPLE_JOB,
        workspace=scan.workspace,
        by=by,
        params={"scan": str(scan.pk), "account": str(scan.account_id), "chosen": is_chosen, "tried": list(tried)},
        subject=f"@{scan.account.username}",
        subject_url=scan_url(scan),
        lane=reader.lane,
        dedupe_key=f"scan-{scan.pk}-{reader.source}",
    )


def scan_url(scan: Scan) -> str:
    """The scan's page."""
    return reverse("scans:detail", args=[scan.pk])


def cancel(scan: Scan, *, by: Any) -> None:
    """Stop the scan at the next page. Who was read stays; nobody is counted as lost. An ended scan stays as it is."""
    if not scan.is_open:
        return
    job = Job.objects.named(scan.job_uuid)
    if job is not None and job.is_open:
        runner.cancel(job, by=by)
    elif job is None:
        with transaction.atomic():
            job_ended(scan, reason="cancelled", sentence=CANCELLED_SENTENCE, now=timezone.now())


def job_ended(scan: Scan, *, reason: str, sentence: str, now: datetime) -> None:
    """The scan's job ended before the scan did (cancelled, failed): keep what was read, by a job of its own if there is
    anything, and end the scan. Runs in the transaction that ended the job.
    """
    keep = None
    for list_scan in scan.lists.filter(state__in=OPEN_STATES).order_by("pk"):
        if list_scan.people_seen:
            keep = list_scan
        else:
            conclusion.abandon_list(list_scan, reason, f"{sentence} Nothing was read of this list.", now=now)
    if keep is None:
        conclusion.finish_scan(scan, now=now)
        return
    job = runner.enqueue(
        KEEP_JOB,
        workspace=scan.workspace,
        params={"scan": str(scan.pk), "reason": reason, "sentence": sentence, "staging": keep.pk},
        subject=f"@{scan.account.username}",
        subject_url=scan_url(scan),
        dedupe_key=f"keep-{scan.pk}",
    )
    Scan.objects.filter(pk=scan.pk).update(job_uuid=job.uuid, message=f"{sentence} Keeping who was read.")


def is_import(scan: Scan) -> bool:
    """Whether the scan came from a file, without any login."""
    return scan.source == Source.EXPORT
