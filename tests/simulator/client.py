"""The real instagrapi client, unmodified, with its sessions routed to a simulator."""

import functools
from typing import Any
from urllib.parse import urlsplit

import requests
from instagrapi import Client
from requests.adapters import HTTPAdapter


class RoutingAdapter(HTTPAdapter):
    """Sends https://<host><path> to <base>/ig/<host><path>, and gives the answer its original address back."""

    def __init__(self, base: str) -> None:
        super().__init__(max_retries=0)
        self.base = base

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        assert request.url is not None
        copy = request.copy()
        parts = urlsplit(request.url)
        copy.url = f"{self.base}/ig/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        kwargs["proxies"] = {}
        response = super().send(copy, **kwargs)
        response.request, response.url = request, request.url
        return response


class RoutedClient(Client):  # type: ignore[misc]
    """A Client that reaches nothing but the simulator, and raises instead of retrying."""

    last_response_ts = property(lambda _self: 0, lambda _self, _value: None)

    def __init__(self, base: str, **kwargs: Any) -> None:
        self.simulator = base
        super().__init__(with_challenge_flow=False, request_timeout=0, public_request_retries_count=1, **kwargs)
        for session in (self.public, self.private, self.graphql):
            session.trust_env = False
        self.private.request = functools.partial(self.private.request, timeout=(3, 20))

    def _configure_private_session_retry(self, private_transport: str | None = None) -> None:  # noqa: ARG002
        self.private.mount("https://", RoutingAdapter(self.simulator))

    def _configure_public_session_retry(self) -> None:
        for name in ("public", "graphql"):
            if hasattr(self, name):
                getattr(self, name).mount("https://", RoutingAdapter(self.simulator))
