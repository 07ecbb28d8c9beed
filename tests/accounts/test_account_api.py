"""Tracked accounts and logins over the API: the pages' functions, explicit bodies, one shape of errors, no secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import InstagramLogin, LoginStatus, TrackedAccount, User
from igsite.jobs.models import Job
from tests.accounts.instagram import Instagram
from tests.people import Cast

pytestmark = pytest.mark.django_db
ACCOUNTS, LOGINS = "/api/v1/accounts", "/api/v1/logins"


def call(cast: Cast, who: User, method: str, path: str, body: Any = None, **headers: str) -> Any:
    client: Client = cast.client(who)
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(path, headers=headers or None, **data)


def make(cast: Cast, status: LoginStatus = LoginStatus.READY) -> InstagramLogin:
    return InstagramLogin.objects.create(workspace=cast.workspace, username="my.login", status=status)


def test_an_account_is_tracked_listed_changed_and_deleted(cast: Cast) -> None:
    made = call(cast, cast.editor, "post", ACCOUNTS, {"account": "@aurora.studio"})
    assert made.status_code == 201
    account = made.json()
    assert account["username"] == "aurora.studio"
    assert account["followers_count"] is None
    assert [one["id"] for one in call(cast, cast.viewer, "get", ACCOUNTS).json()["items"]] == [account["id"]]
    path = f"{ACCOUNTS}/{account['id']}"
    assert call(cast, cast.editor, "patch", path, {"is_bookmarked": True}).json()["is_bookmarked"] is True
    assert call(cast, cast.viewer, "get", f"{ACCOUNTS}?bookmarked=1").json()["items"]
    assert call(cast, cast.editor, "delete", path).status_code == 204
    assert not TrackedAccount.objects.exists()


def test_what_is_no_account_is_422_at_its_field(cast: Cast) -> None:
    answer = call(cast, cast.editor, "post", ACCOUNTS, {"account": "https://instagram.com/p/x/"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_account_name"
    assert "post" in answer.json()["error"]["fields"]["account"][0]


def test_fields_that_were_not_offered_are_refused(cast: Cast) -> None:
    for path, body in (
        (ACCOUNTS, {"account": "aurora.studio", "workspace": str(cast.elsewhere.pk)}),
        (LOGINS, {"username": "a", "password": "x", "status": "ready"}),
        (LOGINS, {"username": "a", "sessionid": "x", "is_warm": True}),
    ):
        assert call(cast, cast.owner, "post", path, body).status_code == 422
    assert not TrackedAccount.objects.exists()
    assert not InstagramLogin.objects.exists()


def test_a_login_signs_in_over_the_api(cast: Cast, instagram: Instagram) -> None:
    instagram.workspace = cast.workspace
    made = call(cast, cast.owner, "post", LOGINS, {"username": "demo_2fa", "password": "demo-pass-2"})
    assert made.status_code == 202
    assert made.json()["status"] == "connecting"
    login = instagram.run(InstagramLogin.objects.get())
    path = f"{LOGINS}/{login.pk}"
    assert call(cast, cast.viewer, "get", path).json()["status"] == "needs_code"
    if login.code_channel != "sms":
        call(cast, cast.owner, "post", f"{path}/channel", {"channel": "sms"})
        instagram.run(login)
    assert call(cast, cast.owner, "post", f"{path}/code", {"code": "123456"}).status_code == 202
    instagram.run(login)
    answer = call(cast, cast.viewer, "get", path)
    assert answer.json()["status"] == "ready"
    assert "sealed" not in answer.content.decode()
    assert call(cast, cast.viewer, "get", f"{path}/usage").json()["logins_last_day"] > 0


def test_a_refused_password_is_not_repeated_in_the_answer(cast: Cast) -> None:
    answer = call(cast, cast.owner, "post", LOGINS, {"username": "two words", "password": "canary-pass"})
    assert answer.status_code == 422
    assert b"canary" not in answer.content
    long = call(cast, cast.owner, "post", LOGINS, {"username": "a", "password": "canary" * 200})
    assert long.status_code == 422
    assert b"canary" not in long.content


def test_the_state_decides_what_is_possible(cast: Cast) -> None:
    login = make(cast)
    path = f"{LOGINS}/{login.pk}"
    assert call(cast, cast.owner, "post", f"{path}/resume").status_code == 409
    assert call(cast, cast.owner, "post", f"{path}/code", {"code": "123456"}).status_code == 409
    assert call(cast, cast.editor, "post", f"{path}/pause").json()["status"] == "paused"
    assert call(cast, cast.editor, "post", f"{path}/resume").json()["status"] == "ready"
    assert call(cast, cast.owner, "put", f"{path}/pace", {"reads_per_hour": 201, "reads_per_day": 1}).status_code == 422
    assert call(cast, cast.owner, "delete", path).status_code == 204
    assert call(cast, cast.owner, "get", path).status_code == 404


def test_the_same_key_adds_once(cast: Cast) -> None:
    body = {"username": "my.login", "password": "x"}
    first, second = (call(cast, cast.owner, "post", LOGINS, body, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    assert Job.objects.count() == 1


def test_roles_and_strangers(cast: Cast) -> None:
    login, path = make(cast), LOGINS
    body = {"username": "a", "password": "x"}
    assert call(cast, cast.editor, "post", path, body).status_code == 403
    assert call(cast, cast.viewer, "post", ACCOUNTS, {"account": "a"}).status_code == 403
    assert call(cast, cast.stranger, "get", f"{path}/{login.pk}").status_code == 404
    assert call(cast, cast.stranger, "delete", f"{path}/{login.pk}").status_code == 404
    assert call(cast, cast.stranger, "get", path).json()["items"] == []
