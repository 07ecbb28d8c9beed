"""Odd input on every route, by somebody who may do everything there: a refusal perhaps, never an error of ours."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from igsite.paging import seal_cursor
from tests.architecture.routes import Route, every_route
from tests.architecture.test_strangers import ADMIN, BODIES, FREE, HTMX, PLAIN, address
from tests.architecture.world import World

pytestmark = pytest.mark.django_db
# Of the admin, which is Django's own, the lists: searches, filters and acts. (Its other pages are opened
# in tests/igsite/test_admin_tables.py.)
ROUTES = [route for route in every_route() if route.area != "admin" or not route.parameters]
# Names of parameters in query strings and forms, all that pages and API read.
NAMES = (
    "q", "cursor", "list", "lists", "sort", "look", "since", "until", "after_new", "after_lost", "limit", "state",
    "bookmarked", "login", "account", "extent", "seen", "on", "theme", "next", "page", "email", "role", "workspace",
    "name", "scope", "days", "password", "username", "code", "channel", "sessionid", "user_agent", "totp_seed",
    "reads_per_hour", "reads_per_day", "first_name", "time_zone", "note", "to", "token", "key", "kind",
    "size", "of", "with", "accounts", "action", "id", "confirm", "group", "min", "layout", "language", "edge",
)  # fmt: skip
TEXTS = {
    "nul": "a\x00b",
    "long": "x" * 100_000,
    "negative": "-1",
    "huge": "9" * 400,
    "bigint": str(2**63),
    "foreign digits": "١٢",
    "bidi": "\u202e\u0000\ufeff",
    "nan": "NaN",
    "json": '{"a": [null]}',
    "sealed": seal_cursor("accounts", [None, "x", 2**70]),
    "sealed number": seal_cursor("scans", [2**70, "x"]),
}
#: Requests in which each name has another of the texts. A route meets some texts under each name, all routes meet all.
MIXTURES = 2
# Percent-encoded bytes that are no UTF-8.
BYTES = {"no utf-8": "%FF%FE", "half a character": "%E2%82", "surrogate": "%ED%A0%80", "nul": "%00", "plus": "+++"}
NONSENSE = (
    b"",
    b"{",
    b'"\xff\xfe"',
    b"[]",
    b"null",
    b"1e999",
    b"[" * 50_000,
    b'{"account": "\\ud800", "password": "\\ud800", "username": "\\ud800", "email": "\\ud800"}',
)
HEADERS = {
    "HX-Target": "more-new\x00",
    "HX-Trigger": "x" * 5000,
    "HX-Current-URL": "http://[::1",
    "Idempotency-Key": "k" * 500,
    "Authorization": "Bearer \xff.\xfe",
    "Accept-Language": "x" * 600,
    "Range": "bytes=9-1",
    "If-Modified-Since": "yesterday",
    "Referer": "http://[",
}


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    """A workspace full of rows. Its passkey is a made-up one, which no sign-in could read."""
    Authenticator.objects.all().delete()
    return standing_world


def browser(world: World, route: Route) -> Client:
    """The owner's, or the operator's for the admin; an error of ours is an answer, not an exception."""
    cast = world.cast
    client = world.signed_in(cast.operator if route.area == "admin" else cast.owner)
    client.raise_request_exception = False
    return client


def path_of(world: World, route: Route) -> str:
    return address(route, (ADMIN if route.area == "admin" else {}) | FREE | world.params)


def mixtures(route: Route) -> Iterator[dict[str, str]]:
    """Names with odd texts, another one for each name, begun elsewhere for each route."""
    texts = list(TEXTS.values())
    begin = zlib.crc32(route.path.encode())
    for turn in range(MIXTURES):
        yield {name: texts[(begin + turn + number) % len(texts)] for number, name in enumerate(NAMES)}


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_odd_query_strings_are_no_error(world: World, route: Route) -> None:
    client, path = browser(world, route), path_of(world, route)
    for turn, odd in enumerate(mixtures(route)):
        query = {name: text[:4000] for name, text in odd.items()}
        answer = client.get(path, query, headers=HTMX if turn % 2 else PLAIN)
        assert answer.status_code < 500, odd
    raw = list(BYTES.values())
    query_string = "&".join(f"{name}={raw[number % len(raw)]}" for number, name in enumerate(NAMES))
    assert client.get(path, QUERY_STRING=query_string).status_code < 500
    # Alone: beside other nonsense a search may be refused before it is looked for.
    assert client.get(path, {"q": TEXTS["nul"]}).status_code < 500
    assert client.get(path, headers=HEADERS).status_code < 500


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_odd_forms_are_no_error(world: World, route: Route) -> None:
    client, path = browser(world, route), path_of(world, route)
    for odd in mixtures(route):
        answer = client.post(path, odd)
        assert answer.status_code < 500, odd
        if answer.status_code == 405:
            return
    raw = "&".join(f"{name}=%FF%00" for name in NAMES)
    answer = client.post(path, raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code < 500


@pytest.mark.parametrize("route", [route for route in ROUTES if route.area == "api"], ids=str)
def test_odd_json_is_no_error(world: World, route: Route) -> None:
    client, path = browser(world, route), path_of(world, route)
    values: list[Any] = [*TEXTS.values(), None, [], {}, -1, 2**70, 1.5, True]
    wrong = [json.dumps(dict.fromkeys(BODIES.get(route.path, {"account": ""}), value)).encode() for value in values]
    for method in ("post", "put", "patch", "delete"):
        for body in (*NONSENSE, *wrong[zlib.crc32(route.path.encode()) % 3 :: 3]):  # of the values a third, by route
            answer = getattr(client, method)(path, body, content_type="application/json")
            assert answer.status_code < 500, (method, body[:60])
            if answer.status_code == 405:
                break


PARAMETERS = [route for route in ROUTES if route.parameters]
ODD_PARTS = ("%00", "%FF", "x" * 3000, "..%2f..%2fetc", "-1", str(2**70), "00000000-0000-0000-0000-000000000000", "%0a")


@pytest.mark.parametrize("route", PARAMETERS, ids=str)
def test_odd_addresses_are_no_error(world: World, route: Route) -> None:
    client = browser(world, route)
    for part in ODD_PARTS:
        filled: dict[str, Any] = dict.fromkeys(route.parameters, part)
        path = address(route, filled)
        for method in ("get", "post"):
            assert getattr(client, method)(path).status_code < 500, (method, path[:80])
