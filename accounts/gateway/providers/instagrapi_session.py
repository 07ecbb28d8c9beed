"""Where each way of logging in ends: a session."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from accounts.gateway import errors
from accounts.gateway.classify import classify
from accounts.gateway.login import LoggedIn
from accounts.gateway.providers.instagrapi_client import QuietClient
from igsite.text import clean_username

#: Where the app logs in.
LOGIN_DOMAIN = "b.i.instagram.com"
#: A session stands although these happened right after it was given; its first real use will tell.
_NO_MATTER = (errors.Transient, errors.Throttled, errors.ContractDrift, errors.ActionBlocked)


def finished(client: QuietClient, username: str, *, greet: bool = True) -> LoggedIn:
    """The session that ``client`` holds. ``greet``: ask for stories and feed, as the app does after a login."""
    if greet:
        _ignore_trifles(client, client.login_flow)
        client.last_login = time.time()
    if not client.user_id:
        raise errors.ContractDrift(detail="logged in without a user id")
    return LoggedIn(pk=int(client.user_id), username=clean_username(username), settings=client.session_settings())


def _ignore_trifles(client: QuietClient, call: Callable[[], object]) -> None:
    try:
        call()
        return
    except Exception as failure:
        error = classify(failure, response=client.last_answer, endpoint="login_flow")
    if not isinstance(error, _NO_MATTER):
        raise error


def take_session(client: QuietClient) -> None:
    """The session in the header of the last answer, which the older endpoints give it in."""
    answer = client.last_answer
    header = answer.headers.get("ig-set-authorization") if answer is not None else None
    client.authorization_data = client.parse_authorization(header)


def username_in(client: QuietClient, result: dict[str, Any]) -> str:
    """The account's own name in a login answer: people also log in with an e-mail address or a telephone number."""
    answer = client.bloks_extract_login_response(result).get("login_response")
    user = answer.get("logged_in_user") if isinstance(answer, dict) else None
    name = user.get("username") if isinstance(user, dict) else None
    return name if isinstance(name, str) else ""
