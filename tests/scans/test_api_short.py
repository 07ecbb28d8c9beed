"""The short addresses of the API answer as they promise, for the workspace alone; progress comes as events."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient, Client

from accounts.models import TrackedAccount
from igsite.jobs import runner
from igsite.jobs.models import Job
from tests.people import Cast, cast
from tests.scans import listed
from tests.scans.scanner import Scanner

__all__ = ["cast"]


@pytest.fixture
def browser(scanner: Scanner) -> Client:
    client = Client()
    client.force_login(scanner.instagram.person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(f"/api/{path}", body or {}, content_type="application/json", headers=headers)


def test_a_scan_is_started_watched_and_cancelled(browser: Client, scanner: Scanner) -> None:
    idle = browser.get("/api/scan/status").json()
    assert (idle["is_running"], idle["scan"]) == (False, None)
    assert post(browser, "scan/cancel").json()["error"]["code"] == "nothing_runs"
    answer = post(browser, "scan", {"account": "@northwind_run", "lists": ["followers"]}, **{"Idempotency-Key": "a"})
    again = post(browser, "scan", {"account": "@northwind_run", "lists": ["followers"]}, **{"Idempotency-Key": "a"})
    assert (answer.status_code, again.json()) == (202, answer.json())
    status = browser.get("/api/scan/status").json()
    assert (status["is_running"], status["scan"]["id"]) == (True, answer.json()["id"])
    cancelled = post(browser, "scan/cancel").json()
    assert (cancelled["id"], cancelled["state"]) == (answer.json()["id"], "failed")
    stopped = browser.get("/api/scan/status", {"scan_id": cancelled["id"]}).json()
    assert (stopped["is_running"], stopped["scan"]["lists"][0]["reason"]) == (False, "cancelled")


def test_several_accounts_are_scraped_and_each_says_what_became_of_it(browser: Client, scanner: Scanner) -> None:
    body = {"accounts": ["@northwind_run", "not an account!", "@northwind_run", "tiny.pottery"]}
    answer = post(browser, "scrape", body)
    assert answer.status_code == 202
    told = [(one["scan"] is not None, one["error"] and one["error"]["code"]) for one in answer.json()["scans"]]
    assert told[0] == told[3] == (True, None)
    assert told[1][1]
    assert told[2] == (False, "scan_running")
    assert browser.get("/api/tasks", {"state": "open"}).json()["items"]
    assert post(browser, "scrape", {"accounts": []}).status_code == 422
    assert post(browser, "scrape", {"accounts": ["@a"] * 51}).status_code == 422


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 40))
    listed.scanned(tracked, listed.numbers(3, 20), stop="throttled")
    listed.scanned(tracked, [*listed.numbers(3, 40), *listed.numbers(50, 60)])
    return tracked


@pytest.mark.django_db
def test_history_and_differences_are_told_by_account(cast: Cast, account: TrackedAccount) -> None:
    viewer = cast.client(cast.viewer)
    path = f"/api/history?account=@{account.username}&limit=2"
    first = viewer.get(path).json()
    rest = viewer.get(f"{path}&cursor={first['next']}").json()
    states = [one["state"] for one in first["items"] + rest["items"]]
    assert (states, rest["next"]) == (["complete", "partial", "complete"], "")
    latest = viewer.get(f"/api/diff/latest?account={account.username}&limit=3").json()
    assert (latest["since"], latest["until"], latest["is_complete"]) == (1, 3, True)
    assert (latest["counts"]["new"], latest["counts"]["lost"]) == (10, 2)
    assert [len(latest["changes"][kind]) for kind in ("new", "lost", "renamed")] == [3, 2, 0]
    where = f"/api/v1/scans/of/{account.pk}/changes/followers/new"
    more = viewer.get(where, {"since": 1, "until": 3, "cursor": latest["next"]["new"], "limit": 100}).json()
    assert len({one["pk"] for one in latest["changes"]["new"] + more["items"]}) == 10
    # A cursor is signed with its second.
    for other in (f"/api/diff/{latest['scan_id']}", "/api/diff/latest"):
        told = viewer.get(other, {"limit": 3}).json()
        assert told | {"next": sorted(told["next"])} == latest | {"next": sorted(latest["next"])}
    assert viewer.get("/api/history", {"list": "following"}).json()["items"] == []
    earliest = viewer.get(f"/api/diff/{rest['items'][0]['scan_id']}")
    assert (earliest.status_code, earliest.json()["error"]["code"]) == (409, "nothing_to_compare")
    assert viewer.get("/api/diff/latest", {"list": "following"}).status_code == 409


@pytest.mark.django_db
def test_the_summary_gives_figures_and_an_account_s_sizes(cast: Cast, account: TrackedAccount) -> None:
    viewer = cast.client(cast.viewer)
    told = viewer.get("/api/summary").json()
    assert (told["accounts"], told["people"], told["lists"]) == (1, 47, None)
    assert viewer.get("/api/summary", {"account": account.username}).json()["lists"]["followers"] == 47


@pytest.mark.django_db
def test_a_stranger_finds_none_of_it(cast: Cast, account: TrackedAccount) -> None:
    stranger = cast.client(cast.stranger)
    assert stranger.get("/api/history").json()["items"] == []
    assert stranger.get("/api/summary").json()["people"] == 0
    assert stranger.get("/api/diff/latest").status_code == 409
    for path in ("history", "summary", "diff/latest"):
        assert stranger.get(f"/api/{path}", {"account": account.username}).status_code == 404
    assert post(cast.client(cast.viewer), "scan", {"account": "@x", "lists": ["followers"]}).status_code == 403
    assert post(cast.client(cast.viewer), "scrape", {"accounts": ["@x"]}).status_code == 403


@pytest.mark.django_db
def test_a_picture_has_the_rules_of_the_page_s(cast: Cast, account: TrackedAccount) -> None:
    viewer = cast.client(cast.viewer)
    for path in ("/image/5", "/api/image/5"):
        answer = viewer.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert viewer.get("/api/image/777").status_code == 404
    assert cast.client(cast.stranger).get("/api/image/5").status_code == 404
    assert Client().get("/api/image/5").status_code == 401


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream: name and data."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def ordered(cast: Cast) -> Job:
    return runner.enqueue("scans.search_text", workspace=cast.workspace, subject="@somebody")


@pytest.mark.django_db
def test_progress_on_a_server_of_threads_is_the_present_state_and_when_to_ask_again(cast: Cast) -> None:
    job, viewer = ordered(cast), cast.client(cast.viewer)
    answer = viewer.get(f"/api/progress/{job.uuid}")
    assert answer.headers["Content-Type"] == "text/event-stream"
    said = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert said.startswith("retry: 2000")
    ((name, told),) = events(said)
    assert (name, told["id"], told["state"]) == ("progress", str(job.uuid), "queued")
    known = viewer.get(f"/api/progress/{job.uuid}", headers={"Last-Event-ID": str(told["revision"])})
    assert events(b"".join(known.streaming_content).decode()) == []  # type: ignore[attr-defined]
    assert viewer.get(f"/api/progress/{uuid4()}").status_code == 404
    assert cast.client(cast.stranger).get(f"/api/progress/{job.uuid}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_progress_on_an_asynchronous_server_goes_on_to_the_end(cast: Cast) -> None:
    job, client = ordered(cast), AsyncClient()
    client.force_login(cast.viewer, backend="django.contrib.auth.backends.ModelBackend")

    async def watch() -> str:
        answer = await client.get(f"/api/progress/{job.uuid}")
        said = ""
        async for part in answer.streaming_content:  # type: ignore[attr-defined]
            said += part.decode()
            if "event: progress" in said and job.is_open:
                await sync_to_async(runner.cancel)(job, by=None)
                await sync_to_async(job.refresh_from_db)()
        return said

    async def watch_for_a_while() -> str:
        return await asyncio.wait_for(watch(), 30)

    said = async_to_sync(watch_for_a_while)()
    assert [(name, told["state"]) for name, told in events(said)] == [("progress", "queued"), ("end", "cancelled")]


@pytest.mark.django_db(transaction=True)
def test_progress_ends_for_somebody_who_is_no_member_any_more(cast: Cast) -> None:
    job, client = ordered(cast), AsyncClient()
    client.force_login(cast.viewer, backend="django.contrib.auth.backends.ModelBackend")

    async def watch() -> str:
        answer = await client.get(f"/api/progress/{job.uuid}")
        said = ""
        async for part in answer.streaming_content:  # type: ignore[attr-defined]
            said += part.decode()
            if "event: progress" in said:
                await sync_to_async(cast.viewer.memberships.all().delete)()
        return said

    async def watch_for_a_while() -> str:
        return await asyncio.wait_for(watch(), 30)

    assert [name for name, _told in events(async_to_sync(watch_for_a_while)())] == ["progress"]


@pytest.mark.django_db
def test_every_promised_path_is_documented(cast: Cast) -> None:
    paths = cast.client(cast.viewer).get("/api/openapi.json").json()["paths"]
    promised = {
        "/api/scan": "post", "/api/scan/status": "get", "/api/scan/cancel": "post", "/api/history": "get",
        "/api/diff/latest": "get", "/api/diff/{scan_id}": "get", "/api/summary": "get", "/api/scrape": "post",
        "/api/progress/{job_id}": "get", "/api/image/{profile_id}": "get", "/api/tasks": "get",
    }  # fmt: skip
    assert {path: method in paths.get(path, {}) for path, method in promised.items()} == dict.fromkeys(promised, True)
