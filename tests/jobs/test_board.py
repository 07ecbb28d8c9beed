"""The task board: what is shown to whom, live rows, cancel and retry with and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from igsite.jobs import runner
from igsite.jobs.kinds import Blocked, Done, Failed, Wait
from igsite.jobs.models import Job, JobState
from tests.jobs.practice import Answering
from tests.people import Cast

HTMX = {"HX-Request": "true"}
HOSTILE = "<img src=x onerror=alert(1)>\"'{{ 7|add:7 }}"


def order(cast: Cast, **values: Any) -> Job:
    """A job of the cast's workspace."""
    wanted: dict[str, Any] = {"workspace": cast.workspace, "subject": "@aurora.studio"} | values
    return runner.enqueue("practice.answer", **wanted)


def board(client: Client, **query: str) -> str:
    """The board's page."""
    answer = client.get(reverse("jobs:board"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(page: str) -> list[str]:
    """The jobs on it, in order."""
    return re.findall(r'id="job-([0-9a-f-]+)"', page)


def test_every_kind_of_job_of_the_workspace_is_shown_newest_first_and_nobody_elses(cast: Cast) -> None:
    first, second = order(cast), order(cast, subject="@tiny.pottery")
    order(cast, workspace=cast.elsewhere)
    runner.enqueue("practice.count", workspace=None, params={"to": 1})
    assert shown(board(cast.client(cast.viewer))) == [str(second.uuid), str(first.uuid)]
    assert len(shown(board(cast.client(cast.stranger)))) == 1


def test_an_empty_board_says_so(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    assert "No tasks yet" in board(client)
    assert "Nothing here" in board(client, state="failed")


def test_the_board_is_narrowed_by_state_and_ignores_unknown_ones(cast: Cast) -> None:
    Answering.prepare(Failed("The list ended early."), Done())
    failed, done, queued = runner.run_inline(order(cast)), runner.run_inline(order(cast)), order(cast)
    client = cast.client(cast.viewer)
    assert shown(board(client, state="failed")) == [str(failed.uuid)]
    assert shown(board(client, state="done")) == [str(done.uuid)]
    assert shown(board(client, state="open")) == [str(queued.uuid)]
    assert len(shown(board(client, state="x' or 1=1"))) == 3


def test_pages_follow_each_other_without_gaps_and_without_telling_row_numbers(cast: Cast) -> None:
    jobs = [order(cast, subject=str(number)) for number in range(30)]
    client = cast.client(cast.viewer)
    first = board(client)
    onward = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert onward is not None
    answer = client.get(onward[1].replace("&amp;", "&"), headers=HTMX | {"HX-Target": "more-rows"})
    rest = answer.content.decode()
    assert "<html" not in rest
    assert shown(first) + shown(rest) == [str(job.uuid) for job in reversed(jobs)]
    assert str(jobs[0].pk + 10**6) not in first


def test_a_cursor_of_another_list_is_refused(cast: Cast) -> None:
    assert cast.client(cast.viewer).get(reverse("jobs:board"), {"cursor": "made-up"}).status_code == 422


def test_the_board_takes_the_same_number_of_queries_for_any_number_of_rows(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    board(client)
    counts = []
    for more in (1, 20):
        for _ in range(more):
            order(cast)
        with CaptureQueriesContext(connection) as queries:
            board(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_row_reads_itself_again_at_each_hint_until_the_job_has_ended(cast: Cast) -> None:
    job = order(cast)
    client = cast.client(cast.viewer)
    address = reverse("jobs:row", args=[job.uuid])
    row = client.get(address, headers=HTMX).content.decode()
    assert f'hx-get="{address}"' in row
    assert f'hx-trigger="live:job-{job.uuid} from:body"' in row
    assert "<html" not in row
    Answering.prepare(Done("Counted."))
    runner.run_inline(job)
    row = client.get(address, headers=HTMX).content.decode()
    assert "Counted." in row
    assert "hx-get" not in row
    assert client.get(address).status_code == 302, "without htmx the row's address leads to the board"


def test_rows_that_may_have_missed_hints_are_asked_for_at_once_and_only_the_changed_come_back(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    still, moved = order(cast), order(cast)
    page = board(client)
    seen = re.findall(r'name="seen" value="([^"]+)"', page)
    assert len(seen) == 2
    assert page.count("resync from:body") == client.get("/settings/profile/").content.decode().count("resync") + 1
    address = reverse("jobs:again")
    assert "<article" not in client.get(address, {"seen": seen}).content.decode()
    Answering.prepare(Done("Counted."))
    runner.run_inline(moved)
    again = client.get(address, {"seen": [*seen, "made-up.1", f"{uuid4()}.0"]}).content.decode()
    assert f'id="job-{moved.uuid}"' in again
    assert 'hx-swap-oob="true"' in again
    assert str(still.uuid) not in again
    assert "<article" not in cast.client(cast.stranger).get(address, {"seen": seen}).content.decode()


def test_a_viewer_is_shown_no_buttons(cast: Cast) -> None:
    waiting = order(cast)
    Answering.prepare(Failed("This account does not exist."))
    failed = runner.run_inline(order(cast))
    addresses = [reverse("jobs:cancel", args=[waiting.uuid]), reverse("jobs:retry", args=[failed.uuid])]
    assert [one in board(cast.client(cast.editor)) for one in addresses] == [True, True]
    assert [one in board(cast.client(cast.viewer)) for one in addresses] == [False, False]


def test_progress_reason_and_what_to_do_are_shown(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    counting = runner.enqueue("practice.count", workspace=cast.workspace, params={"to": 10})
    run = runner.claim(counting.pk)
    assert run is not None
    with run.save(done=4, total=10, message="Page 4 of 10"):
        pass
    Answering.prepare(
        Wait(timezone.now() + timedelta(hours=1), "Instagram asked for a pause."),
        Blocked("Enter the code.", "/settings/"),
    )
    runner.run_step(order(cast).pk)
    runner.run_step(order(cast).pk)
    page = board(client)
    for words in ("Page 4 of 10", 'value="4" max="10"', "Instagram asked for a pause.", "Enter the code."):
        assert words in page
    assert 'href="/settings/">What to do</a>' in page


def test_a_failure_shows_its_sentence_and_the_way_to_retry(cast: Cast) -> None:
    Answering.prepare(Failed("This account does not exist."))
    job = runner.run_inline(order(cast))
    page = board(cast.client(cast.editor))
    assert "This account does not exist." in page
    assert reverse("jobs:retry", args=[job.uuid]) in page


def test_hostile_names_and_messages_stay_text(cast: Cast) -> None:
    Answering.prepare(Wait(timezone.now() + timedelta(hours=1), HOSTILE))
    runner.run_step(order(cast, subject=HOSTILE).pk)
    page = board(cast.client(cast.viewer))
    assert "<img" not in page
    assert "{{ 7|add:7 }}" in page


def test_an_editor_cancels_and_retries_without_scripts(cast: Cast) -> None:
    job = order(cast)
    client = cast.client(cast.editor)
    answer = client.post(reverse("jobs:cancel", args=[job.uuid]), follow=True)
    assert "It was cancelled." in answer.content.decode()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    answer = client.post(reverse("jobs:retry", args=[job.uuid]), {"next": "https://evil.example/"}, follow=True)
    assert answer.redirect_chain == [(reverse("jobs:board"), 302)]
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    back = client.post(reverse("jobs:cancel", args=[job.uuid]), {"next": "/settings/"})
    assert back["Location"] == "/settings/"


def test_with_scripts_the_row_comes_back_and_a_toast_says_what_happened(cast: Cast) -> None:
    job = order(cast)
    client = cast.client(cast.editor)
    answer = client.post(reverse("jobs:cancel", args=[job.uuid]), headers=HTMX)
    assert "toast" in answer["HX-Trigger"]
    row = answer.content.decode()
    assert shown(row) == [str(job.uuid)]
    assert 'tabindex="-1" autofocus' in row, "the pressed button is gone: the row takes the focus"
    client.post(reverse("jobs:retry", args=[job.uuid]), headers=HTMX)
    refused = client.post(reverse("jobs:retry", args=[job.uuid]), headers=HTMX)
    assert refused.status_code == 200
    assert "Only a task that failed" in refused["HX-Trigger"]


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_a_viewer_may_look_but_not_act_and_a_stranger_finds_nothing(cast: Cast, action: str) -> None:
    job = order(cast)
    address = reverse(f"jobs:{action}", args=[job.uuid])
    assert cast.client(cast.viewer).post(address).status_code == 403
    assert cast.client(cast.stranger).post(address).status_code == 404
    assert cast.client(cast.editor).get(address).status_code == 405
    assert cast.client(cast.editor).post(reverse(f"jobs:{action}", args=[uuid4()])).status_code == 404
    assert cast.client(None).post(address).status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_strangers_and_the_public_see_no_row(cast: Cast) -> None:
    address = reverse("jobs:row", args=[order(cast).uuid])
    assert cast.client(cast.stranger).get(address, headers=HTMX).status_code == 404
    assert cast.client(None).get(address).status_code == 302
    ours = runner.enqueue("practice.answer", workspace=None)
    assert cast.client(cast.owner).get(reverse("jobs:row", args=[ours.uuid]), headers=HTMX).status_code == 404
