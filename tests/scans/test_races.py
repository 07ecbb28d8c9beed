"""What people do at the same moment, or while a page is on its way: one outcome, never an error."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import connect, logins, tracking
from accounts.models import TrackedAccount, User
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline
from scans import follower_scan, staging
from scans.models import ListScan, Reason, Scan, ScanState
from tests.scans.scanner import BOTH, Scanner, edges_of, job_of, last_list, stored

NAME = "northwind_run"  # a thousand followers: five pages
AT_ONCE = 20


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    return client


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """What ``act`` answers to this many threads, each with a database connection of its own."""

    def one(index: int) -> Any:
        try:
            return act(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_twenty_submits_of_a_new_scan_start_one(scanner: Scanner) -> None:
    clients = [browser(scanner.instagram.person) for _each in range(AT_ONCE)]
    form = {"account": f"@{NAME}", "lists": "both", "login": str(scanner.login.pk)}
    answers = at_once(AT_ONCE, lambda index: clients[index].post(reverse("scans:new"), form).status_code)
    assert sorted(answers) == [302] + [422] * (AT_ONCE - 1)
    assert Scan.objects.count() == TrackedAccount.objects.count() == 1
    assert Job.objects.filter(kind=follower_scan.PEOPLE_JOB).count() == 1


def test_twenty_submits_over_the_api_start_one_and_the_others_learn_why(scanner: Scanner) -> None:
    clients = [browser(scanner.instagram.person) for _each in range(AT_ONCE)]
    body = {"account": f"@{NAME}", "lists": ["followers"]}

    def start(index: int) -> tuple[int, str]:
        answer = clients[index].post("/api/v1/scans", body, content_type="application/json")
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    assert sorted(at_once(AT_ONCE, start)) == [(202, "")] + [(409, "scan_running")] * (AT_ONCE - 1)
    assert Scan.objects.count() == 1


def test_twenty_people_track_the_same_account_at_once(scanner: Scanner) -> None:
    clients = [browser(scanner.instagram.person) for _each in range(AT_ONCE)]
    form = {"account": f"https://www.instagram.com/{NAME}/"}
    answers = at_once(AT_ONCE, lambda index: clients[index].post(reverse("accounts:list"), form).status_code)
    assert set(answers) == {302}
    assert TrackedAccount.objects.count() == 1
    assert Job.objects.filter(kind=tracking.RESOLVE).count() == 1


@pytest.mark.parametrize("path", ["scans:cancel", "jobs:cancel"])
def test_two_browsers_cancel_at_once(scanner: Scanner, path: str) -> None:
    scan = scanner.start(scanner.track(NAME), BOTH)
    number = scan.pk if path == "scans:cancel" else scan.job_uuid
    clients = [browser(scanner.instagram.person) for _each in range(6)]
    answers = at_once(6, lambda index: clients[index].post(reverse(path, args=[number])).status_code)
    assert set(answers) == {302}
    scan.refresh_from_db()
    assert scan.state == ScanState.FAILED
    assert "Nothing was read" in scan.message
    assert job_of(scan).state == JobState.CANCELLED


def on_page(monkeypatch: pytest.MonkeyPatch, page: int, act: Callable[[], Any]) -> None:
    """Do something while the request of this page (from 1) is on its way; what it raises comes out of the test."""
    asked = 0
    real = connect.PacedGateway.followers

    def followers(gateway: connect.PacedGateway, *arguments: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == page:
            act()
        return real(gateway, *arguments, **options)

    monkeypatch.setattr(connect.PacedGateway, "followers", followers)


def settle(scanner: Scanner) -> None:
    """Work off whatever is open."""
    for _round in range(3):
        for job in Job.objects.open().exclude(state=JobState.BLOCKED):
            run_inline(job, clock=scanner.instagram.clock)


@pytest.mark.parametrize("page", [1, 3, 5])
def test_the_account_is_deleted_while_a_page_is_on_its_way(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    other = scanner.track("tiny.pottery")
    scanner.scan(other)
    edges = edges_of(tracked)
    scan = scanner.start(tracked)
    table = last_list(scan).pk
    client = browser(scanner.instagram.person)
    on_page(
        monkeypatch, page, lambda: checked(client.post(reverse("accounts:delete", args=[tracked.pk])).status_code, 302)
    )
    settle(scanner)
    assert not Scan.objects.filter(pk=scan.pk).exists()
    assert staging.count(table) is None
    assert not Job.objects.open().exists()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from edge_current where list_id = %s", [edges.pk])
        assert cursor.fetchone() == (0,)
    assert stored(other) == scanner.truth("tiny.pottery")


@pytest.mark.parametrize("page", [1, 3, 5])
def test_the_login_is_removed_while_a_page_is_on_its_way(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.advance(days=7)
    scan = scanner.start(tracked)
    client = browser(scanner.instagram.person)
    address = reverse("settings:login_remove", args=[scanner.login.pk])
    on_page(monkeypatch, page, lambda: checked(client.post(address).status_code, 302))
    settle(scanner)
    scan.refresh_from_db()
    assert not scan.is_open
    assert scan.state in {ScanState.PARTIAL, ScanState.FAILED}
    assert scan.message
    assert before <= stored(tracked)
    assert last_list(scan).lost_count == 0


def test_the_login_is_paused_and_resumed_in_mid_scan(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked = scanner.track(NAME)
    scan = scanner.start(tracked)
    by: dict[str, Any] = {"by": scanner.instagram.person, "now": scanner.instagram.clock()}
    on_page(monkeypatch, 2, lambda: logins.pause(login=scanner.login, **by))
    job = run_inline(job_of(scan), clock=scanner.instagram.clock)
    assert job.state == JobState.BLOCKED
    assert job.next_url
    logins.resume(login=scanner.login, **by)
    assert scanner.run(scan).state == ScanState.COMPLETE
    assert stored(tracked) == scanner.truth(NAME)


def test_the_last_page_and_the_cancel_meet(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked = scanner.track(NAME)
    scanner.scan(tracked)
    before = stored(tracked)
    scanner.advance(days=7)
    scan = scanner.start(tracked)
    on_page(monkeypatch, 5, lambda: follower_scan.cancel(scan, by=scanner.instagram.person))
    settle(scanner)
    scan.refresh_from_db()
    row: ListScan = last_list(scan)
    assert not scan.is_open
    assert (row.reason, row.lost_count) == (Reason.CANCELLED, 0)
    assert before <= stored(tracked)


def checked(found: int, wanted: int) -> None:
    assert found == wanted
