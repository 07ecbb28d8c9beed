"""The public web, without any login: profiles, and the two GraphQL lists while they work.

Since September 2026 the list endpoints answer 200 with the right count and no people: that is ``ContractDrift``, never
an empty list. The web shows no list of a private account either, and does not say so: look at the profile first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.protocol import ListOrder, Pacing
from accounts.gateway.providers import web_rows as as_result
from accounts.gateway.providers.exchange import Exchange, RefusedError
from accounts.gateway.providers.limited import LimitedGateway
from accounts.gateway.providers.routing import checked_base_url, endpoint_of, routed_url
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.results import PeoplePage, Profile

_ORIGIN = "https://www.instagram.com"
_APP_ID = "936619743392459"
_USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36"
)
_FOLLOWERS = ("37479f2b8209594dde7facb0d904896a", "edge_followed_by", 12)
_FOLLOWING = ("58712303d941c6855d4e888c5f0cd22f", "edge_follow", 24)

Result = TypeVar("Result")


class WebPublic(LimitedGateway):
    """``ReadGateway`` over the public web. What it cannot do raises ``Unsupported``."""

    source = "web_public"
    cannot = "The public web cannot do that; an Instagram login can."

    def __init__(
        self, *, base_url: str | None = None, proxy: ProxyAddress | None = None, pacing: Pacing | None = None
    ) -> None:
        self._base = checked_base_url(base_url) if base_url else None
        headers = {"X-Ig-App-Id": _APP_ID, "User-Agent": _USER_AGENT}
        self._exchange = Exchange(proxy=proxy, pacing=pacing, headers=headers)

    def close(self) -> None:
        """Closes the connections."""
        self._exchange.close()

    def profile_by_username(self, username: str) -> Profile:
        """A profile with its counts."""
        return self._get("/api/v1/users/web_profile_info/", {"username": username}, as_result.profile)

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of at most 12. There is one order only."""
        return self._list(_FOLLOWERS, pk, cursor, order)

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of at most 24. There is one order only."""
        return self._list(_FOLLOWING, pk, cursor, order)

    def _list(self, which: tuple[str, str, int], pk: int, cursor: str | None, order: ListOrder) -> PeoplePage:
        if order != "default":
            self._cannot()
        query_hash, edge, size = which
        variables: dict[str, object] = {"id": str(int(pk)), "first": size} | ({"after": cursor} if cursor else {})
        params = {"query_hash": query_hash, "variables": json.dumps(variables, separators=(",", ":"))}
        page = self._get("/graphql/query/", params, lambda answer: as_result.people_page(answer, edge))
        if not page.people and page.count and cursor is None:
            raise errors.ContractDrift(detail=f"graphql/query {edge}: a count, and nobody")
        return page

    def _get(self, path: str, params: Mapping[str, str], into: Callable[[dict[str, Any]], Result]) -> Result:
        exchange = self._exchange
        try:
            return asked(
                lambda: into(self._sent(path, params)),
                seen=lambda: exchange.last_answer,
                endpoint=path.strip("/"),
                by_proxy=exchange.has_proxy,
            )
        except errors.NeedsLogin as wall:
            refused = wall.detail
        # There is no session that could have ended: the login page is how the web says "too much".
        raise errors.Throttled(detail=refused)

    def _sent(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        url = routed_url(self._base, _ORIGIN + path) if self._base else _ORIGIN + path
        answer = self._exchange.send("GET", url, params=params, endpoint=endpoint_of(path))
        if not answer.is_success:
            raise RefusedError
        body = answer.json_object()
        if body.get("status") == "fail":
            raise RefusedError
        return body
