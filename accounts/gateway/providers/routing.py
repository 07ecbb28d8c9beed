"""Where requests may go. The transport of instagrapi's three sessions, and what holds for each request of theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar

#: Seconds to connect and to wait for bytes: the one time-out policy of all sources.
TIMEOUT = (3.05, 30.0)


class ForbiddenAddress(requests.RequestException):
    """A request wanted to leave for where nothing of ours may go. Nothing was sent."""


class DenyingAdapter(HTTPAdapter):
    """Sends nothing. Mounted on ``http://``: Instagram is never spoken to in the clear."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        raise ForbiddenAddress("refused to send a request to " + str(urlsplit(str(request.url)).hostname))


class RoutedAdapter(HTTPAdapter):
    """Sends each request to ``{base}/ig/<original host><path>`` and nowhere else, once.

    The answer looks as if it came from the original address, so that cookies of that domain are kept and the library
    never learns of the detour.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(max_retries=0)
        self._base = checked_base_url(base_url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        routed = request.copy()
        routed.url = routed_url(self._base, str(request.url))
        routed.headers.pop("Host", None)  # instagrapi names Instagram's host itself; urllib3 writes the real one
        response = super().send(routed, *args, **kwargs)
        response.request, response.url = request, str(request.url)
        extract_cookies_to_jar(response.cookies, request, response.raw)  # type: ignore[no-untyped-call]
        return response


def checked_base_url(base_url: str) -> str:
    """``base_url`` without its trailing slash.

    Raises:
        ValueError: it is not an http(s) address.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("a base URL looks like http://127.0.0.1:8099, not " + repr(base_url))
    return base_url.rstrip("/")


def routed_url(base: str, url: str) -> str:
    """Where a request to ``url`` goes when everything goes to ``base``."""
    there = urlsplit(url)
    query = f"?{there.query}" if there.query else ""
    return f"{base}/ig/{there.netloc}{there.path}{query}"


def endpoint_of(url: str) -> str:
    """The path of ``url`` for ledgers and logs: no host, no query, numbers and names blotted out."""
    path = re.sub(r"^/(api/)?(v\d+/)?", "", urlsplit(url).path).strip("/")
    path = re.sub(r"(?<=users/)[^/]+(?=/(usernameinfo|web_profile_info))", "*", path)
    return re.sub(r"(?<=challenge/).+|(?<=/)\d[\d_]*(?=/|$)", "*", path)


def bind(session: requests.Session, on_answer: Callable[[str, requests.Response | None], None]) -> None:
    """Makes each request of ``session`` bounded in time, free of redirects and of the environment, and reported.

    A redirect is not followed: a 307 would send a POST twice, and any other one leads to a page that is no answer.
    ``on_answer(url, response)`` is called after each request, with None if no answer came.
    """
    send = session.request

    def request(method: str, url: str, **kwargs: Any) -> requests.Response:
        kwargs["timeout"], kwargs["allow_redirects"] = TIMEOUT, False
        response: requests.Response | None = None
        try:
            response = send(method, url, **kwargs)
            return response
        finally:
            on_answer(url, response)

    session.request = request  # type: ignore[method-assign,assignment]
    session.trust_env = False
