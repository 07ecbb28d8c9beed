"""The challenge of a login that Instagram finds suspicious: choose e-mail or SMS, enter the code."""

from simulator.cast import BY_PK, Login
from simulator.instagram.login import challenge_refusal, legacy_answer, open_session
from simulator.instagram.refusals import refuse
from simulator.instagram.routing import Call, private_api
from simulator.sessions import Challenge
from simulator.wire import Response, as_json

MAX_ATTEMPTS = 10


def _find(call: Call) -> tuple[Challenge, Login]:
    pk, nonce = int(call.parts[0]), call.parts[1]
    challenge = call.stage.sessions.challenges.get(nonce)
    login = BY_PK[pk].login if pk in BY_PK else None
    if challenge is None or challenge.pk != pk or login is None:
        raise refuse(404, "This challenge has expired.")
    call.request.login_pk = pk
    return challenge, login


def _step(challenge: Challenge, name: str, data: dict[str, str]) -> Response:
    return as_json(
        {
            "step_name": name,
            "step_data": data,
            "nonce_code": challenge.nonce,
            "user_id": challenge.pk,
            "flow_render_type": 3,
            "challenge_context": f'{{"step_name":"{name}","nonce_code":"{challenge.nonce}"}}',
            "status": "ok",
        }
    )


def _choose(challenge: Challenge, login: Login) -> Response:
    data = {"choice": "1", "email": login.email, "phone_number": login.phone}
    return _step(challenge, "select_verify_method", data)


@private_api.on("GET", "challenge/<pk>/<name>/", is_open=True)
def look(call: Call) -> Response:
    challenge, login = _find(call)
    if challenge.is_solved:
        return as_json({"action": "close", "status": "ok"})
    if challenge.is_native:
        raise challenge_refusal(challenge)
    return _choose(challenge, login) if not challenge.choice else _ask(challenge, login)


def _ask(challenge: Challenge, login: Login) -> Response:
    is_email = challenge.choice == "1"
    where = login.email if is_email else login.phone
    name = "verify_email_code" if is_email else "verify_sms_code"
    return _step(challenge, name, {"security_code": "None", "contact_point": where, "resend_delay": "60"})


@private_api.on("POST", "challenge/<pk>/<name>/", is_open=True)
def answer(call: Call) -> Response:
    challenge, login = _find(call)
    if challenge.is_native:
        raise challenge_refusal(challenge)
    form = call.request.form
    call.stage.is_changed = True
    if "choice" in form:
        challenge.choice = form["choice"]
        return _ask(challenge, login)
    challenge.attempts += 1
    if challenge.attempts > MAX_ATTEMPTS:
        raise refuse(429, "You've tried too many times. Please try again later.")
    if form.get("security_code", "").replace(" ", "") != login.code or not challenge.choice:
        raise refuse(400, "Please check the code we sent you and try again.", error_type="bad_security_code")
    call.stage.sessions.solve(challenge)
    return legacy_answer(*open_session(call, challenge.pk), action="close")


@private_api.on("POST", "challenge/reset/<pk>/<name>/", is_open=True)
@private_api.on("POST", "challenge/replay/<pk>/<name>/", is_open=True)
def back(call: Call) -> Response:
    challenge, login = _find(call)
    challenge.choice = ""
    return _choose(challenge, login)
