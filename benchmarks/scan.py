"""``manage.py bench scan``: people a second from the client to the stored list, against the client alone.

Both page the same list of the same simulator in one run: first the bare client, then the whole job (client,
reservation, staging, merge). A second scan of the unchanged list follows. By CPU this process, the simulator and the
database process count together. On a busy machine a page takes so long that each is committed by itself, as
Instagram's are: then neither figure is that of an idle one. The bench makes a workspace of its own and deletes it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

import psutil
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts import login_secrets, logins
from accounts.gateway.providers import open_private
from accounts.models import InstagramLogin, TrackedAccount, Workspace
from benchmarks.lists_parts import crowds
from igsite.jobs.models import Job
from igsite.jobs.runner import run_step
from igsite.secrets import Secret
from scans import follower_scan
from scans.models import Direction, Scan, ScanState

ACCOUNT: Final = os.environ.get("IGSITE_BENCH_ACCOUNT", "la.cocina.verde")
GOAL: Final = 0.5


def main(stdout: TextIO) -> None:
    """Measure and print."""
    with simulator() as base_url, override_settings(INSTAGRAM_BASE_URL=base_url, PACE_SCALE=0):
        workspace = Workspace.objects.create(name="bench")
        try:
            _measure(stdout, workspace, base_url)
        finally:
            workspace.delete()


def _measure(stdout: TextIO, workspace: Workspace, base_url: str) -> None:
    login = ready_login(workspace)
    account = TrackedAccount.objects.create(workspace=workspace, username=ACCOUNT)
    busy = _busy()
    people, seconds = _bare(login, base_url)
    bare, bare_busy = people / seconds, _busy() - busy
    stdout.write(f"@{ACCOUNT}: {people:,} followers in pages as the source gives them")
    stdout.write(f"  bare client     {seconds:7.2f} s  {bare:9,.0f} people/s = 1.0")
    for name in ("first scan", "second scan"):
        busy = _busy()
        seconds = _scan(account, login)
        share, by_cpu = people / seconds / bare, bare_busy / (_busy() - busy)
        goal = f"({'ok' if share >= GOAL else 'MISSED'}, goal ≥ {GOAL})"
        told = f"= {share:.2f}, by CPU {by_cpu:.2f} {goal}"
        stdout.write(f"  {name:<15} {seconds:7.2f} s  {people / seconds:9,.0f} people/s {told}")


def _busy() -> float:
    """Seconds of CPU so far of this process, the simulator and the database process."""
    mine = psutil.Process()
    taken = [process.cpu_times() for process in (mine, *mine.children())]
    return sum(times.user + times.system for times in taken) + (crowds.cpu() or 0.0)


def ready_login(workspace: Workspace) -> InstagramLogin:
    """A login of the simulator that is signed in."""
    login = logins.add_by_password(
        workspace=workspace, username="demo_creator", password=Secret("demo-pass-1"), by=None, now=timezone.now(),
        is_warm=True,
    )  # fmt: skip
    _work_off(Job.objects.filter(workspace=workspace).latest("pk"))
    login.refresh_from_db()
    return login


def _bare(login: InstagramLogin, base_url: str) -> tuple[int, float]:
    session = login_secrets.opened_json(login, "session_sealed")
    gateway = open_private(session or {}, base_url=base_url)
    pk = gateway.profile_by_username(ACCOUNT).pk
    started, seen, cursor = time.perf_counter(), 0, None
    while True:
        page = gateway.followers(pk, cursor)
        seen, cursor = seen + len(page.people), page.next_cursor
        if cursor is None:
            return seen, time.perf_counter() - started


def _scan(account: TrackedAccount, login: InstagramLogin) -> float:
    started = time.perf_counter()
    scan = follower_scan.start(account=account, directions=[Direction.FOLLOWERS], login=login, by=None)
    _work_off(Job.objects.get(uuid=scan.job_uuid or ""))
    seconds = time.perf_counter() - started
    state = Scan.objects.get(pk=scan.pk)
    if state.state != ScanState.COMPLETE:
        raise SystemExit(f"The scan ended {state.state}: {state.message}")
    return seconds


def _work_off(job: Job) -> None:
    """Turn after turn in this process, as a worker does."""
    while job.is_open:
        run_step(job.pk)
        job.refresh_from_db()


@contextmanager
def simulator() -> Iterator[str]:
    """The simulator as a process of its own; its address."""
    command = [sys.executable, "-m", "simulator", "--host", "127.0.0.1", "--port", "0", "--rate", "0"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not re.match(r"http://127\.0\.0\.1:\d+", line):
            raise SystemExit(f"The simulator did not start: {line}")
        yield line.strip()
    finally:
        process.terminate()
        process.wait()
        connection.close()
