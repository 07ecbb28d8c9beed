"""What a source answers, as frozen values. No Django, no HTTP: the same shapes whatever the source.

A field that the source did not send is ``None``, never ``0`` and never ``""`` standing for "unknown".
All text has passed :func:`igsite.text.clean_text`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a list: an Instagram identity, keyed by its numeric ``pk``.

    ``pk`` is None where the source has none (Instagram's own export); such a row is matched by lower-case username.
    """

    pk: int | None
    username: str
    full_name: str = ""
    is_private: bool | None = None
    is_verified: bool | None = None
    picture_url: str | None = None
    followed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as a source showed it. Counts are None when the source gave none."""

    pk: int
    username: str
    full_name: str = ""
    is_private: bool | None = None
    is_verified: bool | None = None
    is_business: bool | None = None
    followers_count: int | None = None
    following_count: int | None = None
    posts_count: int | None = None
    biography: str = ""
    external_url: str = ""
    category: str = ""
    picture_url: str | None = None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of a list. ``next_cursor`` None means that the source says this was the last page.

    ``is_limited``: the source admits that it will not show the whole list (``should_limit_list_of_followers``).
    ``count`` is the list's size as claimed in the same answer, if it claims one.
    """

    people: tuple[Person, ...]
    next_cursor: str | None
    is_limited: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Friendship:
    """How the signed-in login and one person stand to each other; ``followed_by`` None: the source does not say."""

    pk: int
    following: bool
    followed_by: bool | None = None
    outgoing_request: bool = False
    incoming_request: bool = False
    blocking: bool = False
    is_private: bool | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post and its counts at the time of the answer. ``owner_pk`` and ``taken_at`` are None where the source knows
    names only, or tells counts only. ``is_liked``: by the login that asked, None where the source does not say."""

    pk: int
    code: str
    owner_pk: int | None
    taken_at: datetime | None
    kind: str
    caption: str = ""
    like_count: int | None = None
    comment_count: int | None = None
    play_count: int | None = None
    picture_url: str | None = None
    is_liked: bool | None = None


@dataclass(frozen=True, slots=True)
class PostPage:
    """One page of an account's posts, newest first."""

    posts: tuple[Post, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment under a post."""

    pk: int
    text: str
    author: Person
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CommentPage:
    """One page of comments."""

    comments: tuple[Comment, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What the source said to a write. Not proof: a later read is (``domain.md``)."""

    accepted: bool
    friendship: Friendship | None = None
    raw_status: str = field(default="", repr=False)
