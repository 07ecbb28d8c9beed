"""One real request to Instagram through a proxy: does it carry us there?"""

from __future__ import annotations

from typing import Final

import requests
from requests.adapters import HTTPAdapter

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.providers.routing import TIMEOUT, DenyingAdapter, RoutedAdapter
from accounts.gateway.proxy import ProxyAddress

#: A page that everybody may read, of a few kilobytes.
_PAGE: Final = "https://www.instagram.com/robots.txt"
_DISTRUST: Final = frozenset({401, 403, 429})


def try_proxy(address: ProxyAddress, *, base_url: str | None = None) -> str:
    """Ask for a public page of Instagram through ``address``. ``base_url`` None is Instagram itself.

    Returns:
        A sentence on what came back. That the connection ended at Instagram is proved by its certificate.

    Raises:
        ProxyUnreachable: no answer came through it.
        ProxyBlocked: Instagram answers this address with a refusal.
    """
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", HTTPAdapter(max_retries=0) if base_url is None else RoutedAdapter(base_url))
        session.mount("http://", DenyingAdapter())
        session.proxies = dict.fromkeys(("http", "https"), address.full_address().reveal())
        try:
            answer = asked(lambda: _first_bytes(session), endpoint="robots.txt")
        except errors.Transient as silence:
            # There is nothing but the proxy to blame: Instagram answers everybody here.
            raise errors.ProxyUnreachable(detail=silence.detail) from None
    if answer.status_code in _DISTRUST:
        raise errors.ProxyBlocked
    if answer.status_code == 407 or answer.status_code >= 500:
        raise errors.ProxyUnreachable
    return f"Instagram answered through it (HTTP {answer.status_code})."


def _first_bytes(session: requests.Session) -> requests.Response:
    with session.get(_PAGE, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
        return answer
