"""Posts, comments and likers, and the writes on them."""

from datetime import UTC, datetime
from typing import Any

from simulator import pictures
from simulator.clock import Moment
from simulator.instagram.lists import visible_account
from simulator.instagram.refusals import media_not_found, not_authorized
from simulator.instagram.routing import Call, private_api
from simulator.instagram.rows import short, signature
from simulator.mixing import draw
from simulator.posts import Post
from simulator.wire import Response, as_json
from simulator.world import Account

COMMENTS_A_PAGE = 15


def item(call: Call, account: Account, post: Post, moment: Moment) -> dict[str, Any]:
    """The media object."""
    stage = call.stage
    stamp = signature(stage, moment)
    sizes = [{"width": n, "height": n, "url": pictures.post_image_url(post.pk, stamp, n)} for n in (1080, 640)]
    liked = stage.world.overlay.likes.get(post.id, {})
    caption = {"pk": str(post.pk + 1), "text": post.caption, "created_at": _unix(call, post.born)}
    data: dict[str, Any] = {
        "pk": str(post.pk),
        "id": post.id,
        "code": post.code,
        "taken_at": _unix(call, post.born),
        "device_timestamp": _unix(call, post.born),
        "media_type": post.kind,
        "product_type": {1: "feed", 2: "clips", 8: "carousel_container"}[post.kind],
        "user": short(account, stamp),
        "like_count": post.likes,
        "comment_count": post.comments,
        "has_liked": call.me.pk in liked,
        "caption": caption if post.caption else None,
        "image_versions2": {"candidates": sizes},
        "original_width": 1080,
        "original_height": 1080,
        "like_and_view_counts_disabled": False,
        "comment_likes_enabled": True,
        "photo_of_you": False,
    }
    if post.kind == 2:
        data |= {"play_count": post.plays, "ig_play_count": post.plays, "view_count": None, "video_duration": 21.4}
        data["video_versions"] = [{"type": 101, "width": 720, "height": 1280, "url": sizes[0]["url"], "id": "1"}]
        data["has_audio"] = True
    if post.kind == 8:
        children = [
            {"pk": str(post.pk + n), "id": f"{post.pk + n}_{account.pk}", "media_type": 1,
             "image_versions2": {"candidates": sizes}} for n in (1, 2)
        ]  # fmt: skip
        data |= {"carousel_media_count": 2, "carousel_media": children}
    return data


def _unix(call: Call, born: float) -> int:
    return int(call.stage.clock.start_epoch + born)


def _find(call: Call, moment: Moment) -> tuple[Account, Post]:
    digits = call.parts[0].split("_")[0]
    found = call.stage.posts.find(int(digits), moment) if digits else None
    if found is None:
        raise media_not_found()
    account = found[0]
    me = call.me.pk
    if account.is_private and account.pk != me and call.stage.world.follows(me, account.pk, moment) != "following":
        raise not_authorized()
    return found


@private_api.on("GET", "feed/user/<pk>/")
def user_feed(call: Call) -> Response:
    moment, query = call.stage.now(), call.request.query
    account = visible_account(call, int(call.parts[0]), moment)
    count = int(query["count"]) if query.get("count", "").isdigit() else 12
    size = min(max(count or 33, 1), 33)
    head = query.get("max_id", "").split("_")[0]
    below = int(head) % 4096 if head.isdigit() else 0
    is_after_end = head.isdigit() and below == 0
    posts = [] if is_after_end else call.stage.posts.latest(account, moment, below, size)
    more = bool(posts) and posts[-1].number > 0
    data: dict[str, Any] = {
        "items": [item(call, account, post, moment) for post in posts],
        "num_results": len(posts),
        "more_available": more,
        "auto_load_more_enabled": True,
        "status": "ok",
    }
    if more:
        data["next_max_id"] = posts[-1].id
    return as_json(data)


@private_api.on("GET", "media/<id>/info/")
def info(call: Call) -> Response:
    moment = call.stage.now()
    account, post = _find(call, moment)
    data = {"items": [item(call, account, post, moment)], "num_results": 1, "more_available": False, "status": "ok"}
    return as_json(data)


@private_api.on("GET", "media/<id>/likers/")
def likers(call: Call) -> Response:
    moment, stage = call.stage.now(), call.stage
    account, post = _find(call, moment)
    stamp = signature(stage, moment)
    people = (stage.world.account(pk, moment) for pk in stage.posts.likers(account, post, moment))
    users = [short(person, stamp) for person in people if person is not None]
    return as_json({"users": users, "user_count": post.likes, "status": "ok"})


def _comment(pk: int, author: Account, text: str, at: float, stamp: str, likes: int = 0) -> dict[str, Any]:
    return {
        "pk": str(pk),
        "user_id": str(author.pk),
        "text": text,
        "type": 0,
        "created_at": int(at),
        "created_at_utc": int(at),
        "content_type": "comment",
        "status": "Active",
        "bit_flags": 0,
        "did_report_as_spam": False,
        "share_enabled": False,
        "user": short(author, stamp),
        "comment_like_count": likes,
        "has_liked_comment": False,
        "child_comment_count": 0,
    }


@private_api.on("GET", "media/<id>/comments/")
def comments(call: Call) -> Response:
    """Newest first; older ones behind next_min_id."""
    moment, stage = call.stage.now(), call.stage
    account, post = _find(call, moment)
    stamp = signature(stage, moment)
    cursor = call.request.query.get("min_id") or call.request.query.get("max_id") or ""
    below = int(cursor) if cursor.isdigit() else -1
    rows: list[dict[str, Any]] = []
    if below < 0:
        for entry in reversed(stage.world.overlay.comments.get(post.id, [])):
            author = stage.world.account(entry["author"], moment)
            if author is not None:
                rows.append(_comment(entry["pk"], author, entry["text"], entry["at"], stamp))
    found, bottom = stage.posts.comments(account, post, moment, below, COMMENTS_A_PAGE)
    for comment in found:
        author = stage.world.account(comment.author, moment)
        if author is not None:
            at = stage.clock.start_epoch + comment.born
            rows.append(_comment(comment.pk, author, comment.text, at, stamp, comment.likes))
    data: dict[str, Any] = {
        "comments": rows,
        "comment_count": post.comments,
        "caption_is_edited": False,
        "has_more_comments": False,
        "has_more_headload_comments": bottom > 0,
        "comment_likes_enabled": True,
        "status": "ok",
    }
    if bottom > 0:
        data["next_min_id"] = str(bottom)
    return as_json(data)


def _write(call: Call, kind: str) -> tuple[Account, Post, Moment]:
    moment = call.stage.now()
    account, post = _find(call, moment)
    call.request.write = {"kind": kind, "media_id": post.id, "target_pk": account.pk, "target": account.username}
    call.stage.is_changed = True
    return account, post, moment


@private_api.on("POST", "media/<id>/like/")
def like(call: Call) -> Response:
    _, post, moment = _write(call, "like")
    call.stage.world.overlay.likes.setdefault(post.id, {})[call.me.pk] = moment.now
    return as_json({"status": "ok"})


@private_api.on("POST", "media/<id>/unlike/")
def unlike(call: Call) -> Response:
    _, post, _ = _write(call, "unlike")
    call.stage.world.overlay.likes.get(post.id, {}).pop(call.me.pk, None)
    return as_json({"status": "ok"})


@private_api.on("POST", "media/<id>/comment/")
def comment(call: Call) -> Response:
    _, post, moment = _write(call, "comment")
    stage, me = call.stage, call.me.pk
    text = call.request.form.get("comment_text", "")
    written = stage.world.overlay.comments.setdefault(post.id, [])
    pk = 18_100_000_000_000_000 + (draw(post.pk, me) & 0xFFFFFFFF) * 10_000 + len(written)
    at = datetime.fromtimestamp(moment.epoch, UTC).timestamp()
    written.append({"pk": pk, "author": me, "text": text, "at": at})
    author = stage.world.account(me, moment)
    if author is None:
        raise media_not_found()
    return as_json({"comment": _comment(pk, author, text, at, signature(stage, moment)), "status": "ok"})
