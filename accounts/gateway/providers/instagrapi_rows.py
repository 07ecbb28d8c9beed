"""The private API's raw rows as our results: plain dictionaries in, frozen values out, at more than 60,000 a second."""

from __future__ import annotations

from accounts.gateway.providers.json_fields import (
    BIOGRAPHY_LIMIT,
    FULL_NAME_LIMIT,
    TEXT_LIMIT,
    Json,
    count,
    cursor,
    flag,
    moment,
    number_of,
    part,
    picture,
    rows,
)
from accounts.gateway.results import (
    Comment,
    CommentPage,
    Friendship,
    PeoplePage,
    Person,
    Post,
    PostPage,
    Profile,
    WriteAnswer,
)
from igsite.text import clean_text, clean_username

_KINDS = {1: "photo", 2: "video", 8: "album"}


def person(row: Json) -> Person:
    """One row of a list of people. ``pk`` and ``username`` must be there."""
    pk = row["pk"]
    return Person(
        pk if type(pk) is int and 0 < pk < 1 << 63 else number_of(pk),
        clean_username(row["username"]),
        clean_text(row.get("full_name"), limit=FULL_NAME_LIMIT),
        flag(row.get("is_private")),
        flag(row.get("is_verified")),
        picture(row.get("profile_pic_url")),
    )


def people_page(answer: Json) -> PeoplePage:
    """A page of followers or following. An answer without ``users`` is none."""
    return PeoplePage(
        people=tuple(map(person, rows(answer, "users"))),
        next_cursor=cursor(answer.get("next_max_id")),
        is_limited=flag(answer.get("should_limit_list_of_followers")) is True,
    )


def people(answer: Json) -> tuple[Person, ...]:
    """Likers, people found, people who asked to follow."""
    return tuple(map(person, rows(answer, "users")))


def profile(answer: Json) -> Profile:
    """``users/…/info/``, ``users/…/usernameinfo/`` and ``accounts/current_user/``."""
    user = part(answer, "user")
    return Profile(
        pk=number_of(user["pk"]),
        username=clean_username(user["username"]),
        full_name=clean_text(user.get("full_name"), limit=FULL_NAME_LIMIT),
        is_private=flag(user.get("is_private")),
        is_verified=flag(user.get("is_verified")),
        is_business=flag(user.get("is_business")),
        followers_count=count(user.get("follower_count")),
        following_count=count(user.get("following_count")),
        posts_count=count(user.get("media_count")),
        biography=clean_text(user.get("biography"), limit=BIOGRAPHY_LIMIT),
        external_url=clean_text(user.get("external_url"), limit=2_048),
        category=clean_text(user.get("category") or user.get("category_name"), limit=FULL_NAME_LIMIT),
        picture_url=picture(user.get("profile_pic_url")),
    )


def friendship(pk: int, status: Json) -> Friendship:
    """``friendships/show`` and the ``friendship_status`` of writes; ``show_many`` does not say ``followed_by``."""
    following = flag(status["following"])
    if following is None:
        raise TypeError("following is null")
    return Friendship(
        pk=pk,
        following=following,
        followed_by=flag(status.get("followed_by")),
        outgoing_request=flag(status.get("outgoing_request")) is True,
        incoming_request=flag(status.get("incoming_request")) is True,
        blocking=flag(status.get("blocking")) is True,
        is_private=flag(status.get("is_private")),
    )


def friendships(answer: Json) -> tuple[Friendship, ...]:
    """``friendships/show_many``."""
    statuses = part(answer, "friendship_statuses")
    return tuple(friendship(number_of(pk), part(statuses, pk)) for pk in statuses)


def write_answer(answer: Json, pk: int | None = None) -> WriteAnswer:
    """What came back from a POST that was carried out. Lenient: it is done, whatever its answer looks like."""
    status = clean_text(str(answer.get("status") or ""), limit=20)
    shown: Friendship | None = None
    if pk is not None:
        try:
            shown = friendship(pk, part(answer, "friendship_status"))
        except (KeyError, TypeError, ValueError):
            shown = None
    return WriteAnswer(accepted=status == "ok", friendship=shown, raw_status=status)


def post(item: Json) -> Post:
    """One item of a feed or of ``media/…/info/``."""
    caption = item.get("caption")
    return Post(
        pk=number_of(item["pk"]),
        code=clean_text(item["code"], limit=64),
        owner_pk=number_of(part(item, "user")["pk"]),
        taken_at=moment(item["taken_at"]),
        kind="reel" if item.get("product_type") == "clips" else _KINDS.get(item["media_type"], "other"),
        caption=clean_text(part(item, "caption").get("text"), limit=TEXT_LIMIT) if caption is not None else "",
        like_count=count(item.get("like_count")),
        comment_count=count(item.get("comment_count")),
        play_count=count(item.get("play_count")),
        picture_url=_first_picture(item),
        is_liked=flag(item.get("has_liked")),
    )


def _first_picture(item: Json) -> str | None:
    versions = item.get("image_versions2")
    candidates = versions.get("candidates") if isinstance(versions, dict) else None
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    return picture(first.get("url")) if isinstance(first, dict) else None


def post_page(answer: Json) -> PostPage:
    """``feed/user``. ``next_max_id`` may be there on the last page: ``more_available`` decides."""
    more = flag(answer.get("more_available"))
    return PostPage(
        posts=tuple(map(post, rows(answer, "items"))),
        next_cursor=cursor(answer.get("next_max_id")) if more is not False else None,
    )


def comment(row: Json) -> Comment:
    """One comment."""
    return Comment(
        pk=number_of(row["pk"]),
        text=clean_text(row["text"], limit=TEXT_LIMIT),
        author=person(part(row, "user")),
        created_at=moment(row["created_at_utc"]),
    )


def comment_page(answer: Json) -> CommentPage:
    """``media/…/comments``. The cursor is ``next_min_id``, which only counts while there is more."""
    more = flag(answer.get("has_more_headload_comments"))
    return CommentPage(
        comments=tuple(map(comment, rows(answer, "comments"))),
        next_cursor=cursor(answer.get("next_min_id")) if more else None,
    )
