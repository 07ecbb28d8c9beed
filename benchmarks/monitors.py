"""``manage.py bench monitors``: ten thousand monitors at mixed intervals against the simulator: how late are they?

A worker in this process does what the cluster does, turn after turn, without pauses between reads: the source's own
rate is the limit, and what the bare client reads in the same run says what that is. Four loads show how lateness
grows. ``IGSITE_BENCH_SECONDS`` is how long each is measured (60), ``IGSITE_BENCH_SIZES`` names other loads.
"""

from __future__ import annotations

import json
import os
import random
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final, TextIO

from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from accounts import login_secrets
from accounts.gateway.providers import open_private
from accounts.models import InstagramLogin, Profile, Workspace
from benchmarks.lists_parts.timing import machine, sizes
from benchmarks.scan import ready_login, simulator
from igsite.jobs.models import Job
from igsite.jobs.runner import run_step
from monitoring import measuring_orders
from monitoring.measuring import Taken
from monitoring.models import Monitor, MonitorKind
from monitoring.signals import measurement_taken

LOADS: Final = (2_500, 10_000, 20_000, 40_000)
#: Seconds between measurements, and the share of monitors that have them.
MIX: Final = {30: 0.03, 1_800: 0.27, 3_600: 0.4, 86_400: 0.25, 604_800: 0.05}
SECONDS: Final = int(os.environ.get("IGSITE_BENCH_SECONDS", "60"))
CROWD: Final = "la.cocina.verde"
LEAST: Final = timedelta(seconds=5)
BARE_SECONDS: Final = 5
GOAL_LOAD: Final = 10_000


def main(stdout: TextIO) -> None:
    """Measure and print."""
    stdout.write(f"monitors: {machine()}, {SECONDS} s each; late is later than 10 % of the interval, at least 5 s")
    with simulator() as base_url, override_settings(INSTAGRAM_BASE_URL=base_url, PACE_SCALE=0):
        workspace = Workspace.objects.create(name="bench")
        try:
            login = ready_login(workspace)
            pks = _people(base_url)
            for load in sizes(LOADS):
                _measure(stdout, workspace, pks, load, partial(_bare, login, base_url, pks))
        finally:
            workspace.delete()


def _bare(login: InstagramLogin, base_url: str, pks: list[int]) -> float:
    """Reads a second that the source gives in this run, nothing written."""
    gateway = open_private(login_secrets.opened_json(login, "session_sealed") or {}, base_url=base_url)
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < BARE_SECONDS:
        gateway.profile(pks[done])
        done += 1
    gateway.close()
    return done / BARE_SECONDS


def _people(base_url: str) -> list[int]:
    address = f"{base_url}/_control/truth?account={CROWD}&direction=followers"
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=120) as answer:
        pks: list[int] = json.loads(answer.read())["pks"]
    return pks


def _measure(stdout: TextIO, workspace: Workspace, pks: list[int], load: int, bare: Callable[[], float]) -> None:
    Monitor.objects.filter(workspace=workspace).delete()
    Job.objects.filter(workspace=workspace, kind=measuring_orders.READ).delete()
    pks = (pks * (load // len(pks) + 1))[:load] if len(pks) < load else pks[:load]
    rate = bare()
    _make(workspace, pks)
    late: list[tuple[float, bool]] = []

    def heard(monitor: Monitor, taken: Taken, **_more: Any) -> None:
        by = taken.at - taken.due
        late.append((by.total_seconds(), by > max(monitor.interval * 0.1, LEAST)))

    measurement_taken.connect(heard)
    try:
        _work(workspace, time.monotonic() + SECONDS)
    finally:
        measurement_taken.disconnect(heard)
    overdue = _overdue(workspace)
    rate = max(rate, bare())  # the better of before and after: the machine may have been busy with others
    demand = len(pks) * sum(share / seconds for seconds, share in MIX.items())
    by = sorted(seconds for seconds, _is_late in late)
    too_late = sum(is_late for _seconds, is_late in late) + overdue
    is_asked = load <= GOAL_LOAD and demand <= rate
    kept = "ok" if not too_late else "MISSED" if is_asked else "beyond the goal’s load, or the source’s rate"
    stdout.write(
        f"  {len(pks):6,} monitors: {demand:5.1f} reads/s due, {len(late) / SECONDS:5.1f} measured/s,"
        f" {demand / rate:.2f} and {len(late) / SECONDS / rate:.2f} of the {rate:.1f} that the bare client reads"
    )
    stdout.write(
        f"    late by median {_part(by, 0.5):.2f} s, p95 {_part(by, 0.95):.2f} s, most {_part(by, 1.0):.2f} s;"
        f" too late {too_late} ({kept}, goal 0 up to {GOAL_LOAD:,})"
    )


def _part(values: list[float], share: float) -> float:
    return values[int(share * (len(values) - 1))] if values else 0.0


def _make(workspace: Workspace, pks: list[int]) -> None:
    """As they stand after a while: due times spread over their intervals, the profiles known."""
    now, chance = timezone.now(), random.Random(1)
    intervals = [seconds for seconds, share in MIX.items() for _one in range(round(share * len(pks)))]
    intervals += [3_600] * (len(pks) - len(intervals))
    chance.shuffle(intervals)
    people = [Profile(pk=pk, username=f"bench{pk}") for pk in sorted(set(pks))]
    Profile.objects.bulk_create(people, batch_size=5_000, ignore_conflicts=True)
    monitors = []
    for pk, seconds in zip(dict.fromkeys(pks), intervals, strict=False):
        due = now + timedelta(seconds=1 + chance.random() * seconds)
        monitors.append(
            Monitor(
                workspace=workspace,
                kind=MonitorKind.PROFILE,
                username=f"bench{pk}",
                profile_id=pk,
                interval_seconds=seconds,
                anchor_at=due,
                due_at=due,
                created_at=now,
            )
        )
    Monitor.objects.bulk_create(monitors, batch_size=5_000)
    # What writing them took is no lateness.
    taken, mine = timezone.now() - now, Monitor.objects.filter(workspace=workspace)
    mine.update(due_at=F("due_at") + taken, anchor_at=F("anchor_at") + taken)
    measuring_orders.ensure(workspace, now=now + taken)


def _work(workspace: Workspace, until: float) -> None:
    """The reading job's turns, each when it is due."""
    job = Job.objects.get(workspace=workspace, kind=measuring_orders.READ)
    while time.monotonic() < until:
        run_step(job.pk)
        job.refresh_from_db()
        if not job.is_open:
            raise SystemExit(f"The reading job ended {job.state}: {job.error}")
        time.sleep(max(0.0, min((job.due_at - timezone.now()).total_seconds(), until - time.monotonic())))


def _overdue(workspace: Workspace) -> int:
    """Those that are too late already and were not measured at all."""
    now = timezone.now()
    waiting = Monitor.objects.filter(workspace=workspace, due_at__lt=now - LEAST)
    tolerance = F("interval_seconds") * 0.1
    rows = waiting.annotate(tolerance=tolerance).values_list("due_at", "tolerance")
    return sum(1 for due, seconds in rows if (now - due).total_seconds() > max(seconds, LEAST.total_seconds()))
