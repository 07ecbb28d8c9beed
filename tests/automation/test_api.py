"""Actions over the API: prepared, read, confirmed once, cancelled; nothing reaches above the ceilings or elsewhere."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import vault_lock
from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount, Workspace
from automation.models import Attempt, Batch, Item, SafelistEntry, WritePace
from igsite.jobs.models import Job
from igsite.models import AuditEntry
from tests.people import Cast, cast

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
BASE = "/api/automation"
POST = "CxYQJO8xuC6"


@pytest.fixture
def login(cast: Cast) -> InstagramLogin:
    """One that is ready; and five people whom the workspace knows."""
    for pk in range(101, 106):
        profile = Profile.objects.create(pk=pk, username=f"kiln{pk}")
        TrackedAccount.objects.create(workspace=cast.workspace, username=f"kiln{pk}", profile=profile)
    return InstagramLogin.objects.create(workspace=cast.workspace, username="own", status=LoginStatus.READY)


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.signed_in(cast.editor)


def send(client: Client, path: str, body: object = None, **headers: str) -> Any:
    return client.post(f"{BASE}{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def prepare(client: Client, login: InstagramLogin, kind: str = "follow", **more: Any) -> Any:
    body = {"login_id": str(login.pk), "people": ["101", "@kiln102", "https://www.instagram.com/kiln103/"]} | more
    return send(client, f"/batch-{kind}/prepare", body)


@pytest.mark.parametrize("kind", ["follow", "unfollow", "remove"])
def test_people_are_prepared_and_nothing_is_sent(editor: Client, login: InstagramLogin, kind: str) -> None:
    answer = prepare(editor, login, kind, people=["101", "@kiln102", "@nobody.here", "not a name!"], reason="spring")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["kind"], told["state"], told["counts"]) == (kind, "staged", {"waiting": 2})
    assert (told["unknown"], told["odd"]) == (["@nobody.here"], ["not a name!"])
    items = editor.get(f"{BASE}/actions/{told['id']}/items").json()["items"]
    assert [(item["target_pk"], item["reason"]) for item in items] == [(101, "spring"), (102, "spring")]
    assert not Attempt.objects.exists()
    assert not Job.objects.filter(kind="actions.run").exists()


def test_posts_are_prepared_by_address_code_or_number(editor: Client, login: InstagramLogin) -> None:
    posts = [POST, f"https://www.instagram.com/p/{POST}/", "3193186498170003899"]
    liked = send(editor, "/batch-like/prepare", {"login_id": str(login.pk), "posts": posts}).json()
    assert liked["counts"] == {"waiting": 2}
    comments = [{"post": POST, "text": "Lovely"}]
    body = {"login_id": str(login.pk), "comments": comments}
    written = send(editor, "/batch-comment/prepare", body).json()
    assert [one["text"] for one in editor.get(f"{BASE}/actions/{written['id']}/items").json()["items"]] == ["Lovely"]
    assert send(editor, "/batch-like/prepare", {"login_id": str(login.pk), "posts": ["no post"]}).status_code == 422


def test_a_prepared_batch_is_confirmed_once_and_cancelled(editor: Client, login: InstagramLogin) -> None:
    batch = prepare(editor, login).json()["id"]
    confirmed = send(editor, f"/actions/{batch}/confirm")
    assert (confirmed.status_code, confirmed.json()["state"]) == (202, "confirmed")
    assert Job.objects.get(uuid=confirmed.json()["job_id"]).kind == "actions.run"
    assert send(editor, f"/actions/{batch}/confirm").status_code == 409
    assert send(editor, f"/actions/{batch}/pause").json()["state"] == "paused"
    assert send(editor, f"/actions/{batch}/resume").json()["state"] == "confirmed"
    for _again in range(2):
        assert send(editor, f"/actions/{batch}/cancel").json()["state"] == "cancelled"
    assert send(editor, f"/actions/{batch}/resume").status_code == 409
    assert AuditEntry.objects.filter(action="batch.confirmed").count() == 1


def test_a_repeated_key_prepares_and_confirms_once(editor: Client, login: InstagramLogin) -> None:
    body = {"login_id": str(login.pk), "people": ["101"]}
    first, second = (send(editor, "/batch-follow/prepare", body, **{"Idempotency-Key": "one"}).json() for _ in "ab")
    assert first == second
    assert Batch.objects.count() == 1
    confirm = f"/actions/{first['id']}/confirm"
    answers = [send(editor, confirm, **{"Idempotency-Key": "two"}).status_code for _ in "ab"]
    assert answers == [202, 202]
    assert Job.objects.filter(kind="actions.run").count() == 1


def test_a_locked_vault_answers_423(editor: Client, login: InstagramLogin, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = prepare(editor, login).json()["id"]
    locked = vault_lock.State(has_passphrase=True, is_locked=True)
    monkeypatch.setattr(vault_lock, "state", lambda _now: locked)
    answer = send(editor, f"/actions/{batch}/confirm")
    assert (answer.status_code, answer.json()["error"]["code"]) == (423, "vault_locked")
    assert Batch.objects.get().state == "staged"


@pytest.mark.parametrize(
    "more",
    [
        {"people": []}, {"people": ["@nobody.here"]}, {"people": ["101"] * 10_001}, {"login_id": "x"},
        {"people": ["101"], "state": "confirmed"}, {"people": ["101"], "per_hour": 500}, {"reason": "x" * 201},
    ],
)  # fmt: skip
def test_what_cannot_be_prepared_is_refused(editor: Client, login: InstagramLogin, more: dict[str, Any]) -> None:
    assert prepare(editor, login, **more).status_code == 422
    assert not Batch.objects.exists()


def test_a_start_is_at_most_sixty_days_ahead_and_one_that_is_over_is_none(
    editor: Client, login: InstagramLogin
) -> None:
    for far in ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"):
        for unknown in ("leave", "look"):
            people = ["101", "@nobody.here"]
            refused = prepare(editor, login, people=people, unknown=unknown, starts_at=far)
            assert (refused.status_code, refused.json()["error"]["code"]) == (422, "not_stageable")
    assert not Job.objects.exists()
    for past in ("0001-01-01T00:00:00+14:00", "2020-01-01T00:00:00Z"):
        assert prepare(editor, login, starts_at=past).json()["starts_at"] is None


def test_logins_of_others_and_removed_ones_are_not_there(editor: Client, login: InstagramLogin) -> None:
    theirs = InstagramLogin.objects.create(workspace=Workspace.objects.create(name="Elsewhere"), username="own")
    assert prepare(editor, theirs).status_code == 404
    InstagramLogin.objects.filter(pk=login.pk).update(status=LoginStatus.REMOVED)
    assert prepare(editor, login).status_code == 404
    assert editor.get(f"{BASE}/actions/{uuid4()}").status_code == 404


def test_viewers_read_and_start_nothing(cast: Cast, editor: Client, login: InstagramLogin) -> None:
    batch = prepare(editor, login).json()["id"]
    viewer = cast.signed_in(cast.viewer)
    assert [one["id"] for one in viewer.get(f"{BASE}/actions").json()["items"]] == [batch]
    assert viewer.get(f"{BASE}/actions?state=done").json()["items"] == []
    for act in ("confirm", "cancel", "pause", "resume"):
        assert send(viewer, f"/actions/{batch}/{act}").status_code == 403
    assert prepare(viewer, login).status_code == 403


def test_lists_are_paged_in_the_same_number_of_queries(
    editor: Client, cast: Cast, login: InstagramLogin, django_assert_max_num_queries: Any
) -> None:
    for pk in range(20):
        batch = Batch.objects.create(workspace=cast.workspace, login=login, kind="follow", created_at=timezone.now())
        Item.objects.create(batch=batch, position=0, target_pk=pk + 1)
    counts = []
    for limit in (2, 20):
        with django_assert_max_num_queries(30) as asked:
            page = editor.get(f"{BASE}/actions?limit={limit}").json()
        counts.append(len(asked))
        assert len(page["items"]) == limit
    assert counts[0] == counts[1]
    first = editor.get(f"{BASE}/actions?limit=15").json()
    rest = editor.get(f"{BASE}/actions?limit=15&cursor={first['next']}").json()
    assert len({one["id"] for one in first["items"] + rest["items"]}) == 20
    assert rest["next"] == ""


@pytest.mark.parametrize("safelist", ["do_not_follow", "never_unfollow"])
def test_safelists_over_the_api(editor: Client, login: InstagramLogin, safelist: str) -> None:
    answer = send(editor, f"/safelists/{safelist}", {"people": ["@kiln101", "102", "!"], "note": "friends"})
    assert answer.status_code == 201
    assert answer.json() == {"safelist": safelist, "added": 2, "odd": ["!"]}
    told = editor.get(f"{BASE}/safelists/{safelist}").json()["items"]
    assert {(one["pk"], one["username"], one["note"]) for one in told} == {
        (101, "kiln101", "friends"), (102, "kiln102", "friends"),
    }  # fmt: skip
    assert editor.delete(f"{BASE}/safelists/{safelist}/101").status_code == 204
    assert editor.delete(f"{BASE}/safelists/{safelist}/101").status_code == 404
    assert SafelistEntry.objects.count() == 1
    assert editor.get(f"{BASE}/safelists/everybody").status_code == 422


def test_links_of_alternative_accounts_over_the_api(editor: Client, login: InstagramLogin) -> None:
    linked = send(editor, "/alternative-account-links", {"pks": [101, 102], "note": "the same kiln"})
    assert (linked.status_code, [one["pk"] for one in linked.json()]) == (201, [101, 102])
    assert len({one["person"] for one in editor.get(f"{BASE}/alternative-account-links").json()["items"]}) == 1
    assert send(editor, "/alternative-account-links", {"pks": [101, 101]}).status_code == 422
    assert editor.delete(f"{BASE}/alternative-account-links/101").status_code == 204
    assert editor.get(f"{BASE}/alternative-account-links").json()["items"] == []
    assert editor.delete(f"{BASE}/alternative-account-links/101").status_code == 404


def test_no_request_writes_the_pace(cast: Cast, login: InstagramLogin) -> None:
    body = {"reads_per_hour": 10, "reads_per_day": 100, "per_hour": 500, "gap_min": 1}
    owner, path = cast.signed_in(cast.owner), f"/api/v1/logins/{login.pk}/pace"
    assert owner.put(path, json.dumps(body), content_type="application/json").status_code == 422
    assert not WritePace.objects.exists()
