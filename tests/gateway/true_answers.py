"""A true answer of each kind, as small as it may be, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.gateway.providers import apify_rows, instagrapi_rows, meta_graph_rows, tikhub_rows, web_rows

MOMENT = 1_790_000_000
DATE = "2026-11-20T10:00:00"
CODE = "CuyGqFXoPXo"
PICTURE = "https://scontent.cdninstagram.com/v/a.jpg"
Json = dict[str, Any]

USER: Json = {
    "pk": "17",
    "id": "17",
    "username": "ann",
    "full_name": "Ann",
    "biography": "b",
    "is_private": False,
    "is_verified": True,
    "profile_pic_url": PICTURE,
}
WEB_USER: Json = USER | {
    "edge_followed_by": {"count": 3},
    "edge_follow": {"count": 4},
    "edge_owner_to_timeline_media": {"count": 5},
    "external_url": None,
    "category_name": "Art",
}
APP_USER: Json = USER | {"follower_count": 3, "following_count": 4, "media_count": 5, "is_business": True}
ITEM: Json = {
    "pk": "9",
    "code": CODE,
    "user": USER,
    "taken_at": MOMENT,
    "media_type": 2,
    "product_type": "clips",
    "like_count": 1,
    "comment_count": 2,
    "play_count": 3,
    "caption": {"text": "c"},
    "image_versions2": {"candidates": [{"url": PICTURE}]},
}
REMARK: Json = {"pk": "8", "text": "t", "user": USER, "created_at_utc": MOMENT}
WEB_LIST: Json = {"count": 1, "page_info": {"has_next_page": True, "end_cursor": "c"}, "edges": [{"node": USER}]}
RUN_PROFILE: Json = {
    "id": "17",
    "username": "ann",
    "fullName": "Ann",
    "biography": "b",
    "followersCount": 3,
    "followsCount": 4,
    "postsCount": 5,
    "private": False,
    "verified": True,
    "isBusinessAccount": True,
    "profilePicUrl": PICTURE,
}
RUN_POST: Json = {
    "id": "9",
    "shortCode": CODE,
    "type": "Video",
    "caption": "c",
    "likesCount": 1,
    "commentsCount": 2,
    "videoPlayCount": 3,
    "timestamp": f"{DATE}.000Z",
    "ownerUsername": "ann",
    "ownerId": "17",
}
RUN_COMMENT: Json = {
    "id": "8",
    "text": "t",
    "timestamp": f"{DATE}.000Z",
    "ownerUsername": "ann",
    "ownerProfilePicUrl": PICTURE,
    "owner": {"id": "17", "is_verified": True, "full_name": "Ann"},
}
APP_POST: Json = {
    "taken_at": MOMENT,
    "media_type": 2,
    "caption": {"text": "c"},
    "user": {"id": "17"},
    "metrics": {"like_count": 1, "comment_count": 2, "play_count": 3},
}
WEB_POST: Json = {
    "is_video": True,
    "taken_at_timestamp": MOMENT,
    "owner": {"id": "17"},
    "video_play_count": 3,
    "edge_media_to_caption": {"edges": [{"node": {"text": "c"}}]},
    "edge_media_preview_like": {"count": 1},
    "edge_media_to_parent_comment": {"count": 2},
}
GRAPH_USER: Json = {
    "ig_id": 17,
    "username": "ann",
    "name": "Ann",
    "biography": "b",
    "website": "https://ann.example/",
    "followers_count": 3,
    "follows_count": 4,
    "media_count": 5,
    "profile_picture_url": PICTURE,
}
GRAPH_POST: Json = {
    "caption": "c",
    "like_count": 1,
    "comments_count": 2,
    "media_type": "VIDEO",
    "media_product_type": "REELS",
    "permalink": f"https://www.instagram.com/reel/{CODE}/",
    "timestamp": f"{DATE}+0000",
}
GRAPH_MEDIA: Json = {"ig_id": 17, "media": {"data": [GRAPH_POST], "paging": {"cursors": {"after": "c"}}}}

READINGS: dict[str, tuple[Callable[[Any], object], Json]] = {
    "login: profile": (instagrapi_rows.profile, {"user": APP_USER}),
    "login: people": (instagrapi_rows.people_page, {"users": [USER], "next_max_id": "c"}),
    "login: posts": (instagrapi_rows.post_page, {"items": [ITEM], "more_available": True, "next_max_id": "c"}),
    "login: comments": (instagrapi_rows.comment_page, {"comments": [REMARK], "has_more_headload_comments": False}),
    "web: profile": (web_rows.profile, {"data": {"user": WEB_USER}}),
    "web: people": (lambda answer: web_rows.people_page(answer, "e"), {"data": {"user": {"e": WEB_LIST}}}),
    "apify: profile": (apify_rows.profile, RUN_PROFILE),
    "apify: person": (apify_rows.person, USER),
    "apify: post": (apify_rows.post, RUN_POST),
    "apify: comment": (apify_rows.comment, RUN_COMMENT),
    "tikhub: profile 1": (tikhub_rows.web_profile, {"data": {"data": {"user": WEB_USER}}}),
    "tikhub: profile 2": (tikhub_rows.app_profile, {"data": {"data": {"user": APP_USER}}}),
    "tikhub: profile 3": (tikhub_rows.flat_profile, {"data": APP_USER}),
    "tikhub: post 2": (lambda answer: tikhub_rows.app_post(answer, 9, CODE), {"data": {"data": APP_POST}}),
    "tikhub: post 1": (lambda answer: tikhub_rows.web_post(answer, 9, CODE), {"data": WEB_POST}),
    "meta: profile": (meta_graph_rows.profile, GRAPH_USER),
    "meta: posts": (meta_graph_rows.post_page, GRAPH_MEDIA),
}
