"""The public web, without a login: web_profile_info and the two old GraphQL lists."""

import json
from typing import Any

from simulator.clock import Moment
from simulator.instagram.lists import page_of, parse_cursor
from simulator.instagram.refusals import refuse
from simulator.instagram.rows import picture_of, signature, text
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json
from simulator.world import Account

WEB_APP_ID = "936619743392459"
FOLLOWERS_HASH = "37479f2b8209594dde7facb0d904896a"
FOLLOWING_HASH = "58712303d941c6855d4e888c5f0cd22f"
LISTS = {FOLLOWERS_HASH: ("followers", "edge_followed_by", 12), FOLLOWING_HASH: ("following", "edge_follow", 24)}
"""Query hash → direction, name of the edge, and how many a page holds at most."""


def answer(stage: Stage, request: Request) -> Response | None:
    """The answer of www.instagram.com, or None when it does not know the path."""
    if request.path == "/api/v1/users/web_profile_info/":
        return profile(stage, request)
    if request.path.rstrip("/") == "/graphql/query":
        return listing(stage, request)
    return None


def profile(stage: Stage, request: Request) -> Response:
    if request.headers.get("x-ig-app-id") != WEB_APP_ID:
        raise refuse(400, "useragent mismatch")
    moment = stage.now()
    account = stage.world.by_username(request.query.get("username", ""), moment)
    if account is None:
        return as_json({"data": {"user": None}, "status": "ok"}, 404)
    return as_json({"data": {"user": user_of(stage, account, moment)}, "status": "ok"})


def user_of(stage: Stage, account: Account, moment: Moment) -> dict[str, Any]:
    """Anybody's profile as the web shows it, private or not."""
    stamp, world = signature(stage, moment), stage.world
    return {
        "id": str(account.pk),
        "username": account.username,
        "full_name": text(account.name_json),
        "biography": text(account.bio_json),
        "external_url": account.external_url or None,
        "is_private": account.is_private,
        "is_verified": account.is_verified,
        "is_business_account": account.is_business,
        "is_professional_account": account.is_business,
        "business_email": None,
        "business_phone_number": None,
        "category_name": account.category or None,
        "profile_pic_url": picture_of(account, stamp),
        "profile_pic_url_hd": picture_of(account, stamp, 320),
        "edge_followed_by": {"count": world.count(account.pk, "followers", moment)},
        "edge_follow": {"count": world.count(account.pk, "following", moment)},
        "edge_owner_to_timeline_media": {"count": stage.posts.count(account, moment), "edges": []},
    }


def listing(stage: Stage, request: Request) -> Response:
    """A page of a list. In "dead" mode, as since 2026-09: 200, the right count, and nobody."""
    known = LISTS.get(request.query.get("query_hash", ""))
    if known is None:
        raise refuse(400, "Invalid query_hash")
    direction, edge_name, most = known
    variables = _variables(request)
    moment = stage.now()
    account = stage.world.account(int(variables["id"]), moment)
    if account is None:
        return as_json({"data": {"user": None}, "status": "ok"})
    edges: list[dict[str, Any]] = []
    cursor = None
    is_open = not account.is_private and not (account.cast is not None and account.cast.is_limited)
    if is_open and stage.web_lists == "live":
        size = min(int(variables.get("first") or most), most)
        place = parse_cursor(variables.get("after") or "")
        page = page_of(stage, account.pk, direction, moment, place=place, size=request.page_limit or size)
        edges = [{"node": _node(json.loads(row))} for row in page.rows]
        cursor = None if page.following_place is None else str(page.following_place)
    page_info = {"has_next_page": cursor is not None, "end_cursor": cursor}
    count = stage.world.count(account.pk, direction, moment)
    edge = {"count": count, "page_info": page_info, "edges": edges}
    return as_json({"data": {"user": {edge_name: edge}}, "status": "ok"})


def _variables(request: Request) -> dict[str, Any]:
    try:
        variables = json.loads(request.query.get("variables", "{}"))
    except ValueError:
        variables = {}
    variables = {**request.query, **variables}
    if not str(variables.get("id", "")).isdigit():
        raise refuse(400, "Invalid variables")
    return variables


def _node(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "username", "full_name", "profile_pic_url", "is_verified", "is_private")
    return {name: row[name] for name in kept}
