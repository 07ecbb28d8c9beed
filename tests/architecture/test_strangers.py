"""The stranger sweep: over EVERY route of the resolver, with the real ids of another workspace's rows.

A new route whose parameters are unknown here fails the sweep until somebody says what stands for them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import TokenScope
from tests.architecture.routes import Route, every_route
from tests.architecture.world import DAY, SECRET, World

pytestmark = pytest.mark.django_db
ROUTES = every_route()

# What stands for a parameter that names a row of a workspace or a person: a key of World.params.
OWNED = {"alert_id", "rule_id", "feed_id", "session_id", "prediction_id", "search_id", "target_pk"} | {
         "account_id", "login_id", "uuid", "scan_id", "membership_id", "invitation_id", "token_id", "pk", "profile_id",
         "person_id", "schedule_id", "proxy_id", "run_id", "upload_id", "job_id", "filter_id", "export_id",
         "task_id", "post_task_id", "monitor_id", "note_id", "user_id", "post_code", "batch_id", "item_id",
         "lookup_id", "comparison_id", "report_id", "channel_id"}  # fmt: skip
OWNED |= {"alert_id", "rule_id", "feed_id"}
# Parameters that name no row: what to put there. They are tried by everybody, below and in test_public_views.
FREE = {
    "key": "made-up",
    "uidb36": "zz",
    "rest": "v1/nothing",
    "direction": "followers",
    "kind": "new",
    "which": "fans",
    "source": "web_public",
    "purpose": "people",
    "username": "nobody.of.this.name",
    "span": "week",
    "check": "database",
    "group": "logins",
    "safelist": "never_unfollow",
}
# An invitation's link is its own key: whoever holds it may see it (tests/accounts/test_invitations.py).
KEYS = {"token"}
ADMIN = {
    "object_id": "1",
    "content_type_id": "1",
    "id": "1",
    "app_label": "accounts",
    "url": "nothing",
}
# A body that the route would accept from a member: without one a stranger would meet 422 before 404.
BODIES: dict[str, dict[str, Any]] = {
    "api/v1/instagram/influencer_monitor/create_monitor_task": {"username": "somebody", "interval": "1h"},
    "api/v1/instagram/influencer_monitor/stop_tasks": {"task_ids": ["00000000-0000-4000-8000-000000000000"]},
    "api/v1/instagram/post_monitor/create_monitor_task": {"post_url": "CxYQJO8xuC6", "interval": "1h"},
    "api/v1/instagram/post_monitor/stop_tasks": {"task_ids": ["00000000-0000-4000-8000-000000000000"]},
    "api/v1/monitors": {"target": "@somebody", "interval": "1h"},
    "api/v1/monitors/acts": {"act": "pause", "monitor_ids": ["00000000-0000-4000-8000-000000000000"]},
    "api/v1/monitors/<monitor_id>": {"interval": "2h"},
    "api/v1/monitors/<monitor_id>/notes": {"text": "remember", "at": "2026-11-01T12:00:00Z"},
    "api/v1/alert-rules": {"kind": "new_post"},
    "api/v1/alert-rules/<rule_id>": {"severity": "info"},
    "api/v1/alert-rules/<rule_id>/act": {"act": "mute"},
    "api/v1/accounts": {"account": "@somebody"},
    "api/v1/accounts/<account_id>": {"is_bookmarked": True},
    "api/v1/logins": {"username": "somebody", "sessionid": "1%3Aabc%3A1"},
    "api/v1/logins/<login_id>/sign-in": {"password": "secret"},
    "api/v1/logins/<login_id>/session": {"sessionid": "1%3Aabc%3A1"},
    "api/v1/logins/<login_id>/channel": {"channel": "sms"},
    "api/v1/logins/<login_id>/code": {"code": "123456"},
    "api/v1/sources/of/<account_id>": {"uses_login": False},
    "api/v1/sources/of/<account_id>/<purpose>": {"sources": ["web_public"]},
    "api/v1/schedules": {"lists": ["followers"], "at_time": "02:00"},
    "api/v1/imports/<upload_id>/answer": {"extent": "part"},
    "api/v1/losses/preferences": {"checks_losses": True},
    "api/v1/exports/of/<account_id>/people": {"q": "somebody"},
    "api/v1/exports/of/<account_id>/changes": {"since": 1, "until": 2},
    "api/scan": {"account": "@somebody", "lists": ["followers"]},
    "api/scrape": {"accounts": ["@somebody"]},
    "api/v1/scans": {"account": "@somebody", "lists": ["followers"]},
    "api/v1/logins/<login_id>/pace": {"reads_per_hour": 10, "reads_per_day": 100},
}
BODIES |= {
    "api/automation/batch-follow/prepare": {"login_id": "00000000-0000-4000-8000-000000000000", "people": ["@a"]},
    "api/automation/batch-unfollow/prepare": {"login_id": "00000000-0000-4000-8000-000000000000", "people": ["@a"]},
    "api/automation/batch-remove/prepare": {"login_id": "00000000-0000-4000-8000-000000000000", "people": ["@a"]},
    "api/automation/batch-like/prepare": {"login_id": "00000000-0000-4000-8000-000000000000", "posts": ["CxYQJO8xuC6"]},
    "api/automation/batch-unlike/prepare": {
        "login_id": "00000000-0000-4000-8000-000000000000",
        "posts": ["CxYQJO8xuC6"],
    },
    "api/automation/batch-comment/prepare": {
        "login_id": "00000000-0000-4000-8000-000000000000",
        "comments": [{"post": "CxYQJO8xuC6", "text": "Hello"}],
    },
    "api/automation/safelists/<safelist>": {"people": ["@a"]},
    "api/automation/left-right-compare/prepare": {"left": ["@a"], "right": ["@b"]},
    "api/automation/ghosts": {
        "account_id": "00000000-0000-4000-8000-000000000000",
        "login_id": "00000000-0000-4000-8000-000000000000",
    },
    "api/automation/alternative-account-links": {"pks": [1, 2]},
    "api/v1/proxies": {"host": "proxy.example.net", "port": 8080},
    "api/v1/proxies/<proxy_id>": {"host": "proxy.example.net", "port": 8080},
    "api/v1/proxies/sources/<source>": {"proxy": None},
    "api/v1/notification-channels": {"name": "hook", "kind": "webhook", "webhook_url": "https://hook.example.net/"},
    "api/v1/notification-channels/preview": {"name": "hook"},
    "api/v1/notification-channels/<channel_id>": {"name": "hook", "kind": "webhook"},
    "api/v1/notification-channels/<channel_id>/switch": {"is_enabled": False},
    "api/v1/logins/<login_id>/proxy": {"proxy": None},
    "api/v1/logins/<login_id>/settings": {"settings_text": '{"cookies": {"sessionid": "1%3Aabc%3A1"}}'},
    "api/v1/logins/<login_id>/hours": {"opens": None, "closes": None},
}
BODIES |= {
    "api/predictions/follow-back": {"targets": ["@somebody"]},
    "api/predictions/follow-back/<prediction_id>/feedback": {"happened": "did_not"},
    "api/discovery": {
        "accounts": ["00000000-0000-4000-8000-000000000000"], "login": "00000000-0000-4000-8000-000000000000",
    },
}  # fmt: skip
METHODS = {"api": ("get", "post", "put", "patch", "delete")}
PLAIN: dict[str, str] = {}
HTMX = {"HX-Request": "true"}


def methods(route: Route) -> tuple[str, ...]:
    """The methods worth trying on a route."""
    return METHODS.get(route.area, ("get", "post"))


def address(route: Route, params: dict[str, Any]) -> str:
    """The route's address with its parameters filled in."""
    path = route.path
    for part in path.split("<")[1:]:
        bracket = part.split(">")[0]
        name = bracket.rsplit(":", 1)[-1]
        path = path.replace(f"<{bracket}>", str({**FREE, **params}[name]))
    return f"/{path}"


def send(client: Client, method: str, path: str, route: Route, headers: dict[str, str] = PLAIN) -> Any:
    """The request, with the body that the route takes."""
    if method == "get":
        return client.get(path, headers=headers)
    if route.area == "api":
        body = json.dumps(BODIES.get(route.path, {}))
        return getattr(client, method)(path, body, content_type="application/json", headers=headers)
    return client.post(path, {}, headers=headers)


def owned(route: Route) -> bool:
    """Whether the route's parameters name a row of somebody."""
    return route.area != "admin" and bool(set(route.parameters) & OWNED)


OWNED_ROUTES = [route for route in ROUTES if owned(route)]


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    """A workspace full of rows."""
    return standing_world


def test_every_parameter_of_every_route_is_known_to_this_sweep() -> None:
    for route in ROUTES:
        known = set(ADMIN) if route.area == "admin" else OWNED | set(FREE) | KEYS
        unknown = set(route.parameters) - known
        assert not unknown, f"{route}: say in this file what stands for {unknown}"


@pytest.mark.parametrize("route", OWNED_ROUTES, ids=str)
def test_a_stranger_finds_nothing_and_changes_nothing(world: World, route: Route) -> None:
    before, path = world.snapshot(), address(route, world.params)
    answers = []
    for client in strangers(world, route):
        for method in methods(route):
            for headers in (PLAIN, HTMX):
                answer = send(client, method, path, route, headers)
                answers.append((method, answer.status_code))
                assert SECRET.encode() not in answer.content
    assert {status for _method, status in answers} <= {404, 405}, answers
    assert 404 in {status for _method, status in answers}, answers
    assert world.snapshot() == before


def strangers(world: World, route: Route) -> list[Client]:
    """Ways for a stranger to come: a browser; for the API also a token that may write."""
    cast = world.cast
    ways = [world.signed_in(cast.stranger)]
    if route.area == "api":
        membership = cast.stranger.memberships.get()
        _token, text = tokens.issue(
            membership=membership, name="cron", scope=TokenScope.WRITE, life=DAY, by=cast.stranger
        )
        ways.append(Client(headers={"Authorization": f"Bearer {text}"}))
    return ways


@pytest.mark.parametrize("route", OWNED_ROUTES, ids=str)
def test_the_owner_finds_what_the_stranger_did_not(world: World, route: Route) -> None:
    """The control of the test above: its ids are real."""
    client = world.signed_in(world.cast.owner)
    sent = [send(client, method, address(route, world.params), route) for method in methods(route)]
    assert not [one for one in sent if one.headers.get("Location", "").startswith("/auth/login/")]
    answers = [one.status_code for one in sent]
    assert set(answers) - {401, 403, 404, 405}, answers
    assert max(answers) < 500, answers


# What everybody has read is their own affair, and changes nothing that others see.
READING_MARKS = {"alerts/<uuid:alert_id>/read/", "api/v1/alerts/<alert_id>/read"}


@pytest.mark.parametrize("route", OWNED_ROUTES, ids=str)
def test_a_viewer_changes_nothing(world: World, route: Route) -> None:
    before, client = world.snapshot(), world.signed_in(world.cast.viewer)
    for method in methods(route)[1:]:
        answer = send(client, method, address(route, world.params), route)
        allowed = {403, 404, 405} | ({200, 302} if route.path in READING_MARKS else set())
        assert answer.status_code in allowed, (method, answer.status_code)
    assert world.snapshot() == before


# What everybody may send: about themselves, or to come in and go out.
OPEN_TO_VIEWERS = {"theme/", "language/", "settings/profile/", "settings/workspaces/switch/",
                   "settings/workspaces/new/", "settings/tokens/", "alerts/read/", "alerts/feeds/",
                   "api/v1/alerts/read"}  # fmt: skip


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.parameters], ids=str)
def test_a_viewer_starts_nothing(world: World, route: Route) -> None:
    if route.area in {"auth", "admin"} or route.path.startswith("api/auth/") or route.path in OPEN_TO_VIEWERS:
        return
    before, client = world.snapshot(), world.signed_in(world.cast.viewer)
    for method in methods(route)[1:]:
        answer = send(client, method, f"/{route.path}", route)
        assert answer.status_code in {403, 404, 405}, (method, answer.status_code)
    assert world.snapshot() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.parameters], ids=str)
def test_lists_show_a_stranger_nothing_of_others(world: World, route: Route) -> None:
    client = world.signed_in(world.cast.stranger)
    for query in ("", f"?q={SECRET[:4]}"):
        for headers in (PLAIN, HTMX):
            answer = client.get(f"/{route.path}{query}", headers=headers)
            assert answer.status_code < 500
            assert SECRET.encode() not in answer.content


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_members_are_not_let_into_the_admin(world: World, who: str) -> None:
    client = world.signed_in(getattr(world.cast, who))
    for route in ROUTES:
        if route.area != "admin":
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address(route, ADMIN))
            assert answer.status_code in {302, 403, 404, 405}, (route, method)
            assert SECRET.encode() not in answer.content, (route, method)


CHOICES = {
    "action": "follow",
    "like": "like",
    "look": "look",
    "safe": "never_unfollow:4000000001",
    "lists": "both",
    "reading": "full",
    "rhythm": "60",
}
# Forms and bodies that name rows: sent by a stranger with another workspace's ids, they must not work.
NAMED_IN_BODIES: dict[str, dict[str, str]] = {
    "settings/workspaces/switch/": {"workspace": "workspace"},
    "settings/schedule/": {"account": "account_id", "lists": "lists", "reading": "reading", "rhythm": "rhythm"},
    "actions/stage/": {"kind": "action", "login": "login_id", "pks": "profile_id"},
    "actions/stage/posts/": {"kind": "like", "login": "login_id", "posts": "post_code"},
    "actions/linked/add/": {"names": "profile_id", "by": "login_id", "unknown": "look"},
    "actions/safe/": {"put": "safe"},
    "scans/new/": {"account": "account_id", "login": "login_id", "target": "account_id"},
}


@pytest.mark.parametrize("path", NAMED_IN_BODIES)
def test_ids_of_others_in_a_form_do_not_work(world: World, path: str) -> None:
    params = world.params | {"workspace": world.cast.workspace.pk, **CHOICES}
    form = {name: params[parameter] for name, parameter in NAMED_IN_BODIES[path].items()}
    before, client = world.snapshot(), world.signed_in(world.cast.stranger)
    for headers in (PLAIN, HTMX):
        answer = client.post(f"/{path}", form, headers=headers)
        assert answer.status_code in {404, 422}
        assert SECRET.encode() not in answer.content
    assert world.snapshot() == before
