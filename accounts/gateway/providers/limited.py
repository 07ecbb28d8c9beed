"""A source that can do little: everything else says so, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NoReturn, Self

from accounts.gateway import errors
from accounts.gateway.protocol import ListOrder
from accounts.gateway.results import CommentPage, Friendship, PeoplePage, Person, Post, PostPage, Profile

# The arguments are those of the protocol; nothing here looks at them.
# ruff: noqa: ARG002


class LimitedGateway:
    """Every call of the protocols raises ``Unsupported``; a source overrides what it can."""

    source: str
    #: What the person reads of a call that the source has not.
    cannot: ClassVar[str]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""

    def profile_by_username(self, username: str) -> Profile:
        self._cannot()

    def profile(self, pk: int) -> Profile:
        self._cannot()

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        self._cannot()

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        self._cannot()

    def friendship(self, pk: int) -> Friendship:
        self._cannot()

    def friendships(self, pks: Sequence[int]) -> Sequence[Friendship]:
        self._cannot()

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:
        self._cannot()

    def posts_by_username(self, username: str, cursor: str | None = None) -> PostPage:
        self._cannot()

    def post(self, code: str) -> Post:
        self._cannot()

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:
        self._cannot()

    def likers(self, post_pk: int) -> Sequence[Person]:
        self._cannot()

    def search(self, query: str) -> Sequence[Person]:
        self._cannot()

    def _cannot(self) -> NoReturn:
        raise errors.Unsupported(self.cannot)
