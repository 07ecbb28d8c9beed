"""The pages and the API of comparisons and of ghost followers, on rows that stand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount
from automation import lookups
from automation.models import ActivePerson, Batch, Comparison, GhostPost, GhostReport, Item
from igsite.jobs.models import Job
from igsite.models import AuditEntry
from scans.models import Direction, EdgeList
from tests.people import Cast, cast

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
FANS = range(201, 206)


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    """An account that five people follow, and a login that is ready."""
    profile = Profile.objects.create(pk=101, username="kiln")
    found = TrackedAccount.objects.create(workspace=cast.workspace, username="kiln", profile=profile)
    edges = EdgeList.objects.create(account=found, direction=Direction.FOLLOWERS, last_seq=1)
    for pk in FANS:
        Profile.objects.create(pk=pk, username=f"fan{pk}", full_name="<b>Fan</b>")
        with connection.cursor() as cursor:
            cursor.execute("insert into edge_current values (%s, %s, 1, 1, 0, 0)", [pk, edges.pk])
    InstagramLogin.objects.create(workspace=cast.workspace, username="own", status=LoginStatus.READY)
    return found


@pytest.fixture
def editor(cast: Cast, account: TrackedAccount) -> Client:
    return cast.signed_in(cast.editor)


@pytest.fixture
def report(cast: Cast, account: TrackedAccount) -> GhostReport:
    """One that is read: one fan liked, and a third of the likes was shown."""
    now = timezone.now()
    found = GhostReport.objects.create(
        workspace=cast.workspace, account=account, login=InstagramLogin.objects.get(), posts_wanted=1, created_at=now,
        ended_at=now,
    )  # fmt: skip
    GhostPost.objects.create(report=found, position=0, post_pk=5, code="x", likes=9, likers_seen=3, read_at=now)
    ActivePerson.objects.create(report=found, target_pk=201)
    return found


def send(client: Client, path: str, body: object) -> Any:
    return client.post(f"/api/automation{path}", json.dumps(body), content_type="application/json")


def test_a_comparison_is_made_by_its_form_and_read_on_its_page(editor: Client) -> None:
    login = InstagramLogin.objects.get()
    form = {"left": "@kiln", "right": "@fan201\nhttps://www.instagram.com/fan202/\n203", "login": str(login.pk)}
    made = editor.post("/actions/compare/", form)
    comparison = Comparison.objects.get()
    assert made.headers["Location"] == f"/actions/compare/{comparison.pk}/"
    assert Job.objects.get(kind="actions.compare").uuid == comparison.job_uuid
    page = editor.get(made.headers["Location"]).content.decode()
    assert "@kiln" in page
    assert "@fan202" in page
    assert "Waiting" in page
    assert "3 among the followers of 1" in editor.get("/actions/compare/").content.decode()
    told = b"".join(editor.get(f"/actions/compare/{comparison.pk}/export/")).decode()
    assert told.count("unknown") == 3
    assert AuditEntry.objects.filter(action="comparison.exported").count() == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"left": "@nobody.here", "right": "@fan201"}, "1 person is not known here yet: @nobody.here"),
        ({"left": "@nobody.here", "right": "@fan201", "unknown": "look"}, "Not known here: @nobody.here"),
        ({"left": "@nobody.here", "right": "@fan201", "unknown": "leave"}, "Name 1 to 50 accounts"),
        ({"left": "!", "right": "@fan201"}, "These are no names"),
        ({"left": "@kiln", "right": "@fan201"}, "choose the login"),
        ({"left": "", "right": ""}, "required"),
    ],
)
def test_a_comparison_that_cannot_be_is_explained_and_nothing_typed_is_lost(
    editor: Client, form: dict[str, str], words: str
) -> None:
    answer = editor.post("/actions/compare/", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert form["right"] in page
    assert not Comparison.objects.exists()


def test_a_comparison_of_people_whom_nobody_knows_has_them_looked_up_first(editor: Client) -> None:
    form = {
        "left": "@kiln", "right": "@fan201 @nobody.here", "unknown": "look",
        "login": str(InstagramLogin.objects.get().pk),
    }  # fmt: skip
    answer = editor.post("/actions/compare/", form)
    job = Job.objects.get(kind=lookups.LOOKUP)
    assert answer.headers["Location"] == f"/actions/lookups/{job.uuid}/"
    assert (job.params["names"], job.params["sides"]["left"]) == (["@nobody.here"], [101])
    assert "Then their lists are compared" in editor.get(answer.headers["Location"]).content.decode()
    assert not Comparison.objects.exists()


def test_the_api_compares_and_tells(editor: Client) -> None:
    login = str(InstagramLogin.objects.get().pk)
    made = send(editor, "/left-right-compare/prepare", {"left": ["@kiln"], "right": ["201", "202"], "login_id": login})
    assert made.status_code == 202
    found = editor.get(f"/api/automation/left-right-compare/{made.json()['id']}").json()
    assert found["right"] == [201, 202]
    assert [(one["pk"], one["reading"], one["followed_by"]) for one in found["left"]] == [(101, "waiting", [])]
    assert [one["id"] for one in editor.get("/api/automation/left-right-compare").json()["items"]] == [
        made.json()["id"]
    ]
    assert (
        send(editor, "/left-right-compare/prepare", {"left": ["@kiln"], "right": ["@nobody.here"]}).status_code == 422
    )
    assert send(editor, "/left-right-compare/prepare", {"left": ["1"] * 51, "right": ["@kiln"]}).status_code == 422


def test_a_ghost_report_says_how_much_was_seen_and_is_staged_from(editor: Client, report: GhostReport) -> None:
    page = editor.get(f"/actions/ghosts/{report.pk}/").content.decode()
    assert "Likes: 3 of 9 were shown (33 %)" in page
    assert "Not everything was shown" in page
    assert "@fan201" not in page
    assert "@fan205" in page
    assert "<b>Fan</b>" not in page
    staged = editor.post(f"/actions/ghosts/{report.pk}/stage/", {"kind": "remove"})
    batch = Batch.objects.get()
    assert (batch.kind, batch.state, staged.headers["Location"]) == ("remove", "staged", f"/actions/{batch.pk}/")
    assert Item.objects.filter(batch=batch).count() == 4
    assert "33 %" in Item.objects.filter(batch=batch)[0].reason


def test_a_report_is_ordered_by_its_form_and_over_the_api(editor: Client, account: TrackedAccount) -> None:
    login = str(InstagramLogin.objects.get().pk)
    made = editor.post("/actions/ghosts/", {"account": str(account.pk), "login": login, "posts": "4"})
    assert made.headers["Location"] == f"/actions/ghosts/{GhostReport.objects.get().pk}/"
    assert (
        editor.post("/actions/ghosts/", {"account": str(account.pk), "login": login, "posts": "31"}).status_code == 422
    )
    ordered = send(editor, "/ghosts", {"account_id": str(account.pk), "login_id": login, "posts": 2})
    assert (ordered.status_code, ordered.json()["posts"]) == (202, 0)
    people = editor.get(f"/api/automation/ghosts/{ordered.json()['id']}/people?limit=2").json()
    assert [one["pk"] for one in people["items"]] == [201, 202]
    assert people["next"]


def test_viewers_look_and_order_nothing(cast: Cast, editor: Client, report: GhostReport) -> None:
    viewer = cast.signed_in(cast.viewer)
    for path in ("compare/", "ghosts/"):
        assert "New " not in viewer.get(f"/actions/{path}").content.decode().split("<main")[-1]
        assert viewer.post(f"/actions/{path}", {}).status_code == 403
    assert "Review removing" not in viewer.get(f"/actions/ghosts/{report.pk}/").content.decode()
    assert viewer.post(f"/actions/ghosts/{report.pk}/stage/", {}).status_code == 403
