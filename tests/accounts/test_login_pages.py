"""The pages of Instagram logins: the way from the password to "ready", what each state offers, and who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import InstagramLogin, LoginStatus
from igsite.ownership import Role
from tests.accounts.instagram import Instagram
from tests.people import Cast

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
STEPS = (
    "sign_in",
    "session",
    "settings",
    "channel",
    "code",
    "approved",
    "pause",
    "resume",
    "unfreeze",
    "probe",
    "pace",
    "hours",
    "proxy",
    "remove",
)
OWNERS = {
    "sign_in",
    "session",
    "settings",
    "hours",
    "proxy",
    "channel",
    "code",
    "approved",
    "unfreeze",
    "pace",
    "remove",
}


def make(cast: Cast, status: LoginStatus, **more: object) -> InstagramLogin:
    return InstagramLogin.objects.create(workspace=cast.workspace, username="my.login", status=status, **more)


def page_of(client: Client, login: InstagramLogin) -> str:
    answer = client.get(reverse("settings:login", args=[login.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_from_the_password_over_the_code_to_ready(cast: Cast, instagram: Instagram) -> None:
    client = cast.client(cast.owner)
    instagram.workspace = cast.workspace
    added = client.post(reverse("settings:login_add"), {"username": "@demo_2fa", "password": "demo-pass-2"})
    login = InstagramLogin.objects.get()
    assert added.headers["Location"] == reverse("settings:login", args=[login.pk])
    assert "Signing in" in page_of(client, login)
    login = instagram.run(login)
    page = page_of(client, login)
    assert reverse("settings:login_code", args=[login.pk]) in page
    if login.code_channel != "sms":
        client.post(reverse("settings:login_channel", args=[login.pk]), {"channel": "sms"})
        login = instagram.run(login)
    client.post(reverse("settings:login_code", args=[login.pk]), {"code": "123456"})
    login = instagram.run(login)
    assert "This login reads for the workspace" in page_of(client, login)


def test_no_secret_comes_back_to_the_browser(cast: Cast) -> None:
    client = cast.client(cast.owner)
    answer = client.post(
        reverse("settings:login_add"),
        {"username": "two words", "password": "canary-pass", "totp_seed": "canary-seed!"},
    )
    assert answer.status_code == 422
    assert b"canary" not in answer.content


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"username": "", "password": "x"}, "id_username"),
        ({"username": "a", "password": ""}, "id_password"),
        ({"username": "a", "password": "x", "totp_seed": "1"}, "id_totp_seed"),
        ({"username": "https://instagram.com/p/x/", "password": "x"}, "id_username"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(cast: Cast, form: dict[str, str], field: str) -> None:
    answer = cast.client(cast.owner).post(reverse("settings:login_add"), form)
    assert answer.status_code == 422
    assert f'id="e-{field}"'.encode() in answer.content
    assert not InstagramLogin.objects.exists()


def test_the_same_login_twice_is_refused(cast: Cast) -> None:
    make(cast, LoginStatus.READY)
    answer = cast.client(cast.owner).post(reverse("settings:login_add"), {"username": "my.login", "password": "x"})
    assert answer.status_code == 422
    assert b"here already" in answer.content


@pytest.mark.parametrize(
    ("status", "offer"),
    [
        (LoginStatus.READY, "pause"), (LoginStatus.PAUSED, "resume"), (LoginStatus.FROZEN, "unfreeze"),
        (LoginStatus.NEEDS_APPROVAL, "approved"), (LoginStatus.NEEDS_LOGIN, "sign_in"), (LoginStatus.NEW, "sign_in"),
        (LoginStatus.NEEDS_CODE, "code"),
    ],
)  # fmt: skip
def test_each_state_offers_its_next_step(cast: Cast, status: LoginStatus, offer: str) -> None:
    login = make(cast, status, code_channel="sms", code_channels=[{"name": "sms", "contact": "+1 *** 99"}])
    assert reverse(f"settings:login_{offer}", args=[login.pk]) in page_of(cast.client(cast.owner), login)


def test_a_freeze_is_not_lifted_before_its_date(cast: Cast) -> None:
    login = make(cast, LoginStatus.FROZEN, writes_resume_at=NOW + timedelta(hours=20))
    client = cast.client(cast.owner)
    assert reverse("settings:login_unfreeze", args=[login.pk]) not in page_of(client, login)
    client.post(reverse("settings:login_unfreeze", args=[login.pk]))
    login.refresh_from_db()
    assert login.status == LoginStatus.FROZEN


def test_the_live_part_is_silent_while_nothing_changed(cast: Cast) -> None:
    login = make(cast, LoginStatus.READY)
    client = cast.client(cast.owner)
    seen = client.get(reverse("settings:login", args=[login.pk])).context["version"]
    address = reverse("settings:login_status", args=[login.pk])
    assert client.get(address, {"seen": seen}).status_code == 204
    InstagramLogin.objects.filter(pk=login.pk).update(status=LoginStatus.PAUSED)
    part = client.get(address, {"seen": seen})
    assert part.status_code == 200
    assert b"<html" not in part.content
    assert b'id="login-status"' in part.content


def test_pace_is_kept_within_the_ceiling(cast: Cast) -> None:
    login = make(cast, LoginStatus.READY)
    client = cast.client(cast.owner)
    address = reverse("settings:login_pace", args=[login.pk])
    assert client.post(address, {"reads_per_hour": "201", "reads_per_day": "500"}).status_code == 422
    assert client.post(address, {"reads_per_hour": "50", "reads_per_day": "500"}).status_code == 302
    login.refresh_from_db()
    assert (login.reads_per_hour, login.reads_per_day) == (50, 500)


@pytest.mark.parametrize("step", STEPS)
def test_who_may_take_a_step(cast: Cast, step: str) -> None:
    login = make(cast, LoginStatus.READY)
    address = reverse(f"settings:login_{step}", args=[login.pk])
    assert cast.client(cast.stranger).post(address).status_code == 404
    assert cast.client(cast.viewer).post(address).status_code == 403
    allowed = cast.client(cast.editor).post(address).status_code
    assert (allowed == 403) is (step in OWNERS)


@pytest.mark.parametrize("name", ["login", "login_status", "login_remove"])
def test_a_stranger_sees_no_login(cast: Cast, name: str) -> None:
    login = make(cast, LoginStatus.READY)
    assert cast.client(cast.stranger).get(reverse(f"settings:{name}", args=[login.pk])).status_code == 404


def test_only_owners_add_logins(cast: Cast) -> None:
    for name in ("login_add", "login_add_session"):
        assert cast.client(cast.editor).get(reverse(f"settings:{name}")).status_code == 403
        assert cast.client(cast.owner).get(reverse(f"settings:{name}")).status_code == 200


def test_removal_asks_and_then_hides_the_login(cast: Cast) -> None:
    login = make(cast, LoginStatus.READY)
    client = cast.client(cast.owner)
    address = reverse("settings:login_remove", args=[login.pk])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    assert b"my.login" not in client.get(reverse("settings:logins")).content.split(b"was removed")[-1]
    assert client.get(reverse("settings:login", args=[login.pk])).status_code == 404


def test_roles_see_the_list(cast: Cast) -> None:
    make(cast, LoginStatus.NEEDS_CODE)
    for person in (cast.owner, cast.editor, cast.viewer):
        page = cast.client(person).get(reverse("settings:logins")).content
        assert b"@my.login" in page
        assert b"Needs a code" in page
        is_owner = cast.membership(person).role == Role.OWNER
        assert (reverse("settings:login_add").encode() in page) is is_owner
