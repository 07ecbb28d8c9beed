"""From the password to a session, or to the code that Instagram wants first."""

from __future__ import annotations

import re
from typing import Any

from accounts.gateway import errors
from accounts.gateway.classify import classify
from accounts.gateway.evidence import gather
from accounts.gateway.login import Channel, CodeWanted, LoginState, LoginStep
from accounts.gateway.providers.instagrapi_client import QuietClient
from accounts.gateway.providers.instagrapi_session import LOGIN_DOMAIN, finished, take_session, username_in
from igsite.secrets import Secret
from igsite.text import clean_text

_PROFILE_CODE = "com.bloks.www.ap.two_step_verification."
_WRONG_PASSWORD = re.compile(r"incorrect password|password (?:you entered )?(?:is|was) incorrect", re.IGNORECASE)


def send_password(client: QuietClient, username: str, password: Secret) -> LoginStep:
    """The app's current login: registers the device, fetches contexts and nonces, sends the encrypted password once."""
    if not client.bloks_caa_login_prepare(username=username, domain=LOGIN_DOMAIN):
        raise errors.ContractDrift(detail="login preparation gave no context")
    plain = password.reveal()
    if plain.startswith("#PWD_"):  # the library would take it for one that is encrypted already
        plain = client.password_encrypt(plain)
    result = client.bloks_caa_login_send_request(plain, username=username, domain=LOGIN_DOMAIN, auto_prepare=False)
    if client.bloks_apply_login_response(result):
        return finished(client, username_in(client, result) or username)
    if client.bloks_caa_login_needs_two_step(result):
        return _profile_code_wanted(client, username, result)
    texts = _texts(result)
    context = client.bloks_extract_two_step_verification_context(result)
    if context:
        channels = (Channel("totp"), Channel("sms"), Channel("backup_code"))
        return _wanted(client, "bloks", username, channels, context=context)
    if any(text.startswith("CAA_LOGIN_FALLBACK:") for text in texts):
        return _older_form(client, username, password)
    if any(_WRONG_PASSWORD.search(text) for text in texts):
        raise errors.BadPassword
    raise errors.NeedsPerson(
        "Instagram refused this login without a reason. Open the Instagram app to see whether it asks for something."
    )


def _profile_code_wanted(client: QuietClient, username: str, result: dict[str, Any]) -> CodeWanted:
    screens = {
        "entrypoint_async": client.bloks_ap_two_step_verification_entrypoint,
        "code_entry": client.bloks_ap_two_step_verification_code_entry,
        "code_entry_async": None,
    }
    context = ""
    for screen, open_screen in screens.items():
        context = client.bloks_extract_context_data(result, _PROFILE_CODE + screen)
        if not context:
            raise errors.NeedsPerson
        if open_screen is not None:
            result = open_screen(context, domain=LOGIN_DOMAIN)
    return _wanted(client, "profile_code", username, (Channel("email"),), context=context, aac=client.caa_aac)


def _older_form(client: QuietClient, username: str, password: Secret) -> LoginStep:
    """``accounts/login/``, which the answer asked for: the reason of a refusal only comes from there."""
    data = {
        "phone_id": client.phone_id,
        "enc_password": client.password_encrypt(password.reveal()),
        "username": username,
        "adid": client.advertising_id,
        "guid": client.uuid,
        "device_id": client.android_device_id,
        "google_tokens": "[]",
        "login_attempt_count": "0",
        "country_codes": f'[{{"country_code":"{int(client.country_code)}","source":["default"]}}]',
    }
    try:
        client.private_request("accounts/login/", data=data, login=True)
    except Exception as failure:
        error = classify(failure, response=client.last_answer, endpoint="accounts/login")
        info = gather(failure, client.last_answer).body.get("two_factor_info")
    else:
        take_session(client)
        return finished(client, username)
    if isinstance(error, errors.NeedsCode) and isinstance(info, dict) and info.get("two_factor_identifier"):
        return _legacy_wanted(client, username, info)
    raise error


def _legacy_wanted(client: QuietClient, username: str, info: dict[str, Any]) -> CodeWanted:
    contact = info.get("obfuscated_phone_number")
    sms = Channel("sms", clean_text(contact, limit=100) if isinstance(contact, str) else "")
    by_app = () if info.get("totp_two_factor_on") is False else (Channel("totp"),)
    by_sms = (sms,) if info.get("sms_two_factor_on") else ()
    channels = (*by_app, *by_sms, Channel("backup_code"))
    return _wanted(client, "legacy", username, channels, identifier=str(info["two_factor_identifier"]))


def _wanted(client: QuietClient, kind: str, username: str, channels: tuple[Channel, ...], **secrets: str) -> CodeWanted:
    state: LoginState = {
        "kind": kind,
        "username": username,
        "channels": [[channel.name, channel.contact] for channel in channels],
        "chosen": channels[0].name,
        "settings": client.session_settings(),
        **secrets,
    }
    return CodeWanted(state, channels, channels[0])


def _texts(result: dict[str, Any]) -> list[str]:
    """All strings of an answer, those inside its program among them."""
    found: list[str] = []
    pending: list[object] = [result]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.append(value)
            found.extend(re.findall(r'"((?:[^"\\]|\\.){1,400})"', value))
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return found
