"""`GET /v25.0/<own id>?fields=business_discovery.username(NAME){…}` and `?fields=username`."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from simulator.clock import Moment
from simulator.instagram.rows import picture_of, signature, text
from simulator.posts import Post
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json
from simulator.world import Account

OWN_ID = "17841400000000001"
"""The id of `demo_creator`'s professional account, which the token `EAAdemo` may use."""
MOST_POSTS = 50
_PATH = re.compile(r"/v(\d+)\.0/(\d+)")
_DISCOVERY = re.compile(r"business_discovery\.username\(([A-Za-z0-9._]{1,64})\)\{(.*)\}")
_MEDIA = re.compile(r"media((?:\.\w+\([\w=-]*\))*)\{([\w,]+)\}")
_ARGUMENT = re.compile(r"\.(\w+)\(([\w=-]*)\)")
_TYPES = {1: "IMAGE", 2: "VIDEO", 8: "CAROUSEL_ALBUM"}
_CODES = {400: (110, "Invalid user id"), 401: (190, "Error validating access token"), 403: (10, "Permission denied")}
_CODES |= {404: (803, "Some of the aliases you requested do not exist"), 429: (4, "Application request limit reached")}


def refuse(status: int) -> Response:
    """A status in Meta's words: the code in the body says what it is; limits come with 400 and 403."""
    code, message = _CODES.get(status, (2, "An unexpected error has occurred. Please retry your request later."))
    return _error(code, message, {401: 400, 429: 403}.get(status, status))


def _error(code: int, message: str, status: int = 400) -> Response:
    kind = "OAuthException" if code in (190, 4, 17, 32, 613, 110, 10) else "GraphMethodException"
    error = {"message": message, "type": kind, "code": code, "fbtrace_id": "A0"}
    return as_json({"error": error | ({"is_transient": True} if code == 2 else {})}, status)


def answer(stage: Stage, request: Request) -> Response:
    if stage.keys.find("meta_graph", request.query.get("access_token", "")) is None:
        return refuse(401)
    found = _PATH.fullmatch(request.path.rstrip("/"))
    if found is None or found[2] != OWN_ID:
        return _error(100, "Unsupported get request. Object does not exist or cannot be loaded.")
    fields = request.query.get("fields", "id")
    moment = stage.now()
    data: dict[str, Any] = {"id": OWN_ID}
    if "username" in fields.split(","):
        data["username"] = "demo_creator"
    discovery = _DISCOVERY.fullmatch(fields)
    if discovery is not None:
        account = stage.world.by_username(discovery[1], moment)
        if account is None or not account.is_business:
            return refuse(400)
        data["business_discovery"] = _discovered(stage, account, discovery[2], moment)
    return as_json(data, headers=_usage(stage))


def _usage(stage: Stage) -> list[tuple[str, str]]:
    """A percentage that grows with the requests of the hour, as far as a log of requests tells."""
    percent: dict[str, Any] = {"call_count": stage.log.total % 100, "total_time": 1, "total_cputime": 1}
    business = {OWN_ID: [percent | {"type": "instagram", "estimated_time_to_regain_access": 0}]}
    return [("X-App-Usage", json.dumps(percent)), ("X-Business-Use-Case-Usage", json.dumps(business))]


def _discovered(stage: Stage, account: Account, wanted: str, moment: Moment) -> dict[str, Any]:
    media = _MEDIA.search(wanted)
    names = (wanted.replace(media[0], "") if media else wanted).split(",")
    everything = {
        "username": account.username,
        "name": text(account.name_json),
        "biography": text(account.bio_json),
        "website": account.external_url or None,
        "ig_id": account.pk,
        "followers_count": stage.world.count(account.pk, "followers", moment),
        "follows_count": stage.world.count(account.pk, "following", moment),
        "media_count": stage.posts.count(account, moment),
        "profile_picture_url": picture_of(account, signature(stage, moment)),
    }
    data: dict[str, Any] = {name: everything[name] for name in names if everything.get(name) is not None}
    data["id"] = f"1784140{account.pk}"
    if media is not None:
        data["media"] = _media(stage, account, dict(_ARGUMENT.findall(media[1])), media[2].split(","), moment)
    return data


def _media(
    stage: Stage, account: Account, arguments: dict[str, str], names: list[str], moment: Moment
) -> dict[str, Any]:
    size = min(int(arguments.get("limit", 25)), MOST_POSTS)
    after = arguments.get("after", "")
    top = int(after.removeprefix("QVFI")) if after else stage.posts.count(account, moment)
    posts = stage.posts.latest(account, moment, top, size) if top > 0 else []
    page: dict[str, Any] = {"data": [_post(stage, account, post, names) for post in posts]}
    if posts and posts[-1].number > 0:
        page["paging"] = {"cursors": {"after": f"QVFI{posts[-1].number}"}}
    return page


def _post(stage: Stage, account: Account, post: Post, names: list[str]) -> dict[str, Any]:
    taken = datetime.fromtimestamp(int(stage.clock.start_epoch + post.born), UTC)
    everything = {
        "id": f"179{post.pk % 10**14:014}",
        "caption": post.caption or None,
        "like_count": post.likes,
        "comments_count": post.comments,
        "media_type": _TYPES[post.kind],
        "media_product_type": "REELS" if post.kind == 2 else "FEED",
        "permalink": f"https://www.instagram.com/{'reel' if post.kind == 2 else 'p'}/{post.code}/",
        "timestamp": taken.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "username": account.username,
    }
    return {name: everything[name] for name in ("id", *names) if everything.get(name) is not None}
