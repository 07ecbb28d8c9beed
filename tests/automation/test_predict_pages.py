"""The pages of predictions: a session, one person, how good they have been."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount
from automation import features_stored
from automation.models import AlternativeAccount, Batch, Prediction, PredictionSession
from igsite.jobs.models import Job
from igsite.models import AuditEntry
from scans.models import Direction
from tests.automation import predicted
from tests.automation.predicted import Predicted
from tests.people import Cast
from tests.scans import listed

pytestmark = pytest.mark.django_db


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


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_without_a_login_the_page_says_what_is_missing(editor: Client) -> None:
    assert "There is none yet" in text(editor.get("/predictions/"))


def test_names_make_a_session_said_at_once_from_what_is_stored(editor: Client, login: InstagramLogin) -> None:
    Profile.objects.create(pk=500, username="ada", is_private=False, followers_count=90, following_count=900)
    form = {"names": "@ada, https://www.instagram.com/Bob/", "login": str(login.pk)}
    answer = editor.post("/predictions/", form)
    session = PredictionSession.objects.get()
    assert answer.headers["Location"] == f"/predictions/{session.pk}/"
    page = text(editor.get(answer.headers["Location"]))
    assert "Profile, without the relationship" in page
    assert "They follow 900 people (+" in page
    assert "Not known here" in page
    assert not Job.objects.filter(kind="predictions.read").exists()
    assert AuditEntry.objects.filter(action="prediction.made").count() == 1


def test_what_is_not_known_is_ordered_to_be_read(editor: Client, login: InstagramLogin) -> None:
    editor.post("/predictions/", {"names": "bob", "login": str(login.pk), "reads": "on"})
    session = PredictionSession.objects.get()
    assert Job.objects.get(kind="predictions.read").uuid == session.job_uuid
    page = text(editor.get(f"/predictions/{session.pk}/"))
    assert "still to be read" in page
    assert f"live:job-{session.job_uuid}" in page
    part = text(editor.get(f"/predictions/{session.pk}/", headers={"HX-Request": "true", "HX-Target": "session"}))
    assert part.startswith('<div id="session"')


def test_a_list_of_an_account_makes_a_session(editor: Client, login: InstagramLogin, cast: Cast) -> None:
    tracked = TrackedAccount.objects.create(
        workspace=cast.workspace, username="kiln", last_scanned_at=timezone.now()
    )  # fmt: skip
    listed.scanned(tracked, listed.numbers(100, 110), direction=Direction.FOLLOWERS)
    editor.post("/predictions/", {"account": str(tracked.pk), "which": "followers", "login": str(login.pk)})
    session = PredictionSession.objects.get()
    assert (session.total, session.title) == (10, "Followers of @kiln")
    assert set(session.predictions.values_list("target_pk", flat=True)) == set(range(100, 110))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Name somebody, or choose an account."),
        ({"names": "two words/here?x"}, "here?x"),
        ({"names": "\x00"}, "Null characters"),
        ({"names": " ".join(f"n{i}" for i in range(201))}, "Name between 1 and 200 people."),
        ({"names": "ada", "login": "made-up"}, "valid"),
    ],
)
def test_what_cannot_be_predicted_is_said(
    editor: Client, login: InstagramLogin, form: dict[str, str], said: str
) -> None:
    answer = editor.post("/predictions/", {"login": str(login.pk)} | form)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not PredictionSession.objects.exists()


def test_a_person_has_all_reasons_with_their_weights(editor: Client, made: Predicted) -> None:
    page = text(editor.get(f"/predictions/of/{made.prediction.pk}/"))
    assert "They have 420 followers" in page
    assert "18 % of a sample of their followers follow you" in page
    assert "four times in five" in page
    assert "Not known, so taken as typical: You follow them already, Business or creator account" in page
    assert "Followed back" in page


def test_who_follows_with_a_linked_account_is_likelier(login: InstagramLogin, cast: Cast) -> None:
    me = Profile.objects.create(pk=77, username="me")
    login.profile = me
    login.save()
    own = TrackedAccount.objects.create(workspace=cast.workspace, username="me", profile=me)
    listed.scanned(own, listed.numbers(100, 101))
    Profile.objects.bulk_create(Profile(pk=pk, username=f"p{pk}") for pk in (500, 501))
    person = cast.workspace.pk
    for pk in (100, 500):
        AlternativeAccount.objects.create(
            workspace=cast.workspace, person=person, target_pk=pk, added_at=timezone.now()
        )  # fmt: skip
    facts = {pk: one.facts.alternative_follows_you for pk, one in features_stored.known(login, [500, 501]).items()}
    assert facts == {500: True, 501: False}


def test_feedback_says_what_happened_and_can_be_taken_back(editor: Client, made: Predicted) -> None:
    path = f"/predictions/of/{made.prediction.pk}/feedback/"
    assert editor.post(path, {"happened": "did_not"}).status_code == 302
    made.prediction.refresh_from_db()
    assert (made.prediction.feedback, made.prediction.feedback_at is None) == ("did_not", False)
    assert editor.post(path, {"happened": "nonsense"}).status_code == 422
    editor.post(path, {"happened": ""})
    made.prediction.refresh_from_db()
    assert (made.prediction.feedback, made.prediction.feedback_at) == ("", None)


def test_those_who_are_marked_become_a_batch_to_review(editor: Client, made: Predicted) -> None:
    answer = editor.post(f"/predictions/{made.session.pk}/stage/", {"ids": [str(made.prediction.pk), "x", "9" * 30]})
    batch = Batch.objects.get()
    assert str(batch.pk) in answer.headers["Location"]
    assert (batch.kind, batch.state, batch.items.get().target_pk) == ("follow", "staged", 500)
    answer = editor.post(f"/predictions/{made.session.pk}/stage/", {})
    assert answer.headers["Location"] == f"/predictions/{made.session.pk}/"
    assert Batch.objects.count() == 1


def test_the_quality_page_tells_figures_and_versions(editor: Client, made: Predicted) -> None:
    page = text(editor.get("/predictions/quality/"))
    assert "version 1" in page
    assert "The untrained prior" in page
    assert page.count('<circle class="dot"') == 6
    assert "24 (40 %)" in page
    assert "Nothing was observed yet" in text(editor.get("/predictions/quality/?version=7"))
    assert editor.get("/predictions/quality/?version=x").status_code == 200
    editor.post("/predictions/quality/train/")
    editor.post("/predictions/quality/look/")
    assert Job.objects.filter(kind__in=("predictions.train", "predictions.reconcile")).count() == 2
    assert made.model.number == 1


def test_an_empty_quality_page_says_what_to_do(editor: Client) -> None:
    page = text(editor.get("/predictions/quality/"))
    assert "Nothing was observed yet" in page
    assert "Not trained yet" in page


def test_lists_are_paged_and_cost_the_same_however_long(editor: Client, made: Predicted) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert editor.get(path).status_code == 200
        return len(found)

    paths = ["/predictions/", f"/predictions/{made.session.pk}/"]
    for path in paths:
        queries(path)
    few = [queries(path) for path in paths]
    now, values = timezone.now(), made.prediction.values
    for number in range(70):
        PredictionSession.objects.create(
            workspace=made.session.workspace, login=made.session.login, title=f"s{number}", created_at=now
        )
        Prediction.objects.create(
            session=made.session, position=9 + number, username=f"n{number}", target_pk=1_000 + number,
            probability=number / 100, values=values, parts=made.prediction.parts, knowledge="ready",
        )  # fmt: skip
    assert [queries(path) for path in paths] == few
    first = editor.get(paths[1])
    assert first.content.decode().count('name="ids"') == 50
    second = editor.get(paths[1], {"cursor": first.context["page"].next})
    assert second.content.decode().count('name="ids"') == 23


def test_a_viewer_reads_and_changes_nothing(cast: Cast, made: Predicted) -> None:
    viewer = cast.client(cast.viewer)
    page = text(viewer.get(f"/predictions/{made.session.pk}/"))
    assert "Stage follows" not in page
    for path in (f"{made.session.pk}/stage/", f"of/{made.prediction.pk}/feedback/", "quality/train/", "quality/look/"):
        assert viewer.post(f"/predictions/{path}").status_code == 403
    assert viewer.post("/predictions/", {"names": "ada"}).status_code == 403
