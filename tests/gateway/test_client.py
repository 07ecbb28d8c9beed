"""The library is the real one, and what it would do on its own is closed."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from accounts.gateway import errors
from accounts.gateway.protocol import RequestKind
from accounts.gateway.providers.instagrapi_client import QuietClient
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from accounts.gateway.providers.routing import (
    DenyingAdapter,
    ForbiddenAddress,
    RoutedAdapter,
    checked_base_url,
    endpoint_of,
)
from accounts.gateway.proxy import parse_proxy
from tests.gateway.raw_server import RawServer, as_json, as_page
from tests.gateway.sessions import OWN_PK, TOKEN, signed_in


def sessions_of(client: QuietClient) -> list[requests.Session]:
    return [client.private, client.public, client.graphql]


def test_every_session_goes_to_the_base_url_and_nowhere_else(server: RawServer) -> None:
    client = QuietClient(signed_in(), base_url=server.base_url)
    client.set_settings(client.get_settings())  # mounts the library's adapters anew
    for session in sessions_of(client):
        session.get("https://b.i.instagram.com/some/path?a=1", headers={"Host": "b.i.instagram.com"})
        session.post("https://elsewhere.example/other", data="x")
        with pytest.raises(ForbiddenAddress):
            session.get("http://i.instagram.com/")
    client.close()
    assert [seen.path for seen in server.seen] == [
        "/ig/b.i.instagram.com/some/path?a=1",
        "/ig/elsewhere.example/other",
    ] * 3
    assert {seen.headers["Host"] for seen in server.seen} == {server.base_url.removeprefix("http://")}


def test_cookies_of_the_original_domain_are_kept(server: RawServer) -> None:
    server.will(as_json({"status": "ok"}, Set_Cookie="mid=fresh; Domain=.instagram.com; Path=/; Secure"))
    client = QuietClient(signed_in(), base_url=server.base_url)
    client.private_request("users/1/info/")
    assert client.session_settings()["cookies"]["mid"] == "fresh"
    assert client.last_answer is not None
    assert client.last_answer.url == "https://i.instagram.com/api/v1/users/1/info/"
    client.close()


def test_real_use_keeps_the_library_s_own_transport_and_refuses_plain_http() -> None:
    client = QuietClient(signed_in())
    assert type(client.private.get_adapter("https://i.instagram.com/")).__name__ == "_CurlH2Adapter"
    for session in sessions_of(client):
        assert isinstance(session.get_adapter("http://i.instagram.com/"), DenyingAdapter)
        assert session.trust_env is False
    for session in (client.public, client.graphql):
        adapter = session.get_adapter("https://i.instagram.com/")
        assert isinstance(adapter, HTTPAdapter)
        assert not isinstance(adapter, RoutedAdapter)
        assert adapter.max_retries.total == 0
    before = client.private.get_adapter("https://i.instagram.com/")
    client.use_fresh_connection()
    assert client.private.get_adapter("https://i.instagram.com/") is not before
    client.close()


def test_a_saved_session_cannot_weaken_how_requests_are_sent() -> None:
    weak = {
        **signed_in(),
        "tls_verify": False,
        "private_transport": "requests",
        "session_retry_total": 5,
        "request_timeout": 60,
    }
    client = QuietClient(weak)
    assert all(session.verify is True for session in sessions_of(client))
    assert client.private_transport == "curl"
    assert (client.session_retry_total, client.request_timeout) == (0, 0)
    assert not {"tls_verify", "private_transport", "request_timeout"} & client.session_settings().keys()
    client.close()


def test_device_and_session_survive_the_round_trip() -> None:
    first = QuietClient(signed_in())
    saved = first.session_settings()
    second = QuietClient(saved)
    assert second.session_settings() == saved
    assert saved["uuids"] == signed_in()["uuids"]
    assert second.user_id == OWN_PK
    assert TOKEN in second.sessionid


def test_requests_follow_one_another_without_sleeping(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    client = QuietClient(signed_in(), base_url=server.base_url)
    for _ in range(3):
        client.private_request("users/1/info/")
        client.public_request("https://www.instagram.com/x/")
    client.close()
    assert sum(naps) == 0


def test_flows_that_act_on_their_own_are_closed(tmp_path: Path) -> None:
    client = QuietClient(signed_in())
    with pytest.raises(errors.NeedsLogin):
        client.login("someone", "password")
    with pytest.raises(errors.NeedsLogin):
        client.relogin()
    with pytest.raises(errors.NeedsPerson):
        client.challenge_resolve({})
    with pytest.raises(errors.NeedsPerson):
        client.challenge_resolve_contact_form("/challenge/")
    with pytest.raises(errors.NeedsCode):
        client.challenge_code_or_raised(1)
    with pytest.raises(NotImplementedError):
        client.dump_settings(tmp_path / "settings.json")
    assert not list(tmp_path.iterdir())
    client.close()


def test_nothing_secret_is_logged_even_at_debug(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("instagrapi", "private_request", "public_request", "graphql_request"):
        caplog.set_level(logging.DEBUG, logger=name)
    server.will(
        as_json({"user": {"pk": 1, "username": "a", "biography": "c4n4ry-body"}, "status": "ok"}),
        as_page("<p>c4n4ry-body"),
        as_json({"message": "feedback_required", "feedback_message": "c4n4ry-body", "status": "fail"}, 400),
    )
    with InstagrapiPrivate(signed_in(), base_url=server.base_url, proxy=None) as gateway:
        gateway.profile(1)
        for _ in range(2):
            with pytest.raises(errors.GatewayError):
                gateway.profile(1)
    assert len(server.seen) == 3
    assert "c4n4ry" not in caplog.text


def test_every_request_is_told_to_pacing_without_names(server: RawServer) -> None:
    class Ledger:
        def __init__(self) -> None:
            self.lines: list[tuple[str, str, str]] = []

        def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
            self.lines.append((kind, endpoint, outcome))

    ledger = Ledger()
    server.will(
        as_json({"users": [], "status": "ok"}),
        as_json({"user": {"pk": 1, "username": "a"}, "status": "ok"}),
        as_json({"status": "fail"}, 429),
    )
    with InstagrapiPrivate(signed_in(), base_url=server.base_url, pacing=ledger) as gateway:
        gateway.followers(17)
        gateway.profile_by_username("secret.name")
        with pytest.raises(errors.Throttled):
            gateway.follow(17)
    assert ledger.lines == [
        ("read", "friendships/*/followers", "200"),
        ("read", "users/*/usernameinfo", "200"),
        ("write", "friendships/create/*", "429"),
    ]


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://i.instagram.com/api/v1/media/123_45/comments/?min_id=9", "media/*/comments"),
        ("https://i.instagram.com/api/v1/challenge/123/abcDEF/", "challenge/*"),
        ("https://b.i.instagram.com/graphql_www", "graphql_www"),
        ("https://i.instagram.com/api/v1/users/some.name/usernameinfo/", "users/*/usernameinfo"),
    ],
)
def test_endpoints_in_the_ledger_name_nobody(url: str, endpoint: str) -> None:
    assert endpoint_of(url) == endpoint


@pytest.mark.parametrize("wrong", ["", "127.0.0.1:8099", "ftp://x", "http://", "http://x/?a=1", "file:///etc/passwd"])
def test_a_base_url_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        checked_base_url(wrong)


def test_the_environment_s_proxy_is_ignored(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.will(as_json({"users": [], "status": "ok"}))
    with InstagrapiPrivate(signed_in(), base_url=server.base_url) as gateway:
        assert gateway.followers(17).people == ()


def test_proxy_credentials_stay_out_of_sight() -> None:
    gateway: Any = InstagrapiPrivate(signed_in(), proxy=parse_proxy("http://user:c4n4ry@10.0.0.1:3128"))
    assert "c4n4ry" not in repr(vars(gateway))
    gateway.close()
