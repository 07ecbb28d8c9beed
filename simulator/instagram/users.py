"""Profiles and the search for people."""

from itertools import islice

from simulator.cast import CAST
from simulator.clock import Moment
from simulator.instagram.refusals import user_not_found
from simulator.instagram.routing import Call, private_api
from simulator.instagram.rows import profile, short, signature
from simulator.stage import Stage
from simulator.wire import Response, as_json
from simulator.words import GIVEN_WORDS
from simulator.world import Account


@private_api.on("GET", "users/<name>/usernameinfo/")
def by_username(call: Call) -> Response:
    moment = call.stage.now()
    account = call.stage.world.by_username(call.parts[0], moment)
    return _profile(call, account, moment)


@private_api.on("GET", "users/<pk>/info/")
def by_pk(call: Call) -> Response:
    moment = call.stage.now()
    account = call.stage.world.account(int(call.parts[0]), moment)
    return _profile(call, account, moment)


def _profile(call: Call, account: Account | None, moment: Moment) -> Response:
    if account is None:
        raise user_not_found()
    is_own = account.pk == call.me.pk
    return as_json({"user": profile(call.stage, account, moment, is_own=is_own), "status": "ok"})


@private_api.on("GET", "accounts/current_user/")
def current_user(call: Call) -> Response:
    moment = call.stage.now()
    account = call.stage.world.account(call.me.pk, moment)
    if account is None:
        raise user_not_found()
    return as_json({"user": profile(call.stage, account, moment, is_own=True), "status": "ok"})


@private_api.on("GET", "users/search/")
def search(call: Call) -> Response:
    query = call.request.query
    wanted = (query.get("query") or query.get("q") or "").strip().lstrip("@").lower()
    count = int(query["count"]) if query.get("count", "").isdigit() else 30
    moment = call.stage.now()
    found = find_people(call.stage, wanted, moment)[: min(count, 50)] if wanted else []
    stamp = signature(call.stage, moment)
    users = [short(account, stamp) for account in found]
    return as_json({"num_results": len(users), "users": users, "has_more": False, "rank_token": "r", "status": "ok"})


def find_people(stage: Stage, wanted: str, moment: Moment) -> list[Account]:
    """The exact username first, then the cast, then people whose given name starts with the words."""
    world = stage.world
    exact = world.by_username(wanted, moment)
    found = {exact.pk: exact} if exact is not None else {}
    for named in CAST:
        if wanted in named.username or wanted in named.full_name.lower():
            account = world.by_username(named.username, moment)
            if account is not None:
                found[account.pk] = account
    head = wanted.replace("_", ".").replace(" ", ".").partition(".")[0]
    for given in (n for n, word in enumerate(GIVEN_WORDS) if head and word.startswith(head)):
        for account in islice(_called(stage, given, moment), 20):
            if wanted in account.username or wanted in account.name_json.lower():
                found[account.pk] = account
    return list(found.values())


def _called(stage: Stage, given: int, moment: Moment) -> "list[Account]":
    population = stage.world.population
    indexes = (population.index_of_name(given | (n << 7)) for n in range(0, 4096, 37))
    accounts = (stage.world.account(population.pk_of(index), moment) for index in indexes)
    return [account for account in accounts if account is not None]
