"""Who may call the API: tokens, JWTs, sessions; each ends when it should."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import jwt_sessions, tokens
from accounts.models import ApiSession, ApiToken, Membership, TokenScope
from igsite.models import AuditEntry
from igsite.ownership import Role
from tests.accounts.test_sign_in import totp_code, turn_on_totp
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """The limits on attempts live in the shared cache."""
    cache.clear()


def post(path: str, body: dict[str, Any], **headers: str) -> Any:
    return Client(headers=headers or None).post(path, json.dumps(body), content_type="application/json")


def me(bearer: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {bearer}"}).get("/api/v1/me")


def issue(membership: Membership, scope: TokenScope = TokenScope.READ, **options: Any) -> str:
    return tokens.issue(membership=membership, name="cron", scope=scope, life=DAY, by=membership.user, **options)[1]


def sign_in(cast: Cast, **extra: str) -> dict[str, Any]:
    answer = post("/api/auth/token", {"email": cast.owner.email, "password": PASSWORD, **extra})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_token_is_made_in_the_settings_shown_once_and_stored_as_a_hash(cast: Cast) -> None:
    client = cast.signed_in(cast.editor)
    page = client.post("/settings/tokens/", {"name": "cron", "scope": "read", "days": "30"}).content.decode()
    text = page.split('id="fresh-token">')[1].split("<")[0]
    assert me(text).json()["email"] == cast.editor.email
    assert text not in client.get("/settings/tokens/").content.decode()
    stored = ApiToken.objects.get()
    assert text.encode() not in bytes(stored.token_hash)
    assert len(bytes(stored.token_hash)) == 32
    assert text not in str(list(AuditEntry.objects.values()))


def test_making_a_token_asks_for_the_password_again(cast: Cast) -> None:
    answer = cast.client(cast.editor).post("/settings/tokens/", {"name": "cron", "scope": "read", "days": "30"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/auth/reauthenticate/")
    assert not ApiToken.objects.exists()


def test_a_token_works_in_its_own_workspace_with_the_members_role(cast: Cast) -> None:
    answer = me(issue(cast.membership(cast.viewer)))
    assert answer.json()["workspace"] == {
        "id": str(cast.workspace.pk),
        "name": "Pottery",
        "time_zone": "UTC",
        "role": "viewer",
    }


def test_a_token_expires_and_lives_a_year_at_most(cast: Cast) -> None:
    past = timezone.now() - DAY - dt.timedelta(seconds=1)
    assert me(issue(cast.membership(cast.owner), now=past)).status_code == 401
    token, _text = tokens.issue(
        membership=cast.membership(cast.owner),
        name="long",
        scope=TokenScope.READ,
        life=dt.timedelta(days=9999),
        by=cast.owner,
    )
    assert token.expires_at <= timezone.now() + tokens.LONGEST_LIFE


def test_a_revoked_token_ends_at_once(cast: Cast) -> None:
    text = issue(cast.membership(cast.editor))
    client = cast.client(cast.editor)
    assert client.post(f"/settings/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 302
    assert me(text).status_code == 401


def test_tokens_go_with_the_membership_and_with_the_person(cast: Cast) -> None:
    removed, sleeping = issue(cast.membership(cast.viewer)), issue(cast.membership(cast.editor))
    cast.client(cast.owner).post(f"/settings/members/{cast.membership(cast.viewer).pk}/remove/")
    cast.editor.is_active = False
    cast.editor.save()
    assert me(removed).status_code == 401
    assert me(sleeping).status_code == 401


def test_one_sees_and_ends_ones_own_tokens_and_an_owner_everybodys(cast: Cast) -> None:
    issue(cast.membership(cast.editor))
    token = ApiToken.objects.get()
    address = f"/settings/tokens/{token.pk}/revoke/"
    assert cast.client(cast.viewer).post(address).status_code == 404
    assert cast.client(cast.stranger).post(address).status_code == 404
    assert b"cron" in cast.signed_in(cast.owner).get("/settings/tokens/").content
    assert cast.client(cast.owner).post(address).status_code == 302


def test_a_reading_token_changes_nothing(cast: Cast) -> None:
    jobs = Client(headers={"Authorization": f"Bearer {issue(cast.membership(cast.owner))}"})
    answer = jobs.post("/api/v1/jobs/00000000-0000-4000-8000-000000000000/cancel")
    assert answer.status_code == 403
    assert "only read" in answer.json()["error"]["message"]


def test_a_wrong_token_does_not_fall_back_on_the_session(cast: Cast) -> None:
    client = cast.client(cast.owner, Authorization="Bearer igs_wrong")
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_session_serves_the_api_and_changes_need_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me").status_code == 200
    answer = client.post("/api/v1/jobs/00000000-0000-4000-8000-000000000000/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf_failed")


def test_nobody_is_asked_to_sign_in_with_an_error_not_a_page() -> None:
    for answer in (Client().get("/api/v1/me"), Client().get("/api/v1/jobs")):
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "unauthenticated"


def test_a_password_gives_a_short_token_and_a_refresh_token(cast: Cast) -> None:
    pair = sign_in(cast)
    assert pair["token_type"] == "Bearer"
    assert pair["expires_in"] == 600
    assert me(pair["access_token"]).json()["email"] == cast.owner.email


def test_a_wrong_password_and_an_unknown_address_look_the_same(cast: Cast) -> None:
    wrong = post("/api/auth/token", {"email": cast.owner.email, "password": "wrong"})
    unknown = post("/api/auth/token", {"email": "nobody@example.com", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_guessing_through_the_api_is_stopped(cast: Cast) -> None:
    for _attempt in range(5):
        post("/api/auth/token", {"email": cast.owner.email, "password": "wrong"})
    answer = post("/api/auth/token", {"email": cast.owner.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_with_two_factors_the_api_needs_the_code_too(cast: Cast) -> None:
    secret = turn_on_totp(cast.signed_in(cast.owner))
    form = {"email": cast.owner.email, "password": PASSWORD}
    assert post("/api/auth/token", form).json()["error"]["code"] == "code_needed"
    assert post("/api/auth/token", {**form, "code": "000000"}).status_code == 401
    assert me(sign_in(cast, code=totp_code(secret))["access_token"]).status_code == 200


def test_an_unverified_address_gets_no_token_where_verification_is_required(cast: Cast, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.filter(user=cast.owner).update(verified=False)
    assert post("/api/auth/token", {"email": cast.owner.email, "password": PASSWORD}).status_code == 401


def test_one_signs_in_to_ones_own_workspaces_only(cast: Cast) -> None:
    form = {"email": cast.owner.email, "password": PASSWORD, "workspace": str(cast.elsewhere.pk)}
    assert post("/api/auth/token", form).status_code == 404


def test_a_refresh_token_serves_once_and_its_reuse_ends_the_session(cast: Cast) -> None:
    first = sign_in(cast)
    second = post("/api/auth/refresh", {"refresh_token": first["refresh_token"]}).json()
    assert me(second["access_token"]).status_code == 200
    assert post("/api/auth/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401
    assert me(second["access_token"]).status_code == 401
    assert post("/api/auth/refresh", {"refresh_token": second["refresh_token"]}).status_code == 401
    assert AuditEntry.objects.filter(action="api_session.reuse_detected").exists()


def test_revoking_ends_the_session_and_an_unknown_token_is_no_error(cast: Cast) -> None:
    pair = sign_in(cast)
    assert post("/api/auth/revoke", {"refresh_token": pair["refresh_token"]}).status_code == 204
    assert post("/api/auth/revoke", {"refresh_token": "unknown"}).status_code == 204
    assert me(pair["access_token"]).status_code == 401


def test_a_new_password_ends_sessions_of_the_api(cast: Cast) -> None:
    pair = sign_in(cast)
    cast.owner.set_password("another-horse-battery-5")
    cast.owner.save()
    assert me(pair["access_token"]).status_code == 401
    assert post("/api/auth/refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401


def test_access_tokens_expire_and_so_do_sessions(cast: Cast) -> None:
    membership = cast.membership(cast.owner)
    began = timezone.now() - jwt_sessions.ACCESS_LIFE - dt.timedelta(seconds=1)
    assert me(jwt_sessions.begin(membership=membership, now=began).access_token).status_code == 401
    old = jwt_sessions.begin(membership=membership, now=timezone.now() - jwt_sessions.SESSION_LIFE - DAY)
    assert post("/api/auth/refresh", {"refresh_token": old.refresh_token}).status_code == 401


def forged(access: str, **changes: Any) -> list[str]:
    """Tokens that must open nothing: other algorithms, keys, types, audiences, and missing claims."""
    claims = jwt.decode(access, options={"verify_signature": False}) | changes
    key = jwt_sessions._key()

    def signed(body: dict[str, Any], secret: bytes = key, algorithm: str = "HS256", typ: str = "at+jwt") -> str:
        return jwt.encode(body, secret, algorithm=algorithm, headers={"typ": typ})

    return [
        jwt.encode(claims, "", algorithm="none", headers={"typ": "at+jwt"}),
        signed(claims, algorithm="HS384"),
        signed(claims, algorithm="HS512"),
        signed(claims, secret=site.SECRET_KEY.encode()),
        signed(claims, typ="JWT"),
        signed({**claims, "aud": "somebody-else"}),
        signed({**claims, "iss": "somebody-else"}),
        signed({**claims, "iat": claims["iat"] + 3600, "exp": claims["exp"] + 3600}),
        *(signed({name: value for name, value in claims.items() if name != lost}) for lost in claims if lost != "jti"),
        signed({**claims, "sid": "not-a-uuid"}),
        access[:-4] + "AAAA",
        access.split(".")[0] + "." + access.split(".")[1] + ".",
        "a.b.c",
        "",
    ]


def test_forged_tokens_open_nothing(cast: Cast) -> None:
    access = sign_in(cast)["access_token"]
    assert me(access).status_code == 200
    for token in forged(access):
        assert me(token).status_code == 401, token


def test_a_token_of_one_person_does_not_open_anothers_session(cast: Cast) -> None:
    access = sign_in(cast)["access_token"]
    assert me(forged(access, sub=str(cast.stranger.pk))[7]).status_code == 401
    claims = jwt.decode(access, options={"verify_signature": False}) | {"sub": str(cast.stranger.pk)}
    other = jwt.encode(claims, jwt_sessions._key(), algorithm="HS256", headers={"typ": "at+jwt"})
    assert me(other).status_code == 401


def test_a_session_follows_the_role_of_its_member(cast: Cast) -> None:
    access = sign_in(cast)["access_token"]
    Membership.objects.create(workspace=cast.workspace, user=cast.stranger, role=Role.OWNER)
    Membership.objects.filter(user=cast.owner).update(role=Role.VIEWER)
    assert me(access).json()["workspace"]["role"] == "viewer"
    cast.membership(cast.owner).delete()
    assert me(access).status_code == 401
    assert not ApiSession.objects.exists()
