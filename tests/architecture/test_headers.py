"""Headers, cookies, hosts, CSRF: what a browser is told, on every kind of answer."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.test import Client

from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "script-src-attr 'none'",
    "style-src 'self'",
    "style-src-attr 'none'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


def answers(cast: Cast) -> dict[str, Any]:
    """One answer of each kind."""
    client = cast.signed_in(cast.owner)
    return {
        "page": client.get("/settings/profile/"),
        "fragment": client.get("/tasks/", headers={"HX-Request": "true"}),
        "sign-in": Client().get("/auth/login/"),
        "redirect": Client().get("/"),
        "missing": client.get("/nothing/here/"),
        "forbidden": cast.client(cast.viewer).get("/settings/audit/"),
        "api": client.get("/api/v1/me"),
        "api refused": Client().get("/api/v1/me"),
        "admin": cast.client(cast.operator).get("/admin/"),
        "health": Client().get("/healthz"),
    }


def test_every_answer_carries_the_strict_policy_and_the_other_headers(cast: Cast) -> None:
    for kind, answer in answers(cast).items():
        headers = answer.headers
        assert set(headers["Content-Security-Policy"].split("; ")) == POLICY, kind
        assert "unsafe" not in headers["Content-Security-Policy"], kind
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["X-Frame-Options"] == "DENY", kind
        assert headers["Referrer-Policy"] == "same-origin", kind
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", kind
        assert "camera=()" in headers["Permissions-Policy"], kind


def test_pages_are_not_kept_by_caches_and_fragments_are_not_mixed_up_with_them(cast: Cast) -> None:
    for kind in ("page", "fragment", "sign-in", "missing"):
        headers = answers(cast)[kind].headers
        assert "no-store" in headers["Cache-Control"], kind
        assert "HX-Request" in headers["Vary"], kind


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(cast: Cast) -> None:
    client = Client()
    client.get("/auth/login/")
    client.post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD})
    cookies: SimpleCookie = client.cookies
    assert {"igsite-session", "igsite-csrf"} <= set(cookies)
    for name in ("igsite-session", "igsite-csrf"):
        assert cookies[name]["httponly"]
        assert cookies[name]["samesite"] == "Lax"
        assert cookies[name]["domain"] == ""


def test_a_form_without_the_token_changes_nothing(cast: Cast) -> None:
    client = cast.signed_in(cast.owner, strict=True)
    answer = client.post("/settings/profile/", {"first_name": "Eve", "time_zone": "UTC"})
    assert answer.status_code == 403
    assert b"open too long" in answer.content
    cast.owner.refresh_from_db()
    assert cast.owner.first_name == "Owner"


def test_the_token_comes_with_the_page_and_serves_forms_and_htmx(cast: Cast) -> None:
    client = cast.signed_in(cast.owner, strict=True)
    page = client.get("/settings/profile/").content.decode()
    token = page.split('"X-CSRFToken":"')[1].split('"')[0]
    form = {"first_name": "Kira", "time_zone": "UTC"}
    assert client.post("/settings/profile/", form, headers={"X-CSRFToken": token}).status_code == 302
    assert client.post("/settings/profile/", {**form, "csrfmiddlewaretoken": token}).status_code == 302
    assert client.post("/settings/profile/", form, headers={"X-CSRFToken": token[:-1] + "x"}).status_code == 403


def test_a_foreign_host_is_refused(db: None) -> None:
    answer = Client().get("/auth/login/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.content


def test_a_link_in_a_mail_names_only_hosts_of_ours(cast: Cast) -> None:
    answer = Client().post("/auth/password/reset/", {"email": cast.owner.email}, headers={"Host": "evil.example"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_this_site_only(cast: Cast, where: str) -> None:
    answer = Client().post("/auth/login/", {"login": cast.owner.email, "password": PASSWORD, "next": where})
    assert answer.headers["Location"] == "/"


def test_an_unexpected_error_shows_nothing_of_itself(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from igsite import audit_pages

    def breaks(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("password=hunter2 at /srv/site")

    monkeypatch.setattr(audit_pages, "page_of", breaks)
    client = cast.client(cast.owner)
    client.raise_request_exception = False
    answer = client.get("/settings/audit/")
    assert answer.status_code == 500
    assert b"hunter2" not in answer.content
    assert b"RuntimeError" not in answer.content
    assert b"Traceback" not in answer.content


def test_hostile_names_come_out_as_text(cast: Cast) -> None:
    cast.workspace.name = '"><script>alert(1)</script>'
    cast.workspace.save()
    page = cast.client(cast.owner).get("/settings/members/").content
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;alert" in page
