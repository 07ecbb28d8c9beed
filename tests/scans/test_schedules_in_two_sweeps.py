"""Two sweeps in processes of their own look at the same schedules at the same moments."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from accounts.models import TrackedAccount, Workspace
from igsite.jobs.models import Job
from scans import schedules
from scans.models import Direction, ScanSchedule
from scans.schedule_times import SPREAD, moment
from scans.schedules import Wish
from tests.chaos.job_processes import ROOT, database_url
from tests.scans.test_schedules import DAY, MARCH_AND_OCTOBER, ZONES, dates

pytestmark = pytest.mark.django_db(transaction=True)
LOOK_EVERY = timedelta(minutes=30)
NIGHTS = 4


class Sweeps:
    """Processes that are told a moment together."""

    def __init__(self, running: list[subprocess.Popen[str]]) -> None:
        self.running = running

    def look(self, now: datetime) -> list[int]:
        """How many schedules each of them started; none begins later than another has ended."""
        for process in self.running:
            assert process.stdin
            process.stdin.write(f"{now.isoformat()}\n")
            process.stdin.flush()
        return [int(self._answer(process)) for process in self.running]

    @staticmethod
    def _answer(process: subprocess.Popen[str]) -> str:
        assert process.stdout
        said = process.stdout.readline().strip()
        assert said, "a sweep ended"
        return said

    def wait_until_ready(self) -> None:
        for process in self.running:
            assert self._answer(process) == "ready"


@contextmanager
def two_sweeps() -> Iterator[Sweeps]:
    environment = {**os.environ, "DATABASE_URL": database_url(), "IGSITE_ROLE": "worker"}
    command = [sys.executable, "-m", "tests.scans.ticking_process"]
    running = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _sweep in range(2)
    ]  # fmt: skip
    try:
        sweeps = Sweeps(running)
        sweeps.wait_until_ready()
        yield sweeps
    finally:
        for process in running:
            process.communicate(timeout=20)


def night(zone: str, now: datetime, accounts: int = 1, at: time = time(2)) -> ScanSchedule:
    """A workspace with so many bookmarked accounts and its nightly schedule."""
    workspace = Workspace.objects.create(name=zone, time_zone=zone)
    for number in range(accounts):
        TrackedAccount.objects.create(workspace=workspace, username=f"owl{number}", is_bookmarked=True)
    wish = Wish([Direction.FOLLOWERS], at_time=at)
    return schedules.save(workspace=workspace, account=None, wish=wish, by=None, now=now)


def ordered() -> list[Job]:
    """The scans that were ordered since the last question."""
    jobs = list(Job.objects.filter(kind=schedules.SCHEDULED_JOB).order_by("due_at"))
    Job.objects.filter(pk__in=[job.pk for job in jobs]).delete()
    return jobs


@pytest.mark.parametrize("season", [0, 1], ids=["march", "october"])
def test_once_per_local_date_whichever_sweep_is_first(season: int) -> None:
    with two_sweeps() as sweeps:
        for zone in ZONES:
            first = MARCH_AND_OCTOBER[zone][season]
            now = moment(first, time(0), zone) - timedelta(minutes=1)
            made = [night(zone, now, at=at) for at in (time(1, 30), time(2), time(2, 30))]
            while now < moment(first + NIGHTS * DAY, time(0), zone) - LOOK_EVERY:
                now += LOOK_EVERY
                started = sum(sweeps.look(now))
                assert len(ordered()) == started
            for schedule in made:
                expected = [first + number * DAY for number in range(NIGHTS)]
                assert dates(schedule) == expected, (zone, schedule.at_time)
            # The other zones' nights of summer time are weeks away.
            ScanSchedule.objects.update(is_on=False)


def test_after_a_downtime_both_sweeps_together_make_up_once_and_spread_the_accounts() -> None:
    before = moment(date(2026, 11, 1), time(12), ZONES[0])
    wakes = before + timedelta(days=3)
    made = [night(zone, before, accounts=30) for zone in ZONES]
    with two_sweeps() as sweeps:
        assert sum(sweeps.look(wakes)) == len(made)
        assert sum(sweeps.look(wakes)) == 0
        assert sum(sweeps.look(wakes + timedelta(minutes=1))) == 0
    assert [len(dates(schedule)) for schedule in made] == [1, 1, 1]
    jobs = ordered()
    assert len(jobs) == 90
    for schedule in made:
        due = [job.due_at for job in jobs if job.workspace_id == schedule.workspace_id]
        assert len(set(due)) > 25
        assert all(wakes <= one < wakes + SPREAD for one in due)
        assert max(later - earlier for earlier, later in pairwise(due)) < SPREAD / 2
        busiest = max(sum(one <= other < one + SPREAD / 9 for other in due) for one in due)
        assert busiest <= 15, "half of them within five of 45 minutes are not spread"
