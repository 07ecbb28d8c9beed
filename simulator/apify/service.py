"""Apify's API as apify-client 3.4 uses it."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from simulator.apify.actors import ACTORS, Actor
from simulator.apify.runs import Run
from simulator.clock import Moment
from simulator.keys import Key
from simulator.mixing import draw
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json

NO_LIMIT = 999_999_999_999
MOST_ROWS = 10_000
_WORDS = {
    400: ("invalid-input", "Input is not valid."),
    401: ("user-or-token-not-found", "User was not found or authentication token is not valid"),
    402: ("not-enough-usage-to-run-paid-actor", "By launching this job you will exceed your remaining usage."),
    403: ("actor-is-not-rented", "You must rent a paid Actor in order to run it."),
    404: ("record-not-found", "The requested resource was not found."),
    408: ("timeout", "The request took too long."),
    429: ("rate-limit-exceeded", "You have exceeded the rate limit."),
}


class RefusalError(Exception):
    """Ends the request with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def refuse(status: int) -> Response:
    """A status in Apify's words."""
    kind, message = _WORDS.get(status, ("internal-server-error", "Something went wrong."))
    return as_json({"error": {"type": kind, "message": message}}, status)


def answer(stage: Stage, request: Request) -> Response:
    key = stage.keys.find("apify", request.headers.get("authorization", "").removeprefix("Bearer "))
    if key is None:
        return refuse(401)
    for method, pattern, handle in ROUTES:
        found = pattern.fullmatch(request.path)
        if found is not None and method == request.method:
            try:
                return handle(stage, request, key, found[1] if found.groups() else "")
            except RefusalError as refusal:
                return refuse(refusal.status)
    return refuse(404)


def _actor(actor_id: str) -> Actor:
    actor = ACTORS.get(actor_id.replace("%7E", "~").replace("%7e", "~"))
    if actor is None:
        raise RefusalError(404)
    return actor


def _start(stage: Stage, request: Request, key: Key, actor_id: str) -> Response:
    """Paid before it begins: by the limit of the order, and by no more than the limit of the money."""
    actor, order = _actor(actor_id), _input(request)
    targets = actor.ordered(order)
    if not targets:
        raise RefusalError(400)
    if key.rented is not None and not actor.name.startswith("apify/") and actor.name not in key.rented:
        raise RefusalError(403)
    most_items = request.query.get("maxItems", "")
    most = int(most_items) if most_items.isdigit() else None
    limits = [limit for limit in (order.get("resultsLimit"), most) if limit]
    dollars = actor.dollars * min([len(targets) * actor.expected, *limits]) / 1_000
    ceiling = request.query.get("maxTotalChargeUsd")
    dollars = min(dollars, float(ceiling)) if ceiling else dollars
    if not key.charge(dollars):
        raise RefusalError(402)
    now = stage.now()
    run = stage.runs.start(actor=actor.id, order=order, key=key.secret, now=now, dollars=dollars, most=most)
    stage.is_changed = True
    request.write = {"kind": "run", "run": run.id, "actor": actor.id, "dollars": dollars}
    return as_json({"data": _shown(stage, run, now, is_new=True)}, 201)


def _input(request: Request) -> dict[str, Any]:
    body = request.body
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    try:
        order = json.loads(body or b"{}")
    except ValueError:
        raise RefusalError(400) from None
    return order if isinstance(order, dict) else {}


def _date(stage: Stage, at: float) -> str:
    moment = datetime.fromtimestamp(stage.clock.start_epoch + at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(stage: Stage, run: Run, now: Moment, *, is_new: bool = False) -> dict[str, Any]:
    status = "READY" if is_new else run.status(now)
    data: dict[str, Any] = {
        "id": run.id,
        "actId": f"act{draw(stage.options.seed, *run.actor.encode()):x}",
        "userId": f"user{run.key[-4:]}",
        "startedAt": _date(stage, run.at),
        "finishedAt": _date(stage, run.ended_at()) if status not in ("READY", "RUNNING") else None,
        "status": status,
        "meta": {"origin": "API"},
        "stats": {"computeUnits": 0.01},
        "options": {"build": "latest", "timeoutSecs": 3600, "memoryMbytes": 1024, "diskMbytes": 2048},
        "buildId": "bvXyYxKQpHrx2dPAd",
        "buildNumber": "0.1.2",
        "usageTotalUsd": round(run.dollars, 6),
        "defaultKeyValueStoreId": f"k{run.id}",
        "defaultDatasetId": f"d{run.id}",
        "defaultRequestQueueId": f"q{run.id}",
    }
    if run.most_items is not None:
        data["options"]["maxItems"] = run.most_items
    if status == "FAILED":
        data |= {"statusMessage": "Actor failed: Instagram did not answer.", "exitCode": 1}
    return data


def _mine(run: Run | None, key: Key) -> Run:
    if run is None or run.key != key.secret:
        raise RefusalError(404)
    return run


def _look(stage: Stage, _request: Request, key: Key, run_id: str) -> Response:
    return as_json({"data": _shown(stage, _mine(stage.runs.runs.get(run_id), key), stage.now())})


def _abort(stage: Stage, _request: Request, key: Key, run_id: str) -> Response:
    run, now = _mine(stage.runs.runs.get(run_id), key), stage.now()
    if run.status(now) in ("READY", "RUNNING"):
        run.is_aborted = stage.is_changed = True
    return as_json({"data": _shown(stage, run, now)})


def _list(stage: Stage, request: Request, key: Key, actor_id: str) -> Response:
    actor, query, now = _actor(actor_id), request.query, stage.now()
    mine = [run for run in stage.runs.runs.values() if run.key == key.secret and run.actor == actor.id]
    if query.get("desc") in ("1", "true"):
        mine.reverse()
    offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", 1_000)), 1_000)
    items = [_shown(stage, run, now) for run in mine[offset : offset + limit]]
    short = ("id", "actId", "status", "startedAt", "finishedAt", "buildId", "buildNumber", "meta", "usageTotalUsd")
    parts = ("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId")
    rows = [{name: item[name] for name in (*short, *parts)} for item in items]
    page = {"total": len(mine), "offset": offset, "limit": limit, "count": len(rows), "desc": bool(query.get("desc"))}
    return as_json({"data": page | {"items": rows}})


def _items(stage: Stage, request: Request, key: Key, dataset_id: str) -> Response:
    """Rows of a run that has ended well; one that has not has brought nothing."""
    run = _mine(stage.runs.by_part(dataset_id), key)
    actor, query = ACTORS[run.actor], request.query
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", NO_LIMIT))
    moment = stage.clock.moment(run.ended_at())
    is_there = run.status(stage.now()) == "SUCCEEDED"
    total = actor.total(stage, run, moment) if is_there else 0
    size = max(min(limit, total - offset, MOST_ROWS), 0)
    rows = actor.rows(stage, run, moment, offset, size)[:size] if size else []
    if query.get("fields"):
        fields = query["fields"].split(",")
        rows = [{name: row[name] for name in fields if name in row} for row in rows]
    named = {"total": total, "offset": offset, "count": len(rows), "limit": limit}
    headers = [(f"X-Apify-Pagination-{name.title()}", str(value)) for name, value in named.items()]
    return as_json(rows, headers=[*headers, ("X-Apify-Pagination-Desc", "false")])


def _record(stage: Stage, _request: Request, key: Key, store_id: str) -> Response:
    return as_json(_mine(stage.runs.by_part(store_id), key).input)


def _me(_stage: Stage, _request: Request, key: Key, _nothing: str) -> Response:
    return as_json({"data": {"id": f"user{key.secret[-4:]}", "username": key.owner, "profile": {}}})


Handler = Callable[[Stage, Request, Key, str], Response]
ROUTES: tuple[tuple[str, re.Pattern[str], Handler], ...] = (
    ("POST", re.compile(r"/v2/act(?:or)?s/([^/]+)/runs"), _start),
    ("GET", re.compile(r"/v2/act(?:or)?s/([^/]+)/runs"), _list),
    ("GET", re.compile(r"/v2/actor-runs/([^/]+)"), _look),
    ("POST", re.compile(r"/v2/actor-runs/([^/]+)/abort"), _abort),
    ("GET", re.compile(r"/v2/datasets/([^/]+)/items"), _items),
    ("GET", re.compile(r"/v2/key-value-stores/([^/]+)/records/INPUT"), _record),
    ("GET", re.compile(r"/v2/users/me"), _me),
)
