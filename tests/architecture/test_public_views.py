"""What is open to everybody is a list. Everything else asks to sign in, whatever the method."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.architecture.routes import Route, every_route
from tests.architecture.test_strangers import ADMIN, FREE, METHODS, address, send
from tests.architecture.world import SECRET, World

pytestmark = pytest.mark.django_db

# Each with its reason.
PUBLIC = {
    "healthz": "a load balancer asks it",
    "site.webmanifest": "what the browser needs to keep the site as an app; the same for everybody",
    "language/": "a cookie with the name of a language, wanted on the sign-in page too",
    "theme/": "a cookie with two words, wanted on the sign-in page too",
    "auth/login/": "signing in",
    "auth/signup/": "signing up",
    "auth/inactive/": "told to a person whose account was closed",
    "auth/logout/": "redirects who is not signed in",
    "auth/confirm-email/": "before the first sign-in",
    "auth/confirm-email/<key>/": "the link of a mail",
    "auth/password/reset/": "forgotten password",
    "auth/password/reset/done/": "forgotten password",
    "auth/password/reset/key/<uidb36>-<key>/": "the link of a mail",
    "auth/password/reset/key/done/": "forgotten password",
    "auth/login/code/confirm/": "redirects who has no pending sign-in",
    "auth/2fa/authenticate/": "redirects who has no pending sign-in",
    "auth/2fa/webauthn/login/": "signing in with a passkey",
    "settings/join/<str:token>/": "the link of an invitation",
    "alerts/feed/<str:token>/": "a feed reader has nothing but the address",
    "api/openapi.json": "what the API offers is the same for everybody",
    "api/auth/token": "signing in",
    "api/auth/refresh": "takes a refresh token",
    "api/auth/revoke": "takes a refresh token",
    "api/": "404",
    "api/<path:rest>": "404",
}
ROUTES = every_route()


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    """A workspace full of rows."""
    return standing_world


def test_the_list_names_routes_that_exist() -> None:
    assert set(PUBLIC) <= {route.path for route in ROUTES}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path not in PUBLIC], ids=str)
def test_whoever_is_not_signed_in_is_asked_to(world: World, route: Route) -> None:
    before = world.snapshot()
    path = address(route, (ADMIN if route.area == "admin" else {}) | FREE | world.params)
    for method in METHODS.get(route.area, ("get", "post", "put", "delete")):
        answer = send(Client(), method, path, route) if method != "delete" else Client().delete(path)
        assert SECRET.encode() not in answer.content
        if route.area == "api" and route.path != "api/docs":
            assert answer.status_code in {401, 405}, method
        else:
            assert answer.status_code == 302, method
            assert answer.headers["Location"].startswith(("/auth/login/", "/auth/reauthenticate/", "/admin/login/"))
    assert world.snapshot() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path in PUBLIC], ids=str)
def test_public_pages_answer_without_an_error_and_show_nothing(world: World, route: Route) -> None:
    if route.path.startswith("settings/join/"):
        return  # it shows the workspace's name to who holds the link: tests/accounts/test_invitations.py
    answer = Client().get(address(route, FREE | world.params))
    assert answer.status_code < 500
    assert SECRET.encode() not in answer.content


def test_an_expired_session_sends_the_whole_page_to_the_sign_in() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/scans/?a=1"}
    answer = Client().get("/tasks/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/auth/login/?next=%2Fscans%2F%3Fa%3D1"
