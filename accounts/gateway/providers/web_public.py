"""The public web, without any login: profiles, and the two GraphQL lists while they work.

Since September 2026 the list endpoints answer 200 with the right count and no people: that is ``ContractDrift``, never
an empty list. The web shows no list of a private account either, and does not say so: look at the profile first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import httpx

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.protocol import ListOrder, Pacing
from accounts.gateway.providers import web_rows as as_result
from accounts.gateway.providers.routing import TIMEOUT, checked_base_url, endpoint_of, routed_url
from accounts.gateway.results import CommentPage, Friendship, PeoplePage, Person, Post, PostPage, Profile
from igsite.secrets import Secret

_ORIGIN = "https://www.instagram.com"
_APP_ID = "936619743392459"
_USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36"
)
_LARGEST_ANSWER = 8 * 1024 * 1024
_FOLLOWERS = ("37479f2b8209594dde7facb0d904896a", "edge_followed_by", 12)
_FOLLOWING = ("58712303d941c6855d4e888c5f0cd22f", "edge_follow", 24)

Result = TypeVar("Result")


class WebPublic:
    """``ReadGateway`` over the public web. What it cannot do raises ``Unsupported``."""

    source = "web_public"

    def __init__(
        self, *, base_url: str | None = None, proxy: Secret | None = None, pacing: Pacing | None = None
    ) -> None:
        self._base, self._pacing = (checked_base_url(base_url) if base_url else None), pacing
        self._http = _opened(proxy)
        self._last_answer: _Answer | None = None

    def __enter__(self) -> WebPublic:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

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
        self._last_answer = None
        try:
            return asked(
                lambda: into(self._sent(path, params)), seen=lambda: self._last_answer, endpoint=path.strip("/")
            )
        except errors.NeedsLogin as wall:
            refused = wall.detail
        # There is no session that could have ended: the login page is how the web says "too much".
        raise errors.Throttled(detail=refused)

    def _sent(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        url = routed_url(self._base, _ORIGIN + path) if self._base else _ORIGIN + path
        try:
            with self._http.stream("GET", url, params=params) as response:
                content = _read_up_to(response, _LARGEST_ANSWER)
            self._last_answer = _Answer(response.status_code, response.headers, content)
        finally:
            self._record(path)
        if not response.is_success:
            raise _RefusedError
        body = json.loads(content)
        if not isinstance(body, dict):
            raise TypeError("an answer that is no object")
        if body.get("status") == "fail":
            raise _RefusedError
        return body

    def _record(self, path: str) -> None:
        if self._pacing is not None:
            outcome = str(self._last_answer.status_code) if self._last_answer else "no_answer"
            self._pacing.record(kind="read", endpoint=endpoint_of(path), outcome=outcome)

    # -- what the public web has not

    def profile(self, pk: int) -> Profile:  # noqa: ARG002
        """Not by pk."""
        self._cannot()

    def friendship(self, pk: int) -> Friendship:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def friendships(self, pks: Sequence[int]) -> Sequence[Friendship]:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def post(self, code: str) -> Post:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def likers(self, post_pk: int) -> Sequence[Person]:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def search(self, query: str) -> Sequence[Person]:  # noqa: ARG002
        """Not without a login."""
        self._cannot()

    def _cannot(self) -> NoReturn:
        raise errors.Unsupported("The public web cannot do that; an Instagram login can.")


def _opened(proxy: Secret | None) -> httpx.Client:
    connect, read = TIMEOUT
    try:
        return httpx.Client(
            headers={"X-Ig-App-Id": _APP_ID, "User-Agent": _USER_AGENT, "Accept": "application/json"},
            timeout=httpx.Timeout(read, connect=connect),
            proxy=proxy.reveal() if proxy else None,
            trust_env=False,
            follow_redirects=False,
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        pass  # the message may hold the password of the proxy
    raise errors.Unsupported("The public web cannot be read through such a proxy. Use an HTTP proxy.")


class _RefusedError(Exception):
    """An answer that is a refusal; the classifier reads it."""


class _Answer:
    """What is left of a streamed answer, in the shape that the classifier reads."""

    def __init__(self, status_code: int, headers: httpx.Headers, content: bytes) -> None:
        self.status_code, self.headers, self.content = status_code, headers, content


def _read_up_to(response: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > limit:
            raise ValueError("an answer without end")
    return bytes(content)
