"""Jobs over the API: the same rules as on the pages, one shape of errors."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from igsite.jobs import runner
from igsite.jobs.kinds import Done, Failed
from igsite.jobs.models import Job, JobState
from tests.jobs.practice import Answering
from tests.people import Cast

ROOT = "/api/v1/jobs"


@pytest.fixture
def client(cast: Cast) -> Client:
    """An editor's."""
    return cast.client(cast.editor)


def order(cast: Cast, **values: Any) -> Job:
    """A job of the cast's workspace."""
    wanted: dict[str, Any] = {"workspace": cast.workspace, "subject": "@aurora.studio"} | values
    return runner.enqueue("practice.answer", **wanted)


def test_the_list_is_paged_and_narrowed(cast: Cast, client: Client) -> None:
    jobs = [order(cast) for _ in range(5)]
    order(cast, workspace=cast.elsewhere)
    seen: list[str] = []
    cursor = ""
    while True:
        query: dict[str, str | int] = {"limit": 2, "cursor": cursor, "state": "open"}
        page = client.get(ROOT, query).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [str(job.uuid) for job in reversed(jobs)]
    assert client.get(ROOT, {"state": "done"}).json() == {"items": [], "next": ""}


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"limit": 0}, {"limit": 1001}, {"cursor": "made-up"}])
def test_a_question_that_makes_no_sense_is_422(client: Client, query: dict[str, Any]) -> None:
    answer = client.get(ROOT, query)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"]


def test_a_job_tells_state_progress_and_result_but_no_inner_numbers(cast: Cast, client: Client) -> None:
    Answering.prepare(Done("Counted.", {"people": 12}))
    job = runner.run_inline(order(cast))
    told = client.get(f"{ROOT}/{job.uuid}").json()
    assert (told["id"], told["state"], told["percent"]) == (str(job.uuid), "done", 100)
    assert (told["message"], told["result"], told["subject"]) == ("Counted.", {"people": 12}, "@aurora.studio")
    assert not {"params", "cursor", "lease_token", "workspace", "pk"} & set(told)


def test_cancel_and_retry_act_once_for_one_key(cast: Cast, client: Client) -> None:
    Answering.prepare(Failed("No."), Failed("No."))
    job = runner.run_inline(order(cast))
    key = {"Idempotency-Key": "again-1"}
    first = client.post(f"{ROOT}/{job.uuid}/retry", headers=key)
    assert (first.status_code, first.json()["state"]) == (200, "queued")
    runner.run_inline(job)
    second = client.post(f"{ROOT}/{job.uuid}/retry", headers=key)
    assert second.json() == first.json()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert client.post(f"{ROOT}/{job.uuid}/cancel").json()["state"] == "failed"
    waiting = order(cast)
    assert client.post(f"{ROOT}/{waiting.uuid}/cancel").json()["state"] == "cancelled"


def test_a_retry_that_makes_no_sense_is_409(cast: Cast, client: Client) -> None:
    answer = client.post(f"{ROOT}/{order(cast).uuid}/retry")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "job_conflict")


def test_strangers_get_404_viewers_403_and_the_public_401(cast: Cast) -> None:
    job = order(cast)
    for path, method in (("", "get"), ("/cancel", "post"), ("/retry", "post")):
        address = f"{ROOT}/{job.uuid}{path}"
        assert getattr(cast.client(cast.stranger), method)(address).status_code == 404
        assert getattr(cast.client(None), method)(address).status_code == 401
        assert getattr(cast.client(cast.viewer), method)(address).status_code == (200 if method == "get" else 403)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
