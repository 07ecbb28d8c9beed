"""A workspace that scans the world of this process by the site's real jobs, or by their steps alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount, Workspace
from igsite.jobs.kinds import Again, Wait
from igsite.jobs.models import Job
from igsite.jobs.run import Progress
from igsite.jobs.runner import ManualClock, run_inline
from scans import diffing, follower_scan, loss_checks, scan_steps
from scans.models import ChangeKind, Direction, EdgeList, ListScan, LossVerdict, Scan, ScanMode, ScanPreferences
from scans.person_rows import fetch
from tests.scans.scanner import job_of
from tests.scans.world_of_people import OWNER, World, install


class LooseRun:
    """The steps of a scan without its job's row: no lease, no hints, no doorbell. For tests of hundreds of scans."""

    def __init__(self, scan: Scan, clock: ManualClock) -> None:
        self.scan, self.clock = scan, clock
        self.params, self.cursor = {"scan": str(scan.pk)}, dict[str, Any]()
        self.cancelled = self.cancel_seen = False

    def now(self) -> datetime:
        """The time of the clock."""
        return self.clock()

    @contextmanager
    def save(self, cursor: dict[str, Any] | None = None, **_progress: Any) -> Iterator[Progress]:
        """As the real one: rows and cursor together."""
        progress = Progress(cursor)
        with transaction.atomic():
            yield progress
        self.cursor = self.cursor if progress.cursor is None else progress.cursor

    def run(self) -> None:
        """Steps to the end of the scan; waits move the clock."""
        while True:
            outcome = scan_steps.step(self)  # type: ignore[arg-type]
            if isinstance(outcome, Wait):
                self.clock.move_to(outcome.until)
            elif isinstance(outcome, Again):
                self.clock.move(outcome.after)
            else:
                break
        job_of(self.scan).delete()
        self.scan.refresh_from_db()


class Reader:
    """Scans ``owner``, whose followers are the world's; ``is_own``: by the account's own login."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        world: World,
        *,
        is_own: bool = False,
        checks: bool = False,
        is_loose: bool = False,
    ) -> None:
        self.is_loose = is_loose
        self.world, self.clock = world, ManualClock(datetime(2026, 11, 1, 12, tzinfo=UTC))
        install(patch, world)
        self.workspace = Workspace.objects.create(name="World")
        ScanPreferences.objects.create(workspace=self.workspace, checks_losses=checks)
        owner, _made = Profile.objects.get_or_create(pk=OWNER, defaults={"username": "owner"})
        reader, _made = Profile.objects.get_or_create(pk=OWNER + 1, defaults={"username": "reader"})
        self.account = TrackedAccount.objects.create(workspace=self.workspace, username="owner", profile=owner)
        self.login = InstagramLogin.objects.create(
            workspace=self.workspace, username="owner" if is_own else "reader", profile=owner if is_own else reader,
            status=LoginStatus.READY, ready_since=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip

    def scan(self, mode: ScanMode = ScanMode.FULL) -> ListScan:
        """One scan to its end, its waits slept through; then a day passes."""
        self.world.page_number = 0
        scan = follower_scan.start(
            account=self.account, directions=[Direction.FOLLOWERS], by=None, login=self.login, now=self.clock(),
            mode=mode,
        )  # fmt: skip
        if self.is_loose:
            LooseRun(scan, self.clock).run()
        while scan.is_open:
            run_inline(job_of(scan), clock=self.clock)
            scan.refresh_from_db()
        self.world.before_page = self.world.on_page = None
        # A login that was signed out is signed in again by its person.
        InstagramLogin.objects.filter(pk=self.login.pk).update(status=LoginStatus.READY, reads_resume_at=None)
        self.login.refresh_from_db()
        self.clock.move(timedelta(days=1))
        return scan.lists.get()

    def check(self) -> Job:
        """The check of losses to its end."""
        job = loss_checks.order(self.account, by=None, now=self.clock())
        return run_inline(job, clock=self.clock)

    @property
    def edges(self) -> EdgeList:
        """The followers list as it stands."""
        return EdgeList.objects.get(account=self.account, direction=Direction.FOLLOWERS)

    def stored(self) -> set[int]:
        """Who is on the stored list."""
        edges = self.edges
        if not edges.last_seq:
            return set()
        return {row.profile_id for row in diffing.people_at(edges, seq=edges.last_seq, limit=100_000).items}

    def changed(self, kind: ChangeKind, since: int = 1, until: int = 0, **more: Any) -> list[diffing.Change]:
        """Changes of a kind, by default over all scans."""
        edges = self.edges
        until = until or edges.last_seq
        if until <= since:
            return []
        return list(diffing.changes(edges, kind, since=since, until=until, limit=100_000, **more).items)

    def lost(self, **more: Any) -> dict[int, diffing.Change]:
        """Who is lost over all scans, by number."""
        return {change.person.profile_id: change for change in self.changed(ChangeKind.LOST, **more)}

    def confirmed(self) -> set[int]:
        """Whoever is lost for certain now, whichever scan they came with."""
        sql = (
            "select distinct profile_id from edge_past g where list_id = %s and confirmed_seq is not null"
            " and not exists (select 1 from edge_current e where e.list_id = g.list_id and e.profile_id = g.profile_id)"
        )
        return {row[0] for row in fetch(sql, [self.edges.pk])}

    def verdict(self, pk: int) -> LossVerdict:
        """The newest verdict about a person."""
        return LossVerdict.objects.filter(edge_list=self.edges, profile_id=pk).order_by("-ended_seq")[0]
