"""Challenges ("was it you?"), as far as a code answers them. Nothing is ever confirmed in the person's name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from accounts.gateway import errors
from accounts.gateway.classify import classify
from accounts.gateway.login import (
    ApprovalWanted,
    Channel,
    ChannelName,
    CodeWanted,
    LoginState,
    LoginStep,
    PasswordWanted,
)
from accounts.gateway.providers.instagrapi_client import QuietClient
from accounts.gateway.providers.instagrapi_session import finished
from igsite.text import clean_text

_PATH = re.compile(r"/?(?:api/(?:v1/)?)?(challenge/[\w./=-]*)", re.ASCII)
_CHOICES: dict[ChannelName, str] = {"email": "1", "sms": "0"}
_FIELDS: tuple[tuple[ChannelName, str], ...] = (("email", "email"), ("sms", "phone_number"))
_CHOOSING = {"select_verify_method", "select_contact_point_recovery"}
_BY_MAIL = {"verify_email", "verify_email_code"}
_BY_PHONE = {"verify_phone", "verify_phone_code", "verify_sms", "verify_sms_code"}


def meet(client: QuietClient, username: str, call: Callable[[], LoginStep]) -> LoginStep:
    """The step that ``call`` leads to; if a challenge stands in its way, the step that the challenge wants."""
    try:
        return call()
    except Exception as failure:
        error = classify(failure, response=client.last_answer, endpoint="login")
    if not isinstance(error, errors.NeedsPerson):
        raise error
    if error.api_path:
        return opened(client, username, error.api_path)
    return approval(client, username, str(error))


def opened(client: QuietClient, username: str, api_path: str) -> LoginStep:
    """Asks what the challenge at ``api_path`` wants. A web form, or a step that no code answers, is for the app."""
    found = _PATH.fullmatch(api_path)
    if not found or ".." in api_path:
        return approval(client, username)
    path = found.group(1)
    try:
        answer = client.private_request(path, params=_opening(client, path))
    except Exception as failure:
        error = classify(failure, response=client.last_answer, endpoint="challenge")
    else:
        return _next_step(client, {"username": username, "api_path": path}, answer)
    if isinstance(error, errors.NeedsPerson):
        return approval(client, username)
    if isinstance(error, errors.Gone):
        raise errors.NeedsLogin("This check has expired. Log in again to get a new one.", detail=error.detail)
    raise error


def _opening(client: QuietClient, path: str) -> dict[str, str]:
    params = {"guid": client.uuid, "device_id": client.android_device_id}
    user_and_nonce = re.fullmatch(r"challenge/(\d+)/([^/]+)/?", path)
    if user_and_nonce:
        user_id, nonce = user_and_nonce.groups()
        context = {"step_name": "", "nonce_code": nonce, "user_id": int(user_id), "is_stateless": False}
        params["challenge_context"] = json.dumps(context)
    return params


def choose(client: QuietClient, state: LoginState, channel: ChannelName) -> CodeWanted:
    """Has the code sent by ``channel``."""
    if channel not in _CHOICES:
        raise errors.Unsupported("Instagram offers no code by this way.")
    answer = client.private_request(state["api_path"], data={"choice": _CHOICES[channel]})
    step = _next_step(client, state, answer)
    if not isinstance(step, CodeWanted):
        raise errors.NeedsPerson
    chosen = step.chosen or Channel(channel)
    return CodeWanted({**step.state, "chosen": chosen.name}, step.channels, chosen)


def submit(client: QuietClient, state: LoginState, code: str) -> LoginStep:
    """Sends the code, once."""
    try:
        answer = client.private_request(state["api_path"], data={"security_code": code})
    except Exception as failure:
        error = classify(failure, response=client.last_answer, endpoint="challenge")
    else:
        step = _next_step(client, state, answer)
        if isinstance(step, CodeWanted):
            raise errors.NeedsCode("Instagram did not accept this code.", channel=state.get("chosen") or "unknown")
        return step
    # A wrong code is a 400 with a sentence of its own, in the person's language: no list of them could be complete.
    refused = client.last_answer is not None and client.last_answer.status_code == 400
    if refused and isinstance(error, errors.ContractDrift):
        raise errors.NeedsCode("Instagram did not accept this code.", channel=state.get("chosen") or "unknown")
    raise error


def approval(client: QuietClient, username: str, sentence: str = errors.NeedsPerson.sentence) -> ApprovalWanted:
    """Only the app can go on."""
    state = {"kind": "approval", "username": username, "settings": client.session_settings()}
    return ApprovalWanted(state, sentence)


def _next_step(client: QuietClient, state: LoginState, answer: dict[str, Any]) -> LoginStep:
    username = str(state["username"])
    if answer.get("action") == "close" or answer.get("type") == "CHALLENGE_REDIRECTION":
        return _passed(client, username)
    name, data = answer.get("step_name"), answer.get("step_data")
    data = data if isinstance(data, dict) else {}
    channels: tuple[Channel, ...] = ()
    chosen: Channel | None = None
    if name in _CHOOSING:
        channels = tuple(Channel(channel, _contact(data, field)) for channel, field in _FIELDS if data.get(field))
    elif name in _BY_MAIL or name in _BY_PHONE:
        chosen = Channel("email" if name in _BY_MAIL else "sms", _contact(data, "contact_point"))
        channels = (chosen,)
    if not channels:
        return approval(client, username)
    went_on = {**state, "kind": "challenge", "settings": client.session_settings()}
    return CodeWanted({**went_on, "chosen": chosen.name if chosen else None}, channels, chosen)


def _contact(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return clean_text(value, limit=100) if isinstance(value, str) else ""


def _passed(client: QuietClient, username: str) -> LoginStep:
    """The challenge is closed. The answer may carry the session; a challenge met in mid-session leaves the old one."""
    answer = client.last_answer
    header = answer.headers.get("ig-set-authorization") if answer is not None else None
    given = client.parse_authorization(header)
    if isinstance(given, dict) and given.get("sessionid"):
        client.authorization_data = given
    if client.authorization_data and client.user_id:
        return finished(client, username or str(client.user_id))
    return PasswordWanted(username, client.session_settings())
