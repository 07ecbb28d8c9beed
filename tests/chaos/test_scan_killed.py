"""Kill the worker of a running scan, again and again: the scan ends by itself with the result of an undisturbed one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from igsite.jobs.models import JobState
from scans.models import ScanState
from tests.chaos.job_processes import Workers, reaches, wait_for, workers
from tests.scans.conftest import clock, instagram, login, person, scanner, simulator, workspace
from tests.scans.scanner import Scanner, job_of, last_list, stored

__all__ = ["clock", "instagram", "login", "person", "scanner", "simulator", "workspace"]
pytestmark = pytest.mark.chaos
NAME = "aurora.studio"  # ten thousand followers: fifty pages
KILLS = 3


@pytest.fixture
def standing(scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """A cluster and a sweep that read the same simulator, slowly enough to be caught in the act."""
    monkeypatch.setenv("IGSITE_INSTAGRAM_URL", scanner.instagram.simulator.base_url)
    monkeypatch.setenv("IGSITE_PACE_PERCENT", "1")
    assert os.environ["IGSITE_MODE"] == "test"
    with workers(tmp_path, supervised=True) as processes:
        yield processes


def test_a_scan_whose_worker_is_killed_again_and_again_is_exact(standing: Workers, scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    job = job_of(scan)

    def got_further_than(units: int) -> bool:
        job.refresh_from_db()
        return job.done_units > units and bool(job.lease_owner)

    for _kill in range(KILLS):
        before = job.done_units
        wait_for(partial(got_further_than, before + 800), 30, "the scan gets further")
        victim = next(process for process in standing.tree() if f"|{process.pid}|" in job.lease_owner)
        victim.kill()
    wait_for(lambda: reaches(job, JobState.DONE), 90, "the scan ends")
    scan.refresh_from_db()
    assert scan.state == ScanState.COMPLETE, scan.message
    assert stored(tracked) == scanner.truth(NAME)
    row = last_list(scan)
    pages = len([entry for entry in scanner.instagram.log("/followers/") if entry["status"] == 200])
    assert row.people_seen == 10_000
    assert pages <= row.pages + KILLS  # a kill repeats at most the page that was under way
