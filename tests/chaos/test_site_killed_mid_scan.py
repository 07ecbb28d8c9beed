"""Everything is killed in the middle of a scan, on a whole site: it ends by itself, like one that nobody disturbed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg
import pytest

from igsite.embedded import DATABASE, EmbeddedServer
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_person import SitePerson
from tests.site_process import SiteProcess, open_temporary_folder

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
FIGURES = ("seq", "state", "reason", "count_before", "count_after", "people_seen", "total", "new", "lost", "returned")
DEAD_LEASES = "select uuid from jobs_job where state = 'running' and lease_until < now() - interval '90 seconds'"


@dataclass
class Pair:
    """Two people with workspaces of their own on one site: the scans of one are disturbed, the other's never."""

    site: SiteProcess
    instagram: SimulatedInstagram
    victim: SitePerson
    calm: SitePerson

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What the site's database says."""
        with psycopg.connect(EmbeddedServer(self.site.state_dir).superuser_dsn(DATABASE)) as link:
            return link.execute(statement.encode()).fetchall()

    def cluster(self, words: str) -> psutil.Process:
        """A process of the cluster whose title contains ``words``."""
        everything = psutil.Process(self.site.pid("cluster")).children(recursive=True)
        return next(one for one in everything if words in " ".join(one.cmdline()))

    def busy_worker(self) -> psutil.Process:
        """The worker that holds the scan's lease."""
        ask = "select lease_owner from jobs_job where kind = 'scans.people' and lease_token is not null"
        return psutil.Process(int(self.sql(ask)[0][0].split("|")[-2]))

    def week(self, account: str) -> str:
        """Both have a first scan; then a week passes. Returns the time of the first."""
        since = self.instagram.now()
        for person in (self.victim, self.calm):
            assert person.scan(account)["state"] == "complete"
        self.instagram.pass_days(7)
        return since

    def start_slowly(self, account: str, milliseconds: int) -> dict[str, Any]:
        """The victim's scan, each of whose pages takes its time."""
        self.instagram.ask("log", method="DELETE")
        self.instagram.fault("/followers/", "slow", ms=milliseconds, count=-1)
        return self.victim.start_scan(account)

    def after(self, people: int) -> None:
        """Wait until the running scan has read so many people."""
        ask = f"select 1 from scans_listscan where state = 'running' and people_seen >= {people}"  # noqa: S608
        wait(lambda: self.sql(ask), 90, f"{people} people are read")
        assert self.sql(DEAD_LEASES) == []

    def check(self, scan: dict[str, Any], account: str, since: str) -> list[str]:
        """The scan ends by itself as the undisturbed one does, and both are the truth. Returns the pages it asked."""
        ended = self.victim.wait_for_end(scan, 120)
        asked = [entry["query"].get("max_id", "") for entry in self.instagram.log("/followers/")]
        self.instagram.mend()
        undisturbed = self.calm.scan(account)
        assert figures(ended) == figures(undisturbed), ended["message"]
        assert ended["state"] == "complete", ended["message"]
        assert self.victim.people(ended) == self.calm.people(undisturbed) == self.instagram.followers(account)
        truth = {kind: sorted(pks) for kind, pks in self.instagram.differences(account, since=since).items()}
        assert self.victim.changes(ended) == self.calm.changes(undisturbed) == truth
        assert truth["lost"]
        assert self.sql("select uuid from jobs_job where kind = 'scans.people' and finished_at is null") == []
        return asked


def figures(scan: dict[str, Any]) -> list[dict[str, Any]]:
    """What the scan says of its lists."""
    return [{name: one[name] for name in FIGURES} for one in scan["lists"]]


def wait(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Poll until it is true; a process or a database that is away for the moment counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except (psycopg.OperationalError, psutil.Error, LookupError, StopIteration):
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A whole site of this module's own, without pauses between reads."""
    with open_temporary_folder() as folder, SiteProcess(folder, IGSITE_PACE_PERCENT="0") as site:
        people = [SitePerson(site.base_url).sign_up() for _each in range(2)]
        for person in people:
            person.hand_over_login()
        yield Pair(site, SimulatedInstagram(site.simulator_url), *people)


def test_every_process_is_killed_in_the_middle_of_one_scan(pair: Pair) -> None:
    since = pair.week("aurora.studio")
    scan = pair.start_slowly("aurora.studio", 300)
    victims: list[Callable[[], int]] = [
        lambda: pair.busy_worker().pid,
        lambda: pair.cluster(" monitor").pid,
        lambda: pair.cluster(" pusher").pid,
        lambda: pair.site.pid("sweep"),
        lambda: pair.site.pid("web"),
        lambda: psutil.Process(pair.site.pid("cluster")).children()[0].pid,  # the guard of the workers
        lambda: pair.site.pid("cluster"),
    ]
    for number, victim in enumerate(victims, 1):
        pair.after(1_000 * number)
        os.kill(wait(victim, 30, "there is somebody to kill"), signal.SIGKILL)
    asked = pair.check(scan, "aurora.studio", since)
    assert len(asked) - len(set(asked)) <= len(victims), asked


@pytest.mark.parametrize(
    ("how", "account"), [(signal.SIGQUIT, "gap.gallery"), (signal.SIGKILL, "northwind_run")], ids=["immediate", "kill"]
)
def test_the_database_crashes_in_the_middle_of_a_scan(pair: Pair, how: signal.Signals, account: str) -> None:
    since = pair.week(account)
    scan = pair.start_slowly(account, 500)
    pair.after(500)
    acknowledged = pair.victim.api("v1/accounts", {"account": "@tiny.pottery"})
    os.kill(pair.site.pid("postgres"), how)
    asked = pair.check(scan, account, since)
    # What was staged is lost with a crash (it is unlogged): the list is read again from its start, once.
    assert max(map(asked.count, asked)) <= 2, asked
    assert pair.victim.api(f"v1/accounts/{acknowledged['id']}")["username"] == "tiny.pottery"


def test_the_idle_worker_that_holds_the_queue_is_killed_in_the_middle_of_a_scan(pair: Pair) -> None:
    since = pair.week("deep.following")
    scan = pair.start_slowly("deep.following", 700)
    pair.after(200)
    pair.cluster(" idle").kill()
    asked = pair.check(scan, "deep.following", since)
    assert len(asked) - len(set(asked)) <= 1, asked
