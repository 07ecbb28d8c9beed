"""The Graph API's answers as our results."""

from __future__ import annotations

from typing import Final

from accounts.gateway.providers.json_fields import (
    BIOGRAPHY_LIMIT,
    FULL_NAME_LIMIT,
    TEXT_LIMIT,
    Json,
    count,
    cursor,
    date_text,
    number_of,
    part,
    picture,
    rows,
)
from accounts.gateway.providers.post_codes import code_in_address, pk_of_code
from accounts.gateway.results import Post, PostPage, Profile
from igsite.text import clean_text, clean_username

_KINDS: Final = {"IMAGE": "photo", "VIDEO": "video", "CAROUSEL_ALBUM": "album"}


def profile(user: Json) -> Profile:
    """``business_discovery`` with the fields of a profile."""
    return Profile(
        pk=number_of(user["ig_id"]),
        username=clean_username(user["username"]),
        full_name=clean_text(user.get("name"), limit=FULL_NAME_LIMIT),
        is_private=False,  # professional accounts cannot be private
        is_business=True,
        followers_count=count(user.get("followers_count")),
        following_count=count(user.get("follows_count")),
        posts_count=count(user.get("media_count")),
        biography=clean_text(user.get("biography"), limit=BIOGRAPHY_LIMIT),
        external_url=clean_text(user.get("website"), limit=2_048),
        picture_url=picture(user.get("profile_picture_url")),
    )


def post_page(user: Json) -> PostPage:
    """``business_discovery`` with ``media``. None at all is how an account without posts looks."""
    owner = number_of(user["ig_id"])
    if "media" not in user:
        return PostPage((), None)
    media = part(user, "media")
    paging = part(media, "paging") if "paging" in media else {}
    cursors = part(paging, "cursors") if "cursors" in paging else {}
    return PostPage(tuple(post(item, owner) for item in rows(media, "data")), cursor(cursors.get("after")))


def post(item: Json, owner: int) -> Post:
    """One item of ``media``. Its own id is Meta's; the post's number is in its address."""
    code = code_in_address(item["permalink"])
    is_reel = item.get("media_product_type") == "REELS"
    return Post(
        pk=pk_of_code(code),
        code=code,
        owner_pk=owner,
        taken_at=date_text(item["timestamp"]),
        kind="reel" if is_reel else _KINDS.get(str(item.get("media_type")), "other"),
        caption=clean_text(item.get("caption"), limit=TEXT_LIMIT),
        like_count=count(item.get("like_count")),
        comment_count=count(item.get("comments_count")),
    )
