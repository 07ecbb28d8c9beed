"""The monitoring API: every path, method, body and answer that its design promises."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Profile
from monitoring import acts, measurement_rows
from monitoring.measurement_rows import Row
from monitoring.models import Gap, Monitor, MonitorState
from tests.people import Cast

pytestmark = pytest.mark.django_db
BASE = "/api/v1/instagram"
INTERVALS = {"30s": 30, "30m": 1_800, "1h": 3_600, "1d": 86_400, "7d": 604_800}
TARGETS: dict[str, dict[str, str]] = {
    "influencer_monitor": {"username": "instagram"},
    "post_monitor": {"post_url": "https://www.instagram.com/p/CxYQJO8xuC6/"},
}
NAMES = {"influencer_monitor": ("username", "instagram"), "post_monitor": ("post_code", "CxYQJO8xuC6")}
BOTH = pytest.mark.parametrize("which", TARGETS)


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.signed_in(cast.editor)


def post(client: Client, path: str, body: object = None, **headers: str) -> Any:
    return client.post(f"{BASE}/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def create(client: Client, which: str, interval: str = "1h", **more: str) -> Any:
    return post(client, f"{which}/create_monitor_task", {**TARGETS[which], "interval": interval, **more})


def created(client: Client, which: str) -> str:
    return str(create(client, which).json()["data"]["task_id"])


@BOTH
@pytest.mark.parametrize("interval", INTERVALS)
def test_create_monitor_task(editor: Client, which: str, interval: str) -> None:
    answer = create(editor, which, interval)
    assert answer.status_code == 201
    monitor = Monitor.objects.get()
    name, value = NAMES[which]
    assert answer.json() == {
        "status_code": 201,
        "success": True,
        "data": {
            "task_id": str(monitor.uuid), name: value, "status": "active", "interval_seconds": INTERVALS[interval],
        },
    }  # fmt: skip


@BOTH
def test_a_target_is_monitored_once_until_it_is_stopped(editor: Client, which: str) -> None:
    task = created(editor, which)
    again = create(editor, which, "30m")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "monitor_exists")
    assert post(editor, f"{which}/stop_tasks", {"task_ids": [task]}).status_code == 200
    answer = create(editor, which, "30m")
    assert answer.status_code == 201
    assert answer.json()["data"] | {"task_id": task} == answer.json()["data"]
    assert answer.json()["data"]["interval_seconds"] == 1_800


@BOTH
def test_the_same_key_creates_once(editor: Client, which: str) -> None:
    body = {**TARGETS[which], "interval": "1h"}
    answers = [post(editor, f"{which}/create_monitor_task", body, **{"Idempotency-Key": "k"}) for _time in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"interval": "1h"},
        {"username": "instagram", "post_url": "CxYQJO8xuC6"},
        {"username": "no spaces", "post_url": "https://example.org/p/x/", "interval": "1h"},
        {"username": "instagram", "post_url": "CxYQJO8xuC6", "interval": "1x"},
        {"username": "instagram", "post_url": "CxYQJO8xuC6", "interval": "29s"},
        {"username": "instagram", "post_url": "CxYQJO8xuC6", "interval": "31d"},
    ],
)
def test_what_cannot_be_monitored_is_refused_with_the_field(editor: Client, which: str, body: Any) -> None:
    other = "post_url" if which == "influencer_monitor" else "username"
    body.pop(other, None) if len(body) > 2 else None
    answer = post(editor, f"{which}/create_monitor_task", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]
    assert not Monitor.objects.exists()


@BOTH
def test_an_unknown_field_is_refused(editor: Client, which: str) -> None:
    assert create(editor, which, workspace="x").status_code == 422


@BOTH
def test_tasks(editor: Client, which: str) -> None:
    task = created(editor, which)
    answer = editor.get(f"{BASE}/{which}/tasks")
    assert answer.status_code == 200
    said = answer.json()
    name, value = NAMES[which]
    assert {key: said[key] for key in ("status_code", "success")} == {"status_code": 200, "success": True}
    [row] = said["data"]
    assert set(row) == {"task_id", name, "status", "interval_seconds", "created_at", "updated_at"}
    assert (row["task_id"], row[name], row["status"], row["interval_seconds"]) == (task, value, "active", 3_600)
    assert row["created_at"].endswith("Z")


@BOTH
def test_tasks_page_by_cursor_and_leave_the_archived_out(editor: Client, cast: Cast, which: str) -> None:
    for number in range(5):
        target = {"username": f"name{number}"} if which == "influencer_monitor" else {"post_url": f"CodeCode{number}"}
        post(editor, f"{which}/create_monitor_task", {**target, "interval": "1h"})
    acts.archive(monitor=Monitor.objects.order_by("pk")[0], by=None, now=Monitor.objects.order_by("pk")[0].created_at)
    seen: list[str] = []
    cursor = ""
    while True:
        page = editor.get(f"{BASE}/{which}/tasks?limit=2&cursor={cursor}").json()
        seen += [row["task_id"] for row in page["data"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [str(one.uuid) for one in Monitor.objects.order_by("-pk")[:4]]
    assert editor.get(f"{BASE}/{which}/tasks", {"cursor": "nonsense"}).status_code == 422


@BOTH
def test_stop_tasks(editor: Client, which: str) -> None:
    task = created(editor, which)
    answer = post(editor, f"{which}/stop_tasks", {"task_ids": [task, str(uuid4())]})
    assert answer.status_code == 200
    assert answer.json() == {"status_code": 200, "success": True, "data": {"deleted_task_ids": [task]}}
    assert Monitor.objects.get().state == MonitorState.STOPPED
    assert post(editor, f"{which}/stop_tasks", {"task_ids": ["x"]}).status_code == 422
    assert post(editor, f"{which}/stop_tasks", {"task_ids": []}).status_code == 422


@BOTH
def test_task_status(editor: Client, which: str) -> None:
    task = created(editor, which)
    answer = editor.get(f"{BASE}/{which}/task_status/{task}")
    assert answer.status_code == 200
    assert (answer.json()["status_code"], answer.json()["success"]) == (200, True)
    assert answer.json()["data"]["status"] == "active"
    assert answer.json()["data"]["last_measured_at"] is None
    assert editor.get(f"{BASE}/{which}/task_status/{uuid4()}").status_code == 404


@BOTH
def test_pause_and_resume(editor: Client, which: str) -> None:
    task = created(editor, which)
    for act, status in (("pause", "paused"), ("pause", "paused"), ("resume", "active"), ("resume", "active")):
        answer = post(editor, f"{which}/{act}_task/{task}")
        assert answer.status_code == 200
        assert answer.json() == {"status_code": 200, "success": True, "data": {"task_id": task, "status": status}}
        assert editor.get(f"{BASE}/{which}/task_status/{task}").json()["data"]["status"] == status
    post(editor, f"{which}/stop_tasks", {"task_ids": [task]})
    for act in ("pause", "resume"):
        assert post(editor, f"{which}/{act}_task/{task}").status_code == 409
        assert post(editor, f"{which}/{act}_task/{uuid4()}").status_code == 404


@BOTH
def test_tasks_of_the_other_kind_are_not_there(editor: Client, which: str) -> None:
    other = next(name for name in TARGETS if name != which)
    task = created(editor, other)
    assert editor.get(f"{BASE}/{which}/task_status/{task}").status_code == 404
    assert post(editor, f"{which}/pause_task/{task}").status_code == 404
    assert post(editor, f"{which}/stop_tasks", {"task_ids": [task]}).json()["data"]["deleted_task_ids"] == []
    assert editor.get(f"{BASE}/{which}/tasks").json()["data"] == []


def told(at: datetime) -> str:
    """A time as the API writes it: to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def measured(which: str) -> tuple[Monitor, list[Row]]:
    """A monitor with three rows, a changed bio, and a gap before the last row."""
    monitor = Monitor.objects.get()
    start = monitor.created_at - timedelta(hours=5)
    names = measurement_rows.PROFILE_COUNTS if which == "influencer_monitor" else measurement_rows.POST_COUNTS
    rows = [Row(start + timedelta(hours=n), dict(zip(names, (100 + n, 7, None), strict=True))) for n in range(3)]
    measurement_rows.add(monitor.pk, rows)
    monitor.facts, monitor.latest, monitor.revision = {"bio": "Now"}, dict(rows[-1].counts), 3
    monitor.checked_at = monitor.row_at = rows[-1].at
    if which == "influencer_monitor":
        monitor.profile = Profile.objects.create(pk=25_025_320, username="instagram")
        monitor.fact_changes.create(fact="bio", old="Then", new="Now", seen_at=rows[1].at)
    monitor.save()
    return monitor, rows


def test_user_history(editor: Client) -> None:
    created(editor, "influencer_monitor")
    _monitor, rows = measured("influencer_monitor")
    for name in ("25025320", "instagram", "@Instagram"):
        answer = editor.get(f"{BASE}/influencer_monitor/user_history/{name}")
        assert answer.status_code == 200
        said = answer.json()
        assert (said["status_code"], said["success"], said["data"]["username"]) == (200, True, "instagram")
        history = said["data"]["history"]
        assert [set(row) for row in history] == [
            {"follower_count", "following_count", "post_count", "bio", "recorded_at"}
        ] * 3
        assert [row["follower_count"] for row in history] == [102, 101, 100]
        assert [row["post_count"] for row in history] == [None, None, None]
        assert [row["bio"] for row in history] == ["Now", "Now", "Then"]
        assert history[0]["recorded_at"] == told(rows[-1].at)
    assert editor.get(f"{BASE}/influencer_monitor/user_history/nobody").status_code == 404


def test_video_history(editor: Client) -> None:
    created(editor, "post_monitor")
    measured("post_monitor")
    answer = editor.get(f"{BASE}/post_monitor/video_history/CxYQJO8xuC6")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["status_code"], said["success"], said["data"]["post_code"]) == (200, True, "CxYQJO8xuC6")
    history = said["data"]["history"]
    assert [set(row) for row in history] == [{"like_count", "comment_count", "play_count", "recorded_at"}] * 3
    assert [row["like_count"] for row in history] == [102, 101, 100]
    assert [row["play_count"] for row in history] == [None, None, None]
    assert editor.get(f"{BASE}/post_monitor/video_history/Nothing").status_code == 404


def test_a_history_is_kept_in_the_cache_until_the_next_measurement(editor: Client) -> None:
    created(editor, "influencer_monitor")
    monitor, rows = measured("influencer_monitor")
    path = f"{BASE}/influencer_monitor/user_history/instagram"
    assert [editor.get(path).json()["data"]["cached"] for _time in range(2)] == [False, True]
    measurement_rows.add(monitor.pk, [Row(rows[-1].at + timedelta(hours=1), {"followers": 500})])
    assert len(editor.get(path).json()["data"]["history"]) == 3
    Monitor.objects.update(revision=4)
    fresh = editor.get(path).json()["data"]
    assert (fresh["cached"], len(fresh["history"]), fresh["history"][0]["follower_count"]) == (False, 4, 500)


def test_a_stale_history_carries_its_age_and_says_why(editor: Client) -> None:
    created(editor, "influencer_monitor")
    monitor, rows = measured("influencer_monitor")
    Monitor.objects.update(trouble_since=rows[-1].at, trouble_code="private", trouble="This account is private.")
    path = f"{BASE}/influencer_monitor/user_history/instagram"
    for was_cached in (False, True):
        said = editor.get(path).json()["data"]
        assert (said["cached"], said["is_stale"]) == (was_cached, True)
        assert said["age_seconds"] >= 3 * 3_600
        assert said["measured_at"] == told(rows[-1].at)
        assert (said["gap"]["code"], said["gap"]["until"]) == ("private", None)
    assert not Gap.objects.filter(monitor=monitor).exists()


def test_a_history_pages_by_cursor(editor: Client) -> None:
    created(editor, "influencer_monitor")
    measured("influencer_monitor")
    path = f"{BASE}/influencer_monitor/user_history/instagram"
    first = editor.get(path, {"limit": 2}).json()["data"]
    second = editor.get(path, {"limit": 2, "cursor": first["next"]}).json()["data"]
    assert [row["follower_count"] for row in first["history"] + second["history"]] == [102, 101, 100]
    assert (bool(first["next"]), second["next"]) == (True, "")
    assert editor.get(path, {"cursor": "x"}).status_code == 422


@BOTH
def test_nobody_comes_in_without_signing_in_and_a_viewer_changes_nothing(
    cast: Cast, editor: Client, which: str
) -> None:
    task = created(editor, which)
    viewer, public = cast.signed_in(cast.viewer), Client()
    assert viewer.get(f"{BASE}/{which}/tasks").status_code == 200
    assert public.get(f"{BASE}/{which}/tasks").status_code == 401
    for path, body in (
        ("create_monitor_task", {**TARGETS[which], "interval": "1h"}), ("stop_tasks", {"task_ids": [task]}),
        (f"pause_task/{task}", None), (f"resume_task/{task}", None),
    ):  # fmt: skip
        assert post(viewer, f"{which}/{path}", body).status_code == 403
        assert post(public, f"{which}/{path}", body).status_code == 401
    assert Monitor.objects.get().state == MonitorState.ACTIVE


@BOTH
def test_a_stranger_finds_nothing(cast: Cast, editor: Client, which: str) -> None:
    task = created(editor, which)
    measured(which)
    stranger = cast.signed_in(cast.stranger)
    assert stranger.get(f"{BASE}/{which}/tasks").json()["data"] == []
    assert stranger.get(f"{BASE}/{which}/task_status/{task}").status_code == 404
    assert post(stranger, f"{which}/stop_tasks", {"task_ids": [task]}).json()["data"]["deleted_task_ids"] == []
    history = "user_history/instagram" if which == "influencer_monitor" else "video_history/CxYQJO8xuC6"
    assert stranger.get(f"{BASE}/{which}/{history}").status_code == 404
    assert create(stranger, which).status_code == 201
    assert Monitor.objects.get(uuid=task).state == MonitorState.ACTIVE


def test_the_document_and_its_page_name_every_path(editor: Client) -> None:
    paths = editor.get("/api/openapi.json").json()["paths"]
    page = editor.get("/api/docs").content.decode()
    for which, key, ours, history in (
        ("influencer_monitor", "task_id", "user_history", "user_id"),
        ("post_monitor", "post_task_id", "video_history", "post_code"),
    ):
        wanted = {
            "create_monitor_task": "post", "tasks": "get", "stop_tasks": "post", f"task_status/{{{key}}}": "get",
            f"pause_task/{{{key}}}": "post", f"resume_task/{{{key}}}": "post", f"{ours}/{{{history}}}": "get",
        }  # fmt: skip
        for path, method in wanted.items():
            assert list(paths[f"{BASE}/{which}/{path}"]) == [method]
            assert f"{BASE}/{which}/{path}" in page
