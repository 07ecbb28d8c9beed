"""TikHub's API: three versions of a profile, two of a post, and the owner of the key."""

import re
from collections.abc import Callable
from typing import Any

from simulator.clock import Moment
from simulator.instagram import web
from simulator.instagram.rows import profile
from simulator.posts import Post, pk_of_code
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json
from simulator.world import Account

API = "/api/v1/"
DOLLARS = 0.001
_WORDS = {
    400: "Request failed. Please retry.",
    401: "Invalid authentication token.",
    402: "Insufficient balance, please recharge.",
    403: "You do not have permission to access this endpoint.",
    404: "Not found.",
    422: "Validation error.",
    429: "Rate limit exceeded.",
}
_CODE = re.compile(r"[A-Za-z0-9_-]{5,40}")


def refuse(status: int) -> Response:
    """A status in TikHub's words."""
    detail = {"code": status, "request_id": "0", "message": _WORDS.get(status, "Internal server error."), "params": {}}
    return as_json({"detail": detail}, status)


def answer(stage: Stage, request: Request) -> Response:
    key = stage.keys.find("tikhub", request.headers.get("authorization", "").removeprefix("Bearer "))
    if key is None:
        return refuse(401)
    if request.path == f"{API}tikhub/user/get_user_info":
        user = {"email": key.owner, "balance": round(key.dollars, 6), "free_credit": 0.0, "account_disabled": False}
        return as_json({"code": 200, "router": request.path, "api_key_data": {}, "user_data": user})
    make = ENDPOINTS.get(request.path.removeprefix(f"{API}instagram/"))
    if make is None:
        return refuse(404)
    if key.dollars < DOLLARS:
        return refuse(402)
    data = make(stage, request, stage.now())
    if data is None:
        return refuse(400)
    key.charge(DOLLARS)
    stage.is_changed = True
    envelope = {"code": 200, "request_id": f"{stage.log.total:x}", "message": "Request successful."}
    return as_json(envelope | {"router": request.path, "params": request.query, "data": data})


def _account(stage: Stage, request: Request, moment: Moment) -> Account | None:
    return stage.world.by_username(request.query.get("username", ""), moment)


def _web_profile(stage: Stage, request: Request, moment: Moment) -> dict[str, Any] | None:
    account = _account(stage, request, moment)
    return None if account is None else {"data": {"user": web.user_of(stage, account, moment)}, "status": "ok"}


def _app_profile(stage: Stage, request: Request, moment: Moment) -> dict[str, Any] | None:
    user = _flat_profile(stage, request, moment)
    return None if user is None else {"data": {"user": user}, "status": "ok"}


def _flat_profile(stage: Stage, request: Request, moment: Moment) -> dict[str, Any] | None:
    account = _account(stage, request, moment)
    return None if account is None else profile(stage, account, moment, is_own=False)


def _post(stage: Stage, wanted: str, moment: Moment) -> tuple[Account, Post] | None:
    code = wanted.split("?")[0].rstrip("/").rpartition("/")[2]
    found = stage.posts.find(pk_of_code(code), moment) if _CODE.fullmatch(code) else None
    return None if found is None or found[0].is_private else found


def _taken_at(stage: Stage, post: Post) -> int:
    return int(stage.clock.start_epoch + post.born)


def _app_post(stage: Stage, request: Request, moment: Moment) -> dict[str, Any] | None:
    found = _post(stage, request.query.get("code_or_url", ""), moment)
    if found is None:
        return None
    account, post = found
    metrics: dict[str, Any] = {"like_count": post.likes, "comment_count": post.comments, "share_count": None}
    metrics["play_count"] = post.plays if post.kind == 2 else None
    data = {
        "id": post.id,
        "code": post.code,
        "taken_at": _taken_at(stage, post),
        "media_type": post.kind,
        "caption": {"text": post.caption} if post.caption else None,
        "user": {"id": str(account.pk), "username": account.username},
        "metrics": metrics,
    }
    return {"data": data, "status": "ok"}


def _web_post(stage: Stage, request: Request, moment: Moment) -> dict[str, Any] | None:
    found = _post(stage, request.query.get("post_url", ""), moment)
    if found is None:
        return None
    account, post = found
    caption = [{"node": {"text": post.caption}}] if post.caption else []
    data: dict[str, Any] = {
        "id": str(post.pk),
        "shortcode": post.code,
        "is_video": post.kind == 2,
        "taken_at_timestamp": _taken_at(stage, post),
        "owner": {"id": str(account.pk), "username": account.username},
        "edge_media_to_caption": {"edges": caption},
        "edge_media_preview_like": {"count": post.likes},
        "edge_media_to_parent_comment": {"count": post.comments},
    }
    if post.kind == 2:
        data["video_play_count"] = post.plays
    return data


Make = Callable[[Stage, Request, Moment], dict[str, Any] | None]
ENDPOINTS: dict[str, Make] = {
    "v1/fetch_user_info_by_username": _web_profile,
    "v1/fetch_user_info_by_username_v2": _app_profile,
    "v1/fetch_user_info_by_username_v3": _flat_profile,
    "v2/fetch_post_info": _app_post,
    "v1/fetch_post_by_url": _web_post,
}
