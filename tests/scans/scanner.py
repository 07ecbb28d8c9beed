"""Scans through the real job path against the simulator, and the truth to compare them with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import logins, tracking
from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from igsite.jobs.models import Job
from igsite.secrets import Secret
from scans import diffing, follower_scan, loss_checks, people
from scans.models import ChangeKind, Direction, EdgeList, ListScan, Scan
from tests.accounts.instagram import PASSWORDS, Instagram
from tests.accounts.working_off import work_off

FOLLOWERS = (Direction.FOLLOWERS,)
BOTH = (Direction.FOLLOWERS, Direction.FOLLOWING)


@dataclass
class Scanner:
    """A person who scans accounts of the simulator."""

    instagram: Instagram
    login: InstagramLogin

    def track(self, name: str) -> TrackedAccount:
        """The account, its look-up job out of the way."""
        tracked = tracking.track(
            workspace=self.instagram.workspace, account=f"@{name}", by=None, now=self.instagram.clock()
        )
        Job.objects.filter(kind="account.resolve").delete()
        return tracked

    def start(self, tracked: TrackedAccount, lists: tuple[Direction, ...] = FOLLOWERS) -> Scan:
        """A scan that was ordered; nothing is read yet."""
        return follower_scan.start(
            account=tracked, directions=lists, login=self.login, by=self.instagram.person, now=self.instagram.clock()
        )

    def run(self, scan: Scan) -> Scan:
        """Works the scan's jobs off, waits included."""
        scan.refresh_from_db()
        while scan.is_open:
            job = job_of(scan)
            work_off(job, self.instagram.clock)
            scan.refresh_from_db()
            if job.is_open:
                break
        # Checks of losses would stand before the next scan in the login's lane; their own tests do them.
        Job.objects.open().filter(kind=loss_checks.CHECK_JOB).delete()
        return scan

    def scan(self, tracked: TrackedAccount, lists: tuple[Direction, ...] = FOLLOWERS) -> Scan:
        """A whole scan."""
        return self.run(self.start(tracked, lists))

    def login_again(self) -> None:
        """A person signs the login in anew, should it need that."""
        self.login.refresh_from_db()
        if self.login.status != LoginStatus.READY:
            password = Secret(PASSWORDS[self.login.username])
            logins.sign_in(login=self.login, password=password, by=self.instagram.person, now=self.instagram.clock())
            self.instagram.run(self.login)

    def advance(self, days: float) -> str:
        """The simulator's clock moves; returns its time before that."""
        before = self.now()
        self.instagram.simulator.control("clock", {"advance_days": days})
        return before

    def now(self) -> str:
        """The simulator's time."""
        return str(self.instagram.simulator.control("clock")["now"])

    def truth(self, name: str, direction: Direction = Direction.FOLLOWERS) -> set[int]:
        """Who is on the list now."""
        return set(self.instagram.simulator.control(f"truth?account={name}&direction={direction}")["pks"])

    def true_diff(self, name: str, since: str, before: str = "", direction: Direction = Direction.FOLLOWERS) -> Any:
        """What happened on the list between ``since`` and now, as a perfect observer would report."""
        path = f"truth/diff?account={name}&direction={direction}&from={since}&before={before}"
        return self.instagram.simulator.control(path.replace("+", "%2B"))


def job_of(scan: Scan) -> Job:
    """The job that does the scan."""
    assert scan.job_uuid is not None
    return Job.objects.get(uuid=scan.job_uuid)


def edges_of(tracked: TrackedAccount, direction: Direction = Direction.FOLLOWERS) -> EdgeList:
    return EdgeList.objects.get(account=tracked, direction=direction)


def stored(tracked: TrackedAccount, direction: Direction = Direction.FOLLOWERS) -> set[int]:
    """Who is on the stored list."""
    edges = edges_of(tracked, direction)
    if not edges.last_seq:
        return set()
    page = diffing.people_at(edges, seq=edges.last_seq, limit=1_000_000)
    return {row.profile_id for row in page.items}


def changes(edges: EdgeList, kind: ChangeKind, since: int, until: int) -> list[diffing.Change]:
    return list(diffing.changes(edges, kind, since=since, until=until, limit=1_000_000).items)


def changed(edges: EdgeList, kind: ChangeKind, since: int, until: int) -> list[int]:
    """The people of one kind of change, by number."""
    return sorted(change.person.profile_id for change in changes(edges, kind, since, until))


def shown(tracked: TrackedAccount, which: people.PeopleList, **options: Any) -> list[int]:
    """A people list, page by page."""
    found: list[int] = []
    cursor = ""
    while True:
        page = people.people(tracked, which, cursor=cursor, limit=100, **options)
        found += [row.profile_id for row in page.items]
        cursor = page.next
        if not cursor:
            return found


def last_list(scan: Scan) -> ListScan:
    """The scan's only list."""
    return scan.lists.get()
