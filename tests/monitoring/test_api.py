"""The API's twin of the monitoring pages."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from monitoring.models import Monitor, Note
from tests.monitoring.test_pages import DAY, made
from tests.people import Cast

pytestmark = pytest.mark.django_db
BASE = "/api/v1/monitors"


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.signed_in(cast.editor)


def send(client: Client, method: str, path: str, body: object) -> Any:
    return getattr(client, method)(f"{BASE}{path}", json.dumps(body), content_type="application/json")


def test_a_monitor_is_made_changed_and_listed(editor: Client) -> None:
    made_now = send(editor, "post", "", {"target": "@aurora.studio", "interval": "30m", "follows_posts": True})
    assert made_now.status_code == 201
    monitor = made_now.json()
    assert (monitor["username"], monitor["interval_seconds"], monitor["follows_posts"]) == (
        "aurora.studio",
        1_800,
        True,
    )
    changed = send(editor, "patch", f"/{monitor['id']}", {"active_from": "08:00", "active_until": "20:00"}).json()
    assert (changed["interval_seconds"], changed["active_from"], changed["follows_posts"]) == (1_800, "08:00:00", True)
    again = send(editor, "patch", f"/{monitor['id']}", {"interval": "2h", "active_from": None, "active_until": None})
    assert (again.json()["interval_seconds"], again.json()["active_from"]) == (7_200, None)
    assert [one["id"] for one in editor.get(BASE).json()["items"]] == [monitor["id"]]
    assert editor.get(f"{BASE}/{monitor['id']}").json()["id"] == monitor["id"]
    assert editor.get(f"{BASE}?state=paused").json()["items"] == []


def test_many_at_once(editor: Client, cast: Cast) -> None:
    ids = [str(made(cast, f"name{number}").uuid) for number in range(3)]
    answer = send(editor, "post", "/acts", {"act": "pause", "monitor_ids": [*ids, str(uuid4())]})
    assert answer.json() == {"done": 3, "refused": 0}
    assert send(editor, "post", "/acts", {"act": "interval", "monitor_ids": ids}).status_code == 422
    assert send(editor, "post", "/acts", {"act": "interval", "monitor_ids": ids, "interval": "2d"}).json()["done"] == 3
    hours = {"active_from": "08:00", "active_until": "20:00"}
    for given in (hours, {"jitter_percent": 7}, {"follows_posts": True}):
        assert send(editor, "post", "/acts", {"act": "rhythm", "monitor_ids": ids, **given}).json()["done"] == 3
    found = editor.get(f"{BASE}/{ids[0]}").json()
    assert (found["interval_seconds"], found["active_from"], found["jitter_percent"], found["follows_posts"]) == (
        172_800, "08:00:00", 7, True,
    )  # fmt: skip
    for wrong in ({}, {"active_from": None}, {"interval": "1s"}):
        assert send(editor, "post", "/acts", {"act": "rhythm", "monitor_ids": ids, **wrong}).status_code == 422
    assert send(editor, "post", "/acts", {"act": "explode", "monitor_ids": ids}).status_code == 422


def test_the_chart_has_at_most_as_many_points_as_asked_for(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=25)
    told = editor.get(f"{BASE}/{monitor.uuid}/chart?points=10").json()
    assert 2 < len(told["points"]) <= 10
    assert told["points"][-1]["counts"]["followers"] == 1_240
    whole = editor.get(f"{BASE}/{monitor.uuid}/chart").json()
    assert [one["counts"]["followers"] for one in whole["points"]][:25] == [1_000 + 10 * day for day in range(25)]
    backwards = {"since": timezone.now().isoformat(), "until": (timezone.now() - DAY).isoformat()}
    assert editor.get(f"{BASE}/{monitor.uuid}/chart", backwards).status_code == 422


def test_the_figures(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=25)
    told = editor.get(f"{BASE}/{monitor.uuid}/figures").json()
    assert round(told["growth_week"], 1) == round(60 / 7, 1)
    assert told["ratio"] == pytest.approx(1_240 / 500)
    assert told["engagement"] is None


def test_notes(editor: Client, cast: Cast) -> None:
    monitor = made(cast)
    note = send(editor, "post", f"/{monitor.uuid}/notes", {"text": "Remember", "at": "2026-11-01T12:00:00Z"})
    assert note.status_code == 201
    assert editor.delete(f"{BASE}/{monitor.uuid}/notes/{note.json()['id']}").status_code == 204
    assert not Note.objects.exists()


def test_a_file(editor: Client) -> None:
    upload = SimpleUploadedFile("monitors.csv", b"target,interval\n@one,30s\nnot a name,1h\n")
    answer = editor.post(f"{BASE}/import", {"file": upload})
    assert answer.status_code == 200
    assert (answer.json()["made"], answer.json()["refused_count"]) == (1, 1)
    assert Monitor.objects.get().interval_seconds == 30


@pytest.mark.parametrize(
    "query", ["until=0001-01-10T00:00:00Z", "since=0001-01-01T00:00:00%2B14:00", "until=9999-12-31T23:59:59-12:00"]
)
def test_the_ends_of_the_calendar_are_refused(editor: Client, cast: Cast, query: str) -> None:
    answer = editor.get(f"{BASE}/{made(cast, days=3).uuid}/chart?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]


def test_a_note_lies_where_a_history_can_reach_it(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=3)
    note = {"text": "long ago", "at": "0001-01-01T00:00:00+14:00"}
    assert send(editor, "post", f"/{monitor.uuid}/notes", note).status_code == 422
    page = editor.post(f"/monitoring/{monitor.uuid}/notes/", {"text": "long ago", "at": "0900-01-01T00:00"})
    assert page.status_code == 422
    assert not Note.objects.exists()
