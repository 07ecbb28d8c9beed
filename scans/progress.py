"""What a page says about a scan while it runs and after: each list, the job behind it, how far, how long still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from igsite.jobs.models import Job, JobState
from scans.models import Direction, ListScan, Scan

PACE_KNOWN_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Progress:
    """A scan with its lists in reading order and its job (None for an import, or once the job was tidied away)."""

    scan: Scan
    lists: list[ListScan]
    job: Job | None

    @property
    def topic(self) -> str:
        """The topic of its live hints; empty when nothing more will come."""
        return self.job.topic if self.job is not None and self.scan.is_open else ""

    @property
    def is_first(self) -> bool:
        """Whether each list was read for the first time, so that nothing can have changed."""
        return bool(self.lists) and all(one.seq == 1 for one in self.lists)

    @property
    def waits_until(self) -> datetime | None:
        """When the job goes on by itself, while it waits for a budget or for Instagram."""
        waiting = self.job is not None and self.scan.is_open and self.job.state == JobState.WAITING
        return self.job.due_at if waiting and self.job else None

    @property
    def is_blocked(self) -> bool:
        """Whether a person has to do something first."""
        return self.job is not None and self.scan.is_open and self.job.state == JobState.BLOCKED

    @property
    def is_stopping(self) -> bool:
        """Whether it was cancelled and ends after the present step."""
        return self.job is not None and self.job.is_open and self.job.cancel_requested_at is not None

    @property
    def sentence(self) -> str:
        """What is going on, or what came of it."""
        if self.scan.is_open and self.job is not None and self.job.message:
            return self.job.message
        return self.scan.message

    @property
    def seen(self) -> int:
        """People read so far, over all lists."""
        return sum(one.people_seen for one in self.lists)

    @property
    def expected(self) -> int | None:
        """People that the profile claims, over all lists; None until each count is known."""
        known = [self._claimed(one) for one in self.lists]
        claimed = [count for count in known if count is not None]
        return sum(claimed) if claimed and len(claimed) == len(known) else None

    def _claimed(self, one: ListScan) -> int | None:
        """The count read for this scan, else the last one that is known of the account."""
        account = self.scan.account
        last = account.followers_count if one.direction == Direction.FOLLOWERS else account.following_count
        return one.count_before if one.count_before is not None else last

    @property
    def left(self) -> timedelta | None:
        """How long it takes still at the pace so far; None while that cannot be said."""
        if self.scan.started_at is None or not self.scan.is_open or not self.seen or self.expected is None:
            return None
        taken = timezone.now() - self.scan.started_at
        if taken < PACE_KNOWN_AFTER:
            return None
        return taken * (max(0, self.expected - self.seen) / self.seen)


def with_progress(scans: Iterable[Scan]) -> list[Progress]:
    """The scans with their lists and jobs, in two queries whatever their number."""
    wanted = list(scans)
    lists: dict[object, list[ListScan]] = {}
    for one in ListScan.objects.filter(scan__in=wanted).order_by("id"):
        lists.setdefault(one.scan_id, []).append(one)
    jobs = {job.uuid: job for job in Job.objects.filter(uuid__in=[scan.job_uuid for scan in wanted if scan.job_uuid])}
    return [
        Progress(scan, lists.get(scan.pk, []), jobs.get(scan.job_uuid) if scan.job_uuid else None) for scan in wanted
    ]
