"""Signing in: the Bloks flow of the Android app, its second factor, and the older accounts/login/."""

import json
import secrets
from typing import Any

from simulator import totp
from simulator.cast import BY_PK, PK_OF, Login
from simulator.instagram import bloks
from simulator.instagram.refusals import RefusalError, refuse
from simulator.instagram.routing import Call, private_api
from simulator.instagram.rows import short, signature
from simulator.passwords import KEY_ID, UnreadablePasswordError
from simulator.sessions import Challenge, Session
from simulator.wire import Response, as_json

WRONG_CODE = "Please check the security code and try again."
CAA = "bloks/async_action/com.bloks.www."
TWO_STEP = "com.bloks.www.two_step_verification."


def bloks_params(call: Call) -> dict[str, dict[str, Any]]:
    """The `params` of a Bloks request: client_input_params and server_params."""
    try:
        params = json.loads(call.request.form.get("params", "{}"))
    except ValueError:
        params = {}
    return {part: params.get(part) or {} for part in ("client_input_params", "server_params")}


def device_of(call: Call) -> str:
    return call.request.headers.get("x-ig-android-id", "") or call.request.form.get("device_id", "unknown")


def credentials(call: Call, username: str, sealed: str) -> tuple[int, Login]:
    """Whose username and password these are. An unknown username is refused with the words of a blocked address, as
    by Instagram; a wrong password, or a right one from a risky address, with bad_password."""
    pk = PK_OF.get(username.strip().lower())
    login = BY_PK[pk].login if pk is not None else None
    if pk is None or login is None:
        raise refuse(
            400,
            "The username you entered doesn't appear to belong to an account. Please check it and try again.",
            error_type="invalid_user",
        )
    try:
        password = call.stage.password_key.decrypt(sealed)
    except UnreadablePasswordError:
        password = ""
    is_risky = login.second_step == "risky" and pk not in call.stage.sessions.approved
    if not login.password or password != login.password or is_risky:
        raise refuse(
            400,
            "The password you entered is incorrect. Please try again or log in with Facebook.",
            error_type="bad_password",
            invalid_credentials=True,
        )
    return pk, login


def challenge_refusal(challenge: Challenge) -> RefusalError:
    path = f"/challenge/{challenge.pk}/{challenge.nonce}/"
    return refuse(
        400,
        "challenge_required",
        error_type="checkpoint_challenge_required",
        challenge={
            "url": f"https://i.instagram.com{path}",
            "api_path": path,
            "hide_webview_header": True,
            "lock": True,
            "logout": False,
            "native_flow": challenge.is_native,
            "flow_render_type": 0,
        },
    )


def check_challenge(call: Call, pk: int, login: Login) -> None:
    """Hold the login up when its kind asks for it and the device is not trusted yet."""
    sessions, device = call.stage.sessions, device_of(call)
    if login.second_step in ("challenge", "approve") and (pk, device) not in sessions.trusted:
        challenge = sessions.challenge(pk, device, native=login.second_step == "approve")
        call.stage.is_changed = True
        raise challenge_refusal(challenge)


def open_session(call: Call, pk: int) -> tuple[Session, dict[str, Any]]:
    stage = call.stage
    session = stage.sessions.open(pk, device_of(call))
    stage.is_changed = True
    call.request.login_pk = pk
    moment = stage.now()
    account = stage.world.account(pk, moment)
    return session, short(account, signature(stage, moment)) if account is not None else {}


@private_api.on("ANY", "qe/sync/", is_open=True)
def sync(call: Call) -> Response:
    headers = [
        ("ig-set-password-encryption-key-id", str(KEY_ID)),
        ("ig-set-password-encryption-pub-key", call.stage.password_key.public_base64),
    ]
    return as_json({"experiments": [], "status": "ok"}, headers=headers)


@private_api.on("ANY", "launcher/sync/", is_open=True)
def launcher_sync(_call: Call) -> Response:
    return as_json({"configs": {}, "status": "ok"})


@private_api.on("POST", CAA + "bloks.caa.login.process_client_data_and_redirect/", is_open=True)
def login_home(_call: Call) -> Response:
    return as_json(bloks.account_access("aac." + secrets.token_urlsafe(24)))


@private_api.on("POST", "attestation/create_android_keystore/", is_open=True)
def attestation(_call: Call) -> Response:
    nonces = {"challenge_nonce": secrets.token_urlsafe(24), "key_nonce": secrets.token_urlsafe(24)}
    return as_json(nonces | {"status": "ok"})


@private_api.on("POST", CAA + "caa.login.oauth.token.fetch.async/", is_open=True)
def oauth_token(_call: Call) -> Response:
    return as_json(bloks.payload("(bk.action.core.Noop)"))


@private_api.on("POST", CAA + "bloks.caa.login.async.send_login_request/", is_open=True)
def send_login_request(call: Call) -> Response:
    entered = bloks_params(call)["client_input_params"]
    pk, login = credentials(call, str(entered.get("contact_point", "")), str(entered.get("password", "")))
    call.request.login_pk = pk
    check_challenge(call, pk, login)
    if login.second_step == "totp":
        call.stage.is_changed = True
        return as_json(bloks.two_step(call.stage.sessions.hold_for_code(pk, device_of(call))))
    return as_json(bloks.signed_in(*open_session(call, pk)))


def _held(call: Call) -> tuple[str, int]:
    """The second-factor context of the request, and whose it is."""
    context = str(bloks_params(call)["server_params"].get("two_step_verification_context", ""))
    held = call.stage.sessions.contexts.get(context)
    if held is None:
        raise refuse(400, "This verification has expired. Please log in again.", error_type="two_step_expired")
    call.request.login_pk = held[0]
    return context, held[0]


@private_api.on("POST", "bloks/apps/" + TWO_STEP + "entrypoint/", is_open=True)
@private_api.on("POST", "bloks/apps/" + TWO_STEP + "method_picker/", is_open=True)
@private_api.on("POST", "bloks/apps/com.bloks.www.two_factor_login.enter_totp_code/", is_open=True)
@private_api.on("POST", "bloks/apps/com.bloks.www.two_factor_login.enter_backup_code/", is_open=True)
@private_api.on("POST", "bloks/async_action/" + TWO_STEP + "method_picker.navigation.async/", is_open=True)
def two_step_screen(call: Call) -> Response:
    context, pk = _held(call)
    login = BY_PK[pk].login
    hint = login.phone if login is not None else ""
    methods = bloks.mapping({context: bloks.text("totp sms " + hint)})
    return as_json(bloks.payload(f"(bk.action.bloks.Methods {methods})"))


@private_api.on("POST", "bloks/async_action/" + TWO_STEP + "verify_code.async/", is_open=True)
def verify_code(call: Call) -> Response:
    context, pk = _held(call)
    params = bloks_params(call)
    code = str(params["client_input_params"].get("code", "")).replace(" ", "")
    if not is_right_code(BY_PK[pk].login, code, str(params["server_params"].get("challenge", "totp"))):
        return as_json(bloks.message(WRONG_CODE))
    del call.stage.sessions.contexts[context]
    return as_json(bloks.signed_in(*open_session(call, pk)))


def is_right_code(login: Login | None, code: str, method: str) -> bool:
    if login is None:
        return False
    if method == "backup_codes":
        return code == login.backup_code
    return code == login.code if method == "sms" else totp.is_valid(login.totp_seed, code)


@private_api.on("POST", "accounts/login/", is_open=True)
def legacy_login(call: Call) -> Response:
    form = call.request.form
    pk, login = credentials(call, form.get("username", ""), form.get("enc_password", ""))
    call.request.login_pk = pk
    check_challenge(call, pk, login)
    if login.second_step == "totp":
        context = call.stage.sessions.hold_for_code(pk, device_of(call))
        info = {"username": form.get("username"), "two_factor_identifier": context, "totp_two_factor_on": True}
        raise refuse(
            400, "", error_type="two_factor_required", two_factor_required=True,
            two_factor_info=info | {"sms_two_factor_on": True, "obfuscated_phone_number": login.phone[-2:]},
        )  # fmt: skip
    return legacy_answer(*open_session(call, pk))


@private_api.on("POST", "accounts/two_factor_login/", is_open=True)
def legacy_two_factor(call: Call) -> Response:
    form = call.request.form
    context = form.get("two_factor_identifier", "")
    held = call.stage.sessions.contexts.get(context)
    method = "sms" if form.get("verification_method") == "1" else "totp"
    if held is None or not is_right_code(BY_PK[held[0]].login, form.get("verification_code", ""), method):
        raise refuse(400, WRONG_CODE, error_type="sms_code_validation_code_invalid")
    del call.stage.sessions.contexts[context]
    return legacy_answer(*open_session(call, held[0]))


def legacy_answer(session: Session, user: dict[str, Any], **more: Any) -> Response:
    """A session in the headers and cookies of the answer itself."""
    headers = [
        ("IG-Set-Authorization", session.authorization),
        ("Set-Cookie", f"sessionid={session.sessionid}; Path=/; Secure"),
        ("Set-Cookie", f"ds_user_id={session.pk}; Path=/; Secure"),
        ("Set-Cookie", f"csrftoken=missing{session.sessionid[-24:]}; Path=/; Secure"),
    ]
    return as_json({"logged_in_user": user, **more, "status": "ok"}, headers=headers)


@private_api.on("POST", "accounts/logout/")
def logout(call: Call) -> Response:
    call.me.is_alive = False
    call.stage.is_changed = True
    return as_json({"status": "ok"})
