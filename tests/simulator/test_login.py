"""The real client signs in, in every way that the demo logins offer."""

import pytest
from instagrapi.exceptions import (
    BadPassword,
    ChallengeRequired,
    LoginRequired,
    ProxyAddressIsBlocked,
    TwoFactorRequired,
    UnknownError,
)

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator

TOTP_SEED = "JBSWY3DPEHPK3PXP"


def whoami(client: RoutedClient) -> str:
    answer = client.private_request("accounts/current_user/", params={"edit": "true"})
    return str(answer["user"]["username"])


def test_password_login_registers_the_device_and_opens_a_session(simulator: Simulator, creator: RoutedClient) -> None:
    assert whoami(creator) == "demo_creator"
    paths = [entry["path"] for entry in simulator.requests()]
    assert paths[0] == "/graphql_www"
    assert paths[-2:] == ["/api/v1/feed/timeline/", "/api/v1/accounts/current_user/"]


def test_wrong_password_is_refused(simulator: Simulator) -> None:
    with pytest.raises(BadPassword):
        RoutedClient(simulator.url).login("demo_creator", "not it")


def test_unknown_username_looks_like_a_blocked_address(simulator: Simulator) -> None:
    with pytest.raises(ProxyAddressIsBlocked):
        RoutedClient(simulator.url).login("nobody.at.all", "whatever")


def test_risky_address_refuses_the_right_password_until_approved(simulator: Simulator) -> None:
    with pytest.raises(BadPassword):
        RoutedClient(simulator.url).login("demo_risky", "demo-pass-5")
    simulator.post("approve", login="demo_risky")
    assert RoutedClient(simulator.url).login("demo_risky", "demo-pass-5")


def test_totp_code_opens_the_session_in_one_call(simulator: Simulator) -> None:
    client = RoutedClient(simulator.url)
    code = client.totp_generate_code(TOTP_SEED)
    assert client.login("demo_2fa", "demo-pass-2", verification_code=code)
    assert whoami(client) == "demo_2fa"


def test_backup_code_opens_the_session(simulator: Simulator) -> None:
    client = RoutedClient(simulator.url)
    assert client.login("demo_2fa", "demo-pass-2", verification_code="5555 4444")
    assert whoami(client) == "demo_2fa"


def test_wrong_second_factor_is_asked_for_again(simulator: Simulator) -> None:
    with pytest.raises(TwoFactorRequired):
        RoutedClient(simulator.url).login("demo_2fa", "demo-pass-2", verification_code="000000")


def test_sms_code_is_entered_in_another_process_without_the_password(simulator: Simulator) -> None:
    first = RoutedClient(simulator.url)
    with pytest.raises(TwoFactorRequired) as stopped:
        first.login("demo_2fa", "demo-pass-2")
    context, settings = stopped.value.two_step_verification_context, first.get_settings()

    second = RoutedClient(simulator.url, settings=settings)
    second.bloks_two_step_verification_entrypoint(context)
    second.bloks_two_step_verification_method_picker(context)
    second.bloks_two_step_verification_select_method(context, selected_method="sms")
    wrong = second.bloks_two_step_verification_verify_code(context, "111111", challenge="sms")
    assert second.bloks_apply_login_response(wrong) is False
    right = second.bloks_two_step_verification_verify_code(context, "123456", challenge="sms")
    assert second.bloks_apply_login_response(right) is True
    assert second.login_flow()
    assert whoami(second) == "demo_2fa"


@pytest.mark.parametrize(("choice", "step"), [("1", "verify_email_code"), ("0", "verify_sms_code")])
def test_challenge_is_solved_from_a_new_process(simulator: Simulator, choice: str, step: str) -> None:
    first = RoutedClient(simulator.url)
    with pytest.raises(ChallengeRequired):
        first.login("demo_challenge", "demo-pass-3")
    path = first.last_json["challenge"]["api_path"].lstrip("/")

    second = RoutedClient(simulator.url, settings=first.get_settings())
    asked = second.private_request(path, params={"guid": second.uuid, "device_id": second.android_device_id})
    assert asked["step_name"] == "select_verify_method"
    assert second.private_request(path, data={"choice": choice})["step_name"] == step
    with pytest.raises(UnknownError, match="check the code"):
        second.private_request(path, data={"security_code": "999999"})
    assert second.private_request(path, data={"security_code": "654321"})["action"] == "close"
    assert whoami(second) == "demo_challenge"
    third = RoutedClient(simulator.url, settings=first.get_settings())
    assert third.login("demo_challenge", "demo-pass-3"), "the device is trusted now"


def test_native_challenge_waits_for_the_person(simulator: Simulator) -> None:
    client = RoutedClient(simulator.url)
    for _ in range(2):
        with pytest.raises(ChallengeRequired):
            client.login("demo_approve", "demo-pass-4")
        assert client.last_json["challenge"]["native_flow"] is True
    assert simulator.post("approve", login="demo_approve") == {"approved": 1}
    assert client.login("demo_approve", "demo-pass-4")


def test_sessionid_is_enough(simulator: Simulator) -> None:
    logins = simulator.get("cast")["logins"]
    sessionid = next(login["sessionid"] for login in logins if login["username"] == "demo_session")
    client = RoutedClient(simulator.url)
    assert client.login_by_sessionid(sessionid)
    assert whoami(client) == "demo_session"


def test_settings_restore_a_session_and_its_end_is_login_required(simulator: Simulator, creator: RoutedClient) -> None:
    restored = RoutedClient(simulator.url, settings=creator.get_settings())
    assert whoami(restored) == "demo_creator"
    assert simulator.post("sessions/kill", login="demo_creator") == {"ended": 1}
    with pytest.raises(LoginRequired):
        whoami(restored)


def test_no_password_reaches_the_log(simulator: Simulator, creator: RoutedClient) -> None:
    assert creator.user_id
    text = simulator.control.get("log").text
    assert "demo-pass" not in text
    assert "#PWD_INSTAGRAM" not in text
    assert creator.authorization_data["sessionid"] not in text
