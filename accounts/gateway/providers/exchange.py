"""HTTP by httpx for the sources that have no client library of their own, and under the one that lets us choose.

One place decides how requests are sent: one request a call, bounded in time and size, without redirects, retries or the
environment, through the proxy if there is one and never around it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from accounts.gateway import errors
from accounts.gateway.protocol import Pacing, RequestKind
from accounts.gateway.providers.routing import TIMEOUT
from accounts.gateway.proxy import ProxyAddress
from igsite.secrets import Secret

LARGEST_ANSWER = 8 * 1024 * 1024
#: Seconds for a whole answer: one that drips for ever keeps within the time-out between two pieces.
DEADLINE = 90.0


class Answer:
    """What is left of a streamed answer, in the shape that the classifier reads."""

    def __init__(self, status_code: int, headers: httpx.Headers, content: bytes) -> None:
        self.status_code, self.headers, self.content = status_code, headers, content

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        body = json.loads(self.content)
        if not isinstance(body, dict):
            raise TypeError("an answer that is no object")
        return body


class RefusedError(Exception):
    """An answer that is a refusal, or none; the classifier reads the answer itself."""


class Exchange:
    """Sends requests. ``last_answer`` is the answer to the latest one, None if it brought none.

    Args:
        headers: sent with every request; a key belongs here.
        signed_with: parameters of the address that are secret. They are added below everything that writes logs.

    Raises:
        Unsupported: nothing can be sent through such a proxy.
    """

    def __init__(
        self,
        *,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
        headers: Mapping[str, str] | None = None,
        signed_with: Mapping[str, Secret] | None = None,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._pacing, self._largest = pacing, largest
        self.has_proxy = proxy is not None
        self.last_answer: Answer | None = None
        transport = _transport(proxy)
        self._http = httpx.Client(
            transport=_Signing(transport, signed_with) if signed_with else transport,
            headers={"Accept": "application/json", **(headers or {})},
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        endpoint: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        kind: RequestKind = "read",
    ) -> Answer:
        """One request and its whole answer, refusals included. ``endpoint`` is what pacing is told."""
        self.last_answer = None
        connect, read = TIMEOUT
        timeout = httpx.Timeout(read, connect=connect)
        try:
            with self._http.stream(
                method, url, params=params, headers=headers, content=content, timeout=timeout
            ) as response:
                body = _read_up_to(response, self._largest)
            self.last_answer = Answer(response.status_code, response.headers, body)
            return self.last_answer
        finally:
            if self._pacing is not None:
                outcome = str(self.last_answer.status_code) if self.last_answer else "no_answer"
                self._pacing.record(kind=kind, endpoint=endpoint, outcome=outcome)


class _Signing(httpx.BaseTransport):
    """Adds secret parameters to the address when a request leaves: httpx itself logs addresses."""

    def __init__(self, inner: httpx.BaseTransport, parameters: Mapping[str, Secret]) -> None:
        self._inner, self._parameters = inner, dict(parameters)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        revealed = {name: secret.reveal() for name, secret in self._parameters.items()}
        signed = httpx.Request(
            request.method,
            request.url.copy_merge_params(revealed),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._inner.handle_request(signed)

    def close(self) -> None:
        self._inner.close()


def _transport(proxy: ProxyAddress | None) -> httpx.BaseTransport:
    try:
        return httpx.HTTPTransport(proxy=_as_httpx(proxy) if proxy else None, trust_env=False, retries=0)
    except (ValueError, ImportError, httpx.InvalidURL):
        pass  # the message may hold the password of the proxy
    raise errors.Unsupported("Nothing can be read through such a proxy. Use another one.")


def _as_httpx(proxy: ProxyAddress) -> httpx.Proxy:
    auth = (proxy.username, proxy.password.reveal() if proxy.password else "") if proxy.username else None
    return httpx.Proxy(proxy.bare_address(), auth=auth)


def _read_up_to(response: httpx.Response, limit: int) -> bytes:
    content, over = bytearray(), time.monotonic() + DEADLINE
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > limit:
            raise ValueError("an answer without end")
        if time.monotonic() > over:
            raise httpx.ReadTimeout("an answer that drips")
    return bytes(content)
