"""The phases of logging in, spoken by instagrapi's building blocks instead of its ``login()``.

That one may send the password up to four times, asks on the terminal, and logs in again by itself on a dead session.
Here it is sent once; only where Instagram's answer directs the app to its older form is it sent there as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.login import ChannelName, CodeWanted, LoggedIn, LoginState, LoginStep, PasswordWanted
from accounts.gateway.protocol import Pacing
from accounts.gateway.providers import instagrapi_challenge as challenge
from accounts.gateway.providers import instagrapi_second_factor as second_factor
from accounts.gateway.providers.instagrapi_client import QuietClient
from accounts.gateway.providers.instagrapi_password import send_password
from accounts.gateway.providers.instagrapi_rows import profile as as_profile
from accounts.gateway.providers.instagrapi_session import finished
from accounts.gateway.proxy import ProxyAddress
from igsite.secrets import Secret
from igsite.text import clean_text

_SESSION_PARTS = ("cookies", "authorization_data", "last_login", "ig_u_rur", "ig_www_claim")
_NO_SUCH_NAME = (
    "Either there is no such user name, or Instagram blocks the address this site connects from; it says the same for"
    " both. Check the name first, then try a proxy near you."
)
_SESSIONID = re.compile(r"\d{1,20}(%3A|:)[\w%:.~-]{10,400}", re.ASCII | re.IGNORECASE)

Result = TypeVar("Result")


class PrivateLogin:
    """``LoginGateway`` for the private API. Keeps nothing between phases."""

    def __init__(
        self, *, base_url: str | None = None, proxy: ProxyAddress | None = None, pacing: Pacing | None = None
    ) -> None:
        self._base_url, self._proxy, self._pacing = base_url, proxy, pacing

    def new_device(self) -> dict[str, Any]:
        """Settings of a device that Instagram has never seen. Sends nothing."""

        def phase(client: QuietClient) -> dict[str, Any]:
            client.usdid_generate()
            return client.session_settings()

        return self._phase({}, phase)

    def begin_login(
        self, username: str, password: Secret, settings: dict[str, Any] | None = None, totp_seed: Secret | None = None
    ) -> LoginStep:
        """Sends the password. With a seed, the code of the authenticator app is computed and sent as well."""
        name = clean_text(username, limit=200).strip().lstrip("@")
        if not name or not password:
            raise errors.BadPassword("A user name and a password are needed.")

        def phase(client: QuietClient) -> LoginStep:
            client.username = name
            try:
                step = challenge.meet(client, name, lambda: send_password(client, name, password))
            except errors.ProxyBlocked as blocked:
                raise errors.ProxyBlocked(_NO_SUCH_NAME, detail=blocked.detail) from None
            if isinstance(step, CodeWanted) and totp_seed:
                return second_factor.answer_with_seed(client, step, totp_seed)
            return step

        return self._phase(without_session(settings or {}), phase)

    def choose_channel(self, state: LoginState, channel: ChannelName) -> CodeWanted:
        """Asks for the code to be sent, where it is sent at all."""
        choose = challenge.choose if state["kind"] == "challenge" else second_factor.choose
        return self._phase(state["settings"], lambda client: choose(client, state, channel))

    def submit_code(self, state: LoginState, code: str) -> LoginStep:
        """One try with ``code``; blanks and hyphens are dropped. An empty one is not sent."""
        digits = re.sub(r"[\s-]+", "", clean_text(code, limit=40))
        if not digits.isascii() or not digits.isdigit():
            raise errors.NeedsCode("The code consists of digits.")
        name = str(state["username"])
        submit = challenge.submit if state["kind"] == "challenge" else second_factor.submit

        def phase(client: QuietClient) -> LoginStep:
            client.username = name
            return challenge.meet(client, name, lambda: submit(client, state, digits))

        return self._phase(state["settings"], phase)

    def resume_after_approval(self, state: LoginState) -> LoginStep:
        """After the person approved: the session if there is one by now, else the password is wanted once more."""
        name = str(state["username"])

        def phase(client: QuietClient) -> LoginStep:
            if not client.authorization_data:
                return PasswordWanted(name, client.session_settings())
            return challenge.meet(client, name, lambda: _probed(client))

        return self._phase(state["settings"], phase)

    def open_challenge(self, api_path: str, settings: dict[str, Any], username: str = "") -> LoginStep:
        """What the challenge at ``api_path`` wants, which a read met with these ``settings``."""
        return self._phase(settings, lambda client: challenge.opened(client, username, api_path))

    def login_by_sessionid(
        self, sessionid: Secret, user_agent: str | None = None, settings: dict[str, Any] | None = None
    ) -> LoggedIn:
        """Takes over a session of a browser or an app, by its cookie. One read proves it.

        A cookie of a browser wants that browser's ``user_agent``, or Instagram soon ends the session.
        """
        cookie = read_sessionid(sessionid.reveal())
        pk = re.split("%3A|:", cookie, maxsplit=1, flags=re.IGNORECASE)[0]
        session = {
            **without_session(settings or {}),
            "cookies": {"sessionid": cookie, "ds_user_id": pk},
            "authorization_data": {"ds_user_id": pk, "sessionid": cookie, "should_use_header_over_cookies": True},
        }
        if user_agent:
            session["user_agent"] = clean_text(user_agent, limit=400)

        def phase(client: QuietClient) -> LoggedIn:
            own = as_profile(client.private_request(f"users/{pk}/info/"))
            return LoggedIn(own.pk, own.username, client.session_settings())

        return self._phase(session, phase)

    def _phase(self, settings: dict[str, Any], call: Callable[[QuietClient], Result]) -> Result:
        clients: list[QuietClient] = []

        def work() -> Result:
            client = QuietClient(settings, base_url=self._base_url, proxy=self._proxy, pacing=self._pacing)
            client.request_kind = "login"
            clients.append(client)
            return call(client)

        try:
            return asked(
                work,
                seen=lambda: clients[0].last_answer if clients else None,
                endpoint="login",
                by_proxy=self._proxy is not None,
            )
        finally:
            for client in clients:
                client.close()


def without_session(settings: dict[str, Any]) -> dict[str, Any]:
    """The device alone: what a new login starts from. A browser's user agent went with that browser's cookie."""
    device = {name: value for name, value in settings.items() if name not in _SESSION_PARTS}
    if not str(device.get("user_agent") or "").startswith("Instagram "):
        device.pop("user_agent", None)
    return device


def read_sessionid(text: str) -> str:
    """The cookie in what a person pasted: the value, ``sessionid=…``, or a whole cookie line.

    Raises:
        NeedsLogin: there is none.
    """
    named = re.search(r"\bsessionid\s*[=:]\s*\"?([^;\s\"]+)", text)
    value = (named.group(1) if named else text).strip().strip("\"'")
    if not _SESSIONID.fullmatch(value):
        raise errors.NeedsLogin("This is not a sessionid cookie of Instagram. It begins with a number, then %3A.")
    return value.replace(":", "%3A")


def _probed(client: QuietClient) -> LoginStep:
    own = as_profile(client.private_request("accounts/current_user/", params={"edit": "true"}))
    return finished(client, own.username, greet=False)
