"""A scan that is killed, cancelled or robbed of its staged rows: the same result, or an honest partial one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from accounts import tracking
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import claim, run_inline
from igsite.jobs.sweep import rescue
from scans import follower_scan, housekeeping, scan_steps, staging
from scans.models import ChangeKind, Reason, Scan, ScanState
from tests.scans.scanner import BOTH, Scanner, changed, edges_of, job_of, last_list, stored

NAME = "northwind_run"  # a thousand followers: five pages
STEPS = 8  # profile, five pages, profile, merge


@pytest.fixture(autouse=True)
def one_page_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step ends after each page, so that a test can stop behind every one."""
    monkeypatch.setattr(scan_steps, "SLICE", 0.0)


def steps_then_death(scanner: Scanner, scan: Scan, steps: int) -> Job:
    """A worker takes the job, does some steps and is never heard of again; its lease runs out."""
    job = job_of(scan)
    clock = scanner.instagram.clock
    clock.move_to(job.due_at)
    run = claim(job.pk, clock)
    assert run is not None
    for _step in range(steps):
        scan_steps.step(run)
    clock.move(timedelta(minutes=3))
    rescue(clock())
    job.refresh_from_db()
    assert job.lease_token is None
    return job


def pages_asked(scanner: Scanner) -> int:
    return len(scanner.instagram.log("/followers/"))


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_worker_that_dies_after_any_step_costs_nothing(scanner: Scanner, steps: int) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    steps_then_death(scanner, scan, steps)
    assert scanner.run(scan).state == ScanState.COMPLETE
    assert stored(tracked) == scanner.truth(NAME)
    assert pages_asked(scanner) == 5


@pytest.mark.parametrize("page", range(1, 6))
def test_a_worker_that_dies_between_answer_and_commit_repeats_that_page_only(
    scanner: Scanner, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    with monkeypatch.context() as patch:
        answered = 0
        real = staging.add

        def dies(*arguments: object) -> int:
            nonlocal answered
            answered += 1
            if answered == page:
                raise SystemExit
            return real(*arguments)  # type: ignore[arg-type]

        patch.setattr(staging, "add", dies)
        with pytest.raises(SystemExit):
            steps_then_death(scanner, scan, STEPS)
    scanner.instagram.clock.move(timedelta(minutes=3))
    rescue(scanner.instagram.clock())
    assert scanner.run(scan).state == ScanState.COMPLETE
    assert stored(tracked) == scanner.truth(NAME)
    assert pages_asked(scanner) == 6


@pytest.mark.parametrize("left", [0, 150])
def test_staged_rows_lost_with_a_database_crash_start_the_list_again(scanner: Scanner, left: int) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    scan = scanner.start(tracked)
    steps_then_death(scanner, scan, 4)
    with connection.cursor() as cursor:
        table = staging.table(last_list(scan).pk)
        cursor.execute(f"delete from {table} where pk not in (select pk from {table} limit {left})")  # noqa: S608
    assert scanner.run(scan).state == ScanState.COMPLETE
    assert stored(tracked) == scanner.truth(NAME)
    assert last_list(scan).lost_count == 0
    assert changed(edges_of(tracked), ChangeKind.LOST, 1, 2) == []


def test_a_cancelled_scan_keeps_who_was_read_and_loses_nobody(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.advance(days=7)
    scan = scanner.start(tracked)
    steps_then_death(scanner, scan, 3)
    follower_scan.cancel(scan, by=scanner.instagram.person)
    assert Job.objects.get(kind="scans.people", params__scan=str(scan.pk)).state == JobState.CANCELLED
    assert scanner.run(scan).state == ScanState.PARTIAL
    row = last_list(scan)
    assert (row.reason, row.people_seen, row.lost_count, row.seq) == (Reason.CANCELLED, 400, 0, 2)
    assert before <= stored(tracked)
    assert stored(tracked) - before == scanner.truth(NAME) & (stored(tracked) - before)
    assert staging.count(row.pk) is None


def test_a_scan_cancelled_before_it_began_says_that_nothing_was_read(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked, BOTH)
    follower_scan.cancel(scan, by=scanner.instagram.person)
    scan.refresh_from_db()
    assert scan.state == ScanState.FAILED
    assert "Nothing was read" in scan.message
    assert pages_asked(scanner) == 0


def test_cancelling_during_the_second_list_leaves_the_first_complete(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked, BOTH)
    steps_then_death(scanner, scan, 9)
    follower_scan.cancel(scan, by=scanner.instagram.person)
    assert scanner.run(scan).state == ScanState.PARTIAL
    followers, following = scan.lists.order_by("pk")
    assert followers.state == ScanState.COMPLETE
    assert (following.state, following.reason) == (ScanState.PARTIAL, Reason.CANCELLED)


def test_a_job_that_fails_for_good_keeps_what_was_read(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    steps_then_death(scanner, scan, 3)

    def breaks(*_arguments: object) -> int:
        raise RuntimeError("a defect of ours")

    with monkeypatch.context() as patch:
        patch.setattr(staging, "add", breaks)
        job = run_inline(job_of(scan), clock=scanner.instagram.clock)
    assert job.state == JobState.FAILED
    assert scanner.run(scan).state == ScanState.PARTIAL
    assert last_list(scan).reason == Reason.CRASHED
    assert len(stored(tracked)) == 400


def test_letting_go_of_an_account_in_mid_scan_leaves_nothing_behind(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    scan = scanner.start(tracked)
    steps_then_death(scanner, scan, 3)
    edges, row = edges_of(tracked), last_list(scan)
    assert staging.count(row.pk) == 400
    tracking.untrack(account=tracked, by=scanner.instagram.person, now=scanner.instagram.clock())
    for job in Job.objects.open():
        run_inline(job, clock=scanner.instagram.clock)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from edge_current where list_id = %s", [edges.pk])
        assert cursor.fetchone() == (0,)
    assert staging.count(row.pk) is None


def test_one_account_is_scanned_once_at_a_time(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    with pytest.raises(follower_scan.ScanRunning) as refused:
        scanner.start(tracked)
    assert refused.value.scan == scan


def test_a_scan_begins_while_the_job_of_the_last_one_still_closes(scanner: Scanner) -> None:
    """A scan has ended a moment before its job has."""
    tracked = scanner.track(NAME)
    ended = scanner.start(tracked)
    Scan.objects.filter(pk=ended.pk).update(state=ScanState.COMPLETE, finished_at=scanner.instagram.clock())
    assert job_of(ended).is_open
    following = scanner.start(tracked)
    assert following.job_uuid != ended.job_uuid


def test_the_night_clears_staged_people_that_no_scan_reads(scanner: Scanner) -> None:
    scan = scanner.start(scanner.track(NAME))
    steps_then_death(scanner, scan, 2)
    open_list, left_behind = last_list(scan).pk, 2**40
    staging.create(left_behind)
    housekeeping.clear_staging(scanner.instagram.clock())
    assert staging.count(open_list) == 200
    assert staging.count(left_behind) is None
