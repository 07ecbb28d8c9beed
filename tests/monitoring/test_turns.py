"""A login does one thing at a time: what it measures takes turns with its scans, at its pace, and is not late."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts import connect, tracking
from accounts.models import InstagramLogin, SourceCall
from igsite.jobs.models import DUE_STATES, Job, JobState
from igsite.jobs.runner import run_step
from monitoring import measuring_orders
from monitoring.measuring import Taken
from monitoring.models import Monitor
from monitoring.signals import measurement_taken
from scans import follower_scan, scan_steps
from scans.models import Direction, Scan
from tests.monitoring.watcher import Watcher

CROWD = "aurora.studio"  # ten thousand followers: fifty pages


def scan_of(watcher: Watcher, name: str = CROWD) -> Scan:
    """A long scan that was ordered with the login."""
    tracked = tracking.track(workspace=watcher.instagram.workspace, account=f"@{name}", by=None, now=watcher.now())
    Job.objects.filter(kind="account.resolve").delete()
    return follower_scan.start(
        account=tracked, directions=(Direction.FOLLOWERS,), login=watcher.login, by=watcher.instagram.person,
        now=watcher.now(),
    )  # fmt: skip


def live(watcher: Watcher, span: timedelta) -> None:
    """What is due in the login's lane, each at its time, as workers do it."""
    until = watcher.now() + span
    mine = Job.objects.filter(lane=connect.lane(watcher.login.pk), state__in=DUE_STATES)
    while True:
        moments = sorted({max(watcher.now(), at) for at in mine.values_list("due_at", flat=True)})
        turns = ((at, job) for at in moments for job in mine.claimable(at).order_by("due_at", "pk")[:1])
        found = next(turns, None)
        if found is None or found[0] > until:
            return
        watcher.instagram.clock.move_to(found[0])
        run_step(found[1].pk, clock=watcher.instagram.clock, turn=0.0)


def test_measurements_are_in_time_while_a_scan_goes_on(watcher: Watcher, settings: Settings) -> None:
    for name in ("@tiny.pottery", "@la.cocina.verde"):
        watcher.watch(name, seconds=30)
    scan = scan_of(watcher)
    settings.PACE_SCALE = 0.5  # half the pauses, twice the budget
    InstagramLogin.objects.filter(pk=watcher.login.pk).update(reads_per_hour=200, pause_min=2, pause_max=5)
    late: list[timedelta] = []

    def heard(monitor: Monitor, taken: Taken, **_more: Any) -> None:
        late.append(taken.at - taken.due)

    measurement_taken.connect(heard)
    try:
        live(watcher, timedelta(seconds=95))
    finally:
        measurement_taken.disconnect(heard)
    # Each at once, and then every 30 seconds from somewhere within the first 30 on.
    assert 6 <= len(late) <= 10
    assert max(late) <= timedelta(seconds=10)
    scan.refresh_from_db()
    pages = len(watcher.instagram.log("/followers/"))
    assert scan.is_open
    assert pages > 20
    sent = list(SourceCall.objects.filter(kind="read").order_by("at").values_list("at", flat=True))
    measured = sent[-pages - len(late) :]
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(measured))


def test_two_workers_never_send_two_requests_of_one_login_at_once(
    watcher: Watcher, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_steps, "SLICE", 0.1)  # many short turns
    monitor = watcher.watch("@tiny.pottery", seconds=30)
    scan_of(watcher)
    # Its first due time lies somewhere in the monitor's first half minute.
    Job.objects.filter(kind=measuring_orders.READ).update(due_at=datetime.now(UTC))
    settings.PACE_SCALE = 0.001
    watcher.instagram.fault(path="", kind="slow", ms=60, count=-1)

    def work(does_measure: bool) -> None:
        over = time.monotonic() + 60
        try:
            while time.monotonic() < over and not done():
                due = Job.objects.filter(lane=connect.lane(watcher.login.pk), state__in=DUE_STATES)
                due = due.filter(due_at__lte=datetime.now(UTC))
                due = (
                    due.filter(kind=measuring_orders.READ) if does_measure else due.exclude(kind=measuring_orders.READ)
                )
                for pk in due.values_list("pk", flat=True):
                    run_step(pk, turn=0.0)
                if does_measure:  # always something to measure, as with hundreds of monitors
                    Monitor.objects.filter(pk=monitor.pk).update(due_at=datetime.now(UTC), taken_until=None)
                    measuring_orders.look_after_all(datetime.now(UTC))
        finally:
            connection.close()

    def done() -> bool:
        return min(len(watcher.instagram.log(path)) for path in ("/followers/", "/info/")) >= 4

    workers = [threading.Thread(target=work, args=(does_measure,)) for does_measure in (True, False)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(watcher.instagram.log("/followers/")) >= 3
    assert len(watcher.instagram.log("/info/")) >= 3
    spans = sorted((entry["at"] - entry["ms"] / 1_000, entry["at"]) for entry in watcher.instagram.log("/api/v1/"))
    assert all(earlier[1] <= later[0] + 0.005 for earlier, later in pairwise(spans))


def test_a_reading_job_of_an_older_version_makes_room_for_one_in_its_logins_lane(watcher: Watcher) -> None:
    watcher.watch()
    job = watcher.job()
    Job.objects.filter(pk=job.pk).update(lane=measuring_orders.name_of(watcher.login.pk))
    run_step(job.pk, clock=watcher.instagram.clock)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    watcher.minute()
    assert watcher.job().lane == connect.lane(watcher.login.pk)
    watcher.work()
    assert Monitor.objects.get().revision == 1
