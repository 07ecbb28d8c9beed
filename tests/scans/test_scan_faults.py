"""Each fault in mid-scan: nobody is lost by mistake, nothing crashes, and a sentence says what happened."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import source_health
from accounts.gateway.providers import routing
from accounts.models import SourceHealth
from igsite.jobs.models import JobState
from igsite.jobs.runner import run_inline, run_step
from scans.models import ChangeKind, Reason, Scan, ScanState
from tests.accounts.working_off import work_until_it_says
from tests.scans.scanner import Scanner, changed, edges_of, job_of, last_list, stored

LIST = r"friendships/\d+/followers"  # of everybody: also of the canonical account, by which the source is judged
BROKEN = "broken for everybody since"
NAME = "northwind_run"  # a thousand followers: five pages

#: Faults that pass: the scan waits, asks for the same page again and ends complete.
PASSING: dict[str, dict[str, Any]] = {
    "429": {"kind": "429"},
    "please_wait": {"kind": "please_wait"},
    "rate_limit_error": {"kind": "rate_limit_error"},
    "5xx": {"kind": "5xx"},
    "fail_200": {"kind": "fail_200"},
    "slow": {"kind": "slow", "ms": 300, "count": 3},
    "reset": {"kind": "reset"},
    "reset_after": {"kind": "reset_after"},
    "html": {"kind": "html"},
    "truncated": {"kind": "truncated"},
    "cut_json": {"kind": "cut_json"},
    "proxy_blocked": {"kind": "proxy_blocked"},
    "feedback_required": {"kind": "feedback_required"},
    "short_pages": {"kind": "short_pages", "count": -1, "size": 60},
    "duplicates": {"kind": "duplicates", "count": -1, "size": 50},
    "missing_users": {"kind": "missing_field", "field_name": "users"},
}
#: Faults that stay: the list ends partial with its reason, or broken when there was nothing at all.
LASTING: dict[str, tuple[dict[str, Any], Reason]] = {
    "limited": ({"kind": "limited", "page": 1}, Reason.LIMITED),
    "early_end": ({"kind": "early_end", "after_pages": 2}, Reason.EARLY_END),
    "empty_page": ({"kind": "empty_page", "after_pages": 2}, Reason.EARLY_END),
    "looping_cursor": ({"kind": "looping_cursor", "after_pages": 2, "count": -1}, Reason.LOOPING),
    "html for ever": ({"kind": "html", "after_pages": 2, "count": -1}, Reason.ENDPOINT_BROKEN),
    "needs_upgrade": ({"kind": "needs_upgrade", "after_pages": 2, "count": -1}, Reason.ENDPOINT_BROKEN),
    "private": ({"kind": "private", "after_pages": 2, "count": -1}, Reason.PRIVATE),
    "not_found": ({"kind": "not_found", "after_pages": 2, "count": -1}, Reason.GONE),
    "login_required": ({"kind": "login_required", "after_pages": 2, "count": -1}, Reason.LOGGED_OUT),
    "unreachable": ({"kind": "reset", "after_pages": 2, "count": -1}, Reason.UNREACHABLE),
}


def the_list(scanner: Scanner) -> str:
    """The path of this one account's list."""
    cast = scanner.instagram.simulator.control("cast")["accounts"]
    pk = next(account["pk"] for account in cast if account["username"] == NAME)
    return rf"friendships/{pk}/followers"


def nobody_lost(scanner: Scanner, scan: Scan, before: set[int]) -> None:
    """No edge closed that was there before, and the stored people are still the union of what was seen."""
    row = last_list(scan)
    assert row.lost_count == 0
    tracked = scan.account
    assert before <= stored(tracked)
    edges = edges_of(tracked)
    if edges.last_seq > 1:
        assert changed(edges, ChangeKind.LOST, 1, edges.last_seq) == []


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_delays_the_scan_but_changes_nothing(scanner: Scanner, fault: str) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.instagram.fault(path=LIST, **({"after_pages": 2} | PASSING[fault]))
    scan = scanner.scan(tracked)
    assert scan.state == ScanState.COMPLETE, scan.message
    assert stored(tracked) == before
    nobody_lost(scanner, scan, before)


def test_a_page_that_never_answers_is_asked_for_again(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "TIMEOUT", (3.05, 1.0))
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.instagram.fault(path=LIST, kind="hang", after_pages=2)
    scan = scanner.scan(tracked)
    assert scan.state == ScanState.COMPLETE, scan.message
    assert stored(tracked) == before
    log = scanner.instagram.simulator.control("log?path=followers")
    assert [entry["fault"] for entry in log["entries"] if entry["fault"]] == ["hang"]
    nobody_lost(scanner, scan, before)


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_ends_partial_with_its_reason_and_loses_nobody(scanner: Scanner, fault: str) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    what, reason = LASTING[fault]
    scanner.advance(days=2)
    scanner.instagram.fault(path=the_list(scanner), **what)
    scan = scanner.scan(tracked)
    row = last_list(scan)
    assert (scan.state, row.state, row.reason) == (ScanState.PARTIAL, ScanState.PARTIAL, reason)
    assert len(row.sentence) > 40
    assert "nobody was counted as lost" in row.sentence.lower()
    nobody_lost(scanner, scan, before)


@pytest.mark.parametrize("fault", LASTING)
def test_a_first_scan_with_a_lasting_fault_makes_no_baseline(scanner: Scanner, fault: str) -> None:
    tracked = scanner.track(NAME)
    scanner.instagram.fault(path=the_list(scanner), **LASTING[fault][0])
    assert scanner.scan(tracked).state == ScanState.PARTIAL
    assert edges_of(tracked).baseline_seq is None
    scanner.instagram.simulator.control("faults", method="DELETE")
    scanner.login_again()
    second = scanner.scan(tracked)
    assert second.state == ScanState.COMPLETE, second.message
    assert stored(tracked) == scanner.truth(NAME)
    assert changed(edges_of(tracked), ChangeKind.NEW, 1, 2) == []


def test_a_dead_endpoint_with_a_count_but_nobody_changes_nothing(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.instagram.fault(path=the_list(scanner), kind="empty_page", count=-1)
    scan = scanner.scan(tracked)
    assert (scan.state, last_list(scan).reason) == (ScanState.FAILED, Reason.ENDPOINT_BROKEN)
    assert last_list(scan).seq is None
    assert stored(tracked) == before


@pytest.mark.parametrize(("kind", "more"), [("empty_page", {}), ("html", {}), ("html", {"after_pages": 2})])
def test_a_list_that_is_dead_for_everybody_waits_and_is_read_to_its_end_once_it_works(
    scanner: Scanner, kind: str, more: dict[str, Any]
) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.instagram.fault(path=LIST, kind=kind, count=-1, **more)
    scan = scanner.start(tracked)
    job = work_until_it_says(job_of(scan), scanner.instagram.clock, BROKEN)
    assert job.state == JobState.WAITING
    assert stored(tracked) == before
    asked = len(scanner.instagram.log("/followers/"))
    other = scanner.track("tiny.pottery")
    waiting = work_until_it_says(job_of(scanner.start(other)), scanner.instagram.clock, BROKEN)
    assert (waiting.state, len(scanner.instagram.log("/followers/"))) == (JobState.WAITING, asked)
    scanner.instagram.simulator.control("faults", method="DELETE")
    health = SourceHealth.objects.get()
    assert health.probe_at is not None
    scanner.instagram.clock.move_to(health.probe_at)
    source_health.look_at_due(scanner.instagram.clock())
    assert scanner.run(scan).state == ScanState.COMPLETE
    assert stored(tracked) == before
    nobody_lost(scanner, scan, before)


def test_429_after_page_three_of_five_waits_without_asking_and_keeps_its_cursor(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    scanner.instagram.fault(path=LIST, kind="429", after_pages=3)
    job = job_of(scan)
    for _turn in range(10):
        scanner.instagram.clock.move_to(job.due_at)
        run_step(job.pk, clock=scanner.instagram.clock, turn=0.0)
        job.refresh_from_db()
        if job.state == JobState.WAITING:
            break
    assert job.state == JobState.WAITING
    assert "slow down" in job.message
    assert (job.due_at - scanner.instagram.clock()).total_seconds() >= 14 * 60
    assert last_list(scan).people_seen == 600
    assert scanner.run(scan).state == ScanState.COMPLETE
    asked = [entry for entry in scanner.instagram.log("/followers/") if entry["status"] == 200]
    assert len(asked) == 5  # no page twice


def test_a_challenge_in_mid_scan_waits_for_the_person(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    scanner.instagram.fault(path=LIST, kind="challenge", after_pages=2)
    job = job_of(scan)
    run_inline(job, clock=scanner.instagram.clock)
    assert job.state == JobState.BLOCKED
    assert job.next_url
    scan.refresh_from_db()
    assert scan.is_open
    assert last_list(scan).people_seen == 400


def test_a_private_account_fails_with_its_reason(scanner: Scanner) -> None:
    tracked = scanner.track("private.garden")
    scan = scanner.scan(tracked)
    assert (scan.state, last_list(scan).reason) == (ScanState.FAILED, Reason.PRIVATE)
    assert "private" in scan.message


def test_a_name_that_nobody_bears_fails_with_its_reason(scanner: Scanner) -> None:
    tracked = scanner.track("nobody.bears.this.name")
    scan = scanner.scan(tracked)
    assert (scan.state, last_list(scan).reason) == (ScanState.FAILED, Reason.GONE)


def test_a_limited_list_says_so(scanner: Scanner) -> None:
    tracked = scanner.track("limited.lists")
    scan = scanner.scan(tracked)
    assert (scan.state, last_list(scan).reason) == (ScanState.PARTIAL, Reason.LIMITED)
    assert edges_of(tracked).baseline_seq is None


def test_losing_too_many_at_once_is_quarantined_and_believed_when_seen_again(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.advance(days=150)
    quarantined = scanner.scan(tracked)
    assert (quarantined.state, last_list(quarantined).reason) == (ScanState.QUARANTINED, Reason.MASS_LOSS)
    assert last_list(quarantined).seq is None
    assert stored(tracked) == before
    assert "scan again" in quarantined.message.lower()
    assert scanner.scan(tracked).state == ScanState.COMPLETE
    assert stored(tracked) == scanner.truth(NAME)
