"""Followers and following, page by page, with cursors that stay good while the world moves on."""

import re
from dataclasses import dataclass
from itertools import islice

from simulator.clock import Moment
from simulator.follows import ORDERS, FrozenList
from simulator.instagram.refusals import not_authorized, refuse, user_not_found
from simulator.instagram.routing import Call, private_api
from simulator.instagram.rows import natural_rows, short_row, signature
from simulator.stage import Stage
from simulator.wire import Response
from simulator.world import Account

DEFAULT_PAGE = 50
LIMITED_PAGE = 50
SEARCHED = 20_000
"""How many slots of a list `query` looks through."""
_CURSOR = re.compile(r"QVF([ED])([0-9a-f]{1,16})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: below an extra's sequence number (is_extra), or at a position of the natural list."""

    is_extra: bool = True
    number: int = 1 << 62

    def __str__(self) -> str:
        shifted = self.number + (1 << 40) if self.is_extra else self.number
        return f"QVF{'E' if self.is_extra else 'D'}{shifted:x}"


def parse_cursor(cursor: str) -> Place:
    """The place a cursor stands for; the first page when there is none."""
    if not cursor:
        return Place()
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise refuse(400, "Invalid max_id")
    number = int(found[2], 16)
    is_extra = found[1] == "E"
    return Place(is_extra=is_extra, number=number - (1 << 40) if is_extra else number)


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[str]
    following_place: Place | None


def page_of(
    stage: Stage, pk: int, direction: str, moment: Moment, *, place: Place, size: int, order: str = "default"
) -> Page:
    """The rows from a place on, as JSON texts, and the place of the next page (None: that was all)."""
    world = stage.world
    stamp = signature(stage, moment)
    frozen = world.frozen(pk, direction, moment)
    rows: list[str] = []
    position = 0 if place.is_extra else place.number
    if place.is_extra:
        extras = [extra for extra in world.extras(pk, direction, moment) if extra[0] < place.number]
        for seq, partner in extras[:size]:
            account = world.account(partner, moment)
            if account is not None:
                rows.append(short_row(account, stamp))
            if len(rows) == size and seq != extras[-1][0]:
                return Page(rows, Place(number=seq))
    skip = world.overruled(pk, direction, moment)
    found, after = _take(frozen, order, position, size - len(rows), skip)
    rows += _rows(stage, frozen, found, moment, stamp)
    return Page(rows, None if after is None else Place(is_extra=False, number=after))


def _take(frozen: FrozenList, order: str, position: int, size: int, skip: set[int]) -> tuple[list[int], int | None]:
    """The next `size` slots from a position, and the position of the one after them."""
    walk = frozen.walk(order, position)
    if skip:
        walk = ((place, slot) for place, slot in walk if frozen.pk_at(slot) not in skip)
    taken = list(islice(walk, size + 1))
    if len(taken) > size:
        return [slot for _, slot in taken[:size]], taken[size][0]
    return [slot for _, slot in taken], None


def _rows(stage: Stage, frozen: FrozenList, slots: list[int], moment: Moment, stamp: str) -> list[str]:
    if frozen.successors.keys().isdisjoint(slots):
        return natural_rows(frozen, slots, stamp)
    rows = []
    for slot in slots:
        if slot in frozen.successors:
            account = stage.world.account(frozen.pk_at(slot), moment)
            rows += [short_row(account, stamp)] if account is not None else []
        else:
            rows += natural_rows(frozen, [slot], stamp)
    return rows


def search(stage: Stage, pk: int, direction: str, moment: Moment, query: str) -> list[str]:
    """Rows whose username or name contains the query, among the first 20,000 places of the list."""
    world, stamp = stage.world, signature(stage, moment)
    rows = []
    person = world.by_username(query, moment)
    frozen = world.frozen(pk, direction, moment)
    if person is not None and frozen.slot_holding(person.pk) is not None:
        rows.append(short_row(person, stamp))
    wanted = query.lower()
    for _, partner in world.extras(pk, direction, moment):
        account = world.account(partner, moment)
        if account is not None and wanted in account.username + " " + account.name_json.lower():
            rows.append(short_row(account, stamp))
    slots = [slot for _, slot in islice(frozen.walk("default", 0), SEARCHED) if slot not in frozen.successors]
    for row in natural_rows(frozen, slots, stamp):
        names = row[row.index('"username"') : row.index('"is_private"')].lower()
        if wanted in names and row not in rows:
            rows.append(row)
            if len(rows) >= DEFAULT_PAGE:
                break
    return rows


def visible_account(call: Call, pk: int, moment: Moment) -> Account:
    """The account whose list is asked for: a private one only for itself and its followers."""
    account = call.stage.world.account(pk, moment)
    if account is None:
        raise user_not_found()
    me = call.me.pk
    if account.is_private and pk != me and call.stage.world.follows(me, pk, moment) != "following":
        raise not_authorized()
    return account


def _answer(call: Call, direction: str) -> Response:
    stage, moment, query = call.stage, call.stage.now(), call.request.query
    pk = int(call.parts[0])
    account = visible_account(call, pk, moment)
    is_limited = account.cast is not None and account.cast.is_limited and pk != call.me.pk
    if query.get("query"):
        page = Page(search(stage, pk, direction, moment, query["query"]), None)
    else:
        size = min(max(_number(query.get("count"), DEFAULT_PAGE), 1), stage.options.page_cap)
        size = min(size, LIMITED_PAGE) if is_limited else size
        size = min(size, call.request.page_limit) if call.request.page_limit else size
        order = query.get("order", "default")
        order = order if order in ORDERS else "default"
        place = parse_cursor(query.get("max_id", ""))
        page = page_of(stage, pk, direction, moment, place=place, size=size, order=order)
    cursor = None if is_limited or page.following_place is None else str(page.following_place)
    return Response(200, list_body(page.rows, cursor, len(page.rows), is_limited=is_limited))


def list_body(rows: list[str], cursor: str | None, size: int, *, is_limited: bool) -> bytes:
    more = f'"next_max_id":"{cursor}",' if cursor else ""
    limited = "true" if is_limited else "false"
    return (
        f'{{"users":[{",".join(rows)}],{more}"big_list":{"true" if cursor else "false"},"page_size":{size},'
        f'"groups":[],"more_groups_available":false,"has_more":{"true" if cursor else "false"},'
        f'"should_limit_list_of_followers":{limited},"use_clickable_see_more":false,"show_spam_follow_request_tab":false,'
        f'"status":"ok"}}'
    ).encode()


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdigit() else default


@private_api.on("GET", "friendships/<pk>/followers/")
def followers(call: Call) -> Response:
    return _answer(call, "followers")


@private_api.on("GET", "friendships/<pk>/following/")
def following(call: Call) -> Response:
    return _answer(call, "following")
