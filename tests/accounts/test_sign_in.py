"""People sign up, in and out; second factors are sealed for their own person."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts import vault
from accounts.models import Membership, User
from igsite.ownership import Role
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """The limits on attempts live in the shared cache."""
    cache.clear()


def totp_code(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def turn_on_totp(client: Client) -> str:
    page = client.get("/auth/2fa/totp/activate/")
    found = re.search(r'id="authenticator_secret">([A-Z2-7]+)<', page.content.decode())
    assert found, page.content
    answer = client.post("/auth/2fa/totp/activate/", {"code": totp_code(found[1])})
    assert answer.status_code == 302, answer.content
    cache.clear()  # the code just used would be refused for the rest of its half minute
    return found[1]


def test_signing_up_makes_a_person_with_a_workspace_of_their_own() -> None:
    client = Client()
    form = {"email": "Mira@Example.com", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/auth/signup/", form)
    assert answer.status_code == 302
    membership = Membership.objects.get(user__email="mira@example.com")
    assert membership.role == Role.OWNER
    assert membership.workspace.name == "mira's workspace"


def test_sign_up_is_closed_by_the_switch_and_opened_by_nothing_else(settings: Settings) -> None:
    settings.OPEN_SIGN_UP = False
    form = {"email": "mira@example.com", "password1": PASSWORD, "password2": PASSWORD}
    answer = Client().post("/auth/signup/", form)
    assert b"Sign-up is closed" in answer.content
    assert not User.objects.exists()


def test_signing_up_with_a_known_address_does_not_tell_that_it_is_known(cast: Cast, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # as in production
    form = {"email": cast.owner.email, "password1": PASSWORD, "password2": PASSWORD}
    answer = Client().post("/auth/signup/", form)
    assert answer.status_code == 302
    assert User.objects.filter(email=cast.owner.email).count() == 1
    assert "already" in mail.outbox[0].body.lower()


def test_signing_in_gives_a_new_session_key(cast: Cast) -> None:
    client = Client()
    client.get("/auth/login/")
    client.session["planted"] = "by an attacker"
    before = client.session.session_key
    assert client.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD}).status_code == 302
    assert client.session.session_key != before


def test_signing_out_ends_the_session(cast: Cast) -> None:
    client = cast.signed_in(cast.owner)
    assert client.get("/settings/profile/").status_code == 200
    client.post("/auth/logout/")
    assert client.get("/settings/profile/").status_code == 302


def test_signing_out_takes_a_post(cast: Cast) -> None:
    client = cast.signed_in(cast.owner)
    client.get("/auth/logout/")
    assert client.get("/settings/profile/").status_code == 200


def test_guessing_a_password_is_stopped_after_five_attempts(cast: Cast) -> None:
    client = Client()
    for _attempt in range(5):
        client.post("/auth/login/", {"login": cast.owner.email, "password": "wrong"})
    answer = client.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert b"Too many failed" in answer.content


def test_resetting_the_password_by_mail_ends_other_sessions(cast: Cast) -> None:
    elsewhere = cast.signed_in(cast.owner)
    client = Client()
    client.post("/auth/password/reset/", {"email": cast.owner.email})
    link = re.search(r"http://testserver(/auth/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1], follow=True)
    form = {"password1": "another-horse-battery-5", "password2": "another-horse-battery-5"}
    assert client.post(page.redirect_chain[-1][0], form).status_code == 302
    cast.owner.refresh_from_db()
    assert cast.owner.check_password("another-horse-battery-5")
    assert elsewhere.get("/settings/profile/").status_code == 302


def test_resetting_an_unknown_address_looks_the_same(cast: Cast) -> None:
    known = Client().post("/auth/password/reset/", {"email": cast.owner.email})
    unknown = Client().post("/auth/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_totp_is_asked_for_once_turned_on_and_a_code_serves_once(cast: Cast) -> None:
    secret = turn_on_totp(cast.signed_in(cast.owner))
    client = Client()
    answer = client.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/auth/2fa/authenticate/"
    assert client.get("/settings/profile/").status_code == 302
    code = totp_code(secret)
    assert client.post("/auth/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/settings/profile/").status_code == 200
    again = Client()
    again.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert b"Incorrect code" in again.post("/auth/2fa/authenticate/", {"code": code}).content


def test_a_recovery_code_lets_in_once(cast: Cast) -> None:
    client = cast.signed_in(cast.owner)
    turn_on_totp(client)
    codes = client.get("/auth/2fa/recovery-codes/download/").content.decode().split()
    assert len(codes) == 10
    for expected in (302, 200):
        visitor = Client()
        visitor.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD})
        assert visitor.post("/auth/2fa/authenticate/", {"code": codes[0]}).status_code == expected


def test_seeds_are_sealed_and_open_for_their_own_person_only(cast: Cast) -> None:
    secret = turn_on_totp(cast.signed_in(cast.owner))
    for row in Authenticator.objects.all():
        assert secret not in str(row.data)
    turn_on_totp(cast.signed_in(cast.stranger))
    mine = Authenticator.objects.get(user=cast.owner, type=Authenticator.Type.TOTP)
    theirs = Authenticator.objects.get(user=cast.stranger, type=Authenticator.Type.TOTP)
    mine.data, theirs.data = theirs.data, mine.data
    mine.save()
    client = Client()
    client.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD})
    answer = client.post("/auth/2fa/authenticate/", {"code": "123456"})
    assert answer.status_code == vault.Unreadable.status
    assert client.get("/settings/profile/").status_code == 302


def test_the_sessions_page_signs_out_the_others(cast: Cast) -> None:
    here, there = cast.signed_in(cast.owner), cast.signed_in(cast.owner)
    here.get("/settings/profile/")
    there.get("/settings/profile/")
    assert here.get("/auth/sessions/").content.count(b"<tr>") == 3
    here.post("/auth/sessions/")
    assert here.get("/settings/profile/").status_code == 200
    assert there.get("/settings/profile/").status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/auth/email/",
        "/auth/password/change/",
        "/auth/2fa/",
        "/auth/2fa/totp/activate/",
        "/auth/2fa/webauthn/",
        "/auth/2fa/webauthn/add/",
        "/auth/sessions/",
        "/auth/logout/",
        "/settings/profile/",
        "/settings/workspaces/",
        "/settings/members/",
        "/settings/tokens/",
        "/settings/audit/",
        "/api/docs",
    ],
)
def test_pages_of_the_settings_render_in_the_sites_own_frame(cast: Cast, path: str) -> None:
    page = cast.signed_in(cast.owner).get(path)
    assert page.status_code == 200
    assert b'class="side"' in page.content
    assert page.content.count(b"<h1>") == 1


@pytest.mark.parametrize(
    "path", ["/auth/login/", "/auth/signup/", "/auth/password/reset/", "/auth/password/reset/done/"]
)
def test_pages_of_the_entrance_render_as_a_card(db: None, path: str) -> None:
    page = Client().get(path)
    assert page.status_code == 200
    assert b'class="gate"' in page.content
    assert page.content.count(b"<h1>") == 1
