"""Rows of Apify's actors as our results, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.protocol import ListOrder
from accounts.gateway.providers.json_fields import (
    BIOGRAPHY_LIMIT,
    FULL_NAME_LIMIT,
    TEXT_LIMIT,
    Json,
    count,
    date_text,
    flag,
    number_of,
    part,
    picture,
)
from accounts.gateway.providers.limited import LimitedGateway
from accounts.gateway.results import Comment, CommentPage, PeoplePage, Person, Post, PostPage, Profile
from accounts.gateway.runs import Run, RunKind, RunOrder
from igsite.text import clean_text, clean_username

if TYPE_CHECKING:
    from accounts.gateway.providers.apify import Apify

#: What is asked for of each row: whole rows of profiles hold their latest posts, at 50 kB each.
FIELDS: Final = (
    "error", "errorDescription", "id", "username", "full_name", "fullName", "is_private", "is_verified", "private",
    "verified", "isBusinessAccount", "businessCategoryName", "biography", "externalUrl", "followersCount",
    "followsCount", "postsCount", "profilePicUrl", "profile_pic_url", "username_scrape", "shortCode", "type",
    "productType", "caption", "commentsCount", "likesCount", "videoPlayCount", "timestamp", "ownerUsername", "ownerId",
    "displayUrl", "text", "owner", "ownerProfilePicUrl", "postUrl",
)  # fmt: skip
#: The actors want a number even when everything is wanted.
_EVERYTHING: Final = 10_000_000
_KINDS: Final = {"Image": "photo", "Video": "video", "Sidecar": "album"}
Item = TypeVar("Item")


def input_of(order: RunOrder) -> dict[str, Any]:
    """An order as the actor of its kind wants it."""
    targets, most = list(order.targets), order.most_results or _EVERYTHING
    match order.kind:
        case RunKind.PROFILES:
            return {"usernames": targets}
        case RunKind.FOLLOWERS:
            return {"Account": targets, "dataToScrape": "Followers", "resultsLimit": most}
        case RunKind.FOLLOWING:
            return {"Account": targets, "dataToScrape": "Followings", "resultsLimit": most}
        case RunKind.POSTS:
            return {"username": targets, "resultsLimit": most}
        case RunKind.COMMENTS:
            return {"directUrls": [f"https://www.instagram.com/p/{code}/" for code in targets], "resultsLimit": most}


class Rows(LimitedGateway):
    """``ReadGateway`` over one run: the calls of its kind bring its rows, a page and a request each. What identifies
    the target is not looked at: the run is about the target that it was ordered for."""

    source = "apify"
    cannot = "This run of Apify did not collect that."

    def __init__(self, apify: Apify, run: Run) -> None:
        self._apify, self._run = apify, run

    def profile_by_username(self, username: str) -> Profile:
        """One of the profiles that were ordered. ``RunFailed`` if the run says nothing about it, ``Gone`` if it says
        that there is none."""
        wanted = clean_username(username)
        rows, _ = self._apify.rows_page(self._run, 0)
        row = next((row for row in rows if _is_about(row, wanted)), None)
        if row is None:
            raise errors.RunFailed("The run at Apify brought nothing about this account.")
        return self._read(lambda: profile(row))

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:  # noqa: ARG002
        """Up to a thousand people. The list is limited if the run was, and has brought as many as it may."""
        if order != "default":
            self._cannot()
        people, following_cursor, total = self._page(cursor, person)
        most = self._run.most_results
        return PeoplePage(tuple(people), following_cursor, is_limited=most is not None and total >= most)

    following = followers

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:  # noqa: ARG002
        """Up to a thousand posts."""
        posts, following_cursor, _ = self._page(cursor, post)
        return PostPage(tuple(posts), following_cursor)

    def posts_by_username(self, username: str, cursor: str | None = None) -> PostPage:  # noqa: ARG002
        """The same."""
        return self.posts(0, cursor)

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:  # noqa: ARG002
        """Up to a thousand comments."""
        comments, following_cursor, _ = self._page(cursor, comment)
        return CommentPage(tuple(comments), following_cursor)

    def _page(self, cursor: str | None, into: Callable[[Json], Item]) -> tuple[Sequence[Item], str | None, int]:
        offset = self._read(lambda: int(cursor or 0))
        rows, total = self._apify.rows_page(self._run, offset)
        found = self._read(lambda: [into(_good(row)) for row in rows])
        reached = offset + len(rows)
        if not rows and reached < total:
            raise errors.ContractDrift(detail="datasets/*/items: a total, and no rows")
        return found, str(reached) if reached < total else None, total

    def _read(self, call: Callable[[], Item]) -> Item:
        return asked(call, endpoint="datasets/*/items")


def _is_about(row: Json, username: str) -> bool:
    name = row.get("username")
    return isinstance(name, str) and name.strip().lower() == username


def _good(row: Json) -> Json:
    """The row itself, unless it is one that says why there is none."""
    told = row.get("error")
    if told is None:
        return row
    said = clean_text(str(told), limit=100).lower()
    if "not_found" in said or "not found" in said or "not exist" in said:
        raise errors.Gone
    if "private" in said:
        raise errors.Private("This account is private; Apify sees public accounts only.")
    raise errors.RunFailed("The run at Apify ended with an error instead of a result.", detail=said)


def person(row: Json) -> Person:
    return Person(
        pk=number_of(row["id"]),
        username=clean_username(row["username"]),
        full_name=clean_text(row.get("full_name"), limit=FULL_NAME_LIMIT),
        is_private=flag(row.get("is_private")),
        is_verified=flag(row.get("is_verified")),
        picture_url=picture(row.get("profile_pic_url")),
    )


def profile(row: Json) -> Profile:
    row = _good(row)
    return Profile(
        pk=number_of(row["id"]),
        username=clean_username(row["username"]),
        full_name=clean_text(row.get("fullName"), limit=FULL_NAME_LIMIT),
        is_private=flag(row.get("private")),
        is_verified=flag(row.get("verified")),
        is_business=flag(row.get("isBusinessAccount")),
        followers_count=count(row.get("followersCount")),
        following_count=count(row.get("followsCount")),
        posts_count=count(row.get("postsCount")),
        biography=clean_text(row.get("biography"), limit=BIOGRAPHY_LIMIT),
        external_url=clean_text(row.get("externalUrl"), limit=2_048),
        category=clean_text(row.get("businessCategoryName"), limit=FULL_NAME_LIMIT),
        picture_url=picture(row.get("profilePicUrl")),
    )


def post(row: Json) -> Post:
    owner = row.get("ownerId")
    is_reel = row.get("productType") == "clips"
    return Post(
        pk=number_of(row["id"]),
        code=clean_text(row["shortCode"], limit=64),
        owner_pk=None if owner is None else number_of(owner),
        taken_at=date_text(row["timestamp"]),
        kind="reel" if is_reel else _KINDS.get(str(row.get("type")), "other"),
        caption=clean_text(row.get("caption"), limit=TEXT_LIMIT),
        like_count=count(row.get("likesCount")),
        comment_count=count(row.get("commentsCount")),
        play_count=count(row.get("videoPlayCount")),
        picture_url=picture(row.get("displayUrl")),
    )


def comment(row: Json) -> Comment:
    owner = part(row, "owner") if row.get("owner") is not None else {}
    pk = owner.get("id")
    author = Person(
        pk=None if pk is None else number_of(pk),
        username=clean_username(row["ownerUsername"]),
        full_name=clean_text(owner.get("full_name"), limit=FULL_NAME_LIMIT),
        is_verified=flag(owner.get("is_verified")),
        picture_url=picture(row.get("ownerProfilePicUrl")),
    )
    return Comment(
        pk=number_of(row["id"]),
        text=clean_text(row["text"], limit=TEXT_LIMIT),
        author=author,
        created_at=date_text(row["timestamp"]),
    )
