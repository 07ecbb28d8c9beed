"""The one protocol that every source speaks. One call is one request: paging, waiting, retrying belong to the jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

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

RequestKind = Literal["read", "write", "login"]
ListOrder = Literal["default", "date_followed_latest", "date_followed_earliest"]


class ReadGateway(Protocol):
    """Reading. Every method raises only :class:`accounts.gateway.errors.GatewayError` subclasses; an ability that a
    source lacks raises ``Unsupported``."""

    #: Short stable name of the source: ``instagrapi_private``, ``web_public``, ``export_zip`` …
    source: str

    def profile_by_username(self, username: str) -> Profile: ...

    def profile(self, pk: int) -> Profile: ...

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage: ...

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage: ...

    def friendship(self, pk: int) -> Friendship: ...

    def friendships(self, pks: Sequence[int]) -> Sequence[Friendship]: ...

    def posts(self, pk: int, cursor: str | None = None) -> PostPage: ...

    def post(self, code: str) -> Post: ...

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage: ...

    def likers(self, post_pk: int) -> Sequence[Person]: ...

    def search(self, query: str) -> Sequence[Person]: ...


class ReadsByUsername(Protocol):
    """What a source that knows names only can do in the place of the call by pk."""

    def posts_by_username(self, username: str, cursor: str | None = None) -> PostPage: ...


class WriteGateway(Protocol):
    """Writing. Each call sends exactly one POST and never repeats it, whatever happens."""

    def follow(self, pk: int) -> WriteAnswer: ...

    def unfollow(self, pk: int) -> WriteAnswer: ...

    def remove_follower(self, pk: int) -> WriteAnswer: ...

    def like(self, post_pk: int) -> WriteAnswer: ...

    def unlike(self, post_pk: int) -> WriteAnswer: ...

    def comment(self, post_pk: int, text: str) -> WriteAnswer: ...


class Pacing(Protocol):
    """Told of every request that left, at once after its answer (or its failure). Raises nothing and never sleeps.

    ``kind`` is ``read``, ``write`` or ``login``; ``endpoint`` is the path with its numbers and names blotted out
    (``friendships/*/followers``); ``outcome`` is the HTTP status as text, or ``no_answer``. The several requests of a
    login are told of one by one, so that a ledger counts what Instagram counts.
    """

    def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None: ...
