"""Scans over the API: started, watched, cancelled, read; the answers have the shapes that they promise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import TrackedAccount, User
from igsite.jobs.models import Job
from scans.models import Scan, ScanState
from tests.scans.scanner import Scanner, stored

SCANS = "/api/v1/scans"


@pytest.fixture
def api(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(api: Client, path: str, body: Any = None, **headers: str) -> Any:
    return api.post(path, json.dumps(body or {}), content_type="application/json", headers=headers)


def test_a_scan_is_started_watched_and_read(api: Client, scanner: Scanner) -> None:
    started = post(api, SCANS, {"account": "@tiny.pottery", "lists": ["followers"]})
    assert started.status_code == 202, started.content
    scan = started.json()
    assert [one["direction"] for one in scan["lists"]] == ["followers"]
    Job.objects.filter(kind="account.resolve").delete()  # it would go first in the login's lane
    scanner.run(Scan.objects.get(pk=scan["id"]))

    ended = api.get(f"{SCANS}/{scan['id']}").json()
    assert (ended["state"], ended["lists"][0]["new"], ended["lists"][0]["total"]) == ("complete", 0, 50)
    assert api.get(SCANS).json()["items"] == [ended]
    account = TrackedAccount.objects.get(pk=scan["account_id"])
    people = api.get(f"{SCANS}/of/{account.pk}/people/followers?limit=1000").json()
    assert {one["pk"] for one in people["items"]} == stored(account)
    assert people["rests_on"] == ended["lists"]
    history = api.get(f"{SCANS}/of/{account.pk}/history/followers").json()
    assert history == ended["lists"]


def test_a_week_is_told(api: Client, scanner: Scanner) -> None:
    account = scanner.track("northwind_run")
    scanner.scan(account)
    since = scanner.advance(days=7)
    scanner.scan(account)
    truth = scanner.true_diff("northwind_run", since)
    for kind in ("new", "lost", "returned"):
        page = api.get(f"{SCANS}/of/{account.pk}/changes/followers/{kind}?limit=1000").json()
        assert sorted(one["pk"] for one in page["items"]) == truth[kind]


def test_the_same_key_starts_one_scan_and_answers_the_same(api: Client, scanner: Scanner) -> None:
    wanted = {"account": "@tiny.pottery", "lists": ["followers", "following"]}
    first, second = (post(api, SCANS, wanted, **{"Idempotency-Key": "k-1"}) for _each in range(2))
    assert (first.status_code, second.status_code) == (202, 202), first.content
    assert first.json() == second.json()
    assert Scan.objects.count() == 1


def test_a_second_scan_of_an_account_is_refused_and_the_first_is_cancelled(api: Client, scanner: Scanner) -> None:
    wanted = {"account": "@tiny.pottery", "lists": ["followers"]}
    scan = post(api, SCANS, wanted).json()
    refused = post(api, SCANS, wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "scan_running")
    for key in ("", "k-2"):  # twice is no error, with a key or without
        headers = {"Idempotency-Key": key} if key else {}
        cancelled = post(api, f"{SCANS}/{scan['id']}/cancel", **headers)
        assert cancelled.status_code == 200, cancelled.content
    assert cancelled.json()["state"] == ScanState.FAILED
    assert "Nothing was read" in cancelled.json()["message"]


def test_an_account_that_is_looked_up_shows_its_number_in_every_answer(api: Client, scanner: Scanner) -> None:
    account = scanner.track("tiny.pottery")
    scanner.scan(account)
    account.refresh_from_db()
    again = post(api, "/api/v1/accounts", {"account": "@tiny.pottery"})
    assert again.json()["instagram_id"] == account.profile_id is not None
    refreshed = post(api, f"/api/v1/accounts/{account.pk}/refresh")
    assert refreshed.json()["instagram_id"] == account.profile_id
    assert api.get(f"/api/v1/accounts/{account.pk}").json()["instagram_id"] == account.profile_id


def test_the_estimate_and_the_counts_of_an_account(api: Client, scanner: Scanner) -> None:
    account = scanner.track("tiny.pottery")
    unknown = api.get(f"{SCANS}/of/{account.pk}/estimate?lists=followers,following").json()
    assert {unknown[name] for name in ("people", "requests", "duration", "dollars")} == {None}
    assert unknown["source"] == "instagrapi_private"
    scanner.scan(account)
    known = api.get(f"{SCANS}/of/{account.pk}/estimate?lists=followers,following").json()
    assert known["people"] == 50 + 64
    assert api.get(f"{SCANS}/of/{account.pk}/counts").json()["followers"] == 50
