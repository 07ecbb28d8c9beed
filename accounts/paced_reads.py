"""The reads of a source as a job sees them: each may be put off before it is sent; none is sent to what is broken."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from accounts.gateway.abilities import Ability
from accounts.gateway.protocol import ListOrder, ReadGateway
from accounts.gateway.results import CommentPage, Friendship, PeoplePage, Person, Post, PostPage, Profile

Result = TypeVar("Result")


class PacedReads(ABC):
    """A :class:`~accounts.gateway.protocol.ReadGateway` over another one, ``_inner``.

    Every method may raise, besides ``GatewayError``, ``connect.MustWait`` and ``connect.NotReady``: nothing was sent
    then.
    """

    source: str
    _inner: ReadGateway

    @abstractmethod
    def _read(self, ability: Ability, endpoint: str, call: Callable[[], Result]) -> Result:
        """Reserve, send, tell what came of it."""

    def profile_by_username(self, username: str) -> Profile:
        """A profile by its name."""
        ask = self._inner.profile_by_username
        return self._read(Ability.PROFILE_BY_USERNAME, "users/*/usernameinfo", lambda: ask(username))

    def profile(self, pk: int) -> Profile:
        """A profile by its number."""
        return self._read(Ability.PROFILE, "users/*/info", lambda: self._inner.profile(pk))

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of followers."""
        ask = self._inner.followers
        return self._read(Ability.FOLLOWERS, "friendships/*/followers", lambda: ask(pk, cursor, order=order))

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of those whom ``pk`` follows."""
        ask = self._inner.following
        return self._read(Ability.FOLLOWING, "friendships/*/following", lambda: ask(pk, cursor, order=order))

    def friendship(self, pk: int) -> Friendship:
        """How the login and ``pk`` stand to each other."""
        return self._read(Ability.FRIENDSHIP, "friendships/show/*", lambda: self._inner.friendship(pk))

    def friendships(self, pks: Sequence[int]) -> Sequence[Friendship]:
        """The same for several."""
        return self._read(Ability.FRIENDSHIPS, "friendships/show_many", lambda: self._inner.friendships(pks))

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:
        """One page of posts."""
        return self._read(Ability.POSTS, "feed/user/*", lambda: self._inner.posts(pk, cursor))

    def post(self, code: str) -> Post:
        """A post by its short code."""
        return self._read(Ability.POST, "media/*/info", lambda: self._inner.post(code))

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:
        """One page of comments."""
        return self._read(Ability.COMMENTS, "media/*/comments", lambda: self._inner.comments(post_pk, cursor))

    def likers(self, post_pk: int) -> Sequence[Person]:
        """Those who like a post."""
        return self._read(Ability.LIKERS, "media/*/likers", lambda: self._inner.likers(post_pk))

    def search(self, query: str) -> Sequence[Person]:
        """People whose name matches."""
        return self._read(Ability.SEARCH, "users/search", lambda: self._inner.search(query))
