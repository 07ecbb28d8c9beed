"""Who follows whom, and the writes that change it."""

from typing import Any

from simulator import followback
from simulator.cast import BY_PK
from simulator.clock import Moment
from simulator.instagram.refusals import refuse, user_not_found
from simulator.instagram.routing import Call, private_api
from simulator.instagram.rows import short, signature
from simulator.mixing import draw
from simulator.stage import Stage
from simulator.wire import Response, as_json
from simulator.world import Account

REQUESTS_WAITING = 7
"""How many people ask to follow a private login, from the start."""


def status(stage: Stage, me: int, account: Account, moment: Moment) -> dict[str, Any]:
    """The friendship as the login `me` sees it."""
    world = stage.world
    outgoing, incoming = world.follows(me, account.pk, moment), world.follows(account.pk, me, moment)
    waits = incoming != "following" and account.pk in waiting_requests(stage, me, moment)
    return {
        "following": outgoing == "following",
        "followed_by": incoming == "following",
        "outgoing_request": outgoing == "requested",
        "incoming_request": waits,
        "blocking": False,
        "muting": False,
        "is_private": account.is_private,
        "is_restricted": False,
        "is_bestie": False,
        "is_blocking_reel": False,
        "is_muting_reel": False,
        "is_feed_favorite": False,
        "subscribed": False,
        "is_eligible_to_subscribe": False,
    }


def waiting_requests(stage: Stage, me: int, moment: Moment) -> list[int]:
    """Who asks to follow this login and has not been answered: some from the start, and those who asked since."""
    if me not in BY_PK or not BY_PK[me].is_private or BY_PK[me].login is None:
        return []
    world = stage.world
    indexes = (draw(stage.options.seed, me, 81, n) & 8191 for n in range(REQUESTS_WAITING))
    natural = [world.population.pk_of(index) for index in indexes]
    decided = {partner: state for _, partner, state in world.overlay.decided(me, "followers", moment.now)}
    asked = [partner for partner, state in decided.items() if state == "requested"]
    unasked = (pk for pk in natural if pk not in decided and world.follows(pk, me, moment) == "none")
    return asked + list(unasked)


def _target(call: Call, moment: Moment) -> Account:
    account = call.stage.world.account(int(call.parts[0]), moment)
    if account is None:
        raise user_not_found()
    return account


@private_api.on("GET", "friendships/show/<pk>/")
def show(call: Call) -> Response:
    moment = call.stage.now()
    return as_json(status(call.stage, call.me.pk, _target(call, moment), moment) | {"status": "ok"})


@private_api.on("POST", "friendships/show_many/")
def show_many(call: Call) -> Response:
    moment, stage = call.stage.now(), call.stage
    kept = ("following", "outgoing_request", "incoming_request", "is_private", "is_restricted", "is_bestie")
    answer = {}
    for part in call.request.form.get("user_ids", "").split(","):
        account = stage.world.account(int(part), moment) if part.strip().isdigit() else None
        if account is not None:
            full = status(stage, call.me.pk, account, moment)
            answer[str(account.pk)] = {name: full[name] for name in kept} | {"is_feed_favorite": False}
    return as_json({"friendship_statuses": answer, "status": "ok"})


def _written(call: Call, kind: str, account: Account, moment: Moment) -> Response:
    call.request.write = {"kind": kind, "target_pk": account.pk, "target": account.username}
    call.stage.is_changed = True
    return as_json({"friendship_status": status(call.stage, call.me.pk, account, moment), "status": "ok"})


@private_api.on("POST", "friendships/create/<pk>/")
def create(call: Call) -> Response:
    """Follow, or ask to. Following somebody twice changes nothing. Private people answer later, and anybody may follow
    back later (followback.py)."""
    moment, stage, me = call.stage.now(), call.stage, call.me.pk
    account = _target(call, moment)
    if account.pk == me:
        raise refuse(400, "You cannot follow yourself.")
    if stage.world.follows(me, account.pk, moment) == "none":
        if account.is_private:
            _ask(stage, me, account, moment)
        else:
            stage.world.overlay.set(me, account.pk, "following", moment.now)
        _plan_reply(stage, me, account, moment)
    return _written(call, "follow", account, moment)


def _ask(stage: Stage, me: int, account: Account, moment: Moment) -> None:
    wait = None
    if account.cast is None or account.cast.login is None:
        wait = followback.acceptance_time(stage.options.seed, account.pk, me)
    if wait is None:
        stage.world.overlay.set(me, account.pk, "requested", moment.now)
    else:
        stage.world.overlay.set(me, account.pk, "requested", moment.now, (moment.now + wait, "following"))


def _plan_reply(stage: Stage, me: int, account: Account, moment: Moment) -> None:
    if account.cast is not None or stage.world.follows(account.pk, me, moment) == "following":
        return
    posts = stage.posts.count(account, moment)
    likely = followback.chance(stage.world, posts, account, me, moment)
    wait = followback.reply_time(stage.options.seed, account.pk, me, likely.probability)
    if wait is not None:
        stage.world.overlay.schedule(account.pk, me, "following", moment.now + wait)


@private_api.on("POST", "friendships/destroy/<pk>/")
def destroy(call: Call) -> Response:
    moment = call.stage.now()
    account = _target(call, moment)
    call.stage.world.overlay.set(call.me.pk, account.pk, "none", moment.now)
    return _written(call, "unfollow", account, moment)


@private_api.on("POST", "friendships/remove_follower/<pk>/")
def remove_follower(call: Call) -> Response:
    moment = call.stage.now()
    account = _target(call, moment)
    call.stage.world.overlay.set(account.pk, call.me.pk, "none", moment.now)
    return _written(call, "remove_follower", account, moment)


@private_api.on("POST", "friendships/approve/<pk>/")
def approve(call: Call) -> Response:
    return _decide(call, "approve")


@private_api.on("POST", "friendships/ignore/<pk>/")
def ignore(call: Call) -> Response:
    return _decide(call, "ignore")


def _decide(call: Call, kind: str) -> Response:
    moment, stage, me = call.stage.now(), call.stage, call.me.pk
    account = _target(call, moment)
    if account.pk not in waiting_requests(stage, me, moment):
        raise refuse(400, "This request is no longer there.")
    stage.world.overlay.set(account.pk, me, "following" if kind == "approve" else "none", moment.now)
    return _written(call, kind, account, moment)


@private_api.on("GET", "friendships/pending/")
def pending(call: Call) -> Response:
    moment, stage = call.stage.now(), call.stage
    stamp = signature(stage, moment)
    waiting = (stage.world.account(pk, moment) for pk in waiting_requests(stage, call.me.pk, moment))
    users = [short(account, stamp) for account in waiting if account is not None]
    return as_json({"users": users, "next_max_id": None, "big_list": False, "page_size": 200, "status": "ok"})
