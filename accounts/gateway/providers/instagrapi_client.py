"""instagrapi's Client with everything taken out that acts on its own: retries, sleeps, logs, challenge and login flows.

One Client serves one step of one login; it is never shared between threads nor kept across a fork.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NoReturn

import requests
from instagrapi import Client
from requests.adapters import HTTPAdapter

from accounts.gateway import errors
from accounts.gateway.protocol import Pacing, RequestKind
from accounts.gateway.providers.routing import DenyingAdapter, RoutedAdapter, bind, endpoint_of
from accounts.gateway.proxy import ProxyAddress

#: What a saved session may not decide: how requests are sent. The rest of it is the device and the session.
_OURS = (
    "request_timeout", "public_request_retries_count", "public_request_retries_timeout", "session_retry_total",
    "session_retry_backoff_factor", "session_retry_statuses", "public_transport", "private_transport",
    "public_transport_impersonate", "tls_verify", "fbns_auth",
)  # fmt: skip

# Attached to nothing and switched off for good: at DEBUG the library logs bodies with the bearer token, at ERROR the
# beginning of any body that is not JSON, at INFO the proxy with its password.
_SILENT = logging.Logger("instagrapi, silenced")
_SILENT.disabled = True


class QuietClient(Client):  # type: ignore[misc]  # the library is untyped
    """The real client of Instagram's private API, bounded.

    Each call of ``private_request`` is exactly one HTTP request. With a ``base_url`` every request of all three
    sessions goes there; without one, the library's own curl transport speaks to Instagram. ``http://`` is refused.
    """

    private_request_logger = public_request_logger = request_logger = _SILENT
    #: The answer to the last request on any session; None if it brought none.
    last_answer: requests.Response | None = None

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        base_url: str | None = None,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        self._base_url, self._pacing = base_url, pacing
        self.has_proxy = proxy is not None
        self.request_kind: RequestKind = "read"
        super().__init__(
            settings={name: value for name, value in (settings or {}).items() if name not in _OURS},
            proxy=proxy.full_address().reveal() if proxy else None,
            logger=_SILENT,
            with_challenge_flow=False,
            request_timeout=0,  # a sleep before each request, not a time-out
            session_retry_total=0,
            public_request_retries_count=1,
            public_request_retries_timeout=0,
        )
        self._mount(self.graphql)
        for session in (self.private, self.public, self.graphql):
            bind(session, self._remember)

    def init(self) -> bool:
        """Keeps the saved user agent: the library's own overwrites it with the device's before reading it."""
        saved = self.settings.get("user_agent")
        super().init()
        if saved:
            self.set_user_agent(saved)
            self.private.headers.update(self.base_headers)
        return True

    # -- where requests go

    def _configure_private_session_retry(self, private_transport: str | None = None) -> None:  # noqa: ARG002
        if self._base_url is not None:
            self._mount(self.private)
            return
        super()._configure_private_session_retry(private_transport="curl")  # its "requests" transport retries POSTs
        self.private.mount("http://", DenyingAdapter())

    def _configure_public_session_retry(self) -> None:
        self._mount(self.public)

    def _mount(self, session: requests.Session) -> None:
        replaced = list(session.adapters.values())
        direct = HTTPAdapter(max_retries=0)
        session.mount("https://", direct if self._base_url is None else RoutedAdapter(self._base_url))
        session.mount("http://", DenyingAdapter())
        for adapter in replaced:
            adapter.close()

    def use_fresh_connection(self) -> None:
        """Drops the private session's open connections.

        libcurl quietly sends a request again when a kept connection turns out to be dead; a write must not.
        """
        self._private_adapter_transport = None
        self._configure_private_session_retry()

    def close(self) -> None:
        """Closes all connections."""
        for session in (self.private, self.public, self.graphql):
            session.close()

    # -- what is sent, and what is known of it

    def _remember(self, url: str, response: requests.Response | None) -> None:
        self.last_answer = response
        if self._pacing is not None:
            outcome = "no_answer" if response is None else str(response.status_code)
            self._pacing.record(kind=self.request_kind, endpoint=endpoint_of(url), outcome=outcome)

    def private_request(self, endpoint: str, data: Any = None, params: Any = None, **options: Any) -> dict[str, Any]:
        """One request to the private API. A POST if there is ``data``. Unlike the library's it never sends again: that
        one repeats after a 408, a torn body or a challenge, writes included."""
        options["headers"] = dict(options.get("headers") or {})
        if self.authorization:
            options["headers"].setdefault("Authorization", self.authorization)
        self.last_answer = None
        self.private_requests_count += 1
        self._send_private_request(endpoint, data=data, params=params, **options)
        answer: dict[str, Any] = self.last_json
        return answer

    @property
    def last_response_ts(self) -> float:
        """Always 0: otherwise public requests sleep when they follow one another within a second."""
        return 0

    @last_response_ts.setter
    def last_response_ts(self, value: float) -> None:
        pass

    def session_settings(self) -> dict[str, Any]:
        """Device, cookies and tokens, as JSON can carry them; secret. Without how requests are sent."""
        return {name: value for name, value in self.get_settings().items() if name not in _OURS}

    # -- flows that would act on their own: closed

    def challenge_resolve(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Closed: accepts warnings and invents birthdays."""
        raise errors.NeedsPerson

    def challenge_resolve_contact_form(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Closed: opens a session of its own, which no adapter reaches."""
        raise errors.NeedsPerson

    def challenge_code_or_raised(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Closed: asks on the terminal, and prints the code."""
        raise errors.NeedsCode

    def login(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Closed: may log in with the password several times. See ``instagrapi_login``."""
        raise errors.NeedsLogin

    login_legacy = relogin = login

    def dump_settings(self, path: Any) -> NoReturn:
        """Closed: writes the session to a file in the clear."""
        raise NotImplementedError("sessions live in the vault, not in " + str(path))
