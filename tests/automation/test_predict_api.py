"""Predictions over the API: the paths, bodies and answers that the design promises."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus, Profile
from automation.models import PredictionSession, TargetFacts
from igsite.jobs.models import Job
from tests.automation import predicted
from tests.automation.predicted import Predicted
from tests.people import Cast

pytestmark = pytest.mark.django_db
PATH = "/api/predictions/follow-back"


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


@pytest.fixture
def login(cast: Cast) -> InstagramLogin:
    return InstagramLogin.objects.create(workspace=cast.workspace, username="me", status=LoginStatus.READY)


@pytest.fixture
def made(login: InstagramLogin) -> Predicted:
    profile = Profile.objects.create(pk=500, username="ada", followers_count=420, following_count=890)
    return predicted.furnish(login, profile, "ada", timezone.now())


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(path, body or {}, content_type="application/json", headers=headers or None)


def test_what_is_stored_is_said_at_once_and_the_rest_by_a_task(editor: Client, login: InstagramLogin) -> None:
    Profile.objects.create(pk=500, username="ada", is_private=False, followers_count=90, following_count=900)
    answer = post(editor, PATH, {"targets": ["@ada", "500", "bob"]})
    assert answer.status_code == 202
    told = answer.json()
    ada, bob = told["predictions"]
    assert (ada["username"], ada["target_pk"], ada["state"], ada["is_pending"]) == ("ada", 500, "partial", True)
    assert 0 < ada["low"] < ada["probability"] < ada["high"] < 1
    assert ada["model_version"] == 0
    assert {"words", "log_odds", "points"} == set(ada["reasons"][0])
    assert (bob["state"], bob["probability"], bob["confidence"]) == ("unknown", None, "none")
    task = editor.get(told["task"]["status_url"]).json()
    assert (task["state"], task["done"], task["total"]) == ("queued", 0, 2)
    assert post(editor, f"/api/prediction-tasks/{task['task_id']}/cancel").json()["state"] == "cancelled"
    assert post(editor, f"/api/prediction-tasks/{task['task_id']}/cancel").status_code == 409
    assert [one["is_pending"] for one in editor.get(f"{PATH}/history").json()["items"]] == [False, False]


def test_an_order_that_is_repeated_with_its_key_is_made_once(editor: Client, login: InstagramLogin) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = (post(editor, PATH, {"targets": ["bob"]}, **key) for _time in range(2))
    assert first.json() == second.json()
    assert PredictionSession.objects.count() == Job.objects.filter(kind="predictions.read").count() == 1
    assert login.username == "me"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"targets": []}, 422), ({"targets": ["two words"]}, 422), ({"targets": ["bob"], "x": 1}, 422),
        ({"targets": ["bob"], "login": "00000000-0000-4000-8000-000000000000"}, 404), ({"targets": ["404"]}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_predicted_is_refused(
    editor: Client, login: InstagramLogin, body: dict[str, Any], status: int
) -> None:
    assert post(editor, PATH, body).status_code == status
    assert not PredictionSession.objects.exists()


def test_without_a_login_nothing_can_be_predicted(editor: Client) -> None:
    answer = post(editor, PATH, {"targets": ["bob"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not_predictable")


def test_history_one_and_feedback(editor: Client, made: Predicted) -> None:
    page = editor.get(f"{PATH}/history?limit=3").json()
    rest = editor.get(f"{PATH}/history", {"cursor": page["next"]}).json()
    assert len(page["items"]) + len(rest["items"]) == 4
    of_session = editor.get(f"{PATH}/history?session={made.session.pk}").json()["items"]
    assert [one["username"] for one in of_session][-1] == "nobody.here"
    one = editor.get(f"{PATH}/{made.prediction.pk}").json()
    assert (one["outcome"], one["state"]) == ("followed_back", "ready")
    told = post(editor, f"{PATH}/{made.prediction.pk}/feedback", {"happened": "followed_back"}).json()
    assert told["feedback"] == "followed_back"
    assert post(editor, f"{PATH}/{made.prediction.pk}/feedback", {"happened": None}).json()["feedback"] == ""
    assert post(editor, f"{PATH}/{made.prediction.pk}/feedback", {"happened": "right"}).status_code == 422


def test_quality_is_that_of_the_page(editor: Client, made: Predicted) -> None:
    told = editor.get(f"{PATH}/quality").json()
    assert told["counts"] == {"followed_back": 24, "did_not": 36}
    assert told["said"]["count"] == told["prior"]["count"] == 60
    assert told["base"]["brier"] == pytest.approx(0.24)
    page = editor.get("/predictions/quality/").content.decode()
    assert f">{told['said']['brier']:.4f}</td>" in page
    assert editor.get(f"{PATH}/quality?version=9").json()["said"] is None
    assert made.model.outcomes == 60


def test_the_relationship_cache_is_shown_and_forgotten(editor: Client, made: Predicted, cast: Cast) -> None:
    path = "/api/targets/500/relationship-cache"
    (kept,) = editor.get(path).json()
    assert (kept["sample"], kept["sample_follow_you"], kept["login_id"]) == (50, 9, str(made.session.login_id))
    assert cast.client(cast.viewer).delete(path).status_code == 403
    assert editor.delete(path).status_code == 204
    assert not TargetFacts.objects.exists()
    assert editor.get(path).status_code == 404


def test_a_viewer_reads_and_orders_nothing(cast: Cast, made: Predicted) -> None:
    viewer = cast.client(cast.viewer)
    assert viewer.get(f"{PATH}/history").status_code == 200
    assert post(viewer, PATH, {"targets": ["bob"]}).status_code == 403
    assert post(viewer, f"{PATH}/{made.prediction.pk}/feedback", {"happened": "did_not"}).status_code == 403
