"""The control API under /_control/: the clock, faults, the log, the ground truth. For tests and the demo only."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from simulator import followback, truth
from simulator.cast import BY_PK, CAST, PK_OF
from simulator.clock import Moment, parse_date
from simulator.faults import KINDS, FaultError
from simulator.meta_graph import service as meta_graph
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json

DAY = 86_400
DIRECTIONS = ("followers", "following")


class ControlError(ValueError):
    """The control request makes no sense; the message says why."""


def answer(stage: Stage, request: Request) -> Response:
    """Called in a thread of its own, as some truths take seconds."""
    name = request.path.removeprefix("/_control/").strip("/")
    action = ACTIONS.get((request.method, name))
    if action is None:
        known = ", ".join(sorted(f"{method} {path}" for method, path in ACTIONS))
        return as_json({"error": f"There is no {request.method} {name}. There are: {known}."}, 404)
    try:
        return as_json(action(stage, request))
    except (ControlError, FaultError, ValueError, KeyError, TypeError) as error:
        return as_json({"error": f"{type(error).__name__}: {error}"}, 400)


def health(stage: Stage, _request: Request) -> dict[str, Any]:
    moment = stage.now()
    return {
        "status": "ok",
        "seed": stage.options.seed,
        "now": stage.clock.iso(moment),
        "epoch": moment.epoch,
        "start": stage.clock.iso(stage.clock.moment(0)),
        "step": moment.step,
        "rate": stage.clock.rate,
        "churn_step": stage.clock.churn_step,
        "requests": stage.log.total,
        "web_lists": stage.web_lists,
    }


def cast(stage: Stage, _request: Request) -> dict[str, Any]:
    """The named accounts, and how to sign in as the demo logins."""
    moment = stage.now()
    accounts, logins = [], []
    for named in CAST:
        pk = PK_OF[named.username]
        accounts.append(
            {
                "username": named.username,
                "pk": pk,
                "followers": stage.world.count(pk, "followers", moment),
                "following": stage.world.count(pk, "following", moment),
                "is_private": named.is_private,
                "is_limited": named.is_limited,
                "hidden_share": named.hidden,
                "note": named.note,
            }
        )
        if named.login is not None:
            entry = {"username": named.username, "pk": pk, "password": named.login.password, "note": named.note}
            login = named.login
            entry |= {"second_step": login.second_step, "totp_seed": login.totp_seed, "code": login.code}
            entry["backup_code"] = login.backup_code
            if named.login.second_step == "session":
                entry["sessionid"] = stage.sessions.documented_sessionid(named.username)
            logins.append(entry)
    return {"accounts": accounts, "logins": logins}


def move_clock(stage: Stage, request: Request) -> dict[str, Any]:
    """{advance_days | advance_seconds | set | rate}, any of them."""
    body = request.json
    unknown = set(body) - {"advance_days", "advance_seconds", "set", "rate"}
    if unknown or not body:
        raise ControlError(f"give advance_days, advance_seconds, set or rate, not {sorted(unknown)}")
    if "rate" in body:
        elapsed = stage.clock.elapsed()
        stage.clock.rate = float(body["rate"])
        stage.clock.offset += elapsed - stage.clock.elapsed()
    if "set" in body:
        stage.clock.set(parse_date(str(body["set"])))
    stage.clock.advance(float(body.get("advance_days", 0)) * DAY + float(body.get("advance_seconds", 0)))
    stage.is_changed = True
    return health(stage, request)


def list_faults(stage: Stage, _request: Request) -> dict[str, Any]:
    return {"faults": [fault.as_dict() for fault in stage.faults.faults], "kinds": KINDS}


def add_fault(stage: Stage, request: Request) -> dict[str, Any]:
    return stage.faults.add(request.json).as_dict()


def clear_faults(stage: Stage, request: Request) -> dict[str, Any]:
    stage.faults.clear(int(request.query["id"]) if "id" in request.query else None)
    return list_faults(stage, request)


def show_log(stage: Stage, request: Request) -> dict[str, Any]:
    """Filters: since (an id), path (a part of host and path), login, writes=1, limit."""
    query = request.query
    found = stage.log.find(
        since=int(query.get("since", 0)),
        path=query.get("path", ""),
        login=query.get("login", ""),
        writes=query.get("writes", "") in ("1", "true"),
    )
    limit = int(query.get("limit", 10_000))
    return {"total": stage.log.total, "dropped": stage.log.dropped, "found": len(found), "entries": found[-limit:]}


def clear_log(stage: Stage, _request: Request) -> dict[str, Any]:
    stage.log.clear()
    return {"total": stage.log.total}


def who(stage: Stage, text: str, moment: Moment) -> int:
    """A pk from a pk, a username or @username."""
    if text.isdigit():
        return int(text)
    account = stage.world.by_username(text.lstrip("@"), moment)
    if account is None:
        raise ControlError(f"nobody is called {text!r}")
    return account.pk


def _direction(request: Request) -> str:
    direction = request.query.get("direction", "followers")
    if direction not in DIRECTIONS:
        raise ControlError(f"direction is followers or following, not {direction!r}")
    return direction


def show_truth(stage: Stage, request: Request) -> dict[str, Any]:
    """?account=&direction=&at=&after=&limit= : a page of the exact set of pks."""
    query = request.query
    moment = stage.clock.at(query.get("at", "now"))
    pk = who(stage, query["account"], moment)
    found = truth.page(
        stage.world, pk, _direction(request), moment, int(query.get("after", 0)), int(query.get("limit", 1_000_000))
    )
    return {"account": pk, "at": stage.clock.iso(moment)} | found


def show_diff(stage: Stage, request: Request) -> dict[str, Any]:
    """?account=&direction=&from=&to=[&before=t,t,…] : what happened between two moments."""
    query = request.query
    earlier, later = stage.clock.at(query["from"]), stage.clock.at(query.get("to", "now"))
    pk = who(stage, query["account"], later)
    before = [stage.clock.at(part) for part in query["before"].split(",") if part] if "before" in query else None
    return {"account": pk} | truth.diff(stage.world, pk, _direction(request), earlier, later, before)


def show_person(stage: Stage, request: Request) -> dict[str, Any]:
    """?account=&at= : the person as the world knows them, or exists=false."""
    moment = stage.clock.at(request.query.get("at", "now"))
    try:
        account = stage.world.account(who(stage, request.query["account"], moment), moment)
    except ControlError:
        account = None
    if account is None:
        return {"exists": False}
    return {
        "exists": True,
        "pk": account.pk,
        "username": account.username,
        "is_private": account.is_private,
        "is_verified": account.is_verified,
        "is_business": account.is_business,
        "followers": stage.world.count(account.pk, "followers", moment),
        "following": stage.world.count(account.pk, "following", moment),
        "posts": stage.posts.count(account, moment),
    }


def show_chance(stage: Stage, request: Request) -> dict[str, Any]:
    """?login=&account= : the hidden probability that this person follows this login back. Never for the product."""
    moment = stage.now()
    login, pk = who(stage, request.query["login"], moment), who(stage, request.query["account"], moment)
    account = stage.world.account(pk, moment)
    if account is None:
        raise ControlError("this person is not there")
    likely = followback.chance(stage.world, stage.posts.count(account, moment), account, login, moment)
    wait = followback.reply_time(stage.options.seed, pk, login, likely.probability)
    return {"probability": likely.probability, "features": likely.features, "reply_after_seconds": wait}


def approve(stage: Stage, request: Request) -> dict[str, Any]:
    """{login}: what the person does in the official app. Solves waiting challenges and trusts the risky address."""
    pk = who(stage, str(request.json["login"]), stage.now())
    if pk not in BY_PK:
        raise ControlError("only the demo logins can be approved")
    stage.is_changed = True
    return {"approved": stage.sessions.approve(pk)}


def kill_sessions(stage: Stage, request: Request) -> dict[str, Any]:
    """{login} or {}: end the sessions of a login, or all."""
    login = request.json.get("login")
    stage.is_changed = True
    return {"ended": stage.sessions.kill(who(stage, str(login), stage.now()) if login else None)}


def set_web(stage: Stage, request: Request) -> dict[str, Any]:
    """{lists: live | dead}: whether the public web's lists hold anybody."""
    mode = request.json["lists"]
    if mode not in ("live", "dead"):
        raise ControlError("lists is live or dead")
    stage.web_lists = mode
    return {"lists": mode}


def show_services(stage: Stage, _request: Request) -> dict[str, Any]:
    """The keys of the data services with their balances, and every run of an actor that was started and paid."""
    now = stage.now()
    runs = [
        {
            "id": run.id,
            "actor": run.actor.replace("~", "/"),
            "input": run.input,
            "key": run.key,
            "status": run.status(now),
            "dollars": run.dollars,
            "started_at": stage.clock.iso(stage.clock.moment(run.at)),
        }
        for run in stage.runs.runs.values()
    ]
    return {"keys": stage.keys.dump(), "own_id": meta_graph.OWN_ID, "runs": runs}


def set_key(stage: Stage, request: Request) -> dict[str, Any]:
    """{service, secret, dollars?, is_valid?, rented?, owner?}: change a key of a data service, or make one."""
    body = dict(request.json)
    service, secret = str(body.pop("service")), str(body.pop("secret"))
    stage.is_changed = True
    return asdict(stage.keys.change(service, secret, **body))


def set_runs(stage: Stage, request: Request) -> dict[str, Any]:
    """{seconds?, clock?, outcome?, leaves_out_missing?, left?}: how the next runs of actors behave."""
    return asdict(stage.runs.behave(**request.json))


def reset(stage: Stage, request: Request) -> dict[str, Any]:
    stage.reset()
    return health(stage, request)


ACTIONS: dict[tuple[str, str], Callable[[Stage, Request], dict[str, Any]]] = {
    ("GET", "health"): health,
    ("GET", "cast"): cast,
    ("GET", "clock"): health,
    ("POST", "clock"): move_clock,
    ("GET", "faults"): list_faults,
    ("POST", "faults"): add_fault,
    ("DELETE", "faults"): clear_faults,
    ("GET", "log"): show_log,
    ("DELETE", "log"): clear_log,
    ("GET", "truth"): show_truth,
    ("GET", "truth/diff"): show_diff,
    ("GET", "truth/person"): show_person,
    ("GET", "truth/chance"): show_chance,
    ("POST", "approve"): approve,
    ("POST", "sessions/kill"): kill_sessions,
    ("POST", "web"): set_web,
    ("GET", "services"): show_services,
    ("POST", "services/key"): set_key,
    ("POST", "services/runs"): set_runs,
    ("POST", "reset"): reset,
}
