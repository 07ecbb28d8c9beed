"""Turns of a login that the simulator does not take: the older form, a code for an unknown device, no reason given."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.gateway import errors
from accounts.gateway.login import ApprovalWanted, Channel, CodeWanted, LoggedIn
from accounts.gateway.providers.instagrapi_login import PrivateLogin
from igsite.secrets import Secret
from tests.gateway.raw_server import RawServer, Reply, as_json

PK = 77
PASSWORD = Secret("c4n4ry-password")
PROFILE_CODE = "com.bloks.www.ap.two_step_verification."
SESSION = base64.b64encode(json.dumps({"ds_user_id": str(PK), "sessionid": f"{PK}%3Atoken%3A1"}).encode()).decode()
BEARER = {"IG_Set_Authorization": f"Bearer IGT:2:{SESSION}"}
PUBLIC_KEY = base64.b64encode(
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()


def program(action: str, **data: Any) -> Reply:
    """A Bloks answer."""
    nodes = [{"data": {"key": key, "initial": value}} for key, value in data.items()]
    return as_json({"layout": {"bloks_payload": {"action": action, "data": nodes}}, "status": "ok"})


def screen(name: str, context: str) -> Reply:
    """An answer that leads to the next screen of the code for an unknown device."""
    inner = f'(f4i (dkc "context_data") (dkc "{context}"))'
    return program(f'(bk.action.core.Push "{PROFILE_CODE}{name}" (f4i (dkc "server_params") (dkc {inner})))')


def session_in_program() -> Reply:
    """A Bloks answer that carries a session."""
    user = {"logged_in_user": {"pk": PK, "username": "Real.Name"}, "status": "ok"}
    headers = {"IG-Set-Authorization": f"Bearer IGT:2:{SESSION}"}
    login = {"login_response": json.dumps(user), "headers": json.dumps(headers), "cookies": ""}
    return program(f"(bk.action.caa.HandleLoginResponse {json.dumps(json.dumps(login))})")


@pytest.fixture
def login(server: RawServer) -> PrivateLogin:
    server.routes = {
        "graphql_www": as_json({"data": {"1$usdid_registration(x)": {"success": True}}, "status": "ok"}),
        "process_client_data": as_json(
            {
                "layout": {
                    "bloks_payload": {
                        "action": "",
                        "data": [{"data": {"key": "CAA_ACCOUNT_ACCESS_CONTEXT:aac", "initial": "aac-1"}}],
                    }
                },
                "status": "ok",
            }
        ),
        "create_android_keystore": as_json({"challenge_nonce": "n", "key_nonce": "k", "status": "ok"}),
        "qe/sync": as_json(
            {"status": "ok"},
            ig_set_password_encryption_key_id="17",
            ig_set_password_encryption_pub_key=PUBLIC_KEY,
        ),
    }
    return PrivateLogin(base_url=server.base_url)


def sent(server: RawServer, part: str) -> int:
    return sum(part in seen.path for seen in server.seen)


def begin(login: PrivateLogin) -> Any:
    return login.begin_login("me@example.com", PASSWORD)


def test_the_name_of_the_account_is_known_though_an_address_was_typed(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = session_in_program()
    step = begin(login)
    assert isinstance(step, LoggedIn)
    assert (step.pk, step.username) == (PK, "real.name")
    assert all("c4n4ry" not in seen.body for seen in server.seen)


def test_directed_to_the_older_form_the_password_goes_there_once(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = program('(x "CAA_LOGIN_FALLBACK:fallback_triggered")')
    server.routes["accounts/login/"] = as_json({"logged_in_user": {}, "status": "ok"}, 200, **BEARER)
    assert isinstance(begin(login), LoggedIn)
    assert (sent(server, "send_login_request"), sent(server, "accounts/login/")) == (1, 1)


def test_the_older_form_tells_why_it_refuses(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = program('(x "CAA_LOGIN_FALLBACK:fallback_triggered")')
    server.routes["accounts/login/"] = as_json({"message": "", "error_type": "bad_password", "status": "fail"}, 400)
    with pytest.raises(errors.BadPassword):
        begin(login)
    assert (sent(server, "send_login_request"), sent(server, "accounts/login/")) == (1, 1)


def test_the_older_form_may_want_a_second_factor(login: PrivateLogin, server: RawServer) -> None:
    info = {"two_factor_identifier": "tf-1", "sms_two_factor_on": True, "totp_two_factor_on": False}
    refusal = {"two_factor_info": {**info, "obfuscated_phone_number": "21"}, "error_type": "two_factor_required"}
    server.routes["send_login_request"] = program('(x "CAA_LOGIN_FALLBACK:fallback_triggered")')
    server.routes["accounts/login/"] = as_json({**refusal, "message": "", "status": "fail"}, 400)
    step = begin(login)
    assert isinstance(step, CodeWanted)
    assert step.channels == (Channel("sms", "21"), Channel("backup_code"))
    assert "c4n4ry" not in json.dumps(step.state)
    wrong = {"message": "Bitte Code prüfen", "error_type": "sms_code_validation_code_invalid", "status": "fail"}
    server.routes["two_factor_login"] = as_json(wrong, 400)
    with pytest.raises(errors.NeedsCode, match="not accept") as told:
        login.submit_code(step.state, "111111")
    assert told.value.channel == "sms"
    server.routes["two_factor_login"] = as_json({"logged_in_user": {}, "status": "ok"}, 200, **BEARER)
    assert isinstance(login.submit_code(step.state, "123456"), LoggedIn)
    assert sent(server, "two_factor_login") == 2


def test_an_unknown_device_is_asked_for_a_code_from_the_mail(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = screen("entrypoint_async", "c-1")
    server.routes[PROFILE_CODE + "entrypoint_async"] = screen("code_entry", "c-2")
    server.routes[PROFILE_CODE + "code_entry/"] = screen("code_entry_async", "c-3")
    step = begin(login)
    assert isinstance(step, CodeWanted)
    assert step.chosen == Channel("email")
    state = json.loads(json.dumps(step.state))
    server.routes[PROFILE_CODE + "code_entry_async"] = program("(bk.action.bloks.ShowToast)")
    with pytest.raises(errors.NeedsCode):
        login.submit_code(state, "111111")
    server.routes[PROFILE_CODE + "code_entry_async"] = session_in_program()
    assert isinstance(login.submit_code(state, "123456"), LoggedIn)
    assert "c-3" in server.seen[-3].body, "the context of the last screen goes with the code"


def test_a_screen_without_its_context_is_for_the_app(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = screen("entrypoint_async", "c-1")
    assert isinstance(begin(login), ApprovalWanted)


def test_a_refusal_in_the_program_is_a_refused_password(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = program('(bk.action.bloks.OpenDialog "Incorrect Password")')
    with pytest.raises(errors.BadPassword):
        begin(login)
    assert sent(server, "accounts/login/") == 0


def test_no_session_and_no_reason_is_for_the_person(login: PrivateLogin, server: RawServer) -> None:
    server.routes["send_login_request"] = program("(bk.action.core.Noop)")
    step = begin(login)
    assert isinstance(step, ApprovalWanted)
    assert "without a reason" in step.sentence


def test_a_device_that_is_not_registered_is_a_broken_contract(login: PrivateLogin, server: RawServer) -> None:
    server.routes["graphql_www"] = as_json({"data": {}, "status": "ok"})
    with pytest.raises(errors.ContractDrift):
        begin(login)
    assert sent(server, "send_login_request") == 0


def test_keys_that_cannot_be_read_send_no_password(login: PrivateLogin, server: RawServer) -> None:
    server.routes["qe/sync"] = as_json({"status": "ok"})
    with pytest.raises(errors.ContractDrift):
        begin(login)
    assert sent(server, "send_login_request") == 0
