"""The Bloks payloads of the login screens: small programs in Instagram's own Lisp, with JSON inside."""

import json
from typing import Any

from simulator.sessions import Session

TWO_STEP_APP = "com.bloks.www.two_step_verification.entrypoint"


def payload(action: str, data: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"layout": {"bloks_payload": {"data": data or [], "action": action}}, "status": "ok"}


def text(value: str) -> str:
    return json.dumps(value)


def mapping(values: dict[str, str]) -> str:
    """A static map; values are expressions."""
    keys = " ".join(text(key) for key in values)
    return f"(f4i (dkc {keys}) (dkc {' '.join(values.values())}))"


def two_step(context: str) -> dict[str, Any]:
    """Opens the screen of the second factor."""
    params = {"two_step_verification_context": text(context), "flow_source": text("two_factor_login")}
    inner = mapping(params)
    return payload(f"(bk.action.bloks.PushScreen {text(TWO_STEP_APP)} {mapping({'server_params': inner})})")


def message(words: str) -> dict[str, Any]:
    """Shows a message and stays on the screen."""
    return payload(f"(bk.action.bloks.ShowToast {text(words)})")


def account_access(aac: str) -> dict[str, Any]:
    """The login home page with the context that the next steps must carry."""
    node = {"id": "aac", "type": "gs", "data": {"key": "CAA_ACCOUNT_ACCESS_CONTEXT:aac", "initial": aac}}
    return payload("(bk.action.core.Noop)", [node])


def signed_in(session: Session, user: dict[str, Any]) -> dict[str, Any]:
    """The login response, its headers and cookies as strings inside a string."""
    csrf = "missing" + session.sessionid[-24:]
    cookies = {"sessionid": session.sessionid, "ds_user_id": str(session.pk), "csrftoken": csrf, "mid": "aSimMid"}
    lines = [f"Set-Cookie: {name}={value}; Domain=.instagram.com; Path=/; Secure" for name, value in cookies.items()]
    inner = {
        "login_response": json.dumps({"logged_in_user": user, "status": "ok"}),
        "headers": json.dumps(
            {
                "IG-Set-Authorization": session.authorization,
                "ig-set-ig-u-rur": f"SIM,{session.pk},1",
                "x-ig-set-www-claim": "hmac.AR0sim",
            }
        ),
        "cookies": "\n".join(lines),
    }
    return payload(f"(bk.action.caa.HandleLoginResponse (bk.action.tree.Make 13704 35 {text(json.dumps(inner))}))")
