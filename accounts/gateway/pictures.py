"""One picture from the hosts that Instagram keeps pictures on, and from nowhere else. No Django here.

The addresses come out of Instagram's answers, so they are not trusted: https only, two domains, no redirect, no
credentials or port in the address, few bytes, little time. What comes is only bytes; whether it is a picture is for the
decoder to say.
"""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from accounts.gateway.providers.routing import checked_base_url, routed_url

HOSTS: Final = ("cdninstagram.com", "fbcdn.net")
#: A profile picture has 5 to 100 kB.
MOST_BYTES: Final = 2 * 2**20
#: Seconds to connect, between two pieces, and for all of it.
TIMEOUT: Final = httpx.Timeout(5.0, connect=3.05)
DEADLINE: Final = 8.0
_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_HEADERS: Final = {"Accept": ", ".join(sorted(_TYPES)), "Accept-Encoding": "identity"}
_GONE: Final = frozenset({401, 403, 404, 410})


class PictureError(Exception):
    """No picture came."""


class AddressRefused(PictureError):
    """The address may not be asked. Nothing was sent."""


class PictureRefused(PictureError):
    """What came is no picture that we take: another type, too large, a redirect."""


class PictureGone(PictureError):
    """The address has run out, or there is no picture any more."""


class PictureUnreachable(PictureError):
    """No answer, or one that may be better later."""


def checked_address(address: str) -> SplitResult:
    """The parts of an address that may be asked.

    Raises:
        AddressRefused: it is not https, not on an allowed host, or carries a port or credentials.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise AddressRefused("not an address") from error
    is_plain = parts.username is None and parts.password is None and port in (None, 443)
    if parts.scheme != "https" or not is_plain or not address.isascii() or not address.isprintable():
        raise AddressRefused("not a plain https address")
    if not any(host.endswith(f".{allowed}") for allowed in HOSTS) or "\\" in address:
        raise AddressRefused("not a host of pictures")
    return parts


class PictureSource:
    """Fetches pictures over one connection pool; to be used as a context manager.

    ``base_url`` None: the real hosts. Else ``{base_url}/ig/<host><path>`` stands for all of them.
    """

    def __init__(self, base_url: str | None) -> None:
        self._base = checked_base_url(base_url) if base_url else None
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, headers=_HEADERS)

    def __enter__(self) -> PictureSource:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch(self, address: str) -> bytes:
        """The bytes at ``address``, at most ``MOST_BYTES``. Raises a :class:`PictureError`."""
        parts = checked_address(address)
        plain = parts._replace(netloc=parts.hostname or "", fragment="").geturl()
        try:
            with self._client.stream("GET", routed_url(self._base, plain) if self._base else plain) as answer:
                _check(answer)
                return _body(answer)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise PictureUnreachable(type(error).__name__) from error


def _check(answer: httpx.Response) -> None:
    if answer.status_code in _GONE:
        raise PictureGone(f"HTTP {answer.status_code}")
    if answer.status_code >= 500 or answer.status_code == 429:
        raise PictureUnreachable(f"HTTP {answer.status_code}")
    if answer.status_code != 200:
        raise PictureRefused(f"HTTP {answer.status_code}")
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
        raise PictureRefused("not a picture")
    length = answer.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise PictureRefused("too large")
    if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise PictureRefused("compressed")  # a few bytes could become as many as one likes


def _body(answer: httpx.Response) -> bytes:
    over, body = time.monotonic() + DEADLINE, bytearray()
    for piece in answer.iter_bytes(65_536):
        body += piece
        if len(body) > MOST_BYTES:
            raise PictureRefused("too large")
        if time.monotonic() > over:
            raise PictureUnreachable("too slow")
    return bytes(body)
