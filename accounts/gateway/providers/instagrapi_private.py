"""Instagram's private mobile API, with a login of the user's own: each read and write of the protocol is one request.

Only calls known to answer honestly are used: the library's own wrappers swallow refusals, fall back to dead endpoints
and cache (``docs/gateway.md``). Nothing is retried, nothing sleeps, and the password is never here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.protocol import ListOrder, Pacing
from accounts.gateway.providers import instagrapi_rows as as_result
from accounts.gateway.providers.instagrapi_client import QuietClient
from accounts.gateway.providers.json_fields import Json
from accounts.gateway.providers.post_codes import pk_of_code
from accounts.gateway.providers.routing import endpoint_of
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.results import (
    CommentPage,
    Friendship,
    PeoplePage,
    Person,
    Post,
    PostPage,
    Profile,
    WriteAnswer,
)

PAGE_SIZE = 200
SEARCH_SIZE = 30

Result = TypeVar("Result")


class InstagrapiPrivate:
    """A signed-in session. Speaks ``ReadGateway`` and ``WriteGateway``; raises nothing but ``GatewayError`` subclasses.

    Args:
        settings: what a login phase or ``session_settings()`` returned; secret.
        base_url: where requests go instead of to Instagram (the simulator), or None for Instagram.
        proxy: what every request of every session goes through.
        pacing: told of every request.

    Use it for one step, then ``close()`` it, and save ``session_settings()``: cookies change under way.
    """

    source = "instagrapi_private"

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        base_url: str | None = None,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        self._client = QuietClient(settings, base_url=base_url, proxy=proxy, pacing=pacing)

    def __enter__(self) -> InstagrapiPrivate:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def session_settings(self) -> dict[str, Any]:
        """Device and session as they are now; secret, fit for JSON and for the next ``InstagrapiPrivate``."""
        return self._client.session_settings()

    # -- reads

    def probe_session(self) -> Profile:
        """The login's own account; ``NeedsLogin`` if the session is dead. Never logs in again. Gives no counts."""
        return self._read("accounts/current_user/", {"edit": "true"}, as_result.profile)

    def profile_by_username(self, username: str) -> Profile:
        """A profile by its user name, which is taken as it is: clean it before."""
        return self._read(f"users/{_path_part(username)}/usernameinfo/", None, as_result.profile)

    def profile(self, pk: int) -> Profile:
        """A profile by its pk."""
        return self._read(f"users/{int(pk)}/info/", None, as_result.profile)

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of those who follow ``pk``. Whether an empty page can be true is for the scan to say."""
        return self._people_list(f"friendships/{int(pk)}/followers/", {}, cursor, order)

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of those whom ``pk`` follows."""
        return self._people_list(f"friendships/{int(pk)}/following/", {"includes_hashtags": "false"}, cursor, order)

    def friendship(self, pk: int) -> Friendship:
        """How this login and ``pk`` stand to each other, both ways."""
        wanted = {"is_external_deeplink_profile_view": "false"}
        return self._read(f"friendships/show/{int(pk)}/", wanted, lambda answer: as_result.friendship(int(pk), answer))

    def friendships(self, pks: Sequence[int]) -> Sequence[Friendship]:
        """The same for several, without ``followed_by``. A read, though Instagram wants it posted."""
        client = self._client
        data = {"user_ids": ",".join(str(int(pk)) for pk in pks), "_uuid": client.uuid}
        return self._ask(
            "friendships/show_many/",
            lambda path: as_result.friendships(client.private_request(path, data=data, with_signature=False)),
        )

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:
        """One page of posts, newest first."""
        params = {"count": 33} | ({"max_id": cursor} if cursor else {})
        return self._read(f"feed/user/{int(pk)}/", params, as_result.post_page)

    def post(self, code: str) -> Post:
        """A post by its short code; its number is computed, not asked for. ``Gone`` if ``code`` cannot be one."""
        return self._read(f"media/{pk_of_code(code)}/info/", None, lambda answer: as_result.post(_only_item(answer)))

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:
        """One page of comments."""
        params = {"min_id": cursor} if cursor else None
        return self._read(f"media/{int(post_pk)}/comments/", params, as_result.comment_page)

    def likers(self, post_pk: int) -> Sequence[Person]:
        """Those who like a post, as far as Instagram shows them; there is one page only."""
        return self._read(f"media/{int(post_pk)}/likers/", None, as_result.people)

    def search(self, query: str) -> Sequence[Person]:
        """People whose name matches."""
        params = {"search_surface": "user_search_page", "count": SEARCH_SIZE, "q": query}
        return self._read("users/search/", params, as_result.people)

    # -- writes: one POST each, over a connection of its own

    def follow(self, pk: int) -> WriteAnswer:
        """Follows, or asks to if the account is private. No check before it: ``friendship()`` is that."""
        extra = {"include_follow_friction_check": "1", "container_module": "profile"}
        return self._write_person("create", pk, extra)

    def unfollow(self, pk: int) -> WriteAnswer:
        """Stops following."""
        return self._write_person("destroy", pk, {"container_module": "profile"})

    def remove_follower(self, pk: int) -> WriteAnswer:
        """Makes ``pk`` follow this login no longer."""
        return self._write_person("remove_follower", pk, {})

    def like(self, post_pk: int) -> WriteAnswer:
        """Likes a post."""
        return self._write(f"media/{int(post_pk)}/like/", self._feed_data(post_pk))

    def unlike(self, post_pk: int) -> WriteAnswer:
        """Takes a like back."""
        return self._write(f"media/{int(post_pk)}/unlike/", self._feed_data(post_pk))

    def comment(self, post_pk: int, text: str) -> WriteAnswer:
        """Writes a comment."""
        client = self._client
        token = client.generate_uuid()
        data = self._feed_data(post_pk) | {
            "user_breadcrumb": client.gen_user_breadcrumb(len(text)),
            "idempotence_token": token,
            "comment_creation_key": token,
            "comment_text": text,
        }
        return self._write(f"media/{int(post_pk)}/comment/", data)

    # -- how it is asked

    def _people_list(self, path: str, extra: dict[str, str], cursor: str | None, order: ListOrder) -> PeoplePage:
        params: dict[str, object] = {
            "count": PAGE_SIZE,
            "rank_token": self._client.rank_token,
            "search_surface": "follow_list_page",
            "query": "",
            "enable_groups": "true",
            **extra,
        }
        if order != "default":
            params["order"] = order
        if cursor:
            params["max_id"] = cursor
        return self._read(path, params, as_result.people_page)

    def _feed_data(self, post_pk: int) -> dict[str, str]:
        return {
            "inventory_source": "media_or_ad",
            "media_id": str(int(post_pk)),
            "delivery_class": "organic",
            "tap_source": "button",
            "is_2m_enabled": "false",
            "is_from_swipe": "false",
            "is_carousel_bumped_post": "false",
            "floating_context_items": "[]",
            "container_module": "feed_timeline",
            "feed_position": str(random.randint(0, 6)),  # noqa: S311 - what the app sends, no secret
        }

    def _write_person(self, verb: str, pk: int, extra: dict[str, str]) -> WriteAnswer:
        return self._write(f"friendships/{verb}/{int(pk)}/", {"user_id": str(int(pk)), **extra}, pk=int(pk))

    def _write(self, path: str, data: dict[str, str], *, pk: int | None = None) -> WriteAnswer:
        """Exactly one POST. An error after it says nothing about whether it was carried out: read before any other."""
        client = self._client

        def send(endpoint: str) -> WriteAnswer:
            client.request_kind = "write"
            client.use_fresh_connection()
            signed = client.with_action_data({"_uid": str(client.user_id), **data})
            return as_result.write_answer(client.private_request(endpoint, data=signed), pk)

        try:
            return self._ask(path, send)
        finally:
            client.request_kind = "read"

    def _read(self, path: str, params: Mapping[str, object] | None, into: Callable[[Json], Result]) -> Result:
        return self._ask(path, lambda endpoint: into(self._client.private_request(endpoint, params=params)))

    def _ask(self, path: str, call: Callable[[str], Result]) -> Result:
        client = self._client
        client.last_answer = None
        return asked(
            lambda: call(path),
            seen=lambda: client.last_answer,
            endpoint=endpoint_of("/" + path),
            by_proxy=client.has_proxy,
        )


def _only_item(answer: Json) -> Json:
    items: list[Json] = answer["items"]
    if not items:
        raise errors.Gone("Instagram says that this post does not exist.")
    return items[0]


def _path_part(username: str) -> str:
    if not username or "/" in username or "?" in username or "#" in username or username in {".", ".."}:
        raise errors.Gone
    return username
