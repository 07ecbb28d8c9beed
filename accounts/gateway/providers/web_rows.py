"""The public web's answers as our results."""

from __future__ import annotations

from accounts.gateway import errors
from accounts.gateway.providers.json_fields import (
    BIOGRAPHY_LIMIT,
    FULL_NAME_LIMIT,
    Json,
    count,
    cursor,
    flag,
    number_of,
    part,
    picture,
    rows,
)
from accounts.gateway.results import PeoplePage, Person, Profile
from igsite.text import clean_text, clean_username


def profile(answer: Json) -> Profile:
    """``web_profile_info``. A user of null is how the web says that there is none."""
    data = part(answer, "data")
    if "user" in data and data["user"] is None:
        raise errors.Gone
    user = part(data, "user")
    return Profile(
        pk=number_of(user["id"]),
        username=clean_username(user["username"]),
        full_name=clean_text(user.get("full_name"), limit=FULL_NAME_LIMIT),
        is_private=flag(user.get("is_private")),
        is_verified=flag(user.get("is_verified")),
        is_business=flag(user.get("is_business_account")),
        followers_count=_edge_count(user, "edge_followed_by"),
        following_count=_edge_count(user, "edge_follow"),
        posts_count=_edge_count(user, "edge_owner_to_timeline_media"),
        biography=clean_text(user.get("biography"), limit=BIOGRAPHY_LIMIT),
        external_url=clean_text(user.get("external_url"), limit=2_048),
        category=clean_text(user.get("category_name"), limit=FULL_NAME_LIMIT),
        picture_url=picture(user.get("profile_pic_url")),
    )


def people_page(answer: Json, edge: str) -> PeoplePage:
    """One page of ``edge_followed_by`` or ``edge_follow``."""
    data = part(answer, "data")
    if "user" in data and data["user"] is None:
        raise errors.Gone
    connection = part(part(data, "user"), edge)
    page = part(connection, "page_info")
    return PeoplePage(
        people=tuple(_person(part(row, "node")) for row in rows(connection, "edges")),
        next_cursor=cursor(page.get("end_cursor")) if flag(page["has_next_page"]) else None,
        count=count(connection.get("count")),
    )


def _person(node: Json) -> Person:
    return Person(
        pk=number_of(node["id"]),
        username=clean_username(node["username"]),
        full_name=clean_text(node.get("full_name"), limit=FULL_NAME_LIMIT),
        is_private=flag(node.get("is_private")),
        is_verified=flag(node.get("is_verified")),
        picture_url=picture(node.get("profile_pic_url")),
    )


def _edge_count(user: Json, name: str) -> int | None:
    return count(part(user, name).get("count")) if user.get(name) is not None else None
