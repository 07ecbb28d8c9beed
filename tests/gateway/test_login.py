"""Logging in with the real client: password, second factor, challenge, approval, sessionid; phases in any process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from accounts.gateway import errors
from accounts.gateway.login import ApprovalWanted, Channel, CodeWanted, LoggedIn, LoginState, PasswordWanted
from accounts.gateway.providers.instagrapi_login import PrivateLogin, read_sessionid, without_session
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from igsite.secrets import Secret
from tests.simulator_process import ROOT, SimulatorProcess

TOTP_SEED = "JBSWY3DPEHPK3PXP"


def sent(instagram: SimulatorProcess, path: str) -> int:
    """How many requests of that path arrived."""
    return int(instagram.control(f"log?path={path}")["found"])


def through_json(state: LoginState) -> LoginState:
    """The state as another process gets it."""
    copy: LoginState = json.loads(json.dumps(state))
    return copy


def begin(login: PrivateLogin, name: str, number: int) -> Any:
    return login.begin_login(name, Secret(f"demo-pass-{number}"))


def test_a_password_gives_a_session_that_another_client_can_use(
    login: PrivateLogin, instagram: SimulatorProcess
) -> None:
    step = begin(login, "demo_creator", 1)
    assert isinstance(step, LoggedIn)
    assert step.username == "demo_creator"
    assert sent(instagram, "send_login_request") == 1
    with InstagrapiPrivate(through_json(step.settings), base_url=instagram.base_url) as gateway:
        own = gateway.probe_session()
    assert (own.pk, own.username) == (step.pk, "demo_creator")
    assert "demo-pass-1" not in json.dumps(step.settings)
    assert "cookies" not in repr(step)


def test_the_device_stays_the_same_over_failures_and_logins(login: PrivateLogin) -> None:
    device = through_json(login.new_device())
    with pytest.raises(errors.BadPassword):
        login.begin_login("demo_creator", Secret("wrong"), device)
    first = login.begin_login("demo_creator", Secret("demo-pass-1"), device)
    assert isinstance(first, LoggedIn)
    again = login.begin_login("demo_creator", Secret("demo-pass-1"), first.settings)
    assert isinstance(again, LoggedIn)
    assert device["uuids"] == first.settings["uuids"] == again.settings["uuids"]
    assert device["usdid"]["private_key"] == again.settings["usdid"]["private_key"]
    assert first.settings["authorization_data"] != again.settings["authorization_data"]


@pytest.mark.parametrize("password", ["wrong", "#PWD_wrong", "pässwörd 密码"])
def test_a_refused_password_is_sent_once_and_both_causes_are_named(
    login: PrivateLogin, instagram: SimulatorProcess, password: str
) -> None:
    with pytest.raises(errors.BadPassword, match="proxy"):
        login.begin_login("demo_creator", Secret(password))
    assert sent(instagram, "send_login_request") + sent(instagram, "accounts/login") == 1


def test_a_right_password_from_a_risky_address_looks_the_same(login: PrivateLogin) -> None:
    with pytest.raises(errors.BadPassword):
        begin(login, "demo_risky", 5)


def test_an_unknown_name_may_be_a_blocked_address(login: PrivateLogin) -> None:
    with pytest.raises(errors.ProxyBlocked, match="no such user name"):
        login.begin_login("nobody.of.that.name", Secret("x"))


@pytest.mark.parametrize(("name", "password"), [("", "x"), ("@", "x"), ("demo_creator", "")])
def test_nothing_is_sent_without_name_and_password(
    login: PrivateLogin, instagram: SimulatorProcess, name: str, password: str
) -> None:
    with pytest.raises(errors.BadPassword):
        login.begin_login(name, Secret(password))
    assert sent(instagram, "") == 0


def test_a_stored_seed_answers_the_second_factor(login: PrivateLogin, instagram: SimulatorProcess) -> None:
    step = login.begin_login("demo_2fa", Secret("demo-pass-2"), totp_seed=Secret("jbsw y3dp ehpk 3pxp"))
    assert isinstance(step, LoggedIn)
    assert sent(instagram, "verify_code") == 1


@pytest.mark.parametrize("seed", ["AAAAAAAAAAAAAAAA", "not base 32!"])
def test_a_wrong_seed_asks_the_person_after_one_try_at_most(
    login: PrivateLogin, instagram: SimulatorProcess, seed: str
) -> None:
    step = login.begin_login("demo_2fa", Secret("demo-pass-2"), totp_seed=Secret(seed))
    assert isinstance(step, CodeWanted)
    assert sent(instagram, "verify_code") <= 1


def test_a_code_by_sms_finishes_the_login_in_another_process(login: PrivateLogin, instagram: SimulatorProcess) -> None:
    step = begin(login, "demo_2fa", 2)
    assert isinstance(step, CodeWanted)
    assert step.chosen == Channel("totp")
    assert {channel.name for channel in step.channels} == {"totp", "sms", "backup_code"}
    assert "demo-pass-2" not in json.dumps(step.state)
    asked = login.choose_channel(through_json(step.state), "sms")
    assert asked.chosen == Channel("sms")
    assert sent(instagram, "method_picker.navigation") == 1
    finished = subprocess.run(
        [sys.executable, "-m", "tests.gateway.other_process", instagram.base_url, "12 34-56"],
        input=json.dumps(asked.state), capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    told = json.loads(finished.stdout)
    assert told["username"] == "demo_2fa"
    with InstagrapiPrivate(told["settings"], base_url=instagram.base_url) as gateway:
        assert gateway.probe_session().username == "demo_2fa"


def test_a_wrong_code_is_one_try_and_leaves_the_state_good(login: PrivateLogin, instagram: SimulatorProcess) -> None:
    step = begin(login, "demo_2fa", 2)
    assert isinstance(step, CodeWanted)
    asked = login.choose_channel(step.state, "sms")
    for wrong in ("000000", "999999"):
        with pytest.raises(errors.NeedsCode, match="not accept"):
            login.submit_code(asked.state, wrong)
    assert sent(instagram, "verify_code") == 2
    for empty in ("", "  ", "abc", "１２３４５６"):
        with pytest.raises(errors.NeedsCode, match="digits"):
            login.submit_code(asked.state, empty)
    assert sent(instagram, "verify_code") == 2
    assert sent(instagram, "method_picker.navigation") == 1, "no second SMS"
    assert isinstance(login.submit_code(asked.state, "123456"), LoggedIn)
    assert sent(instagram, "send_login_request") == 1, "the password was sent once"


def test_a_channel_that_was_not_offered_is_refused(login: PrivateLogin) -> None:
    step = begin(login, "demo_2fa", 2)
    with pytest.raises(errors.Unsupported):
        login.choose_channel(step.state, "email")


@pytest.mark.parametrize(("channel", "contact"), [("email", "d***o@e***e.com"), ("sms", "+34 *** ** ** 09")])
def test_a_challenge_is_answered_by_a_code(
    login: PrivateLogin, instagram: SimulatorProcess, channel: Any, contact: str
) -> None:
    step = begin(login, "demo_challenge", 3)
    assert isinstance(step, CodeWanted)
    assert step.chosen is None
    assert Channel(channel, contact) in step.channels
    asked = login.choose_channel(through_json(step.state), channel)
    assert asked.chosen == Channel(channel, contact)
    with pytest.raises(errors.NeedsCode, match="not accept"):
        login.submit_code(through_json(asked.state), "000000")
    done = login.submit_code(through_json(asked.state), "654 321")
    assert isinstance(done, LoggedIn)
    assert done.username == "demo_challenge"
    with InstagrapiPrivate(done.settings, base_url=instagram.base_url) as gateway:
        assert gateway.probe_session().pk == done.pk
    assert sent(instagram, "send_login_request") == 1


def test_too_many_codes_ask_for_a_pause(login: PrivateLogin) -> None:
    step = begin(login, "demo_challenge", 3)
    asked = login.choose_channel(step.state, "email")
    for _ in range(10):
        with pytest.raises(errors.NeedsCode):
            login.submit_code(asked.state, "000000")
    with pytest.raises(errors.Throttled):
        login.submit_code(asked.state, "000000")


def test_approval_in_the_app_then_the_password_once_more(login: PrivateLogin, instagram: SimulatorProcess) -> None:
    step = begin(login, "demo_approve", 4)
    assert isinstance(step, ApprovalWanted)
    assert "Resume" in step.sentence
    assert isinstance(begin(login, "demo_approve", 4), ApprovalWanted)
    instagram.control("approve", {"login": "demo_approve"})
    resumed = login.resume_after_approval(through_json(step.state))
    assert isinstance(resumed, PasswordWanted)
    done = login.begin_login(resumed.username, Secret("demo-pass-4"), resumed.settings)
    assert isinstance(done, LoggedIn), "the same device is trusted now"


def test_resuming_with_a_session_needs_no_password(
    login: PrivateLogin, instagram: SimulatorProcess, creator: dict[str, Any]
) -> None:
    state = {"kind": "approval", "username": "demo_creator", "settings": creator}
    instagram.control("faults", {"path": "current_user", "kind": "challenge", "field_name": "native"})
    assert isinstance(login.resume_after_approval(state), ApprovalWanted)
    assert isinstance(login.resume_after_approval(state), LoggedIn)


def test_a_challenge_in_the_middle_of_a_scan_is_answered_by_a_code(
    login: PrivateLogin, instagram: SimulatorProcess
) -> None:
    step = begin(login, "demo_challenge", 3)
    assert isinstance(step, CodeWanted)
    done = login.submit_code(login.choose_channel(step.state, "email").state, "654321")
    assert isinstance(done, LoggedIn)
    instagram.control("faults", {"path": "usernameinfo", "kind": "challenge"})
    with InstagrapiPrivate(done.settings, base_url=instagram.base_url) as gateway:
        with pytest.raises(errors.NeedsPerson) as met:
            gateway.profile_by_username("aurora.studio")
        kept = gateway.session_settings()
    assert met.value.api_path.startswith("/challenge/")
    opened = login.open_challenge(met.value.api_path, through_json(kept), "demo_challenge")
    assert isinstance(opened, CodeWanted)
    passed = login.submit_code(login.choose_channel(opened.state, "sms").state, "654321")
    assert isinstance(passed, LoggedIn)
    with InstagrapiPrivate(passed.settings, base_url=instagram.base_url) as gateway:
        assert gateway.profile_by_username("aurora.studio").username == "aurora.studio"
    assert sent(instagram, "send_login_request") == 1, "no second login with the password"


def test_a_challenge_that_expired_says_so(login: PrivateLogin, creator: dict[str, Any]) -> None:
    with pytest.raises(errors.NeedsLogin, match="expired"):
        login.open_challenge("/challenge/1/long.ago/", creator, "demo_creator")


@pytest.mark.parametrize(
    "path", ["", "/challenge/../users/1/info/", "https://elsewhere.example/", "/auth_platform/?x=1"]
)
def test_a_challenge_elsewhere_is_for_the_app_and_nothing_is_sent(
    login: PrivateLogin, instagram: SimulatorProcess, creator: dict[str, Any], path: str
) -> None:
    instagram.control("log", method="DELETE")
    assert isinstance(login.open_challenge(path, creator, "demo_creator"), ApprovalWanted)
    assert sent(instagram, "") == 0


def test_a_sessionid_is_taken_over_with_its_user_agent(login: PrivateLogin, instagram: SimulatorProcess) -> None:
    cookie = next(entry["sessionid"] for entry in instagram.control("cast")["logins"] if "sessionid" in entry)
    done = login.login_by_sessionid(Secret(f" sessionid={cookie}; ds_user_id=1 "), user_agent="Mozilla/5.0 (X11)")
    assert done.username == "demo_session"
    assert done.settings["user_agent"] == "Mozilla/5.0 (X11)"
    assert {entry["user_agent"] for entry in instagram.control("log")["entries"]} == {"Mozilla/5.0 (X11)"}
    with InstagrapiPrivate(done.settings, base_url=instagram.base_url) as gateway:
        assert gateway.probe_session().pk == done.pk
    assert sent(instagram, "send_login_request") + sent(instagram, "graphql") == 0


def test_a_dead_sessionid_needs_a_login(login: PrivateLogin, instagram: SimulatorProcess) -> None:
    with pytest.raises(errors.NeedsLogin):
        login.login_by_sessionid(Secret("500000001%3Aaaaaaaaaaaaaaaaa%3A1%3AAYdddddddddddd"))
    assert sent(instagram, "") == 1


@pytest.mark.parametrize("text", ["", "hello", "123", "sessionid=", "abc%3Adefghijklmnopqrst", "1%3A" + "x" * 500])
def test_what_is_no_sessionid_is_not_sent(login: PrivateLogin, instagram: SimulatorProcess, text: str) -> None:
    with pytest.raises(errors.NeedsLogin, match="not a sessionid"):
        login.login_by_sessionid(Secret(text))
    assert sent(instagram, "") == 0


@pytest.mark.parametrize(
    "text",
    ["1:abcdefghij:2:AY-x_y", "sessionid=1%3Aabcdefghij%3A2%3AAY-x_y", 'a=b; sessionid: "1%3Aabcdefghij%3A2%3AAY-x_y"'],
)
def test_a_sessionid_is_found_in_what_people_paste(text: str) -> None:
    assert read_sessionid(text) == "1%3Aabcdefghij%3A2%3AAY-x_y"


def test_a_dead_session_is_told_and_not_renewed(instagram: SimulatorProcess, creator: dict[str, Any]) -> None:
    instagram.control("sessions/kill", {})
    instagram.control("log", method="DELETE")
    with InstagrapiPrivate(creator, base_url=instagram.base_url) as gateway, pytest.raises(errors.NeedsLogin):
        gateway.probe_session()
    assert sent(instagram, "") == 1


@pytest.mark.parametrize("kind", ["429", "5xx", "html", "reset"])
def test_a_session_is_kept_though_the_greeting_after_it_fails(
    login: PrivateLogin, instagram: SimulatorProcess, kind: str
) -> None:
    instagram.control("faults", {"path": "feed/", "kind": kind, "count": -1})
    assert isinstance(begin(login, "demo_creator", 1), LoggedIn)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", errors.Throttled),
        ("please_wait", errors.Throttled),
        ("5xx", errors.Transient),
        ("html", errors.ContractDrift),
        ("proxy_blocked", errors.ProxyBlocked),
        ("feedback_required", errors.ActionBlocked),
        ("reset", errors.Transient),
    ],
)
def test_refusals_of_a_login_are_errors_of_the_tree(
    login: PrivateLogin, instagram: SimulatorProcess, kind: str, error: type[errors.GatewayError]
) -> None:
    instagram.control("faults", {"path": "send_login_request", "kind": kind, "count": -1})
    with pytest.raises(error):
        begin(login, "demo_creator", 1)
    assert sent(instagram, "send_login_request") == 1


def test_a_login_starts_from_the_device_alone(creator: dict[str, Any]) -> None:
    device = without_session(creator)
    assert device["uuids"] == creator["uuids"]
    assert "sessionid" not in json.dumps(device)
    assert device["user_agent"] == creator["user_agent"]
    assert "user_agent" not in without_session({**creator, "user_agent": "Mozilla/5.0 (X11)"})
