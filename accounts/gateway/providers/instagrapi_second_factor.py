"""The codes that Instagram wants between the password and the session. Three kinds of them:

``bloks``         two-factor authentication: authenticator app, SMS, backup code
``profile_code``  "check your e-mail": a code for a device that Instagram does not know
``legacy``        two-factor authentication of the older login form
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

from accounts.gateway import errors
from accounts.gateway.classify import classify
from accounts.gateway.login import Channel, ChannelName, CodeWanted, LoggedIn, LoginState, LoginStep
from accounts.gateway.providers.instagrapi_client import QuietClient
from accounts.gateway.providers.instagrapi_session import LOGIN_DOMAIN, finished, take_session, username_in
from accounts.gateway.totp import totp_code
from igsite.secrets import Secret

_METHODS: dict[ChannelName, str] = {"totp": "totp", "sms": "sms", "backup_code": "backup_codes"}
_LEGACY_METHODS: dict[ChannelName, str] = {"totp": "3", "sms": "1", "backup_code": "2"}


def choose(client: QuietClient, state: LoginState, channel: ChannelName) -> CodeWanted:
    """Switches to ``channel``; an SMS is sent by that."""
    channels = tuple(Channel(name, contact) for name, contact in state["channels"])
    chosen = next((known for known in channels if known.name == channel), None)
    if chosen is None:
        raise errors.Unsupported("Instagram offers no code by this way.")
    if state["kind"] == "bloks":
        _select(client, state["context"], channel)
    selected = {**state, "chosen": channel, "selected": channel, "settings": client.session_settings()}
    return CodeWanted(selected, channels, chosen)


def submit(client: QuietClient, state: LoginState, code: str) -> LoggedIn:
    """Sends the code, once. No session in the answer means that the code was not accepted."""
    senders = {"bloks": _send_bloks, "profile_code": _send_profile_code, "legacy": _send_legacy}
    username = _accepted(client, state, lambda: senders[state["kind"]](client, state, code))
    return finished(client, username or str(state["username"]))


def answer_with_seed(client: QuietClient, step: CodeWanted, seed: Secret) -> LoginStep:
    """Answers for the authenticator app. If that fails (a wrong seed, a wrong clock), the person is asked."""
    if step.chosen is None or step.chosen.name != "totp":
        return step
    try:
        return submit(client, step.state, totp_code(seed.reveal(), time.time()))
    except (errors.NeedsCode, ValueError):
        return step


def _accepted(client: QuietClient, state: LoginState, send: Callable[[], str | None]) -> str:
    """The user name in the answer to a code ("" if it names none).

    Raises:
        NeedsCode: refused: no session came, or a 400 that says nothing else (its sentence is in the person's language).
    """
    try:
        username = send()
    except Exception as failure:
        error = classify(failure, response=client.last_answer, endpoint="login")
        status = client.last_answer.status_code if client.last_answer is not None else None
    else:
        if username is not None:
            return username
        error, status = errors.NeedsCode(), None
    if isinstance(error, errors.NeedsCode) or (isinstance(error, errors.ContractDrift) and status == 400):
        raise errors.NeedsCode("Instagram did not accept this code.", channel=state["chosen"])
    raise error


def _select(client: QuietClient, context: str, channel: ChannelName) -> None:
    client.bloks_two_step_verification_entrypoint(context)
    client.bloks_two_step_verification_method_picker(context)
    client.bloks_two_step_verification_select_method(context, selected_method=_METHODS[channel])
    if channel == "backup_code":
        client.bloks_two_step_verification_enter_backup_code(context)


def _send_bloks(client: QuietClient, state: LoginState, code: str) -> str | None:
    context, chosen = state["context"], state["chosen"]
    if state.get("selected") != chosen:
        _select(client, context, chosen)
    result = client.bloks_two_step_verification_verify_code(context, code, challenge=_METHODS[chosen])
    return username_in(client, result) if client.bloks_apply_login_response(result) else None


def _send_profile_code(client: QuietClient, state: LoginState, code: str) -> str | None:
    client.caa_aac = state["aac"]
    result = client.bloks_ap_two_step_verification_submit_code(state["context"], code, domain=LOGIN_DOMAIN)
    return username_in(client, result) if client.bloks_apply_login_response(result) else None


def _send_legacy(client: QuietClient, state: LoginState, code: str) -> str | None:
    data = {
        "verification_code": code,
        "phone_id": client.phone_id,
        "_csrftoken": client.token,
        "two_factor_identifier": state["identifier"],
        "username": state["username"],
        "trust_this_device": "0",
        "guid": client.uuid,
        "device_id": client.android_device_id,
        "waterfall_id": str(uuid4()),
        "verification_method": _LEGACY_METHODS[state["chosen"]],
    }
    client.private_request("accounts/two_factor_login/", data=data, login=True)
    take_session(client)
    return "" if client.authorization_data else None
