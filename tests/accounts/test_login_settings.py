"""Settings of another program and cookies of a browser: taken over with their device, and never trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from accounts import logins
from accounts.login_secrets import opened_json
from accounts.login_settings import SettingsUnreadable, read_settings
from accounts.models import InstagramLogin, LoginStatus
from igsite.secrets import Secret
from tests.accounts.instagram import Instagram
from tests.people import Cast

SESSION = {"authorization_data": {"ds_user_id": "1", "sessionid": "1%3Aabc%3A1"}}


def text(**settings: Any) -> str:
    return json.dumps(SESSION | settings)


def test_how_requests_are_sent_is_left_out() -> None:
    hostile = {"tls_verify": False, "private_transport": "requests", "request_timeout": 3600, "proxy": "http://evil",
               "__class__": "x", "user_agent": "Instagram 1.2 Android"}  # fmt: skip
    assert read_settings(text(**hostile)) == SESSION | {"user_agent": "Instagram 1.2 Android"}


def test_cookies_of_other_sites_are_left_out() -> None:
    cookies = [
        {"name": "sessionid", "value": "1%3Aabc%3A1", "domain": ".instagram.com"},
        {"name": "sessionid", "value": "stolen", "domain": ".bank.example"},
        {"name": "sessionid", "value": "stolen", "domain": ".notinstagram.com"},
        {"name": "mid", "value": "x"},
        "nonsense",
    ]
    assert read_settings(json.dumps(cookies)) == {"cookies": {"sessionid": "1%3Aabc%3A1", "mid": "x"}}


@pytest.mark.parametrize(
    "handed_in",
    [
        "", "{}", "[]", "null", "1", '"text"', "not json", "[" * 60_000, '{"a":' * 20_000, "x" * 70_000,
        text(user_agent="Instagram \u65e5\u672c"), text(cookies={"mid": "\u65e5"}),
        text(user_agent="Instagram\r\nX-Evil: 1"), text(mid="a\x00b"), text(cookies={"a": {"b": 1}}),
        text(uuids=["a"]), text(cookies={str(n): "x" for n in range(200)}), text(uuids={"uuid": "x" * 5000}),
        json.dumps({"authorization_data": {"sessionid": ""}}), json.dumps({"authorization_data": {"sessionid": 5}}),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_without_repeating_them(handed_in: str) -> None:
    with pytest.raises(SettingsUnreadable) as refused:
        read_settings(handed_in)
    assert "Evil" not in str(refused.value)


@pytest.mark.django_db
def test_a_login_goes_on_with_the_device_and_session_of_the_file(instagram: Instagram) -> None:
    first = instagram.ready()
    session = opened_json(first, "session_sealed")
    assert session is not None
    logins.remove(login=first, by=None, now=instagram.clock())
    seen = len(instagram.log())
    login = logins.add_by_settings(
        workspace=instagram.workspace, username="demo_creator", settings_text=Secret(json.dumps(session)),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    login = instagram.run(login)
    assert login.status == LoginStatus.READY
    later = instagram.log()[seen:]
    assert ["current_user" in entry["path"] for entry in later] == [True]  # one read, no sign-in
    taken = opened_json(login, "session_sealed")
    assert taken is not None
    assert taken["uuids"] == session["uuids"]


@pytest.mark.django_db
def test_cookies_alone_get_a_device_of_the_site(instagram: Instagram) -> None:
    session = opened_json(instagram.ready(), "session_sealed")
    assert session is not None
    InstagramLogin.objects.all().delete()
    cookie = session["authorization_data"]["sessionid"]
    handed_in = json.dumps([{"name": "sessionid", "value": cookie, "domain": ".instagram.com"}])
    login = logins.add_by_settings(
        workspace=instagram.workspace, username="demo_creator", settings_text=Secret(handed_in), by=None,
        now=instagram.clock(),
    )  # fmt: skip
    login = instagram.run(login)
    assert login.status == LoginStatus.READY
    taken = opened_json(login, "session_sealed")
    assert taken is not None
    assert taken["uuids"]["android_device_id"]


@pytest.mark.django_db
def test_a_dead_session_in_a_file_asks_for_a_sign_in(instagram: Instagram) -> None:
    login = logins.add_by_settings(
        workspace=instagram.workspace, username="demo_creator", settings_text=Secret(text()), by=None,
        now=instagram.clock(),
    )  # fmt: skip
    login = instagram.run(login)
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert login.status_note


@pytest.mark.django_db
def test_the_page_takes_a_file_and_never_shows_it_again(cast: Cast) -> None:
    client, address = cast.client(cast.owner), reverse("settings:login_add_settings")
    answer = client.post(address, {"username": "my.login", "settings_text": '{"canary": "secret"}'})
    assert answer.status_code == 422
    assert b"canary" not in answer.content
    assert client.post(address, {"username": "my.login", "settings_text": text()}).status_code == 302
    login = InstagramLogin.objects.get()
    assert login.pending_sealed is not None
    assert b"1%3Aabc" not in bytes(login.pending_sealed)
    added = client.post("/api/v1/logins", {"username": "x", "settings_text": text()}, content_type="application/json")
    assert added.status_code == 202, added.content
    assert b"3Aabc" not in added.content
