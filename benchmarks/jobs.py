"""``manage.py bench jobs``: what the job rows cost against bare django-q2, and how soon work and news arrive.

Everything is measured in one run on real processes: cluster, sweep, web, and a websocket client in the browser's place.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TextIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from websockets.sync.client import ClientConnection

from accounts.models import Membership, User, Workspace
from benchmarks.jobs_parts import browser
from benchmarks.jobs_parts.kinds import Once, Steps
from igsite.jobs import canary, runner
from igsite.jobs.models import OPEN_STATES, Job
from igsite.ownership import Role

TASKS = 600
LATENCIES = 60


def main(stdout: TextIO) -> None:
    """Measure and print."""
    heard = canary.last_heard()
    if heard is not None and timezone.now() - heard < timedelta(seconds=30):
        raise SystemExit("Workers are running on this database. Stop the site first.")
    bare = json.loads(_python("benchmarks.jobs_parts.bare", str(TASKS)))
    user = User.objects.create(email=f"bench-{time.time_ns()}@example.invalid")
    workspace = Workspace.objects.create(name="bench")
    Membership.objects.create(user=user, workspace=workspace, role=Role.OWNER)
    try:
        with processes():
            measured = _measure(workspace, user)
    finally:
        workspace.delete()
        user.delete()
    _report(stdout, bare, measured)


def _measure(workspace: Workspace, user: User) -> dict[str, Any]:
    _finish([_order(workspace, Once.name) for _ in range(5)])  # the workers stand
    measured: dict[str, Any] = {
        "steps": _rate(TASKS * settings.WORKERS, lambda: _orders(workspace, Steps.name, settings.WORKERS)),
        "jobs": _rate(TASKS, lambda: _orders(workspace, Once.name, TASKS)),
        "now": [_pick_up(_order(workspace, Once.name)) for _ in range(LATENCIES)],
        "due": [_pick_up(_order(workspace, Once.name, after=0.1 + 0.013 * n)) for n in range(LATENCIES)],
    }
    with browser.open_page(user) as page:
        measured["hint"] = [_news(page, workspace) for _ in range(LATENCIES)]
    return measured


def _order(workspace: Workspace, kind: str, *, after: float = 0.0) -> Job:
    due = timezone.now() + timedelta(seconds=after) if after else None
    return runner.enqueue(kind, workspace=workspace, params={"steps": TASKS}, due_at=due)


def _orders(workspace: Workspace, kind: str, count: int) -> list[Job]:
    with transaction.atomic():
        return [_order(workspace, kind) for _ in range(count)]


def _rate(units: int, order: Callable[[], list[Job]]) -> float:
    """Units a second, from the order to the last end."""
    started = time.perf_counter()
    _finish(order())
    return units / (time.perf_counter() - started)


def _finish(jobs: list[Job]) -> None:
    mine = Job.objects.filter(pk__in=[job.pk for job in jobs], state__in=OPEN_STATES)
    while mine.exists():
        time.sleep(0.02)


def _pick_up(job: Job) -> float:
    """Milliseconds from when the job was due to when a worker had claimed it."""
    _finish([job])
    job.refresh_from_db()
    assert job.started_at is not None
    return (job.started_at - max(job.due_at, job.created_at)).total_seconds() * 1000


def _news(page: ClientConnection, workspace: Workspace) -> float:
    """Milliseconds from the worker's commit of the end to the browser's knowing."""
    job = _order(workspace, Once.name)
    browser.hear(page, job.topic)  # that it was ordered
    heard = browser.hear(page, job.topic)
    _finish([job])
    job.refresh_from_db()
    assert job.finished_at is not None
    return (heard - job.finished_at).total_seconds() * 1000


@contextmanager
def processes() -> Iterator[None]:
    """A cluster and a sweep that know the measured kinds."""
    environment = os.environ | {"IGSITE_ROLE": "worker", "IGSITE_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "benchmarks.jobs_parts.process"]
    options: dict[str, Any] = {"env": environment, "cwd": settings.BASE_DIR, "start_new_session": True}
    started = [subprocess.Popen([*command, role], **options) for role in ("cluster", "sweep")]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def _python(*arguments: str) -> str:
    environment = os.environ | {"IGSITE_ROLE": "worker"}
    found = subprocess.run(
        [sys.executable, "-m", *arguments], env=environment, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE
    )
    return found.stdout.decode()


def _report(stdout: TextIO, bare: dict[str, float], measured: dict[str, Any]) -> None:
    def line(words: str, value: str) -> None:
        stdout.write(f"{words:<64}{value:>18}\n")

    line("django-q2 as it comes, empty tasks", f"{bare['nothing']:8.0f} /s")
    line("django-q2 as it comes, tasks that commit one row", f"{bare['one_update']:8.0f} /s")
    line("steps through the runner (each commits rows, cursor, lease)", f"{measured['steps']:8.0f} /s")
    line("whole jobs of one step (bell, claim, end, hints)", f"{measured['jobs']:8.0f} /s")
    line("steps / empty tasks of bare django-q2", f"{measured['steps'] / bare['nothing']:8.2f} ×")
    for words, key in (
        ("from ordered to claimed, median / p95", "now"),
        ("from due by the clock to claimed, median / p95", "due"),
        ("from a worker's commit to the browser, median / p95", "hint"),
    ):
        ordered = sorted(measured[key])
        p95 = ordered[int(len(ordered) * 0.95)]
        line(words, f"{statistics.median(ordered):.1f} / {p95:.1f} ms")
