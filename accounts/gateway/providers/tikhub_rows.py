"""TikHub's answers as our results: Instagram's own shapes, as its web or its app writes them, in an envelope."""

from __future__ import annotations

from datetime import datetime

from accounts.gateway.providers import instagrapi_rows, web_rows
from accounts.gateway.providers.json_fields import (
    TEXT_LIMIT,
    Json,
    count,
    flag,
    moment,
    number_of,
    part,
    picture,
)
from accounts.gateway.results import Post, Profile
from igsite.text import clean_text

_KINDS = {1: "photo", 2: "video", 8: "album"}


def web_profile(answer: Json) -> Profile:
    """``fetch_user_info_by_username``: the web's profile in ``data.data.user``."""
    return web_rows.profile(part(answer, "data"))


def app_profile(answer: Json) -> Profile:
    """``…_v2``: the app's profile in ``data.data.user``."""
    return _app_user(part(part(part(answer, "data"), "data"), "user"))


def flat_profile(answer: Json) -> Profile:
    """``…_v3``: the app's profile in ``data`` itself."""
    return _app_user(part(answer, "data"))


def _app_user(user: Json) -> Profile:
    """As the app writes it; some of the service's ways leave out ``pk``, which is the same as ``id``."""
    return instagrapi_rows.profile({"user": {**user, "pk": user.get("pk") or user["id"]}})


def app_post(answer: Json, pk: int, code: str) -> Post:
    """``v2/fetch_post_info``: the counts are in ``data.data.metrics``, which must be there."""
    data = part(part(answer, "data"), "data")
    metrics = part(data, "metrics")
    caption, kind = data.get("caption"), data.get("media_type")
    return Post(
        pk=pk,
        code=code,
        owner_pk=_owner(data.get("user")),
        taken_at=_taken_at(data.get("taken_at")),
        kind=_KINDS.get(kind, "other") if isinstance(kind, int) else "other",
        caption=clean_text(caption.get("text"), limit=TEXT_LIMIT) if isinstance(caption, dict) else "",
        like_count=count(metrics.get("like_count")),
        comment_count=count(metrics.get("comment_count")),
        play_count=count(metrics.get("play_count")),
        picture_url=picture(data.get("thumbnail_url")),
    )


def web_post(answer: Json, pk: int, code: str) -> Post:
    """``v1/fetch_post_by_url``: the web's post in ``data``; the likes must be there."""
    data = part(answer, "data")
    is_video = flag(data.get("is_video"))
    return Post(
        pk=pk,
        code=code,
        owner_pk=_owner(data.get("owner")),
        taken_at=_taken_at(data.get("taken_at_timestamp")),
        kind="video" if is_video else "album" if data.get("edge_sidecar_to_children") else "photo",
        caption=_web_caption(data.get("edge_media_to_caption")),
        like_count=count(part(data, "edge_media_preview_like").get("count")),
        comment_count=_web_comments(data),
        play_count=count(data.get("video_play_count")),
        picture_url=picture(data.get("display_url")),
    )


def _owner(user: object) -> int | None:
    pk = (user.get("pk") or user.get("id")) if isinstance(user, dict) else None
    return None if pk is None else number_of(pk)


def _taken_at(value: object) -> datetime | None:
    return None if value is None else moment(value)


def _web_caption(caption: object) -> str:
    edges = caption.get("edges") if isinstance(caption, dict) else None
    node = edges[0].get("node") if isinstance(edges, list) and edges and isinstance(edges[0], dict) else None
    return clean_text(node.get("text"), limit=TEXT_LIMIT) if isinstance(node, dict) else ""


def _web_comments(data: Json) -> int | None:
    for name in ("edge_media_to_parent_comment", "edge_media_to_comment", "edge_media_preview_comment"):
        if isinstance(data.get(name), dict):
            return count(data[name].get("count"))
    return None
