"""Each row of "when Instagram says no": what the real client meets on the wire becomes one error of the tree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.gateway import errors
from accounts.gateway.providers import routing
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from accounts.gateway.proxy import ProxyAddress, parse_proxy
from igsite.secrets import Secret
from tests.gateway.raw_server import RawServer, Reply, as_json, as_page
from tests.gateway.sessions import TOKEN, signed_in

CHALLENGE = {
    "message": "challenge_required",
    "challenge": {"url": "https://i.instagram.com/challenge/1/x/", "api_path": "/challenge/1/x/", "native_flow": False},
    "status": "fail",
}
FAIL = {"status": "fail"}


def fail(message: str, **more: Any) -> dict[str, Any]:
    return {"message": message, **more, **FAIL}


ROWS: list[tuple[str, Reply, type[errors.GatewayError]]] = [
    ("logged out", as_json(fail("login_required"), 403), errors.NeedsLogin),
    ("logged out, as 400", as_json(fail("login_required"), 400), errors.NeedsLogin),
    ("logged out, as 401", as_json(fail("login_required"), 401), errors.NeedsLogin),
    ("logged out, as 200", as_json(fail("login_required")), errors.NeedsLogin),
    ("401 with nothing known", as_json(FAIL, 401), errors.NeedsLogin),
    (
        "sent to the login page",
        as_page(status=302, Location="https://www.instagram.com/accounts/login/"),
        errors.NeedsLogin,
    ),
    ("challenge", as_json(CHALLENGE, 400), errors.NeedsPerson),
    ("challenge without its object", as_json(fail("challenge_required"), 400), errors.NeedsPerson),
    ("challenge of null", as_json(fail("challenge_required", challenge=None), 400), errors.NeedsPerson),
    (
        "sent to a challenge",
        as_page(status=302, Location="https://i.instagram.com/challenge/?next=/"),
        errors.NeedsPerson,
    ),
    ("checkpoint", as_json(fail("checkpoint_required", checkpoint_url="/challenge/"), 400), errors.NeedsPerson),
    ("checkpoint by type", as_json(fail("", error_type="checkpoint_challenge_required"), 400), errors.NeedsPerson),
    ("masked challenge", Reply(404, b"Not Found"), errors.NeedsPerson),
    ("consent", as_json(fail("consent_required"), 400), errors.NeedsPerson),
    (
        "suspended",
        as_json(fail("challenge_required", challenge={"url": "https://i.instagram.com/accounts/suspended/"}), 400),
        errors.NeedsPerson,
    ),
    (
        "feedback",
        as_json(fail("feedback_required", feedback_message="Try again later", spam=True), 400),
        errors.ActionBlocked,
    ),
    ("feedback, as 200", as_json(fail("feedback_required")), errors.ActionBlocked),
    ("sentry block", as_json(fail("Sorry, there was a problem", error_type="sentry_block"), 400), errors.ActionBlocked),
    ("spam", as_json(fail("Try again", spam=True), 400), errors.ActionBlocked),
    ("429", as_json(FAIL, 429), errors.Throttled),
    ("429 with a page", as_page("<html>Too many", 429), errors.Throttled),
    ("429 with a list", as_json([1], 429), errors.Throttled),
    ("429 without a body", Reply(429), errors.Throttled),
    ("please wait, as 400", as_json(fail("Please wait a few minutes before you try again."), 400), errors.Throttled),
    ("please wait, as 401", as_json(fail("Please wait a few minutes before you try again."), 401), errors.Throttled),
    ("please wait, as 403", as_json(fail("Please wait a few minutes before you try again."), 403), errors.Throttled),
    ("please wait, as 429", as_json(fail("Please wait a few minutes before you try again."), 429), errors.Throttled),
    ("please wait, as 503", as_json(fail("Please wait a few minutes before you try again."), 503), errors.Throttled),
    ("please wait, as 200", as_json(fail("Please wait a few minutes before you try again.")), errors.Throttled),
    ("please wait, as a page", as_page("<p>Please wait a few minutes before", 403), errors.Throttled),
    ("rate limit", as_json(fail("", error_type="rate_limit_error"), 400), errors.Throttled),
    ("bad password", as_json(fail("wrong", error_type="bad_password"), 400), errors.BadPassword),
    (
        "two factors",
        as_json(fail("", two_factor_required=True, error_type="two_factor_required"), 400),
        errors.NeedsCode,
    ),
    ("two factors, told", as_json(fail("", two_factor_info={"sms_two_factor_on": True}), 400), errors.NeedsCode),
    ("private", as_json(fail("Not authorized to view user"), 400), errors.Private),
    ("no such person", as_json(fail("Target user not found"), 404), errors.Gone),
    ("no such list", as_json(fail("unable to fetch followers"), 400), errors.Gone),
    ("no such target", as_json(fail("Invalid target user."), 400), errors.Gone),
    ("404 in JSON", as_json(FAIL, 404), errors.Gone),
    ("404 as a page: the endpoint is gone", as_page("<html>Page Not Found", 404), errors.ContractDrift),
    (
        "blocked address in disguise",
        as_json(fail("The username you entered doesn't appear to belong to an account."), 400),
        errors.ProxyBlocked,
    ),
    ("old client", as_json(fail("Update", error_type="needs_upgrade"), 400), errors.ContractDrift),
    ("an unknown refusal", as_json(fail("something new"), 400), errors.ContractDrift),
    ("an unknown 403", as_json(fail("something new"), 403), errors.ContractDrift),
    ("an unknown redirect", as_page(status=301, Location="https://elsewhere.example/"), errors.ContractDrift),
    ("a message that is no text", as_json({"message": {"errors": ["x"]}, **FAIL}, 400), errors.ContractDrift),
    ("a message of null", as_json({"message": None, **FAIL}, 400), errors.ContractDrift),
    ("a list for a refusal", as_json(["no"], 400), errors.ContractDrift),
    ("408", as_json(FAIL, 408), errors.Transient),
    ("500", as_json(FAIL, 500), errors.Transient),
    ("502 as a page", as_page("<html>Bad gateway", 502), errors.Transient),
    ("503 without a body", Reply(503), errors.Transient),
    ("200 that fails", as_json(FAIL), errors.Transient),
    ("closed without a byte", Reply(fault="close"), errors.Transient),
    ("reset", Reply(fault="reset"), errors.Transient),
    ("torn body", Reply(200, b'{"users": [], "status": "ok"}', fault="torn"), errors.Transient),
    ("a page instead of JSON", as_page(), errors.ContractDrift),
    ("half of the JSON", Reply(200, b'{"users": [{"pk": 1,'), errors.ContractDrift),
    ("nothing", Reply(200), errors.ContractDrift),
    ("null", Reply(200, b"null"), errors.ContractDrift),
    ("a list", Reply(200, b"[]"), errors.ContractDrift),
    ("nested beyond reading", Reply(200, b"[" * 100_000), errors.ContractDrift),
    ("no people", as_json({"status": "ok"}), errors.ContractDrift),
    ("people of null", as_json({"users": None, "status": "ok"}), errors.ContractDrift),
    ("people as an object", as_json({"users": {"1": {}}, "status": "ok"}), errors.ContractDrift),
    ("a person of null", as_json({"users": [None], "status": "ok"}), errors.ContractDrift),
    ("a person without pk", as_json({"users": [{"username": "a"}], "status": "ok"}), errors.ContractDrift),
    ("a person without name", as_json({"users": [{"pk": 1}], "status": "ok"}), errors.ContractDrift),
    ("a name of null", as_json({"users": [{"pk": 1, "username": None}], "status": "ok"}), errors.ContractDrift),
    ("a pk of null", as_json({"users": [{"pk": None, "username": "a"}], "status": "ok"}), errors.ContractDrift),
    ("a pk of true", as_json({"users": [{"pk": True, "username": "a"}], "status": "ok"}), errors.ContractDrift),
    ("a pk too large", as_json({"users": [{"pk": 2**63, "username": "a"}], "status": "ok"}), errors.ContractDrift),
    ("a cursor as an object", as_json({"users": [], "next_max_id": {}, "status": "ok"}), errors.ContractDrift),
]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "TIMEOUT", (1.0, 0.5))


@pytest.mark.parametrize(("reply", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_refusal_becomes_its_error_after_one_request(
    server: RawServer, reply: Reply, expected: type[errors.GatewayError]
) -> None:
    server.will(reply)
    with (
        InstagrapiPrivate(signed_in(), base_url=server.base_url) as gateway,
        pytest.raises(errors.GatewayError) as told,
    ):
        gateway.followers(17)
    assert type(told.value) is expected
    assert len(server.seen) == 1, "nothing is sent again"
    assert str(told.value)
    assert TOKEN not in repr(vars(told.value)) + str(told.value)
    assert told.value.__context__ is None
    assert told.value.__cause__ is None


@pytest.mark.parametrize("name", ["follow", "unfollow", "remove_follower", "like", "unlike"])
@pytest.mark.parametrize(
    "reply",
    [
        as_json(FAIL, 429),
        as_json(FAIL, 503),
        as_json(FAIL, 408),
        as_json(CHALLENGE, 400),
        as_json(fail("login_required"), 403),
        as_page(status=307, Location="https://i.instagram.com/api/v1/friendships/create/17/"),
        Reply(fault="close"),
        Reply(fault="reset"),
        Reply(fault="hang"),
        Reply(200, b'{"status": "ok"}', fault="torn"),
    ],
    ids=["429", "503", "408", "challenge", "logged-out", "redirect", "close", "reset", "hang", "torn"],
)
def test_a_write_is_one_post_whatever_happens(server: RawServer, name: str, reply: Reply) -> None:
    server.will(as_json({"user": {"pk": 17, "username": "a"}, "status": "ok"}), reply)
    with InstagrapiPrivate(signed_in(), base_url=server.base_url) as gateway:
        gateway.profile(17)  # leaves a connection open, which a library might find dead and replace
        with pytest.raises(errors.GatewayError):
            getattr(gateway, name)(17)
    assert [seen.method for seen in server.seen] == ["GET", "POST"]


def test_silence_ends_as_transient(server: RawServer) -> None:
    server.will(Reply(fault="hang"))
    with InstagrapiPrivate(signed_in(), base_url=server.base_url) as gateway, pytest.raises(errors.Transient):
        gateway.followers(17)


def test_nobody_listening_is_transient() -> None:
    with InstagrapiPrivate(signed_in(), base_url="http://127.0.0.1:9") as gateway, pytest.raises(errors.Transient):
        gateway.followers(17)


def test_a_dead_proxy_is_named(server: RawServer) -> None:
    proxy = ProxyAddress("http", "127.0.0.1", 9, "user", Secret("c4n4ry"))
    gateway = InstagrapiPrivate(signed_in(), base_url=server.base_url, proxy=proxy)
    with gateway, pytest.raises(errors.Transient, match="proxy") as told:
        gateway.followers(17)
    assert "c4n4ry" not in str(told.value) + told.value.detail
    assert server.seen == []


def test_requests_go_through_the_proxy(server: RawServer) -> None:
    server.will(as_json({"users": [], "status": "ok"}))
    proxy = parse_proxy(server.base_url)  # it answers itself, as a proxy that caches would
    with InstagrapiPrivate(signed_in(), base_url="http://unknown.invalid", proxy=proxy) as gateway:
        gateway.followers(17)
    assert server.seen[0].path.startswith("http://unknown.invalid/ig/i.instagram.com/api/v1/friendships/17/followers/")


def test_what_was_asked_for_is_kept(server: RawServer) -> None:
    server.will(
        as_json(FAIL, 429, Retry_After="90"),
        as_json(FAIL, 429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
        as_json(FAIL, 429, Retry_After="soon"),
        as_json(FAIL, 429),
        as_json(fail("feedback_required", feedback_message="This block will expire on 2026-12-24. Tell us…"), 400),
        as_json(CHALLENGE, 400),
        as_json({**CHALLENGE, "challenge": {**CHALLENGE["challenge"], "native_flow": True}}, 400),  # type: ignore[dict-item]
        as_json(fail("", two_factor_info={"totp_two_factor_on": True, "sms_two_factor_on": True}), 400),
    )
    told: list[Any] = []
    with InstagrapiPrivate(signed_in(), base_url=server.base_url) as gateway:
        for _ in range(8):
            try:
                gateway.followers(17)
            except errors.GatewayError as error:
                told.append(error)
    assert [error.retry_after for error in told[:4]] == [timedelta(seconds=90), timedelta(0), None, None]
    assert told[4].until == date(2026, 12, 24)
    assert told[5].api_path == "/challenge/1/x/"
    assert told[6].api_path == "", "only the app can pass a native flow"
    assert told[7].channel == "totp"


def test_the_last_answer_is_not_mistaken_for_the_next(server: RawServer) -> None:
    server.will(as_json(FAIL, 429), Reply(fault="reset"))
    with InstagrapiPrivate(signed_in(), base_url=server.base_url) as gateway:
        with pytest.raises(errors.Throttled):
            gateway.followers(17)
        with pytest.raises(errors.Transient):
            gateway.followers(17)
