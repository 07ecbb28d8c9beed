"""The whole way through the API: start, watch, read people and changes, import an export."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans.models import ChangeKind, Scan
from tests.scans.scanner import Scanner
from tests.scans.test_export_import import crowd, export

ROOT = "/api/v1/scans"


@pytest.fixture
def browser(scanner: Scanner) -> Client:
    client = Client()
    client.force_login(scanner.instagram.person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(f"{ROOT}{path}", body, content_type="application/json", headers=headers)


def started(client: Client, scanner: Scanner, **body: Any) -> dict[str, Any]:
    answer = post(client, "", {"account": "@northwind_run", "lists": ["followers", "following"]} | body)
    assert answer.status_code == 202, answer.content
    Job.objects.filter(kind="account.resolve").delete()
    scan = Scan.objects.get(pk=answer.json()["id"])
    scanner.run(scan)
    return dict(client.get(f"{ROOT}/{scan.pk}").json())


def test_a_week_is_told_exactly_through_the_api(browser: Client, scanner: Scanner) -> None:
    started(browser, scanner)
    since = scanner.advance(days=7)
    second = started(browser, scanner)
    assert second["state"] == "complete"
    followers = second["lists"][0]
    account, until = second["account_id"], followers["seq"]
    truth = scanner.true_diff("northwind_run", since)
    for kind in ("new", "lost", "returned", "renamed"):
        found: list[dict[str, Any]] = []
        path = f"{ROOT}/of/{account}/changes/followers/{kind}?since={until - 1}&until={until}&limit=7"
        page = browser.get(path).json()
        while page["items"]:
            found += page["items"]
            if not page["next"]:
                break
            page = browser.get(f"{path}&cursor={page['next']}").json()
        expected = [each["pk"] for each in truth[kind]] if kind == "renamed" else truth[kind]
        assert sorted(change["pk"] for change in found) == expected
        assert followers[kind] == len(expected)
    listed = browser.get(f"{ROOT}/of/{account}/people/mutuals?limit=1000").json()
    assert listed["is_whole"] is True
    assert len(listed["items"]) == browser.get(f"{ROOT}/of/{account}/counts").json()["mutuals"]
    assert [row["seq"] for row in browser.get(f"{ROOT}/of/{account}/history/followers").json()] == [2, 1]
    estimate = browser.get(f"{ROOT}/of/{account}/estimate?lists=followers,following&login={scanner.login.pk}").json()
    assert estimate["requests"] > 6
    assert len(browser.get(ROOT).json()["items"]) == 2


def test_the_same_key_starts_one_scan(browser: Client) -> None:
    body = {"account": "@northwind_run", "lists": ["followers"]}
    headers = {"Idempotency-Key": "k1"}
    first = post(browser, "", body, **headers)
    assert post(browser, "", body, **headers).json() == first.json()
    refused = post(browser, "", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "scan_running")
    assert Scan.objects.count() == 1


def test_a_scan_can_be_cancelled(browser: Client, scanner: Scanner) -> None:
    scan = scanner.start(scanner.track("northwind_run"))
    answer = post(browser, f"/{scan.pk}/cancel", {})
    assert (answer.status_code, answer.json()["state"]) == (200, "failed")
    assert answer.json()["lists"][0]["reason"] == "cancelled"


@pytest.mark.parametrize(
    "body",
    [
        {"account": "@northwind_run", "lists": []},
        {"account": "@northwind_run", "lists": ["likers"]},
        {"account": "not an account!", "lists": ["followers"]},
        {"account": "@northwind_run", "lists": ["followers"], "workspace": "another"},
    ],
)
def test_what_cannot_be_scanned_is_refused(browser: Client, body: dict[str, Any]) -> None:
    answer = post(browser, "", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert not Scan.objects.exists()


def test_an_export_is_imported_and_asked_about_in_doubt(browser: Client, scanner: Scanner) -> None:
    account = scanner.track("northwind_run")
    path = f"/api/v1/imports/of/{account.pk}"

    def send(numbers: range, query: str = "") -> Any:
        (part,) = export(crowd(*numbers))
        part.file.seek(0)
        answer = browser.post(path + query, {"file": SimpleUploadedFile("export.zip", part.file.read())})
        assert answer.status_code == 202, answer.content
        return worked(answer)

    def worked(answer: Any) -> Any:
        run_inline(Job.objects.get(uuid=answer.json()["job_id"]))
        return browser.get(f"/api/v1/imports/{answer.json()['id']}").json()

    whole = send(range(1, 101))
    assert (whole["state"], whole["total"], whole["done"]) == ("done", 100, 100)
    doubtful = send(range(1, 81))
    assert (doubtful["state"], len(doubtful["doubts"]), doubtful["scan_id"]) == ("blocked", 1, None)
    body = {"extent": "part"}
    told = browser.post(f"/api/v1/imports/{doubtful['id']}/answer", body, content_type="application/json")
    part = worked(told)
    assert browser.get(f"{ROOT}/{part['scan_id']}").json()["state"] == "partial"
    again = browser.post(f"/api/v1/imports/{doubtful['id']}/answer", body, content_type="application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_asked")
    assert send(range(1, 81), "?extent=part")["state"] == "done"
    assert browser.post(path, {"file": SimpleUploadedFile("x.zip", b"no zip")}).status_code == 422
    assert browser.post(path, {}).status_code == 422


def test_changes_without_two_complete_scans_say_so(browser: Client, scanner: Scanner) -> None:
    tracked = scanner.track("tiny.pottery")
    scanner.scan(tracked)
    answer = browser.get(f"{ROOT}/of/{tracked.pk}/changes/followers/{ChangeKind.NEW}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not_comparable")
