"""``manage.py bench worker``: the memory of a worker that scans a million followers, and what a crash of it costs.

A real worker process pages the simulator's million through the real client and job path. At three fifths of the list it
is killed; another one goes on. Nothing is timed. Every page is committed by itself, as Instagram's slow pages are.
``IGSITE_BENCH_ACCOUNT`` names another account of the simulator.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from typing import Final, TextIO

import psutil
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from accounts.models import InstagramLogin, TrackedAccount, Workspace
from benchmarks.lists_parts.timing import kept
from benchmarks.scan import ready_login, simulator
from igsite.jobs import sweep
from igsite.jobs.models import Job
from scans import follower_scan
from scans.models import Direction, ListScan, Scan

ACCOUNT: Final = os.environ.get("IGSITE_BENCH_ACCOUNT", "million.club")
MEMORY_GOAL: Final = 200.0
MEGABYTE: Final = 1_000_000


def main(stdout: TextIO) -> None:
    """Measure and print."""
    with simulator() as base_url, override_settings(INSTAGRAM_BASE_URL=base_url, PACE_SCALE=0):
        workspace = Workspace.objects.create(name="bench")
        try:
            _measure(stdout, ready_login(workspace), base_url)
        finally:
            workspace.delete()


def _measure(stdout: TextIO, login: InstagramLogin, base_url: str) -> None:
    account = TrackedAccount.objects.create(workspace=login.workspace, username=ACCOUNT)
    scan = follower_scan.start(account=account, directions=[Direction.FOLLOWERS], login=login, by=None)
    row = scan.lists.get()
    before = _requests(base_url)
    killed = _Worker(scan, base_url)
    at_kill = killed.watch(row, until=0.6)
    killed.process.kill()
    killed.process.wait()
    while not sweep.rescue(timezone.now()):  # what the site's own sweep does for a dead worker, back-off left out
        time.sleep(0.1)
    Job.objects.filter(uuid=str(scan.job_uuid)).update(due_at=timezone.now())
    second = _Worker(scan, base_url)
    second.watch(row, until=2)
    if second.process.wait():
        raise SystemExit("The second worker failed; its own lines say why.")
    _tell(stdout, scan, at_kill, _requests(base_url) - before, max(killed.peak, second.peak))


def _tell(stdout: TextIO, scan: Scan, at_kill: int, requests: int, peak: int) -> None:
    scan.refresh_from_db()
    row = scan.lists.get()
    repeated = requests - 2 - row.pages  # the profile is asked for before and after
    lost = (row.count_after or 0) - (row.total or 0)
    stdout.write(
        f"@{ACCOUNT}: {row.people_seen:,} people in {row.pages:,} pages, {scan.state}; killed at page {at_kill:,}"
    )
    stdout.write(f"  pages asked for again {repeated} ({kept(repeated, 1)}); people missing {lost} ({kept(lost, 0)})")
    peak_mb = peak / MEGABYTE
    stdout.write(f"  a worker's memory at its most {peak_mb:.0f} MB ({kept(peak_mb, MEMORY_GOAL)})")


class _Worker:
    """A process that does the scan's job and nothing else."""

    def __init__(self, scan: Scan, base_url: str) -> None:
        command = [sys.executable, "-m", "benchmarks.lists_parts.worker_process", str(scan.job_uuid), base_url]
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ | {"IGSITE_ROLE": "worker"})
        self.peak = 0

    def watch(self, row: ListScan, *, until: float) -> int:
        """Note the memory until this share of the list is read, or the process ends. Returns the page."""
        while self.process.poll() is None:
            try:
                self.peak = max(self.peak, psutil.Process(self.process.pid).memory_info().rss)
            except psutil.NoSuchProcess:
                break
            row.refresh_from_db()
            if row.count_before and row.people_seen >= until * row.count_before:
                break
            time.sleep(0.05)
        return row.pages


def _requests(base_url: str) -> int:
    with urllib.request.urlopen(f"{base_url}/_control/health", timeout=30) as answer:  # noqa: S310
        return int(json.load(answer)["requests"])
