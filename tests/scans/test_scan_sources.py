"""Scans by other sources than a login: who reads, who takes over before the first page, whose lists are compared."""

from __future__ import annotations

from accounts import logins, source_chains, source_keys, source_runs
from accounts.models import Purpose, RunState, SourceName, SourceRun, TrackedAccount
from igsite.jobs.models import Job, JobState
from igsite.secrets import Secret
from scans import estimate, follower_scan, scan_orders
from scans.models import ChangeKind, Direction, Reason, Scan, ScanMode, ScanState, Source
from tests.accounts.working_off import work_off, work_until_it_says
from tests.scans.scanner import Scanner, changed, edges_of, job_of, last_list, stored

NAME = "tiny.pottery"
WEB, LOGIN = SourceName.WEB, SourceName.LOGIN


def chain(scanner: Scanner, *names: SourceName) -> None:
    instagram = scanner.instagram
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PEOPLE, sources=names, by=None, now=instagram.clock()
    )


def scan(scanner: Scanner, tracked: TrackedAccount) -> Scan:
    """A scan by whoever the chain says, to its end."""
    instagram = scanner.instagram
    started = follower_scan.start(
        account=tracked, directions=[Direction.FOLLOWERS], by=instagram.person, now=instagram.clock()
    )
    while started.is_open:
        work_off(job_of(started), instagram.clock)
        started.refresh_from_db()
    return started


def test_the_public_web_reads_a_whole_list_without_any_login(scanner: Scanner) -> None:
    chain(scanner, WEB)
    tracked = scanner.track(NAME)
    logins.remove(login=scanner.login, by=None, now=scanner.instagram.clock())
    done = scan(scanner, tracked)
    assert (done.state, done.source, done.login) == (ScanState.COMPLETE, Source.WEB, None), done.message
    assert stored(tracked) == scanner.truth(NAME)
    assert scanner.instagram.log("friendships/") == []
    scanner.advance(days=3)
    again = scan(scanner, tracked)
    assert again.state == ScanState.COMPLETE, again.message
    assert stored(tracked) == scanner.truth(NAME)


def test_dead_lists_of_the_web_are_handed_over_before_the_first_page(scanner: Scanner) -> None:
    chain(scanner, WEB, LOGIN)
    scanner.instagram.simulator.control("web", {"lists": "dead"})
    tracked = scanner.track(NAME)
    first = follower_scan.start(
        account=tracked, directions=[Direction.FOLLOWERS], by=None, now=scanner.instagram.clock()
    )
    web_job = job_of(first)
    done = scanner.run(first)
    assert (done.state, done.source, done.login) == (ScanState.COMPLETE, Source.LOGIN, scanner.login), done.message
    assert stored(tracked) == scanner.truth(NAME)
    web_job.refresh_from_db()
    assert web_job.state == JobState.DONE
    assert "Instagram login reads instead" in web_job.message
    assert job_of(done).lane


def test_a_login_that_a_person_chose_is_not_replaced(scanner: Scanner) -> None:
    chain(scanner, LOGIN, WEB)
    tracked = scanner.track(NAME)
    started = scanner.start(tracked)
    logins.pause(login=scanner.login, by=None, now=scanner.instagram.clock())
    job = work_off(job_of(started), scanner.instagram.clock)
    assert job.state == JobState.BLOCKED
    started.refresh_from_db()
    assert started.source == Source.LOGIN


def test_a_list_that_was_begun_stays_with_its_source(scanner: Scanner) -> None:
    chain(scanner, WEB, LOGIN)
    tracked = scanner.track(NAME)
    scanner.instagram.fault(path="graphql/query", kind="429", after_pages=2, count=1)
    done = scan(scanner, tracked)
    assert (done.state, done.source) == (ScanState.COMPLETE, Source.WEB), done.message
    assert stored(tracked) == scanner.truth(NAME)


def test_another_source_adds_people_and_loses_nobody(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.advance(days=20)
    chain(scanner, LOGIN, WEB)
    logins.pause(login=scanner.login, by=None, now=scanner.instagram.clock())
    by_web = scan(scanner, tracked)
    row = last_list(by_web)
    assert (by_web.state, row.reason) == (ScanState.PARTIAL, Reason.OTHER_SOURCE)
    assert "nobody was counted as lost" in row.sentence
    assert stored(tracked) == before | scanner.truth(NAME)
    edges = edges_of(tracked)
    assert changed(edges, ChangeKind.LOST, 1, edges.last_seq) == []
    logins.resume(login=scanner.login, by=None, now=scanner.instagram.clock())
    by_login = scan(scanner, tracked)
    assert by_login.state in {ScanState.COMPLETE, ScanState.QUARANTINED}, by_login.message


def test_a_source_that_is_chosen_for_good_begins_anew_and_tells_losses_from_its_second_scan_on(
    scanner: Scanner,
) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    chain(scanner, WEB, LOGIN)
    first = scan(scanner, tracked)
    assert (first.state, last_list(first).reason) == (ScanState.COMPLETE, Reason.NEW_SOURCE), first.message
    assert "nobody counts as new or as lost" in first.message
    assert stored(tracked) == scanner.truth(NAME)
    edges, before = edges_of(tracked), scanner.advance(days=10)
    second = scan(scanner, tracked)
    assert (second.state, last_list(second).reason) == (ScanState.COMPLETE, ""), second.message
    lost = set(changed(edges_of(tracked), ChangeKind.LOST, edges.last_seq, edges.last_seq + 1))
    assert lost == set(scanner.true_diff(NAME, before)["lost"])
    assert changed(edges_of(tracked), ChangeKind.LOST, 1, edges.last_seq) == []


def test_the_cost_is_told_for_the_source_that_would_read(scanner: Scanner) -> None:
    tracked = scanner.track("northwind_run")
    scanner.scan(tracked)
    tracked.refresh_from_db()
    now, lists = scanner.instagram.clock(), [Direction.FOLLOWERS]
    told = {}
    for name in (LOGIN, WEB):
        chain(scanner, name)
        reader = scan_orders.reader(tracked, lists, mode=ScanMode.FULL, now=now)
        told[name] = estimate.estimate(tracked, lists, reader=reader, now=now)
        assert told[name].source == name
        assert told[name].dollars == 0
    assert (told[WEB].requests or 0) > 5 * (told[LOGIN].requests or 0) > 0


def test_the_newest_people_are_asked_of_sources_that_can_sort(scanner: Scanner) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    chain(scanner, WEB, LOGIN)
    started = follower_scan.start(
        account=tracked, directions=[Direction.FOLLOWERS], by=None, now=scanner.instagram.clock(), mode=ScanMode.NEWEST
    )
    assert started.source == Source.LOGIN


def test_a_list_is_scanned_by_paid_runs_each_ordered_once(scanner: Scanner) -> None:
    instagram = scanner.instagram
    source_keys.save(
        workspace=instagram.workspace, source=SourceName.APIFY, key=Secret("apify_api_demo"), by=None,
        now=instagram.clock(),
    )  # fmt: skip
    chain(scanner, SourceName.APIFY)
    tracked = scanner.track("northwind_run")
    done = scan(scanner, tracked)
    assert (done.state, done.source) == (ScanState.COMPLETE, Source.APIFY), done.message
    assert stored(tracked) == scanner.truth("northwind_run")
    runs = instagram.simulator.control("services")["runs"]
    assert len(runs) == SourceRun.objects.count() == 3  # the profile before and after, and the list
    assert instagram.log("friendships/") == []
    assert sum(run.cost_dollars or 0 for run in SourceRun.objects.all()) > 0


def test_cancelling_a_scan_ends_its_paid_run(scanner: Scanner) -> None:
    instagram = scanner.instagram
    source_keys.save(
        workspace=instagram.workspace, source=SourceName.APIFY, key=Secret("apify_api_demo"), by=None,
        now=instagram.clock(),
    )  # fmt: skip
    chain(scanner, SourceName.APIFY)
    instagram.simulator.control("services/runs", {"seconds": 3600, "clock": "simulated"})
    started = follower_scan.start(
        account=scanner.track(NAME), directions=[Direction.FOLLOWERS], by=None, now=instagram.clock()
    )
    work_until_it_says(job_of(started), instagram.clock, "collecting")
    follower_scan.cancel(started, by=instagram.person)
    abort = work_off(Job.objects.get(kind=source_runs.ABORT), instagram.clock)
    assert abort.state == JobState.DONE, abort.error
    assert [run["status"] for run in instagram.simulator.control("services")["runs"]] == ["ABORTED"]
    assert SourceRun.objects.get().state == RunState.FAILED
